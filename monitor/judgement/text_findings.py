"""Findings on the words of text columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from monitor.case import DriftThresholds
from monitor.judgement.assessment import Assessment
from monitor.judgement.column_runs import candidates
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.run_times import times
from monitor.stats.inference.multiplicity import Selection
from monitor.vocabulary import Status

NAMED = 3
"""Words that a finding names."""


def text_findings(assessment: Assessment, name: str, selection: Selection, thresholds: DriftThresholds) -> list[Finding]:
    """Return the findings on the words of one named text column: runs in which a score is above what is usual."""
    text = assessment.result.texts[name]
    methods = list(text.series)
    usable = _rows(assessment, name) >= thresholds.min_rows
    found = []
    for one in candidates(assessment.texts, name, selection.level):
        method = methods[one.question]
        score = float(np.nanmean(text.series[method].score[one.run.first : one.run.last + 1]))
        none = 0.5 if method == "vocabulary_classifier" else 0.0
        rise = score - none
        if not one.up or rise < thresholds.floor_of(method):
            continue
        words = _words(text.words, assessment, one.run.first, one.run.last)
        found.append(
            Finding(
                what=name,
                label=assessment.result.labels.get(name, name),
                kind=FindingKind.VALUE,
                status=Status.ALERT.value if rise >= thresholds.alert_of(method, 1.0 - none) else Status.WARNING.value,
                first=one.run.first,
                last=one.run.last,
                judged=int(usable.sum()),
                measure=Measure.SHARE,
                rows=int(_rows(assessment, name)[one.run.first : one.run.last + 1].sum()),
                method=method,
                score=score,
                limit=none + rise / max(one.strength, 1e-9),
                strength=one.strength,
                p_value=one.p_value,
                q_value=selection.adjusted[name],
                numeric=False,
                **words,
                **times(assessment.result.sides.production.windows, usable, one.run),
            )
        )
    return found


def _rows(assessment: Assessment, name: str) -> Any:
    return assessment.result.sides.production.columns[assessment.result.texts[name].counted].rows


def _words(words: pd.DataFrame, assessment: Assessment, first: int, last: int) -> dict[str, Any]:
    """Return the words that moved most in the windows of a run, with the texts that hold them, and their shares before and after."""
    ids = assessment.result.sides.production.windows.ids[first : last + 1]
    mine = words[words["window"].isin(ids)]
    if mine.empty:
        return {"direction": Direction.CHANGED}
    total = mine.groupby("word", sort=False)[["n_reference", "n_production", "read_reference", "read_production"]].sum()
    before, after = total["n_reference"] / total["read_reference"], total["n_production"] / total["read_production"]
    order = (after - before).abs().sort_values(ascending=False, kind="stable").index
    more = bool(after[order[0]] > before[order[0]])
    alike = [word for word in order if (after[word] > before[word]) == more][:NAMED]
    return {
        "direction": Direction.MORE if more else Direction.FEWER,
        "before": float(before[order[0]]),
        "after": float(after[order[0]]),
        "levels": {str(word): int(total.loc[word, "n_production"]) for word in alike},
    }
