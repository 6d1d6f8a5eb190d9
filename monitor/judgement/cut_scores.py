"""A prediction that is cut from a score by a threshold moves because the score does: the score is told first, the prediction after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.judgement.finding import Finding, FindingKind


def scores_first(found: Sequence[Finding], cut: Mapping[str, str]) -> list[Finding]:
    """Return findings, in order, in which a prediction follows the finding of the score that it is cut from (`cut`: score by prediction).

    Each keeps its own evidence: only the order says which of the two is the cause.
    """
    told = list(found)
    for prediction in found:
        at = told.index(prediction)
        later = next((one for one in told[at + 1 :] if _leads(one, prediction, cut)), None)
        if later is not None:
            told.remove(later)
            told.insert(at, later)
    return told


def _leads(score: Finding, prediction: Finding, cut: Mapping[str, str]) -> bool:
    """Say whether findings are of a score and of what is cut from it, in the same rows and more than half of the prediction's windows."""
    together = min(score.last, prediction.last) - max(score.first, prediction.first) + 1
    same = cut.get(prediction.what) == score.what and score.segment == prediction.segment and score.status == prediction.status
    return same and score.kind is prediction.kind is FindingKind.VALUE and 2 * together > prediction.last - prediction.first + 1
