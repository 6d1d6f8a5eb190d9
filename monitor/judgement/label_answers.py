"""What an answer says of the labels that it rests on: how many are in, and of which rows."""

from __future__ import annotations

import numpy as np

from monitor.analyses.label_notes import OFF_THRESHOLD
from monitor.analyses.label_weights import at_random
from monitor.judgement.judged import names_of
from monitor.judgement.performance import JudgedPerformance
from monitor.stats.performance.selective import ONLY_NEGATIVE, ONLY_POSITIVE
from monitor.wording import plural, share_text

FEWER = 0.05
"""By how much less than usual a window's share of labels is told."""


def off_text(judged: JudgedPerformance) -> str:
    """Say that decisions do not follow the threshold of the case."""
    return next((one.message for one in judged.result.skipped if one.reason == OFF_THRESHOLD), "")


def labels_text(judged: JudgedPerformance) -> str:
    """Say how many labels are in, where the fewest, and whether they speak for rows that have none."""
    result = judged.result
    share = f"{share_text(float(result.labelled.sum() / max(result.rows.sum(), 1)))} of rows have a label"
    waiting = int((~result.mature).sum())
    told = f"{share}; {plural(waiting, 'window')} still waiting for theirs." if waiting else f"{share}."
    return " ".join(filter(None, (told, _fewest_text(judged), _labels_doubt(judged))))


def _fewest_text(judged: JudgedPerformance) -> str:
    """Name the mature window of which the fewest rows have a label, where these are much fewer than usual."""
    result = judged.result
    kept = np.flatnonzero(result.mature & ~result.partial & (result.rows > 0))
    if len(kept) < 3:
        return ""
    part = result.labelled[kept] / result.rows[kept]
    at, usual = int(np.argmin(part)), float(np.median(part))
    if usual - part[at] < FEWER:
        return ""
    i = int(kept[at])
    names = names_of(judged.windows, result.size, result.timezone, judged.own_windows, called=judged.called)
    when = names.within(judged.windows.start[i], judged.windows.end[i], judged.windows.ids[i])
    return f"Fewest {when}: {share_text(float(part[at]), 2)}, usually {share_text(usual, 2)}."


def _labels_doubt(judged: JudgedPerformance) -> str:
    """Say whether rows without a label differ from those that have one, as far as their scores tell."""
    reasons = set(judged.table["reason"].dropna())
    for reason, which in ((ONLY_POSITIVE, "positive"), (ONLY_NEGATIVE, "negative")):
        if reason in reasons:
            return f"Labels exist only where the model decided {which}: what needs the others has bounds and no value."
    labels = judged.result.evidence.get("labels")
    if labels is None or len(labels) < 2 or at_random(labels):
        return ""
    low, high = (share_text(float(getattr(labels["share"], end)()), 2) for end in ("min", "max"))
    told = f"Labels are not missing at random: {low} to {high} of rows have one, by tenth of the score"
    if not judged.result.weighed:
        return f"{told}."
    blind = int((judged.result.unknown & judged.result.mature).sum())
    rest = f", but nothing stands for some of {plural(blind, 'window')}" if blind else ""
    return f"{told}; rows are weighted to stand for all{rest}."
