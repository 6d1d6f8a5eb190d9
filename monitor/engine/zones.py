"""What stands behind a time of day: an offset, a region, the name of a zone. Names that mean one offset are read as it; those that several
zones have, or none is known to have, are never guessed. No data here: text in, text out, and the same as SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from monitor.engine.identifiers import literal

_EAST = {
    "UTC": 0, "UT": 0, "GMT": 0, "Z": 0, "z": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "MET": 60,
    "MEST": 120, "EET": 120, "EEST": 180, "WAT": 60, "CAT": 120, "SAST": 120, "EAT": 180, "PKT": 300, "WIB": 420, "WITA": 480, "WIT": 540,
    "HKT": 480, "JST": 540, "AWST": 480, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "EST": -300,
    "EDT": -240, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "HDT": -540,
}  # fmt: skip
"""Minutes to the east of UTC of names that have one meaning: those that the database of IANA gives one offset since 2000 (with the German
names of two of them), and those of RFC 5322. Not among them are CST and CDT (America, China, Cuba), BST, IST, AST, ADT, GST, SST and ART
(of two continents each), MSK and KST (their offset has changed)."""
_DAYTIME = ("AM", "PM", "am", "pm", "Am", "Pm", "Uhr", "uhr", "h", "H")
_CLOCK = r"(?:[0-9]|[0-9] ?[AaPp]\.?[Mm]\.?)"
_OFFSET = r"[+-][0-9]{2}(?::?[0-9]{2})?"
_REGION = r"[A-Za-z]+/[A-Za-z0-9_/+-]+"
_STEPS = (
    (rf"^(.*:[0-9]{{2}}) ({_OFFSET}) ([0-9]{{4}})$", r"\1 \3\2"),
    (rf"({_OFFSET}|[0-9]Z)\[[^\]]*\]$", r"\1"),
    (rf"({_CLOCK}) ?\[({_REGION})\]$", r"\1 \2"),
    (rf"({_OFFSET}) \(.*\)$", r"\1"),
    (rf"({_CLOCK}) ?(?:UTC|GMT|UT) ?([+-])([0-9])(:?[0-9]{{2}})?$", r"\g<1>\g<2>0\3\4"),
    (rf"({_CLOCK}) ?(?:UTC|GMT|UT) ?({_OFFSET})$", r"\1\2"),
    (rf"(:[0-9.,]+(?: ?[AaPp]\.?[Mm]\.?)?) ({_OFFSET})$", r"\1\2"),
)
"""What is replaced, in this order: an offset before the year goes to the end; Java's region behind an offset and a browser's name of
it go; UTC+9 is the offset +09."""
_SIMPLE = rf"[0-9]{_OFFSET}$"
_NAMED = rf"^(.*{_CLOCK}) ?\(?([A-Za-z]{{1,5}})\)?( [0-9]{{4}})?$"
_AFTER_TIME = re.compile(r":[0-9.,]+(?: ?[AaPp]\.?[Mm]\.?)? ?\(?([A-Za-z]{1,5})\)?(?: [0-9]{4})?$")
_HERE = [(re.compile(pattern), to) for pattern, to in _STEPS]
_HAS_NAME = re.compile(_NAMED)
_REPLACEABLE = re.compile(r"[\[(]|UT|GMT| [+-]")
"""What a text has at least of which a step replaces anything: a column of times is asked this value by value, and most have none."""


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def plain_zone(text: str) -> str:
    """Return a time with an offset behind it where it has a zone that means one.

    >>> [plain_zone(f"1:00 {zone}") for zone in ("UTC+9", "GMT-5", "GMT+02:00", "AEST", "EST", "PM", "BST", "Asia/Tokyo")]
    ['1:00+09', '1:00-05', '1:00+02:00', '1:00+10:00', '1:00-05:00', '1:00 PM', '1:00 BST', '1:00 Asia/Tokyo']
    >>> [plain_zone(one) for one in ("13:00z", "13:00+01:00[Europe/Berlin]", "15:04:05 CST 2024", "15:04:05 EST 2024")]
    ['13:00+00:00', '13:00+01:00', '15:04:05 CST 2024', '15:04:05 2024-05:00']
    """
    named = _HAS_NAME.search(text)
    minutes = _EAST.get(named[2]) if named else None
    if named is not None and minutes is not None:
        return f"{named[1]}{named[3] or ''}{_offset(minutes)}"
    found = text
    for pattern, to in _HERE if _REPLACEABLE.search(text) else ():
        found = pattern.sub(to, found)
    return found


def plain_zone_sql(text: str) -> str:
    """Return SQL of a text with an offset behind its time where it has a zone that means one."""
    found = text
    for pattern, to in _STEPS:
        in_sql = re.sub(r"\\g<(.)>", r"\\\1", to)
        found = f"regexp_replace({found}, {literal(pattern)}, {literal(in_sql)})"
    offsets = " ".join(f"WHEN {literal(one)} THEN {literal(_offset(minutes))}" for one, minutes in _EAST.items())
    known = f"CASE regexp_extract({text}, {literal(_NAMED)}, 2) {offsets} END"
    named = f"regexp_replace({text}, {literal(_NAMED)}, {literal(chr(92) + '1' + chr(92) + '3')}) || {known}"
    return f"CASE WHEN regexp_matches({text}, {literal(_SIMPLE)}) THEN {text} ELSE coalesce({named}, {found}) END"


def plain_region(text: str) -> str:
    """Return a time with any region behind it as x/x."""
    return re.sub(rf" {_REGION}$", " x/x", text)


def in_region_sql(text: str) -> str:
    """Return SQL of whether a time has a region behind it."""
    return f"regexp_matches({text}, {literal(f' {_REGION}$')})"


def offset_format(format_: str) -> str:
    """Return the format that the plain forms of times have of which this is the format.

    >>> [offset_format(one) for one in ("%H:%M %z", "%H:%M GMT%z", "%H:%M %Z", "%H:%M:%S %Z %Y", "%H:%M")]
    ['%H:%M%z', '%H:%M%z', '%H:%M%z', '%H:%M:%S %Y%z', '%H:%M']
    """
    last = re.sub(r"^(.*%S) (%[zZ]) %Y$", r"\1 %Y \2", format_)
    return re.sub(r" ?(?:GMT|UTC)?%[zZ]$", "%z", last)


def iso_sql(text: str, *, zoned: bool, plain: bool = False) -> str:
    """Return SQL of a text of ISO 8601 as TIMESTAMP (`zoned`: WITH TIME ZONE), NULL where it is none or has a zone that is not known.

    A cast alone drops an offset that it does not understand, takes BST for that of Bangladesh, and 01/02/24 for a day of the year 1.
    `plain`: of a text that has an offset for its zone already.
    """
    told = f"trim({text})" if plain or not zoned else plain_zone_sql(f"trim({text})")
    certain = rf"^[0-9]{{4}}[^A-Za-z]*(?:T[0-9:.,+-]*)?(?: {_REGION})?$" if zoned else "^[0-9]{4}[^A-Za-z]*(?:T[0-9:.,]*)?$"
    dropped = "" if zoned else f"AND NOT regexp_matches({told}, {literal(f':.*{_OFFSET}$')}) "
    cast = f"TRY_CAST({told} AS {'TIMESTAMPTZ' if zoned else 'TIMESTAMP'})"
    return f"CASE WHEN regexp_matches({told}, {literal(certain)}) {dropped}THEN {cast} END"


def named_zone(text: str) -> str | None:
    """Return the name of a zone behind a time, none for offsets, regions and a time of day alone.

    >>> [named_zone(f"2024-02-27 1:00 {zone}".strip()) for zone in ("BST", "PM", "", "ET", "GMT", "+01:00")]
    ['BST', None, None, 'ET', 'GMT', None]
    """
    found = _AFTER_TIME.search(text)
    return None if found is None or found[1] in _DAYTIME else found[1]


MOST_NAMES = 4
"""Names of zones that a column has at most: two of a year's halves in two places."""
_ZONED = re.compile(rf"(?::|T[0-9]{{4}}).*{_OFFSET}$| {_REGION}$")


def zones_among(values: Iterable[str]) -> bool:
    """Say whether any of the times has an offset, a region or the name of a zone."""
    return any(plain_zone(one) != one or named_zone(one) or _ZONED.search(one) for one in (value.strip() for value in values))


def offsets_in_part(values: Iterable[str]) -> tuple[str, ...]:
    """Return a time with an offset and one without, where there are both.

    >>> offsets_in_part(["2024-01-01T10:00:00+05:30", "2024-01-02T10:00:00"])
    ('2024-01-01T10:00:00+05:30', '2024-01-02T10:00:00')
    >>> offsets_in_part(["2024-01-01T10:00:00Z", "n/a"]), offsets_in_part(["2024-01-01T10:00"])
    ((), ())
    """
    timed = [value for value in values if re.search("[0-9]:[0-9]|[0-9]T[0-9]", value)]
    aware = next((value for value in timed if zones_among([value])), None)
    naive = next((value for value in timed if not zones_among([value])), None)
    return () if aware is None or naive is None else (aware, naive)


def uncertain_names(values: Sequence[str]) -> list[str]:
    """Return the names of zones that times have, if any of them is no known one; the commonest names first."""
    names = [name for value in values if (name := named_zone(value)) is not None]
    found = sorted(dict.fromkeys(names), key=lambda one: -names.count(one))
    return found if len(found) <= MOST_NAMES and any(one not in _EAST for one in found) else []
