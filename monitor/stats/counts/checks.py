"""The checks of data quality that count rows: one frozen table. Adding one = one row here, its SQL in `engine/checks.py`, one test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what the counted rows are (`told` of a column that "is" it, `several` of rows that "are" it), whether more of them
    is worse (`more`, None: any change is), whether rows are a `defect` also where the reference has as many, and `floor`, the
    smallest change of their share that matters. `of` says what shares are of: rows, or rows with a value. Where it is judged by the
    `different` values of an hour (values that many rows share are no rows of their own), it is told by rows where these were counted."""

    id: str
    told: str
    more: bool | None = True
    defect: bool = True
    floor: float = 0.005
    of: str = "rows"
    several: str = ""
    different: bool = False


CHECKS: Mapping[str, Check] = {
    one.id: one
    for one in (
        Check("default_value", "a stand-in for a missing value"),
        Check("zeros", "0", more=None, defect=False, floor=0.2),
        Check("impossible", "infinite"),
        Check("precision", "a whole number", more=None, defect=False, floor=0.1, of="its values", different=True),
        Check("precision_tenths", "rounded to one decimal", more=None, defect=False, floor=0.1, of="its values", different=True),
        Check("stuck", "the value of the row before", defect=False, floor=0.3),
        Check("whitespace", "blank or with blanks at its ends"),
        Check("encoding", "text damaged by a wrong encoding"),
        Check("mixed_types", "a number among texts"),
        Check("unreadable", "a text where a number or a time is due", of="its values"),
        Check("date", "a date before 1971 or after 2099", defect=False),
        Check("duplicate_rows", "a repeated row", several="repeated"),
        Check("duplicate_ids", "a row with a repeated id", several="repeats of an id"),
    )
}
"""The checks by id."""
STUCK_IN = "stuck_in"
"""Name of the finding that a column keeps one value in all rows of a segment."""
OUTAGE, ODD, LEAKAGE, UNKNOWN, FAR = "outage", "odd_row", "leakage", "new_level", "far_value"
SINGLE = (UNKNOWN, FAR, OUTAGE, ODD, LEAKAGE)
"""What is told beside the checks: levels never seen and numbers beyond what the reference lets expect, however few rows have them, hours in
which a column has no value at all, rows that are odd in two columns at once, columns that alone tell the label."""
