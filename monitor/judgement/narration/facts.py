"""Clauses of facts: levels never seen or gone, values out of range, columns constant, alive, lost, new or of another type."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

from monitor.cells import CellPlace, PlaceKind
from monitor.judgement.finding import Direction, Finding, Measure
from monitor.judgement.narration.clauses import REFERENCE, Clause, counted, extent, of_rows, pooled_share, shares_told
from monitor.judgement.narration.figures import exact, pair, share, value_pair
from monitor.judgement.narration.places import at_place, clean, inside, name_of, quoted, quoted_list
from monitor.judgement.narration.timing import tense
from monitor.wording import plural

NAMED, NAMED_EACH = 3, 2
"""Levels that a sentence names, and of two lists each."""
MANY = 20
"""Levels from which on new ones are not told by name where some are new at any time."""
ALWAYS_SOME = 0.0005
"""Expected share of rows at new levels from which on a column always has some."""
_TYPES = (
    (r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)\b", "whole number"),
    (r"(DOUBLE|FLOAT|REAL|DECIMAL|NUMERIC)\b", "number"),
    (r"(VARCHAR|TEXT|STRING|UUID|JSON|ENUM)\b", "text"),
    (r"BOOL(EAN)?\b", "true or false"),
    (r"(TIMESTAMP|DATETIME)", "time"),
    (r"DATE\b", "date"),
)


def unseen_clause(finding: Finding, against: str) -> Clause:
    """Name the levels that were never there, the commonest first.

    >>> from monitor.judgement.narration.examples import example
    >>> unseen_clause(example(label="Season", levels={"winter": 90}, after=1.0), "the reference").claim
    "Season 'winter', never seen in the reference, is 100% of rows"
    >>> unseen_clause(example(label="Season", levels={"winter": 90}, levels_lost=("Winter",)), "the reference").figures
    "'Winter' is gone"
    """
    name, count = name_of(finding.label), len(finding.levels)
    some = finding.by_chance >= ALWAYS_SOME
    if some and (count == 0 or count > MANY):
        return _always_some(finding, against)
    never = f"never seen in {against}"
    if count == 1:
        told = "; ".join(one for one in (_unseen_signs(list(finding.levels)), _went(finding)) if one)
        return Clause(f"{name} {quoted(next(iter(finding.levels)))}, {never}, {_present(finding)}", told, joint="; ")
    levels = f"{count:,} levels" if count else "levels"
    return Clause(f"{name} {tense(finding, 'has', 'had')} {levels} {never}", _which(finding))


def unseen_brief(finding: Finding, against: str) -> str:
    """Say in a few words that a level was never there, without how many rows have it; empty where several are.

    >>> from monitor.judgement.narration.examples import example
    >>> unseen_brief(example(label="Season", levels={"winter": 90}, after=1.0), "the reference")
    "Season has 'winter', never seen in the reference,"
    """
    if len(finding.levels) != 1:
        return ""
    return f"{name_of(finding.label)} {tense(finding, 'has', 'had')} {quoted(next(iter(finding.levels)))}, never seen in {against},"


def _present(finding: Finding) -> str:
    is_ = tense(finding, "is", "was")
    if counted(finding):
        return f"{is_} in {extent(finding)}"
    part = pooled_share(finding)
    return tense(finding, "appears", "appeared") if math.isnan(part) else f"{is_} {share(part)} {of_rows(finding)}"


def _which(finding: Finding) -> str:
    ordered = sorted(finding.levels, key=lambda level: (-finding.levels[level], level))
    named = f"most often {quoted_list(ordered, NAMED)}" if ordered else ""
    told = ", ".join(one for one in (extent(finding), named, _unseen_signs(ordered)) if one)
    return "; ".join(one for one in (told, _went(finding)) if one)


def _went(finding: Finding) -> str:
    """Say which levels are gone that the new ones came for; empty where none is."""
    gone = finding.levels_lost
    if not gone:
        return ""
    return f"{quoted_list(list(gone), NAMED_EACH)} {tense(finding, 'is', 'was') if len(gone) == 1 else tense(finding, 'are', 'were')} gone"


def _unseen_signs(levels: Sequence[str]) -> str:
    """Say which signs in names of levels nobody sees, so that they look like others; empty where there are none.

    >>> _unseen_signs(["Bonn\u200b"]), _unseen_signs([" Bonn"]), _unseen_signs(["Bonn am Rhein"])
    ('with signs that are not seen (U+200B)', 'with blanks around', '')
    >>> _unseen_signs(["Ko\u0308ln"])[:26]
    'with accents as signs of t'
    """
    signs = {one for level in levels for one in level if unicodedata.category(one) in ("Cf", "Zs", "Cc") and one != " "}
    if signs:
        return f"with signs that are not seen ({', '.join(f'U+{ord(one):04X}' for one in sorted(signs)[:NAMED])})"
    if any(not unicodedata.is_normalized("NFC", level) for level in levels):
        return "with accents as signs of their own (Unicode NFD), which look the same"
    return "with blanks around" if any(level != level.strip() for level in levels) else ""


def _always_some(finding: Finding, against: str) -> Clause:
    told = pair(finding.by_chance, pooled_share(finding), share)
    name = inside(finding.label, finding.what)
    if told is None or math.isnan(pooled_share(finding)):
        return Clause(f"More rows at levels of {name} that {against} never had")
    are = tense(finding, "are", "were")
    what = "values" if finding.some_missing else "rows"
    return Clause(f"{told[1]} of {what} {are} at levels of {name} that {against} never had", f"expected {told[0]}", joint=", ")


def range_clause(finding: Finding, against: str) -> Clause:
    """Say that values lie outside everything seen before.

    >>> from monitor.judgement.narration.examples import example
    >>> range_clause(example(bound=29.1, extreme=0.3, after=0.86), "the reference").claim
    "Amount lies below the reference's smallest (29.1) in 86% of rows"
    """
    if finding.place is not None and finding.place.kind is PlaceKind.INFINITE:
        return _infinite_clause(finding, against)
    below = _below(finding)
    if below is None:
        return _between_clause(finding, against)
    known = math.isfinite(finding.bound)
    bound, far = value_pair(finding.bound, finding.extreme)
    if finding.rows == 1 and known and not math.isnan(finding.extreme):
        if bound == far:
            side = _side(below, against, of_all=finding.of_all)
            return Clause(f"{clean(finding.label)} {tense(finding, 'has', 'had')} one row just {side} ({bound})")
        most, whose = "at least" if below else "at most", "all of the reference" if finding.of_all else against.removeprefix("the ")
        claim = f"{clean(finding.label)} {tense(finding, 'has', 'had')} one row at {far} ({whose} {most} {bound})"
        return Clause(claim)
    side = _side(below, against, of_all=finding.of_all) + (f" ({bound})" if known else "")
    rows = f" in {extent(finding)}" if extent(finding) else ""
    reached = "" if math.isnan(finding.extreme) or bound == far else f"{'down' if below else 'up'} to {far}"
    return Clause(f"{clean(finding.label)} {tense(finding, 'lies', 'lay')} {side}{rows}", reached, joint=", ")


def range_brief(finding: Finding, against: str) -> str:
    """Say in a few words that values lie outside everything seen before; empty where the whole claim is all there is.

    >>> from monitor.judgement.narration.examples import example
    >>> range_brief(example(bound=29.1, extreme=0.3, after=0.86, rows=40), "the reference")
    'Amount goes below the whole reference'
    """
    below = _below(finding)
    if below is None or finding.rows == 1 or (finding.place is not None and finding.place.kind is PlaceKind.INFINITE):
        return ""
    whose = "the whole reference" if finding.of_all or against == REFERENCE else f"all of {against}"
    return f"{clean(finding.label)} {tense(finding, 'goes', 'went')} {'below' if below else 'above'} {whose}"


def _between_clause(finding: Finding, against: str) -> Clause:
    """Say that there are values between the few that a column had.

    >>> from monitor.judgement.narration.examples import example
    >>> _between_clause(example(after=0.43), "the reference").claim
    'Amount has values that the reference never had in 43% of rows'
    """
    rows = f" in {extent(finding)}" if extent(finding) else ""
    return Clause(f"{clean(finding.label)} {tense(finding, 'has', 'had')} values that {against} never had{rows}")


def _infinite_clause(finding: Finding, against: str) -> Clause:
    """Say that there are infinite values, which there were none of.

    >>> from monitor.judgement.narration.examples import example
    >>> range_clause(example(after=0.05, place=CellPlace(PlaceKind.INFINITE)), "the reference").claim
    'Amount is infinite in 5% of rows'
    """
    rows = f" in {extent(finding)}" if extent(finding) else ""
    return Clause(f"{clean(finding.label)} {tense(finding, 'is', 'was')} infinite{rows}", f"never in {against}", joint=", ")


def _below(finding: Finding) -> bool | None:
    if finding.extreme < finding.bound or finding.extreme > finding.bound:
        return finding.extreme < finding.bound
    if finding.place is not None and finding.place.kind in (PlaceKind.BELOW, PlaceKind.ABOVE):
        return finding.place.kind is PlaceKind.BELOW
    return {Direction.LOWER: True, Direction.HIGHER: False}.get(finding.direction)


def _side(below: bool, against: str, *, of_all: bool) -> str:
    word, end = ("below", "smallest") if below else ("above", "largest")
    if of_all:
        return f"{word} the {end} of all of the reference"
    return f"{word} {against}'s {end}" if against == REFERENCE else f"{word} the {end} of {against}"


def constant_clause(finding: Finding, against: str) -> Clause:
    """Say that a column does not vary any more.

    >>> from monitor.judgement.narration.examples import example
    >>> constant_clause(example(measure=Measure.MEAN, after=5.0), "the reference").claim
    'Amount is constant at 5'
    """
    at = _one_value(finding.place, finding.after if finding.measure in (Measure.MEAN, Measure.MEDIAN) else math.nan)
    before = "before" if against == REFERENCE else f"in {against}"
    return Clause(f"{clean(finding.label)} {tense(finding, 'is', 'was')} constant{at}", f"it varied {before}", joint="; ")


def revived_clause(finding: Finding, against: str) -> Clause:
    """Say that a column varies which did not.

    >>> from monitor.judgement.narration.examples import example
    >>> revived_clause(example(), "the reference").figures
    'it was constant in the reference'
    """
    at = _one_value(finding.place, finding.before if finding.measure in (Measure.MEAN, Measure.MEDIAN) else math.nan)
    told = ", ".join(one for one in (f"it was constant{at} in {against}", _left(finding)) if one)
    return Clause(f"{clean(finding.label)} {tense(finding, 'varies', 'varied')}", told, joint="; ")


def _left(finding: Finding) -> str:
    """Say how many rows left the one value, and for which: "40% of rows are lower, down to -1"."""
    rows, are = extent(finding), tense(finding, "are", "were")
    if finding.levels and rows:
        named = quoted_list(sorted(finding.levels, key=lambda level: (-finding.levels[level], level)), NAMED)
        return f"{rows} {are} {named}" if len(finding.levels) == 1 else f"{rows} {are} others, most often {named}"
    if not rows or math.isnan(finding.extreme) or finding.extreme == finding.bound:
        return ""
    down = finding.extreme < finding.bound
    return f"{rows} {are} {'lower' if down else 'higher'}, {'down' if down else 'up'} to {value_pair(finding.bound, finding.extreme)[1]}"


def _one_value(place: CellPlace | None, number: float) -> str:
    if place is not None and place.kind is PlaceKind.LEVEL:
        return f" at {quoted(place.level or '')}"
    number = place.lower if place is not None and place.kind is PlaceKind.VALUE else number
    return "" if math.isnan(number) else f" at {exact(number)}"


def level_clause(finding: Finding, against: str) -> Clause:
    """Say which levels swapped (the same two came and went), replaced others, or are gone.

    >>> from monitor.judgement.narration.examples import example
    >>> level_clause(example(levels={"mon": 9}, levels_lost=("Mon",), what="d", label="Day"), "the reference").claim
    "New level 'mon' of day replaced 'Mon'"
    """
    came, went, name = list(finding.levels), list(finding.levels_lost), inside(finding.label, finding.what)
    if len(came) == 2 and set(came) == set(went):
        told = shares_told(finding, against, at_place(finding.place, finding.label)) if finding.place is not None else ""
        return Clause(f"Levels {quoted_list(sorted(came))} of {name} {tense(finding, 'are', 'were')} swapped", told)
    if came and went:
        return _replaced(finding, came, went)
    return _gone(finding, went or came, against)


def _replaced(finding: Finding, came: list[str], went: list[str]) -> Clause:
    name = inside(finding.label, finding.what)
    rows = extent(finding)
    if len(came) == len(went) == 1:
        return Clause(f"New level {quoted(came[0])} of {name} replaced {quoted(went[0])}", rows)
    new, old = plural(len(came), "new level"), "one" if len(went) == 1 else f"{len(went):,}"
    instead = f"{quoted_list(came, NAMED_EACH)} in place of {quoted_list(went, NAMED_EACH)}"
    return Clause(f"{new} of {name} replaced {old} that went", f"{instead}, {rows}" if rows else instead)


def _gone(finding: Finding, went: list[str], against: str) -> Clause:
    told = shares_told(finding, against) if finding.measure is Measure.SHARE and finding.before > finding.after else ""
    gone = "almost gone" if finding.after > 0 else "gone"
    if not went:
        return Clause(f"Levels of {inside(finding.label, finding.what)} changed", told)
    if len(went) == 1:
        return Clause(f"{name_of(finding.label)} {quoted(went[0])} {tense(finding, 'is', 'was')} {gone}", told)
    many = f"{len(went):,} levels of {inside(finding.label, finding.what)} {tense(finding, 'are', 'were')} {gone}"
    return Clause(many, ", ".join(one for one in (quoted_list(went, NAMED), told) if one))


def lost_clause(finding: Finding, against: str) -> Clause:
    """Say that a column is gone.

    >>> from monitor.judgement.narration.examples import example
    >>> lost_clause(example(), "the reference").claim
    "There is no column 'Amount'"
    """
    return Clause(f"There {tense(finding, 'is', 'was')} no column '{clean(finding.label)}'")


def new_clause(finding: Finding, against: str) -> Clause:
    """Say that there is a column that was not there.

    >>> from monitor.judgement.narration.examples import example
    >>> new_clause(example(), "the reference").claim
    "Column 'Amount' is new"
    """
    return Clause(f"Column '{clean(finding.label)}' {tense(finding, 'is', 'was')} new")


def type_clause(finding: Finding, against: str) -> Clause:
    """Say that a column is of another type; `note` is "DOUBLE -> VARCHAR".

    >>> from monitor.judgement.narration.examples import example
    >>> type_clause(example(note="DOUBLE -> VARCHAR"), "the reference").claim
    "Column 'Amount' changed its type from number to text"
    """
    before, _, after = (part.strip() for part in finding.note.partition("->"))
    told = type_words(before), type_words(after)
    told = told if told[0] != told[1] else (clean(before), clean(after))
    how = f" from {told[0]} to {told[1]}" if before and after and told[0] != told[1] else ""
    return Clause(f"Column '{clean(finding.label)}' changed its type{how}")


def type_words(sql_type: str) -> str:
    """Say what an SQL type holds.

    >>> type_words("DOUBLE"), type_words("VARCHAR"), type_words("BIGINT"), type_words("INTEGER[]")
    ('number', 'text', 'whole number', 'INTEGER[]')
    """
    plain = not sql_type.rstrip().endswith("]")
    return next((words for form, words in _TYPES if plain and re.match(form, sql_type.upper())), clean(sql_type))


def incident_clause(finding: Finding, _against: str) -> Clause:
    """Say what an incident is called, and how many rows it concerns.

    >>> from monitor.judgement.narration.examples import example
    >>> incident_clause(example(label="Amount is in cents", share_rows=0.12), "the reference")
    Clause(claim='Amount is in cents', figures='12% of rows in that time', joint=', ')
    """
    of = _OF_ROWS.get((finding.method, finding.direction), "of rows in that time")
    counted = 0 < finding.share_rows < 1 and finding.method != "unknown"  # of which no single row is known to be one
    return Clause(clean(finding.label), f"{share(finding.share_rows)} {of}" if counted else "", joint=", ")


_OF_ROWS = {
    ("volume_change", Direction.FEWER): "of the rows expected then",
    ("volume_change", Direction.MORE): "of rows in that time beyond what was expected",
}
"""What the share of an incident is of, where it is not of the rows that are there."""
