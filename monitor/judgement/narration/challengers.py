"""Clauses of challengers and of the arms of an experiment: what would be, or is, otherwise."""

from __future__ import annotations

import math

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause
from monitor.judgement.narration.figures import number, pair, share, value
from monitor.judgement.narration.places import clean
from monitor.wording import list_text, plural, share_text

WORTH = "value"
SHARES = frozenset({"accuracy", "recall", "precision", "false_positive_rate", "selection_rate", "error_share"})


def challenger_clause(finding: Finding, _against: str) -> Clause:
    """Say what a challenger would have changed, or an arm (`where`) changes: `pair` the interval of the difference, `impact` its money.

    >>> from monitor.judgement.narration.examples import example
    >>> said = example(label="ROC AUC", method="roc_auc", before=0.81, after=0.83, note="better", pair=(0.01, 0.03))
    >>> challenger_clause(said, "the reference")
    Clause(claim='ROC AUC would have been better with the challenger', figures='0.83 against 0.81 (+0.01 to +0.03)', joint=': ')
    >>> challenger_clause(example(label="Mean latency", method="x", before=48, after=50, note="worse", where="new"), "the reference").claim
    "Mean latency is worse in arm 'new'"
    """
    what, better = clean(finding.label), clean(finding.note) or "different"
    if finding.where:
        return Clause(f"{what} is {better} in arm '{clean(finding.where)}'", _figures(finding))
    if finding.method == WORTH:
        more = "more" if finding.after > finding.before else "less"
        return Clause(f"The challenger would have been worth {more}{_beside(finding, ' than ')}{_hangs(finding)}", worth_text(finding))
    claim = f"{what} would have been {better} with the challenger{_beside(finding, ' than with ')}{_hangs(finding)}"
    return Clause(claim, _figures(finding))


def _hangs(finding: Finding) -> str:
    return hangs_text(finding.hangs_on) if finding.hangs_on else ""


def hangs_text(rows: int) -> str:
    """Say on how few rows it hangs.

    >>> hangs_text(102)
    ' (only with 102 rows of a burst)'
    """
    return f" (only with {plural(rows, 'row')} of a burst)"


def _beside(finding: Finding, word: str) -> str:
    """Name the versions that a challenger stands beside, where several served."""
    versions = [clean(one) for one in finding.carried[1:]]
    return f"{word}{list_text(versions)} together" if versions else ""


def arm_clause(finding: Finding, _against: str) -> Clause:
    """Say that arms are not as large as planned: `before` and `after` the planned and the seen share of an arm.

    >>> from monitor.judgement.narration.examples import example
    >>> arm_clause(example(label="b", before=0.5, after=0.46), "the reference")
    Clause(claim="Arm 'b' is not as large as planned", figures='46% against 50%: what arms differ in is not to be trusted', joint=': ')
    """
    told = pair(finding.before, finding.after, share)
    said = f"{told[1]} against {told[0]}: what arms differ in is not to be trusted" if told else ""
    return Clause(f"Arm '{clean(finding.label)}' is not as large as planned", said)


def _figures(finding: Finding) -> str:
    told = pair(finding.before, finding.after, share if finding.method in SHARES else value)
    low, high = finding.pair
    if told is None or math.isnan(low):
        return ""
    return f"{told[1]} against {told[0]} ({_signed(finding, low)} to {_signed(finding, high)})"


def _signed(finding: Finding, part: float) -> str:
    """Write one end of a difference with its sign; shares in points."""
    sign = "+" if part > 0 else "−" if part < 0 else ""
    return f"{sign}{share_text(abs(part), 2)}" if finding.method in SHARES else f"{sign}{number(abs(part), 2)}"


def worth_text(finding: Finding) -> str:
    """Say what a difference is worth: of all rows, with its interval.

    >>> from monitor.judgement.narration.examples import example
    >>> worth_text(example(method="value", before=-4, after=-3, impact=5000.0, pair=(0.5, 1.5), rows=5000, carried=("EUR",)))
    '5,000 EUR in 5,000 rows (2,500 to 7,500)'
    """
    currency = f" {clean(finding.carried[0])}" if finding.carried and finding.carried[0] else ""
    low, high = (one * finding.rows for one in finding.pair)
    ends = (abs(low), abs(high)) if finding.impact > 0 else (abs(high), abs(low))
    return f"{money(abs(finding.impact))}{currency} in {finding.rows:,d} rows ({money(ends[0])} to {money(ends[1])})"


def money(amount: float) -> str:
    """Write an amount with three digits at most.

    >>> money(1234567.0), money(0.1234)
    ('1,230,000', '0.123')
    """
    return number(amount, 3)
