"""Where in a column something moved, in words: intervals, single values, levels by name, and what has no name."""

from __future__ import annotations

import math
import re

from monitor.cells import CellPlace, PlaceKind
from monitor.judgement.narration.figures import exact, value, value_pair

LEVEL_LETTERS, LEVEL_WORDS = 40, 4
"""What is shown of the name of a level."""
ELLIPSIS = "…"
BLANK = "\N{OPEN BOX}"
"""How a blank is shown that a reader would not see: before or behind a name, or beside another one."""
_UNSEEN_BLANKS = re.compile(r"^ +| +$| {2,}")
_UNIT = re.compile(r"^(?P<name>.+) \((?P<unit>[^\d,=()]{1,12})\)$")
_NOT_UNITS = frozenset({"length", "hour", "weekday", "day", "month"})
_PLAIN = {
    PlaceKind.GAP: "between its usual values",
    PlaceKind.REST: "at several rare levels",
    PlaceKind.BUCKET: "at levels without a name of their own",
    PlaceKind.INFINITE: "with an infinite value",
    PlaceKind.MISSING: "without a value",
}

EMPTY = "an empty text"
"""What a level is called that has no letters."""


def clean(text: str) -> str:
    r"""Return a text in one line, without characters that cannot be shown.

    >>> clean("two\nlines \x00 here")
    'two lines here'
    """
    shown = text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())


def quoted(level: str) -> str:
    """Write the name of a level, shortened where it is long: `missing` and `other` are names like any other.

    >>> quoted("JFK"), quoted("missing"), quoted("  "), quoted("to be or not to be"), quoted("JFK ")
    ("'JFK'", "'missing'", 'an empty text', "'to be or not…'", "'JFK␣'")
    """
    if not clean(level):
        return EMPTY
    words = clean(_UNSEEN_BLANKS.sub(lambda found: BLANK * len(found[0]), level)).split()
    text = " ".join(words[:LEVEL_WORDS])
    cut = text[:LEVEL_LETTERS].rstrip()
    return f"'{cut}{ELLIPSIS}'" if len(words) > LEVEL_WORDS or cut != text else f"'{text}'"


def quoted_list(levels: list[str], limit: int = 3) -> str:
    """Write the names of levels, at most `limit` of them.

    >>> quoted_list(["a", "b"]), quoted_list(["a", "b", "c", "d", "e"], limit=2)
    ("'a' and 'b'", "'a', 'b' and 3 more")
    """
    shown = [quoted(level) for level in levels[:limit]]
    more = [f"{len(levels) - limit:,} more"] if len(levels) > limit else []
    *first, last = [*shown, *more]
    return f"{', '.join(first)} and {last}" if first else last


def unit_of(label: str) -> str:
    """Return the unit that a label ends with; empty for one without.

    >>> unit_of("Temperature (°F)"), unit_of("Day (1 = Monday)"), unit_of("Review (length)")
    ('°F', '', '')
    """
    found = _UNIT.match(clean(label))
    return found["unit"] if found and found["unit"].lower() not in _NOT_UNITS else ""


def name_of(label: str) -> str:
    """Return a label without its unit.

    >>> name_of("Temperature (°F)")
    'Temperature'
    """
    unit = unit_of(label)
    return clean(label).removesuffix(f" ({unit})") if unit else clean(label)


def inside(label: str, column: str) -> str:
    """Return a label as it stands within a sentence, without its unit; one that is the column's own name keeps its letters.

    >>> inside("Origin airport", "origin"), inside("PM2.5 (µg)", "pm"), inside("Amount", "Amount")
    ('origin airport', 'PM2.5', 'Amount')
    """
    name = name_of(label)
    first = name.split(" ")[0]
    own = clean(column).startswith(name.rstrip(ELLIPSIS))
    return name if own or not (first.isalpha() and first[1:].islower()) else name[:1].lower() + name[1:]


def with_unit(text: str, unit: str) -> str:
    """Write a number with its unit.

    >>> with_unit("58", "°F"), with_unit("58", "%")
    ('58 °F', '58%')
    """
    return f"{text}{'' if unit == '%' else ' '}{unit}" if unit else text


def place_words(place: CellPlace, label: str) -> str:
    """Say where in a column: "above 58 °F", "at 0", "'JFK'", "at several rare levels".

    >>> place_words(CellPlace(PlaceKind.BETWEEN, 3.0, 5.0), "Temperature (°F)")
    'between 3 and 5 °F'
    >>> place_words(CellPlace(PlaceKind.LEVEL, level="other"), "Carrier")
    "'other'"
    >>> place_words(CellPlace(PlaceKind.INFINITE, -math.inf, -math.inf), "Ratio")
    'at minus infinity'
    """
    if place.kind is PlaceKind.INFINITE and not math.isnan(place.lower):
        return "at minus infinity" if place.lower < 0 else "at plus infinity"
    if place.kind in _PLAIN:
        return _PLAIN[place.kind]
    if place.kind is PlaceKind.LEVEL:
        return quoted(place.level or "")
    return _interval(place, unit_of(label))


def at_place(place: CellPlace, label: str) -> str:
    """Say where rows are: as `place_words`, a level with "at".

    >>> at_place(CellPlace(PlaceKind.LEVEL, level="JFK"), "Origin"), at_place(CellPlace(PlaceKind.VALUE, 0.0, 0.0), "Rain")
    ("at 'JFK'", 'at 0')
    """
    words = place_words(place, label)
    return f"at {words}" if place.kind is PlaceKind.LEVEL else words


def rows_at(place: CellPlace, label: str, column: str = "") -> str:
    """Name the rows of a place, with their column.

    >>> rows_at(CellPlace(PlaceKind.ABOVE, 2500.0), "Distance (miles)"), rows_at(CellPlace(PlaceKind.LEVEL, level="AA"), "Carrier")
    ('rows with distance above 2,500 miles', "rows with carrier 'AA'")
    """
    name = inside(label, column)
    if place.kind is PlaceKind.INFINITE and math.isnan(place.lower):
        return f"rows with an infinite {name}"
    if place.kind is PlaceKind.MISSING:
        return f"rows without {name}"
    return f"rows with {name} {place_words(place, label)}"


def _interval(place: CellPlace, unit: str) -> str:
    lower, upper = place.lower, place.upper
    if place.kind is PlaceKind.BELOW:
        return f"below {with_unit(value(upper), unit)}" if math.isfinite(upper) else "below all it had before"
    if place.kind is PlaceKind.ABOVE:
        return f"above {with_unit(value(lower), unit)}" if math.isfinite(lower) else "above all it had before"
    if place.kind is PlaceKind.VALUE:
        return f"at {with_unit(exact(lower), unit)}" if math.isfinite(lower) else "at one value"
    return _between(lower, upper, unit)


def _between(lower: float, upper: float, unit: str) -> str:
    if math.isfinite(lower) and math.isfinite(upper):
        low, high = value_pair(lower, upper)
        return f"at {with_unit(low, unit)}" if low == high else f"between {low} and {with_unit(high, unit)}"
    if math.isfinite(upper):
        return f"at most {with_unit(value(upper), unit)}"
    return f"above {with_unit(value(lower), unit)}" if math.isfinite(lower) else "at any value"
