"""The answers of judged screens: their findings and what could not be judged, handed to the words. The registry says which is whose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TypeVar

import pandas as pd

from monitor.analyses.label_doubts import DOUBTS, looks_in_sample
from monitor.analyses.sides import ENOUGH_WINDOWS
from monitor.judgement.concept import JudgedConcept
from monitor.judgement.concept_parts import parts_text
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.estimate import JudgedEstimate
from monitor.judgement.fairness import JudgedFairness
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.judged import Judged
from monitor.judgement.label_answers import labels_text, off_text
from monitor.judgement.level import level_text
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.narration.answers import Answer, answer, predictions_answer
from monitor.judgement.narration.clauses import MOST_WORDS
from monitor.judgement.narration.moves import FLATTERED, LEVELS, relation_moved
from monitor.judgement.narration.places import ELLIPSIS, inside
from monitor.judgement.narration.sentences import headline
from monitor.judgement.overfitting import in_sample_sentence
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.performance_table import UNSEEN
from monitor.judgement.segments import JudgedSegments
from monitor.stats.performance.catalogue import METRICS
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, number_text, plural, share_text

MOST_GROUPS = 3
"""Groups of stable gaps that are named."""
WIDE = 5.0
"""Smallest changes that matter which an estimate lies from the reference, for nobody to be told that all is as before."""
MOSTLY = 0.75
"""Part of the leading metrics in which a change could have been seen, for silence to say that nothing changed."""
UNJUDGED = (Status.TOO_FEW_ROWS.value, Status.NOT_JUDGED.value, Status.NOT_APPLICABLE.value)


Told = TypeVar("Told", bound=Judged)


def _doubted(make: Callable[[Told], Answer]) -> Callable[[Told], Answer]:
    """Let the doubt of an answer say too what makes the labels doubtful that it rests on."""

    @wraps(make)
    def made(judged: Told) -> Answer:
        found = make(judged)
        notes = dict.fromkeys(one.message for one in judged.result.skipped if one.reason in DOUBTS)
        return replace(found, doubt=" ".join(filter(None, (found.doubt, *notes))))

    return made


def inputs_answer(judged: JudgedDrift) -> Answer:
    """Say the state of the columns: one headline, and the doubt about it."""
    unjudged, why = _unjudged(judged)
    chance = judged.expected_false_alarms
    return answer(judged.leading, columns=columns_judged(judged), names=judged.names, unjudged=unjudged, why=why, false_alarms=chance)


def outputs_answer(judged: JudgedDrift) -> Answer:
    """Say the state of what the model answers, of all rows before those of segments; what a challenger answers stands in the doubt."""
    unjudged, why = _unjudged(judged)
    served = served_findings(judged)
    chance = judged.expected_false_alarms
    told = predictions_answer(
        speaking_outputs(judged), outputs=columns_judged(judged), names=judged.names, unjudged=unjudged, why=why, false_alarms=chance
    )
    shadow = next((one for one in judged.found if one not in served), None)
    beside = "" if shadow is None else f"The challenger, which nobody is served: {headline(shadow, judged.names, judged.against)}."
    return Answer(told.headline, " ".join(filter(None, (told.doubt, beside))))


def served_findings(judged: JudgedDrift) -> list[Finding]:
    """Return what was found of the answers that are served: a challenger's only run beside them."""
    return [one for one in judged.found if judged.result.sides.part(one.what).column not in judged.result.shadows]


def speaking_outputs(judged: JudgedDrift) -> list[Finding]:
    """Return the findings that the answer on what the model says is made of, the first leads: those of all rows, else of segments."""
    served = served_findings(judged)
    return [one for one in served if not judged.result.sides.part(one.what).segment] or served


def columns_judged(judged: JudgedDrift) -> int:
    """Return how many columns a screen looks at, lost and new ones among them."""
    return int(judged.table["column"].nunique())


def _unjudged(judged: JudgedDrift) -> tuple[int, str]:
    """Return how many columns could not be judged in any window, and why."""
    primary = judged.primary
    judged_columns = set(primary.loc[~primary["status"].isin(UNJUDGED), "column"])
    silent = primary[~primary["column"].isin(judged_columns)]
    if silent.empty:
        return 0, ""
    few = bool(silent["status"].eq(Status.TOO_FEW_ROWS).all())
    own = judged.own_windows
    short = (
        "" if own is None or len(own) >= ENOUGH_WINDOWS else f": the reference has only {plural(len(judged.result.sides.groups), 'window')}"
    )
    why = f"every window has fewer than {plural(judged.thresholds.min_rows, 'row')}" if few else f"no change could have been seen{short}"
    return int(silent["column"].nunique()), why


def joint_answer(judged: JudgedMultivariate) -> Answer:
    """Say whether columns still belong together as they did."""
    table = judged.table
    silent = bool(len(table)) and bool(table["status"].isin(UNJUDGED).all())
    few = silent and bool(table["status"].eq(Status.TOO_FEW_ROWS).all())
    why = (
        f"every window has fewer than {plural(judged.thresholds.min_rows, 'row')}"
        if few
        else f"{judged.result.called.a} has too few windows of its own to say what is usual"
    )
    if silent or table.empty:
        return answer((), columns=1, names=judged.names, noun="table", unjudged=1, why=why)
    looked = len(judged.result.pairs) + table["method"].nunique()
    told = answer(judged.leading, columns=looked, names=judged.names, noun="relation", false_alarms=judged.expected_false_alarms)
    parts = f"{plural(len(judged.result.pairs), 'pair')} of columns and {plural(table['method'].nunique(), 'method')} over all of them"
    changed = f"{count_text(len({one.what for one in judged.findings}))} of {plural(looked, 'relation')} changed ({parts})."
    doubt = f"{changed} {told.doubt}".rstrip()
    return Answer(f"{headline(judged.leading[0], judged.names)}.", doubt) if judged.findings else told


def performance_answer(judged: JudgedPerformance) -> Answer:
    """Say whether the model is still right: the worst run first, in the doubt what held and how many labels are in."""
    result = judged.result
    if not result.labelled.any():
        return Answer("No label is in yet: the page Estimated says what can be said without.")
    told = sorted((one for one in judged.leading if one.note == "worse"), key=_lead_of(judged))
    level = level_text(judged)
    if told and in_sample_sentence(result) and all(one.status != Status.ALERT.value for one in told):
        first = "Whether the model got worse cannot be told: the reference looks in-sample."
    elif told:
        first = f"{headline(told[0], judged.names, judged.against)}."
    elif judged.findings:
        first = f"No metric got worse; {inside(judged.leading[0].label, judged.leading[0].method)} changed."
    elif bool(judged.table["status"].isin(UNJUDGED).all()):
        return Answer("Performance could not be judged.", labels_text(judged))
    else:
        first = "No metric of the model changed beyond chance."
        level = f"{level} That is no more than windows of {judged.called.a} differ." if level else ""
    doubt = (level, _unseen_text(judged), labels_text(judged), off_text(judged), in_sample_sentence(result))
    return Answer(first, " ".join(filter(None, doubt)))


def _unseen_text(judged: JudgedPerformance) -> str:
    """Name the metrics whose change could not have been seen."""
    rows = judged.table[judged.table["reason"].eq(UNSEEN) & judged.table["segment"].isna() & judged.table["class"].isna()]
    names = [judged.result.catalogue[str(name)].title for name in dict.fromkeys(rows["metric"])]
    if not names:
        return ""
    return (
        f"How {list_text([inside(name, name) for name in names])} changed could not be seen: windows of {judged.called.a} differ as much."
    )


@_doubted
def fairness_answer(judged: JudgedFairness) -> Answer:
    """Say whether a group is treated apart from all others: what began since first, in the doubt what was judged."""
    table, band = judged.table, [number_text(one) for one in judged.summary["band"]]
    few = table[table["group"].notna() & table["status"].eq(Status.TOO_FEW_ROWS)]
    if table.empty or (len(few) and table["status"].isin(UNJUDGED).all()):
        return Answer("Fairness could not be judged: groups have too few rows.", "Larger windows tell more.")
    doubt = f"{plural(judged.summary['gaps_judged'], 'gap')} between groups judged, with the band of {band[0]} to {band[1]}."
    if not judged.result.labelled.any():
        doubt += " No label is in: only what is decided was compared."
    if not judged.findings:
        return Answer("No group is treated apart from others beyond chance and the band.", doubt)
    told, lasting = f"{headline(judged.leading[0], judged.names, judged.against)}.", _lasting_text(judged)
    return Answer(told, f"{lasting} {doubt}" if judged.leading[0].note == "stable" else f"{doubt} {lasting}".rstrip())


def _lasting_text(judged: JudgedFairness) -> str:
    """Name the gaps that the reference has too."""
    stable = [one for one in judged.findings if one.note == "stable"]
    where = list_text(list(dict.fromkeys(inside(one.label, one.label) for one in stable))[:MOST_GROUPS])
    gaps = f"{count_text(len(stable))} of {plural(len(judged.findings), 'gap')} ({where})"
    return f"{gaps} stood in {judged.called.a} too: stable, no drift." if stable else ""


def _lead(finding: Finding) -> tuple[bool, bool, bool, float]:
    """Order: alerts, what goes on, how wrong the level is (that says by how much), the strongest."""
    return (finding.status != Status.ALERT.value, not finding.ongoing, finding.method not in LEVELS, -finding.strength)


def _lead_of(judged: Judged) -> Callable[[Finding], tuple[bool, bool, bool, bool, float]]:
    """Return the order of findings in a headline: those of windows that are cut short alone last."""
    return lambda one: (judged.is_short(one), *_lead(one))


@_doubted
def estimate_answer(judged: JudgedEstimate) -> Answer:
    """Say what is estimated of the model: the worst run first; in the doubt how good estimates were where labels are in."""
    result = judged.result
    if not result.trusted.any():
        return Answer("Nothing can be estimated: every window differs too much from the reference.", _scored_text(judged))
    told = sorted(
        (one for one in judged.leading if one.kind is not FindingKind.ESTIMATE and one.note == "worse"),
        key=lambda one: (judged.is_short(one), _lead(one)),
    )
    better = [one for one in judged.leading if one.kind is not FindingKind.ESTIMATE]
    gaps = sorted(
        (one for one in judged.leading if one.kind is FindingKind.ESTIMATE and one.note == "worse"),
        key=lambda one: (judged.is_short(one), _lead(one)),
    )
    if not told and any(one.note == FLATTERED for one in judged.leading):
        return Answer("Estimates fail where labels are in: the reference looks in-sample.", _scored_text(judged))
    if gaps and not told:
        doubt = _contradicted(gaps[0])
        return Answer(f"{headline(gaps[0], judged.names, judged.against)}.", f"{doubt} {_scored_text(judged)}")
    if told:
        first = f"{headline(told[0], judged.names, judged.against)}."
    elif better:
        first = f"{headline(better[0], judged.names, judged.against)}: no metric is estimated to be worse."
        first = first if len(first.split()) <= MOST_WORDS else f"{headline(better[0], judged.names, judged.against)}."
    elif bool(judged.table.loc[judged.table["method"] == judged.result.method, "status"].isin(UNJUDGED).all()):
        return Answer("What is estimated could not be judged.", _scored_text(judged))
    else:
        first = _as_before(judged)
    return Answer(first, " ".join(filter(None, (_failed_text(judged), _scored_text(judged)))))


def _contradicted(gap: Finding) -> str:
    """Say what it means that labels contradict the estimate."""
    if relation_moved(gap):
        return "Labels contradict the estimate there: concept drift (the same inputs lead to other labels), which no estimate sees."
    if gap.with_version:
        return "The model is another there; the relation of inputs to labels need not be."
    why = f": {share_text(gap.note_share, 2)} of rows have inputs unknown to the reference" if gap.note_share > 0 else ""
    return f"Estimate and labels disagree there{why}."


def _as_before(judged: JudgedEstimate) -> str:
    """Say that nothing is estimated to be worse, where that could have been seen."""
    own = judged.table[judged.table["metric"].isin(judged.result.judged)]
    seen = own[(own["method"] == judged.result.method) & own["reason"].isna()]
    told = seen.groupby("metric")["status"].agg(lambda one: bool(one.eq(Status.STABLE.value).any()))
    if told.mean() >= MOSTLY:
        return _wide_text(seen) or "The model is estimated to be as right as before."
    return "The estimate cannot tell: windows of the reference differ as much."


def _wide_text(own: pd.DataFrame) -> str:
    """Say how far the estimates of a metric lie apart where that is far, though windows of the reference differ as much; else nothing."""
    for name, rows in own[own["reason"].isna()].groupby("metric", sort=False):
        metric, before = METRICS[str(name)], float(rows["reference_value"].iloc[0])
        sure = rows[(rows["lower"] > before) | (rows["upper"] < before)]
        worse = [end for end in sure["estimated"] if metric.worse(before, end) and abs(end - before) >= WIDE * metric.smallest(before)]
        if worse and not math.isnan(metric.ends[0]):
            ends = f"{number_text(float(rows['estimated'].min()), 2)} and {number_text(float(rows['estimated'].max()), 2)}"
            return f"No estimate is worse beyond chance; {inside(metric.title, metric.id)} lies between {ends}."
    return ""


def _failed_text(judged: JudgedEstimate) -> str:
    """Say where the estimate failed: labels contradict it."""
    gaps = [one for one in judged.leading if one.kind is FindingKind.ESTIMATE]
    if not gaps:
        return ""
    return f"Where labels are in the estimate failed: {headline(gaps[0], judged.names, judged.against)}."


def _scored_text(judged: JudgedEstimate) -> str:
    result = judged.result
    withheld, waiting = int((~result.trusted).sum()), int((~result.complete).sum())
    parts = [
        f"{plural(waiting, 'window')} without all labels" if waiting else "",
        f"{plural(withheld, 'window')} withheld" if withheld else "",
        f"estimator {result.method}, chosen by {result.chosen_by}",
    ]
    return f"{', '.join(filter(None, parts)).capitalize()}."


@_doubted
def segments_answer(judged: JudgedSegments) -> Answer:
    """Say where the model got worse: the segment that adds most, in the doubt how many were looked at."""
    result = judged.result
    looked = f"{plural(result.singles + result.pairs, 'segment')} looked at, of one column and of two."
    if not result.usable.any():
        return Answer("No window has its labels in: segments cannot be compared.")
    if not result.found:
        return Answer("No segment has rows enough to be compared.", "A segment needs 100 labelled rows on each side.")
    if not judged.findings:
        return Answer("No segment moved away from the other rows beyond chance.", looked)
    worse = [one for one in judged.leading if one.note == "worse"]
    rest = len({one.what for one in judged.findings}) - 1
    more = f"{plural(rest, 'further segment')} moved. " if rest else ""
    return Answer(f"{headline((worse or judged.leading)[0], judged.names, judged.against)}.", f"{more}{looked}")


@_doubted
def concept_answer(judged: JudgedConcept) -> Answer:
    """Say whether the same inputs lead to other labels: what all rows show before what columns do, in the doubt what goes on and how much
    of the change of the metric inputs explain."""
    result = judged.result
    if not result.usable.any() or not result.tracks:
        return Answer("No window has its labels in: the relation cannot be looked at.")
    if not result.able:
        return Answer("The relation could not be judged: the reference is too short for such windows.", parts_text(judged.result))
    if looks_in_sample(result):
        prior = " ".join(stopped(headline(one, judged.names, judged.against)) for one in judged.leading)
        return Answer("Whether the relation changed cannot be told: the reference looks in-sample.", prior)
    if not judged.findings:
        return Answer("No concept drift beyond chance: the same inputs lead to the same labels.", parts_text(judged.result))
    lead = judged.leading[0]
    going = next((one for one in judged.findings if one.ongoing and not lead.ongoing), None)
    lasts = "" if going is None else stopped(headline(going, judged.names, judged.against))
    return Answer(stopped(headline(lead, judged.names, judged.against)), " ".join(filter(None, (lasts, parts_text(judged.result)))))


def stopped(text: str) -> str:
    """End a headline with a full stop, where none of its words is cut."""
    return text if text.endswith(ELLIPSIS) else f"{text}."
