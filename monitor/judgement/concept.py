"""Verdicts on concept drift: each method is a number by window beside the reference's own windows; immature windows never alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.concept_result import MEASURED, ConceptResult, ConceptTrack
from monitor.analyses.label_doubts import looks_in_sample
from monitor.case import ConceptThresholds
from monitor.judgement.concept_told import LABELS, tell_together
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged
from monitor.judgement.metric_series import Found, Known, judge_series
from monitor.judgement.one_version import version_behind
from monitor.judgement.run_times import lasting_times
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.intervals import Z
from monitor.stats.performance.concept_catalogue import CONCEPT
from monitor.stats.performance.losses import LOSSES
from monitor.tables import Contract
from monitor.vocabulary import Status, Task

Bools = NDArray[np.bool_]
MOST_OF = 0.4
"""Part of what moved in a column from which one of its cells is told alone."""
FEWEST_OWN = 4
"""Windows of the reference below which nothing is known of how what labels depend on varies: shifts are squares, of which few are usual."""
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **MEASURED.columns,
        "status": "verdict: that of the strongest run that the window belongs to",
        "run": "id of the finding that tells of that run, null: none",
    },
    MEASURED.units,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedConcept(Judged):
    """Judged concept drift: `table` has one row per method, column and window, `findings` its runs, alerts first."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: ConceptResult
    thresholds: ConceptThresholds

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: what chance alone would name."""
        return {"expected_false_alarms": self.thresholds.q, "metric": self.result.metric}


def judge_concept(result: ConceptResult, thresholds: ConceptThresholds | None = None) -> JudgedConcept:
    """Judge measured concept drift; a finding is an alert from `alert` times its limit on, where it is not for the better. What several
    methods and columns show of one event is one finding. Beside a reference whose scores look in-sample only how high labels are can be
    told: what it lets expect of labels is what the model had learned by heart."""
    thresholds = thresholds or ConceptThresholds()
    usable = result.usable & (result.labelled >= thresholds.min_rows)
    known = {one.name: _known(one, _seen(result, one, usable)) for one in result.tracks if CONCEPT[one.method].judged}
    part = 1.0 if result.comparable else sum(not one.column for one in result.tracks) / max(len(result.tracks), 1)
    verdicts = judge_series(known, q=thresholds.q * part, spans=np.ones(len(result.windows)), seed=result.provenance.seed)
    every = [
        found
        for one in result.tracks
        if one.name in verdicts
        for run in verdicts[one.name].runs
        if (found := _finding(result, thresholds, (one, _seen(result, one, usable)), (*run, verdicts[one.name].q_value))) is not None
    ]
    made = [one for one in every if one.method == "prior" or not looks_in_sample(result)]
    together = tell_together(made, result.windows, (usable, usable & ~result.partial), result.labelled)
    named: dict[str, str | None] = dict.fromkeys((one.id for one in every), None)
    named |= {member.id: one.finding.id for one in together for member in one.members}
    parts = [
        _told(
            one,
            verdicts.get(one.name),
            [(run, named[run.id]) for run in every if run.what == one.name],
            (result, _seen(result, one, usable)),
        )
        for one in result.tracks
    ]
    told = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["status", "run"])
    table = pd.concat([result.table.reset_index(drop=True), told], axis=1)
    return JudgedConcept(table=JUDGED.check(table), findings=tuple(one.finding for one in together), result=result, thresholds=thresholds)


def _seen(result: ConceptResult, one: ConceptTrack, usable: Bools) -> Bools:
    """Return the windows in which a method can be judged, (w,): by columns none that is cut short, or longer than those of the reference,
    as other days and hours differ whatever labels do; where the reference is that short, by all rows none that is cut short either."""
    whole = usable & ~result.partial & result.able
    return whole & result.comparable if one.column else usable & result.able if result.comparable else whole


def _known(one: ConceptTrack, seen: Bools) -> Known:
    value, variance, own, own_variance = one.roots or (one.value, one.variance, one.own, one.own_variance)
    few = bool(one.column) and int((np.isfinite(own) & np.isfinite(own_variance)).sum()) < FEWEST_OWN
    own = np.full(len(own), np.nan) if few else own
    return Known(own=own, own_variance=own_variance, value=np.where(seen, value, np.nan), variance=variance)


def _finding(
    result: ConceptResult, thresholds: ConceptThresholds, told: tuple[ConceptTrack, Bools], found: tuple[ScoredRun, float, float]
) -> Finding | None:
    """Return the finding of a run; None where it is too small to matter."""
    (one, usable), (scored, strength, q_value) = told, found
    run = scored.run
    part = slice(run.first, run.last + 1)
    n = np.where(usable[part] & np.isfinite(one.value[part]), result.labelled[part], 0).astype(float)
    after, before = float(np.nan_to_num(one.value[part]) @ n / max(n.sum(), 1.0)), one.usual
    before = 0.0 if CONCEPT[one.method].centred else before
    if one.column:
        after, before = float(np.sqrt(max(after, 0.0))), float(np.sqrt(max(before, 0.0)))
    if abs(after - before) < thresholds.floors.get(one.method, CONCEPT[one.method].floor) or (one.column and after <= before):
        return None
    better = one.method == "concept" and (after > 0) == (LOSSES[result.metric].best > 0)
    return Finding(
        what=one.name,
        label=one.label,
        kind=FindingKind.CONCEPT,
        status=(Status.ALERT if strength >= thresholds.alert and not better and one.method != "prior" else Status.WARNING).value,
        first=run.first,
        last=run.last,
        direction=Direction.HIGHER if after > before else Direction.LOWER,
        measure=Measure.SCORE,
        before=before,
        after=after,
        rows=int(n.sum()),
        share_rows=float(n.sum() / max(result.labelled.sum(), 1)),
        method=one.method,
        score=after,
        limit=float(before + (after - before) / max(strength, 1e-9)),
        strength=strength,
        p_value=scored.p_value,
        q_value=max(q_value, scored.p_value),
        worst=result.windows.ids[run.first + int(np.argmax(np.where(n > 0, np.abs(np.nan_to_num(one.value[part]) - one.usual), -1.0)))],
        note=_note(result, one, better=better),
        judged=int(usable.sum()),
        with_version=version_behind(result.others, one.name, run, (one.value, np.where(usable, result.labelled, 0.0)), one.usual),
        **_cell(one, part) if one.column else {"pair": _parts(result, part, n)} if one.method == "concept" else {},
        **lasting_times(result.windows, usable, run),
    )


def _note(result: ConceptResult, one: ConceptTrack, *, better: bool) -> str:
    """Return for which the relation changed, better or worse; of a column what depends on it: labels, or of classes a loss."""
    if one.column:
        return result.metric if result.task is Task.MULTICLASS else LABELS
    return "" if one.method != "concept" else "better" if better else "worse"


def _cell(one: ConceptTrack, part: slice) -> dict[str, Any]:
    """Return the cell of a column that moved most over a run, with its mean and that of all rows of the run, beyond what inputs let expect;
    nothing where no cell is most of what moved, or it has no condition. Where all rows moved, the cell that did not is no place of it: a
    cell lies farther off than all rows do, beyond chance."""
    if one.found is None or not one.cells:
        return {}
    rows, total = (values[part].sum(axis=0) for values in (one.found.rows, one.found.total))
    known = (rows > 0) & np.isfinite(one.found.usual)
    if not known.any():
        return {}
    mean = np.where(known, total / np.maximum(rows, 1.0), 0.0)
    away = np.where(known, mean - one.found.usual, 0.0)
    level = float(rows[known] @ away[known]) / float(rows[known].sum())
    moved = np.where(known, rows * (away - level) ** 2, 0.0)
    chance = np.sqrt(np.where(known, one.found.spread / np.maximum(rows, 1.0) + one.found.doubt, np.inf))
    farther = np.abs(away) - abs(level) > Z * chance
    at = int(np.argmax(np.where(farther, moved, -1.0)))
    if not farther[at] or moved[at] < MOST_OF * moved.sum() or at >= len(one.cells) or not one.cells[at]:
        return {}
    return {"where": one.cells[at], "pair": (float(away[at]), level)}


def _parts(result: ConceptResult, part: slice, n: NDArray[np.float64]) -> tuple[float, float]:
    """Return the change of the metric over a run, and what of it inputs explain; nan where these are not measured."""
    tracks = {one.method: one.value[part] for one in result.tracks if one.method in ("total", "covariate")}
    found = [
        float(np.nan_to_num(tracks[name]) @ n / max(n.sum(), 1.0)) if name in tracks else float("nan") for name in ("total", "covariate")
    ]
    return found[0], found[1]


def _told(
    one: ConceptTrack, verdict: Found | None, runs: Sequence[tuple[Finding, str | None]], of: tuple[ConceptResult, Bools]
) -> pd.DataFrame:
    """Return the verdict on each window of a method; `runs` are its own, with the id of the finding that tells each: None where nobody can
    tell what they show."""
    result, usable = of
    judged = verdict is not None and verdict.judged
    many = len(result.windows)
    status = np.full(many, (Status.STABLE if judged else Status.NOT_JUDGED).value, dtype=object)
    run = np.full(many, None, dtype=object)
    for found, told in sorted(runs, key=lambda found: found[0].strength):
        part = slice(found.first, found.last + 1)
        status[part], run[part] = found.status if told else Status.NOT_JUDGED.value, told
    few, missing = result.labelled < 1, ~np.isfinite(one.value)
    status = np.select([few, missing, ~usable], [Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value], status)
    return pd.DataFrame({"status": status, "run": [found if seen else None for found, seen in zip(run, usable, strict=True)]})
