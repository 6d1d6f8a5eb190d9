"""What the choices of an address compare: two sets of rows, cut in which windows, each against what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from monitor.case import Case, WindowSize
from monitor.engine import Selection, both_conditions
from monitor.errors import SelectionError
from monitor.wording import day_text

Against = Literal["reference", "previous", "weekday", "season", "rolling", "expanding"]
AGAINST_WORDS = (
    "all of A", "window before", "same weekday before", "same season a year earlier", "four windows before", "everything before",
)  # fmt: skip
_MEANINGS: tuple[Against, ...] = ("reference", "previous", "weekday", "season", "rolling", "expanding")
AGAINST: Mapping[str, Against] = dict(zip(AGAINST_WORDS, _MEANINGS, strict=True))
"""What each window of B is compared against: the words on screen and in the address, and what they mean."""
ANOTHER_PERIOD = "another period"
"""What links of older versions say for "all of A, which are rows of production"."""
SIDES: Mapping[str, Mapping[str, str]] = {
    "a": {part: f"a_{part}" for part in ("data", "from", "to", "where", "version", "file")},
    "b": {"data": "b_data", "from": "from", "to": "to", "where": "b_where", "version": "version", "file": "b_file"},
}
"""The names of the parts that a side is made of."""
DATA_OF = {"a": "reference", "b": "production"}
"""The data set of a side for which nothing was chosen."""


@dataclass(frozen=True, slots=True)
class ChosenSides:
    """Two sets of rows, the windows that the second is cut into, and what each of them is compared with."""

    reference: Selection
    production: Selection
    windows: WindowSize
    against: Against


def chosen_sides(choices: Mapping[str, str], case: Case) -> ChosenSides:
    """Return what an address compares; what it does not say is as the case has it.

    Raises
    ------
    SelectionError
        A choice is none, or contradicts itself.
    """
    size = choices.get("win")
    a, b = (chosen_selection(choices, case, side) for side in DATA_OF)
    return ChosenSides(a, b, WindowSize.parse(size) if size else case.windows, chosen_baseline(choices))


def chosen_baseline(choices: Mapping[str, str]) -> Against:
    """Return what each window is compared with."""
    return AGAINST.get(choices.get("a", ""), "reference")


def chosen_selection(choices: Mapping[str, str], case: Case, side: str) -> Selection:
    """Return the rows of a side, "a" or "b".

    Raises
    ------
    SelectionError
        A choice is none, or contradicts itself.
    """
    chosen = {part: choices.get(name, "").strip() for part, name in SIDES[side].items()}
    data = chosen["data"] or DATA_OF[side]
    if side == "a" and choices.get("a") == ANOTHER_PERIOD:
        data = "production"
    start, end = (_day(chosen[part]) for part in ("from", "to"))
    if start and end and start > end:
        raise SelectionError(f"The period starts on {day_text(start)} and ends on {day_text(end)}: swap the two days.")
    following = end + timedelta(days=1) if end else None
    period = Selection.parse(f"{start or ''}..{following or ''}", data=data, timezone=case.timezone)
    return replace(
        period,
        where=_both(choices.get("where", "").strip(), chosen["where"]),
        model_version=chosen["version"] or None,
        file=chosen["file"] or None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise SelectionError(f"'{text}' is not a day. Write it as 2013-04-30.") from error


def _both(shared: str, own: str) -> str | None:
    """Return one condition of the one for both sides and the side's own."""
    return both_conditions(shared, own) if shared and own else shared or own or None
