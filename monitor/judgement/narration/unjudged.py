"""What could not be judged and why, and what silence is worth: which change would have been seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum

from monitor.cells import CellPlace
from monitor.judgement.narration.clauses import REFERENCE
from monitor.judgement.narration.figures import number
from monitor.judgement.narration.places import at_place, clean, unit_of, with_unit
from monitor.judgement.narration.windows import WindowNames
from monitor.wording import count_text, list_text, plural

OFTEN = "in 4 of 5 cases"


class Reason(StrEnum):
    """Why something was not judged."""

    TOO_FEW_ROWS = "too_few_rows"
    NO_ROWS = "no_rows"
    NO_REFERENCE = "no_reference"
    """The reference has no value of it."""
    SHORT_REFERENCE = "short_reference"
    """The reference has too few windows to know what is usual."""
    BOUNDED = "bounded"
    """Even the largest possible change could not alarm."""
    NOT_APPLICABLE = "not_applicable"


_PHRASES = {
    Reason.TOO_FEW_ROWS: "too few rows",
    Reason.NO_ROWS: "no rows",
    Reason.NO_REFERENCE: "no value in the reference",
    Reason.SHORT_REFERENCE: "too few windows in the reference",
    Reason.BOUNDED: "no change could have been seen",
    Reason.NOT_APPLICABLE: "nothing here measures it",
}


def reasons_text(reasons: Mapping[Reason, int]) -> str:
    """Say why columns could not be judged, the commonest reason first: what `answer` takes as `why`.

    >>> reasons_text({Reason.TOO_FEW_ROWS: 2}), reasons_text({Reason.TOO_FEW_ROWS: 2, Reason.BOUNDED: 3})
    ('too few rows', 'no change could have been seen (3) and too few rows (2)')
    """
    ordered = sorted(((reason, count) for reason, count in reasons.items() if count > 0), key=lambda one: -one[1])
    if len(ordered) == 1:
        return _PHRASES[ordered[0][0]]
    return list_text([f"{_PHRASES[reason]} ({count_text(count)})" for reason, count in ordered])


def too_few_rows_sentence(label: str, when: str, *, rows: int, needed: int) -> str:
    """Say that a window has too few rows; `when` is such as "in the week of 5 Jul".

    >>> too_few_rows_sentence("Amount", "on 5 Jul", rows=12, needed=30)
    'Amount was not judged on 5 Jul: 12 rows, and 30 are needed.'
    """
    seen = plural(rows, "row") if rows else "no rows"
    return f"{clean(label)} was not judged {when}: {seen}, and {count_text(needed)} are needed."


def short_reference_sentence(label: str, names: WindowNames, *, windows: int, against: str = REFERENCE) -> str:
    """Say that the reference is too short to know what is usual.

    >>> from monitor.judgement.narration.examples import DAYS
    >>> short_reference_sentence("Amount", DAYS, windows=2)
    'Amount was not judged: the reference has only 2 days, too few to say what is usual.'
    """
    has = f"only {names.count(windows)}, too few" if windows else "no window"
    return f"{clean(label)} was not judged: {against} has {has} to say what is usual."


def no_reference_sentence(label: str, against: str = REFERENCE) -> str:
    """Say that there is nothing to compare with.

    >>> no_reference_sentence("Amount")
    'Amount was not judged: it has no value in the reference.'
    """
    return f"{clean(label)} was not judged: it has no value in {against}."


def not_applicable_sentence(label: str) -> str:
    """Say that no method serves a column.

    >>> not_applicable_sentence("Photo")
    'Photo was not judged: no chosen method measures such a column.'
    """
    return f"{clean(label)} was not judged: no chosen method measures such a column."


def unseeable_sentence(label: str, against: str = REFERENCE) -> str:
    """Say that a change could not have been seen, however large.

    >>> unseeable_sentence("Amount")
    "Amount was not judged: no change, however large, could have been seen beside the reference's own variation."
    """
    whose = f"{against}'s own variation" if against == REFERENCE else f"the variation of {against}"
    return f"{clean(label)} was not judged: no change, however large, could have been seen beside {whose}."


def cut_short_sentence(label: str) -> str:
    """Say that a window is no whole one.

    >>> cut_short_sentence("Amount")
    'Values of Amount were not judged: the window is cut short, and a part of a window is no small window.'
    """
    return f"Values of {clean(label)} were not judged: the window is cut short, and a part of a window is no small window."


def seen_sentence(
    label: str, *, shift: float = math.nan, share: float = math.nan, place: CellPlace | None = None, missing: float = math.nan
) -> str:
    """Say which change would have been seen where nothing was found: nan is not known, infinity could not have been seen.

    Parameters
    ----------
    label
        Of the column, with its unit.
    shift
        Smallest shift of all values that would have been seen, in the column's unit.
    share, place
        Smallest change of the share (0..1) of rows in a place that would have been seen.
    missing
        Smallest rise of the share (0..1) of missing values that would have been seen.

    >>> seen_sentence("Temperature (°F)", shift=2.13, missing=0.03)
    'A shift of 2.1 °F or 3 points more missing values would have been seen here in 4 of 5 cases.'
    """
    told = _sizes(label, shift, share, place)
    told += [f"{points(missing)} more missing values"] if missing <= 1 else []
    blind = "No shift of all values, however large, could have been seen here." if math.isinf(shift) else ""
    if not told:
        return blind
    said = " or ".join(told)
    return f"{blind} {said[:1].upper()}{said[1:]} would have been seen here {OFTEN}.".lstrip()


def _sizes(label: str, shift: float, share: float, place: CellPlace | None = None) -> list[str]:
    told = [f"a shift of {with_unit(number(shift, 2), unit_of(label))}"] if math.isfinite(shift) else []
    where = at_place(place, label) if place is not None else "at its commonest level"
    return told + ([f"{points(share)} more or fewer rows {where}"] if share <= 1 else [])


def lasting_sentence(label: str, *, shift: float = math.nan, share: float = math.nan, missing: float = math.nan) -> str:
    """Say that no window alone could have shown a change of values, and which one would have been seen in all windows together.

    `missing` is the smallest rise of the missing share that it could have shown alone.

    >>> lasting_sentence("Humidity (%)", shift=4.2)
    'Alone this window could show no change of values; in all windows together a shift of 4.2% would have been seen in 4 of 5 cases.'
    >>> lasting_sentence("Amount")
    'Alone this window could show no change of values, only together with others.'
    """
    told = _sizes(label, shift, share)
    together = f"; in all windows together {told[0]} would have been seen {OFTEN}." if told else ", only together with others."
    return f"Alone this window could show no change of values{together} {seen_sentence('', missing=missing)}".rstrip()


def points(share: float) -> str:
    """Write a difference of shares in points.

    >>> points(0.021), points(0.01)
    ('2.1 points', '1 point')
    """
    text = number(100 * share, 2)
    return f"{text} point{'' if text == '1' else 's'}"
