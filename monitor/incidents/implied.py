"""Causes that follow from what else is known, and are told as its consequence: labels beside inputs, answers or rows that were damaged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.evidence import INPUTS, Evidence, between
from monitor.judgement.finding import FindingKind
from monitor.profile import Windows

WHOLE_ROWS = frozenset(
    {
        Cause.DUPLICATED_ROWS, Cause.VOLUME_CHANGE, Cause.TRAFFIC_BURST, Cause.ADVERSARIAL_BURST, Cause.MIX_CHANGE,
    }
)  # fmt: skip
"""Causes that change which rows come, and so any column."""
OUTCOMES = frozenset({Cause.LABEL_DELAY, Cause.LABEL_CHANGE, Cause.CONCEPT_CHANGE, Cause.MODEL_VERSION})
"""Causes that no input follows from."""
BURSTS = frozenset({Cause.TRAFFIC_BURST, Cause.ADVERSARIAL_BURST})
"""Causes by which many rows come at once that nobody else sends."""
SILENT = frozenset({Cause.LATENCY, Cause.ERRORS, Cause.COST, Cause.FRESHNESS})
"""Causes that nothing follows from but what they were found by."""
PROVEN = frozenset({Cause.STUCK_VALUE, Cause.MISSING_VALUES, Cause.TIME_SHIFT, Cause.SLOW_DRIFT})
"""Causes that rows in their order, or the rows of one level, prove in a place however small: a sensor of a thousand that stands still moves
no figure of all."""
WITHIN = 0.5
"""Part of the windows of a finding that the cause has to hold."""
EARLY = 1
"""Windows that a finding may begin before its cause: of two runs in a row the sharper one is told."""
SURE = 0.8
"""What a cause that no finding is left for has to explain to stand by itself."""
CROWDED = 1.2
"""Times the rows of a crowd that a change may concern which is that of the crowd."""
FELT = 0.05
"""Share of rows below which what follows from a cause fades: a change of a few rows moves no figure of all rows."""


def not_implied(hypotheses: Sequence[Hypothesis], evidence: Sequence[Evidence], windows: Windows) -> list[Hypothesis]:
    """Return the hypotheses that say something which neither what was found nor another hypothesis says already."""
    able = [cause for cause in hypotheses if not (_answers_unknown(cause, evidence, windows) or _inputs_moved(cause, evidence, windows))]
    explained = (_answers_moved, _answers_spoiled, _levels_filled, _inputs_damaged, _of_a_crowd)
    return [cause for cause in able if not any(one(cause, able, windows) for one in explained)]


def _answers_unknown(cause: Hypothesis, evidence: Sequence[Evidence], windows: Windows) -> bool:
    """Say whether a cause is about labels beside answers that are themselves outside all that was known: then nothing can be said of it."""
    ends = between(windows, cause.start, cause.end)
    if ends is None or cause.cause not in (Cause.LABEL_CHANGE, Cause.CONCEPT_CHANGE):
        return False
    odd = [one for one in evidence if one.analysis == "predictions" and one.alert and one.finding.kind is FindingKind.RANGE]
    return any(min(ends[1], one.last) - max(ends[0], one.first) + 1 >= WITHIN * (ends[1] - ends[0] + 1) for one in odd)


def _inputs_moved(cause: Hypothesis, evidence: Sequence[Evidence], windows: Windows) -> bool:
    """Say whether labels are said to depend otherwise on a column whose own values began to be others just then: that is what happened, and
    a relation to damaged values says nothing of labels."""
    ends = between(windows, cause.start, cause.end)
    if ends is None or cause.cause is not Cause.CONCEPT_CHANGE:
        return False
    moved = (one for one in evidence if one.alert and one.analysis in INPUTS and one.columns & set(cause.columns))
    return any(abs(one.first - ends[0]) <= EARLY for one in moved)


def _inputs_damaged(cause: Hypothesis, others: Sequence[Hypothesis], windows: Windows) -> bool:
    """Say whether labels are said to depend otherwise, or rows to get other answers, just since rows prove that inputs were damaged: a
    column that stands still in one segment need not have been found to move, and both depend on what is left of inputs then."""
    began, of_answers = between(windows, cause.start, cause.end), cause.cause is Cause.MODEL_VERSION and not cause.version
    if began is None or not (of_answers or cause.cause in (Cause.LABEL_CHANGE, Cause.CONCEPT_CHANGE)):
        return False
    done = [one for one in others if _is_damage(one) and (one.segment.items() <= cause.segment.items() or _of_level(cause, one))]
    return any(abs(ends[0] - began[0]) <= EARLY for one in done if (ends := between(windows, one.start, one.end)) is not None)


def _of_level(cause: Hypothesis, damage: Hypothesis) -> bool:
    """Say whether a cause is about rows at a level that a damage wrote."""
    levels = {} if damage.inverse is None else damage.inverse.levels
    return any(name in damage.columns and level in levels for name, level in cause.segment.items())


def _is_damage(cause: Hypothesis) -> bool:
    """Say whether rows alone prove that values of inputs are not what they were."""
    apart = WHOLE_ROWS | OUTCOMES | SILENT | {Cause.SEASON, Cause.UNKNOWN}
    return bool(cause.columns) and cause.cause not in apart and not cause.answers and by_rows_alone(cause)


def _answers_moved(cause: Hypothesis, others: Sequence[Hypothesis], windows: Windows) -> bool:
    """Say whether a cause is about labels beside answers of rows that got others than such rows did, which tells as much of either."""
    moved = [one for one in others if one.cause is Cause.MODEL_VERSION and not one.version and one.segment == cause.segment]
    return cause.cause in (Cause.LABEL_CHANGE, Cause.CONCEPT_CHANGE) and within_any(cause, moved, windows)


def _answers_spoiled(cause: Hypothesis, others: Sequence[Hypothesis], windows: Windows) -> bool:
    """Say whether the same rows get other answers because of what was done to the answers, which is known."""
    done = [one for one in others if one.answers and one.explained >= SURE and one.segment == cause.segment]
    return cause.cause is Cause.MODEL_VERSION and not cause.version and within_any(cause, done, windows)


def _levels_filled(cause: Hypothesis, others: Sequence[Hypothesis], windows: Windows) -> bool:
    """Say whether fewer or more rows have a level because one level stands for all."""
    done = [one for one in others if one.cause is Cause.DEFAULT_FILL and one.explained >= SURE and set(one.columns) & set(cause.segment)]
    return cause.cause is Cause.MIX_CHANGE and within_any(cause, done, windows)


def _of_a_crowd(cause: Hypothesis, others: Sequence[Hypothesis], windows: Windows) -> bool:
    """Say whether values changed in rows that came together, and hardly in others: of nearly equal rows every column has few values."""
    if not cause.columns or cause.cause in WHOLE_ROWS | OUTCOMES | SILENT | {Cause.SEASON, Cause.UNKNOWN}:
        return False
    crowds = [one for one in others if one.cause in BURSTS and cause.segment.items() <= one.segment.items()]
    return within_any(cause, [one for one in crowds if cause.rows <= CROWDED * one.rows], windows)


def within_any(cause: Hypothesis, others: Sequence[Hypothesis], windows: Windows) -> bool:
    """Say whether one of some causes holds most windows of a cause."""
    ends = between(windows, cause.start, cause.end)
    spans = [span for one in others if (span := between(windows, one.start, one.end)) is not None]
    return ends is not None and any(
        min(ends[1], last) - max(ends[0], first) + 1 >= WITHIN * (ends[1] - ends[0] + 1) for first, last in spans
    )


def by_rows_alone(cause: Hypothesis) -> bool:
    """Say whether rows prove a cause without any finding: it explains nearly all, of no few rows, or of a place that the case watches by
    what cannot be chance there."""
    felt = cause.share_rows >= FELT or not np.isfinite(cause.share_rows)
    return (felt or (cause.watched and cause.cause in PROVEN)) and cause.explained >= SURE
