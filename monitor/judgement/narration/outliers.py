"""Words of outliers: more rows than usual are unlike the reference; why one row is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from monitor.analyses.outlier_reasons import How, Odd, OutlierKind, Reason
from monitor.analyses.outlier_shares import SUPPORT
from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import REFERENCE, Clause, shares_told
from monitor.judgement.narration.figures import share, value
from monitor.judgement.narration.places import clean, name_of, quoted, unit_of
from monitor.judgement.narration.timing import tense
from monitor.wording import list_text, number_text

FAR = 1.5
"""Times as far as usual from which on the distance of a row is told."""


def outlier_clause(finding: Finding, against: str) -> Clause:
    """Say that more rows than usual are unlike the reference, and in which columns most of them are odd.

    >>> from monitor.judgement.narration.examples import example
    >>> clause = outlier_clause(example(what="rows", before=0.01, after=0.04, carried=("Fare", "Hour")), "the reference")
    >>> clause.claim, clause.figures
    ('More rows are unlike the reference', '4% of rows against 1%, most often by Fare and Hour')
    """
    are = tense(finding, "are", "were")
    of = f" of {clean(finding.label)}" if finding.place is not None else ""
    elsewhere = f"{share(finding.pair[1])} of other rows" if finding.place is not None and not math.isnan(finding.pair[1]) else ""
    unlike = f"{are} far from every row of {against}" if finding.what == SUPPORT else f"{are} unlike {against}"
    odd = f"most often by {list_text([clean(one) for one in finding.carried])}" if finding.carried else ""
    return Clause(f"More rows{of} {unlike}", ", ".join(filter(None, (shares_told(finding, REFERENCE), elsewhere, odd))))


def reason_text(reason: Reason, against: str) -> str:
    """Say why a row is unlike the others.

    >>> odd = Odd(label="Fare", how=How.ABOVE, number=900.0, share=0.0001, beside=120.0)
    >>> reason_text(Reason(kind=OutlierKind.GLOBAL, parts=(odd,), far=1.0, alone=False), "the reference")
    "Fare 900 lies above the reference's largest (120)."
    """
    told = [_odd(one, against) for one in reason.parts]
    if reason.kind is OutlierKind.LOCAL:
        apart = f": {list_text([_apart(one) for one in reason.parts])}" if reason.parts else ""
        return f"{_far(reason, against)}{apart}."
    said = "; ".join(told) if told else "Its columns do not belong together"
    return f"{said}. {_far(reason, against)}." if reason.alone else f"{said}."


def _far(reason: Reason, against: str) -> str:
    if reason.alone:
        return f"No row of {against} is near: the nearest are {number_text(reason.far, 2)} times as far as usual"
    times = f", {number_text(reason.far, 2)} times as far as usual" if reason.far >= FAR else ""
    return f"Few rows of {against} are near{times}"


def _odd(one: Odd, against: str) -> str:
    if one.how in _NUMBERS and not math.isnan(one.number):
        return _NUMBERS[one.how](one, against)
    return _level(one, against)


def _number(one: Odd) -> str:
    return f"{name_of(one.label)} {value(one.number)}{_unit(one)}"


def _unit(one: Odd) -> str:
    unit = unit_of(one.label)
    return f" {unit}" if unit else ""


def _beyond(one: Odd, against: str) -> str:
    side, end = ("above", "largest") if one.how is How.ABOVE else ("below", "smallest")
    whose = f"{against}'s {end}" if against == REFERENCE else f"the {end} of {against}"
    return f"{_number(one)} lies {side} {whose} ({value(one.beside)})"


def _tail(one: Odd, against: str) -> str:
    word = "high" if one.how is How.HIGH else "low"
    many = f"about {share(one.share)} of rows of {against} lie" if one.share else f"hardly a row of {against} lies"
    return f"{_number(one)} is {word}: {many} as far out (median {value(one.beside)})"


def _unfit(one: Odd, _against: str) -> str:
    return f"{_number(one)} does not fit: the other columns let expect about {value(one.beside)}"


_NUMBERS: Mapping[How, Callable[[Odd, str], str]] = {
    How.ABOVE: _beyond, How.BELOW: _beyond, How.HIGH: _tail, How.LOW: _tail, How.UNFIT: _unfit,
}  # fmt: skip


def _level(one: Odd, against: str) -> str:
    name = name_of(one.label)
    if one.how is How.MISSING:
        often = f"about {share(one.share)} of rows" if one.share else "hardly a row"
        return f"{name} is missing, as in {often} of {against}"
    if one.how is How.UNSEEN:
        return f"{name} {quoted(one.level or '')} was never seen in {against}"
    if one.how is How.RARE:
        many = f"about {share(one.share)} of rows of {against} are" if one.share else f"hardly a row of {against} is"
        return f"{name} {quoted(one.level or '')} is rare: {many} at a level as rare"
    return f"{name} {quoted(one.level or '')} seldom goes with the other values"


def _apart(one: Odd) -> str:
    if one.level is not None:
        return f"{name_of(one.label)} {quoted(one.level)}"
    return f"{_number(one)}, there about {value(one.beside)}"
