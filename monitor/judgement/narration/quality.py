"""Clauses of data quality: rows that fail a check more often than they did, and defects that were always there."""

from __future__ import annotations

import math
from datetime import date

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause, elsewhere
from monitor.judgement.narration.figures import exact, pair, share
from monitor.judgement.narration.places import clean, quoted
from monitor.judgement.narration.timing import tense
from monitor.stats.counts.checks import CHECKS, FAR, LEAKAGE, ODD, OUTAGE, STUCK_IN, UNKNOWN
from monitor.wording import day_text, list_text, number_text, plural

_MISSING = "missing"
MOST_DAYS = 6
"""Days of an outage that are named."""
MOST_LEVELS = 10
"""Levels never seen that are named."""
MOST_STAND_INS = 3
"""Stand-ins for missing values that are named."""
ALIKE, ALIKE_PART = 0.01, 0.1
"""Difference of two shares, and the part of the one before, up to which they are called the same."""
ROWS = "Rows"
"""What checks of whole rows are called."""


def quality_clause(finding: Finding, against: str) -> Clause:
    """Say that more or fewer rows fail a check.

    >>> from monitor.judgement.narration.examples import example
    >>> said = example(label="Age", method="default_value", before=0.001, after=0.08)
    >>> quality_clause(said, "the reference").claim, quality_clause(said, "the reference").figures
    ('Age is more often a stand-in for a missing value', '8% of rows against 0.1%')
    >>> quality_clause(example(label="Born", method="default_value", before=0.0, after=0.1, carried=("1900-01-01",)), "the reference").claim
    "Born is more often a stand-in for a missing value ('1900-01-01')"
    """
    if finding.method == STUCK_IN:
        return _stuck(finding)
    more = finding.after > finding.before
    often = f"{'more' if more else 'less'} often"
    if finding.label == ROWS:
        often = f"{'More' if more else 'Fewer'} rows"
        claim = f"{often} {tense(finding, 'are', 'were')} {_told(finding)}"
    else:
        claim = f"{clean(finding.label)} {tense(finding, 'is', 'was')} {often} {_told(finding)}"
    told = pair(finding.before, finding.after, share)
    if told is None or math.isnan(finding.before) or math.isnan(finding.after):
        return Clause(claim)
    return Clause(claim, f"{told[1]} of {_of(finding)} against {told[0]}{elsewhere(against)}")


def _stuck(finding: Finding) -> Clause:
    """Say that a column keeps one value (`extreme`) in all rows of a segment.

    >>> from monitor.judgement.narration.examples import example
    >>> _stuck(example(label="Chamber", extreme=21.73, where="Device", carried=("G3",), rows=230))
    Clause(claim="Chamber is constant at 21.73 where Device is 'G3'", figures='230 rows', joint=': ')
    """
    place = f"where {clean(finding.where)} is {quoted(finding.carried[0])}"
    claim = f"{clean(finding.label)} {tense(finding, 'is', 'was')} constant at {exact(finding.extreme)} {place}"
    return Clause(claim, plural(finding.rows, "row"))


def _of(finding: Finding) -> str:
    """Say what a share is of: where rows were not counted, of different values."""
    check = CHECKS.get(finding.method)
    if check is None:
        return "rows"
    return "its different values" if check.different and math.isnan(finding.share_rows) else check.of


def defect_clause(finding: Finding, against: str) -> Clause:
    """Say that rows fail a check, and that they did so before: as many, or how many.

    >>> from monitor.judgement.narration.examples import example
    >>> defect_clause(example(label="Age", method="missing", after=0.21, before=0.2), "the reference").claim
    'Age is missing in 21% of rows, as before'
    >>> defect_clause(example(label="Gusts", method="missing", after=0.79, before=0.67), "the reference").claim
    'Gusts is missing in 79% of rows, 67% in the reference'
    """
    if finding.method in _SINGLE:
        return _SINGLE[finding.method](finding)
    part = "" if math.isnan(finding.after) else f" in {share(finding.after)} of rows"
    if finding.label == ROWS:
        return Clause(f"Rows are {_told(finding)}{part.replace(' in ', ', ')}, {_before(finding, against)}")
    what = _MISSING if finding.method == _MISSING else _told(finding)
    return Clause(f"{clean(finding.label)} is {what}{part}, {_before(finding, against)}", _where(finding), joint="; ")


def _before(finding: Finding, against: str) -> str:
    """Say how many rows were so before: as many, give or take what nobody would call another share."""
    before, after = finding.before, finding.after
    alike = not math.isfinite(after - before) or abs(after - before) <= max(ALIKE, ALIKE_PART * before) or share(before) == share(after)
    return "as before" if alike else f"{share(before)} in {against}"


def _outage(finding: Finding) -> Clause:
    """Say on which days columns have no value in whole hours, those with most rows first.

    >>> from monitor.judgement.narration.examples import example
    >>> told = dict(label="Humidity", method="outage", note="hour", carried=("Pressure",), where="Airport")
    >>> said = _outage(example(**told, levels={"2013-08-19": 63, "2013-12-31": 765}, levels_lost=("2013-01-01",)))
    >>> said.claim
    'Humidity and Pressure are missing in all rows of whole hours on 2 days'
    >>> said.figures
    '31 Dec 2013 (765 rows) and 19 Aug 2013 (63 rows), each Airport by itself; in the reference on 1 Jan 2013'
    """
    names = [clean(one) for one in (finding.label, *finding.carried)]
    hours = "of whole hours " if finding.note == "hour" else ""
    days = sorted(finding.levels, key=lambda day: -finding.levels[day])
    told = list_text([f"{_day(day)} ({plural(finding.levels[day], 'row')})" for day in days], MOST_DAYS)
    by = f", each {clean(finding.where)} by itself" if finding.where else ""
    before = f"in the reference on {list_text(list(map(_day, finding.levels_lost)))}" if finding.levels_lost else "never in the reference"
    verb = "are" if len(names) > 1 else "is"
    return Clause(f"{list_text(names, 3)} {verb} missing in all rows {hours}on {plural(len(days), 'day')}", f"{told}{by}; {before}")


def _unknown(finding: Finding) -> Clause:
    """Say which levels the reference never had, with their rows and first days (`carried`), those with most rows first.

    >>> from monitor.judgement.narration.examples import example
    >>> said = example(label="Destination", method="new_level", levels={"ABQ": 254, "TVC": 1}, carried=("2013-04-22", "2013-06-12"))
    >>> _unknown(said).claim, _unknown(said).figures
    ('Destination has 2 levels never seen in the reference', "'ABQ' (254 rows since 22 Apr 2013) and 'TVC' (1 row on 12 Jun 2013)")
    """
    days = finding.carried or ("",) * len(finding.levels)
    begun = [
        (level, rows, f" {'since' if rows > 1 else 'on'} {_day(day)}" if day else "")
        for (level, rows), day in zip(finding.levels.items(), days, strict=True)
    ]
    told = [f"{quoted(level)} ({plural(rows, 'row')}{since})" for level, rows, since in begun]
    return Clause(f"{clean(finding.label)} has {plural(len(told), 'level')} never seen in the reference", list_text(told, MOST_LEVELS))


def _odd(finding: Finding) -> Clause:
    """Say of a row that it has a level never seen and a number beyond all.

    >>> from monitor.judgement.narration.examples import example
    >>> said = example(label="Destination", method="odd_row", levels={"LGA": 1}, where="Distance", extreme=17.0, bound=80.0, note="US1632")
    >>> _odd(said).claim, _odd(said).figures
    ("One row (US1632) has Destination 'LGA' and Distance 17", "the reference has no 'LGA' and nothing below 80")
    """
    day = f" of {_day(finding.brief)}" if finding.brief else ""
    name = f" ({clean(finding.note)})" if finding.note else ""
    level = quoted(next(iter(finding.levels), ""))
    numbers = [(finding.where, finding.extreme, finding.bound), *((label, *finding.pair) for label in finding.carried)]
    has = [f"{clean(finding.label)} {level}", *(f"{clean(label)} {exact(value)}" for label, value, _ in numbers)]
    ends = [f"{'below' if value < bound else 'above'} {exact(bound)}" for _, value, bound in numbers]
    return Clause(f"One row{day}{name} has {list_text(has)}", f"the reference has no {level} and nothing {' or '.join(ends)}")


def _far(finding: Finding) -> Clause:
    """Say which numbers lie beyond the reference's ends (`extreme` and `bound`), how far on each side (`pair`), and in which window first.

    >>> from monitor.judgement.narration.examples import example
    >>> told = dict(label="Age", method="far_value", rows=3, extreme=0.0, bound=101.0, brief="2025-09-17")
    >>> said = _far(example(**told, pair=(-7.0, 140.0)))
    >>> said.claim, said.figures
    ('Age lies beyond all of the reference in 3 rows', 'down to -7 and up to 140 (the reference has 0 to 101), since 17 Sep 2025')
    """
    ways = zip(("down to", "up to"), finding.pair, strict=True)
    told = " and ".join(f"{way} {exact(value)}" for way, value in ways if not math.isnan(value))
    since = f", since {_day(finding.brief)}" if finding.brief else ""
    has = f"the reference has {exact(finding.extreme)} to {exact(finding.bound)}"
    return Clause(f"{clean(finding.label)} lies beyond all of the reference in {plural(finding.rows, 'row')}", f"{told} ({has}){since}")


def _leakage(finding: Finding) -> Clause:
    """Say that a column alone tells the label.

    >>> from monitor.judgement.narration.examples import example
    >>> _leakage(example(label="Refund", method="leakage", score=0.997)).claim
    'Refund alone tells the label in the reference'
    """
    claim = f"{clean(finding.label)} alone tells the label in the reference"
    return Clause(claim, f"ROC AUC {number_text(finding.score)}; it may be known only afterwards")


def _day(text: str) -> str:
    return day_text(date.fromisoformat(text))


_SINGLE = {UNKNOWN: _unknown, FAR: _far, OUTAGE: _outage, ODD: _odd, LEAKAGE: _leakage}


def _where(finding: Finding) -> str:
    """Say where values are missing, where one other column tells: at levels of it, or where it is low or high.

    >>> from monitor.judgement.narration.examples import example
    >>> _where(example(method="missing", where="Carrier", carried=("AA", "MQ"), note_share=0.92))
    '92% of that where Carrier is AA or MQ'
    >>> _where(example(method="missing", where="Visibility", note="low"))
    'more often where Visibility is low'
    """
    if finding.method != _MISSING or not finding.where:
        return ""
    if finding.carried:
        return f"{share(finding.note_share)} of that where {clean(finding.where)} is {' or '.join(clean(one) for one in finding.carried)}"
    return f"more often where {clean(finding.where)} is {clean(finding.note)}"


def _told(finding: Finding) -> str:
    check = CHECKS.get(finding.method)
    if check is None and finding.note:  # a clause of the contract says itself how its rows are
        return clean(finding.note)
    if check is None:
        return "not what they should be" if finding.label == ROWS else "not what it should be"
    stand_ins = f" ({list_text([quoted(one) for one in finding.carried], MOST_STAND_INS)})" if finding.carried else ""
    return check.several if finding.label == ROWS else f"{check.told}{stand_ins}"
