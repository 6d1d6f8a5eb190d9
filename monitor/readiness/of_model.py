"""Does a model treat groups alike, and is it as good on rows that it never saw?"""

from __future__ import annotations

import numpy as np

from monitor.analyses.fairness_groups import GapTrack
from monitor.analyses.in_sample import RANKS
from monitor.judgement.fairness import JudgedFairness, gap_of, group_text
from monitor.judgement.finding import State
from monitor.judgement.overfitting import optimism_table
from monitor.judgement.performance import JudgedPerformance
from monitor.readiness.candidate import Bench
from monitor.readiness.check import Check, Verdict, unshown, weighed
from monitor.readiness.of_answers import told
from monitor.stats.performance.catalogue import METRICS
from monitor.wording import number_text, plural

SMALLEST = 1e-12
"""Ratio that stands for none: its logarithm is known."""


def check_fairness(bench: Bench) -> Check:
    """Say whether the ratio of any group to all others lies beyond the band; a gap that was always there fails as well."""
    judged = bench.ask(bench.alone, "fairness")
    if not isinstance(judged, JudgedFairness):
        return unshown("fairness", str(judged))
    asked = [one for one in judged.result.tracks if one.metric in judged.result.judged]
    gaps = [one for one in asked if np.isfinite(gap_of(one.pooled, one.scale).ratio[0])]
    if not gaps:
        return unshown("fairness", "No group has enough rows to be compared with all others.")
    beyond = [one for one in judged.findings if one.state is not State.OVER]
    track = judged.track(beyond[0].what) if beyond else max(gaps, key=_far)
    found, band = gap_of(track.pooled, track.scale), judged.thresholds.band
    group = f"{METRICS[track.metric].title}, {group_text(f'{track.label} {track.group}', track.klass)} / all others"
    unsure = _unsure(gaps, band)
    calm = f"No ratio of {plural(len(gaps), 'gap')} lies beyond the band of {number_text(band)} to {number_text(1 / band)} beyond chance."
    wide = f" {unsure} may: their intervals reach beyond it." if unsure else ""
    return Check(
        name="fairness", verdict=Verdict.FAIL if beyond else Verdict.UNSHOWN if unsure else Verdict.PASS,
        said=told(judged, beyond[0]) if beyond else calm + wide, of=group, figure=float(found.ratio[0]),
        lower=float(found.ratio_lower[0]), upper=float(found.ratio_upper[0]), n=int(track.pooled.one.n[0]),
        limit=band if found.ratio[0] <= 1 else 1 / band, source="[thresholds] fairness.band (the four-fifths rule, unless it is set)",
    )  # fmt: skip


def _far(track: GapTrack) -> float:
    """Return how far the nearer end of the interval of a ratio lies from 1, as a logarithm; negative: 1 lies within."""
    low, high = _ends(track)
    return float(np.log(low)) if low * high > 1 else float(-np.log(high))


def _ends(track: GapTrack) -> tuple[float, float]:
    found = gap_of(track.pooled, track.scale)
    return max(float(found.ratio_lower[0]), SMALLEST), max(float(found.ratio_upper[0]), SMALLEST)


def _unsure(gaps: list[GapTrack], band: float) -> int:
    return sum(not (band <= low and high <= 1 / band) for low, high in map(_ends, gaps))


def check_overfitting(bench: Bench) -> Check:
    """Say how much worse it ranks (or explains) the first mature windows of production than the reference."""
    judged = bench.ask(bench.alone, "performance")
    if not isinstance(judged, JudgedPerformance):
        return unshown("overfitting", str(judged))
    table = optimism_table(judged.result)
    whole = table[table["segment"].isna() & table["class"].isna()]
    row = next((whole[whole["metric"].eq(one)].iloc[0] for one in RANKS if whole["metric"].eq(one).any()), None)
    if row is None:
        return unshown("overfitting", "Reference or first windows of production have too few labelled rows to compare how it ranks.")
    metric = judged.result.catalogue[str(row["metric"])]
    floor = metric.smallest(float(row["reference"]))
    verdict = weighed(float(row["gap"]), float(row["lower"]), float(row["upper"]), floor)
    unsure = f" A loss of {number_text(floor)}, which matters, cannot be ruled out." if verdict is Verdict.UNSHOWN else ""
    said = (
        f"{metric.title} is {number_text(row['reference'])} in the reference and {number_text(row['first'])} in the first "
        f"{plural(int(row['windows']), 'window')} of production.{unsure}"
    )
    drifted = " Rows that changed do this as well as a model that was fitted too closely." if verdict is Verdict.FAIL else ""
    return Check(
        name="overfitting", verdict=verdict, said=said + drifted, of=f"{metric.title}, first windows - reference", figure=float(row["gap"]),
        lower=float(row["lower"]), upper=float(row["upper"]), n=int(row["n"]), limit=-floor,
        source="smallest change that matters of the metric",
    )  # fmt: skip
