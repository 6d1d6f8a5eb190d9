"""The kinds of concerted behaviour: what each counts, and what it cannot see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`title` for people, `unit` of its number ("rows" or "share"), `summary` how it is counted, `blind` what it cannot see."""

    id: str
    title: str
    unit: str
    summary: str
    blind: str


KINDS: Mapping[str, Kind] = {
    one.id: one
    for one in (
        Kind(
            "near_duplicates",
            "Near-duplicates",
            "rows",
            "the largest cluster of rows that share all levels and lie in the same or neighbouring cells of every number, beyond what the "
            "rest of the reference lets expect; columns that the clock tells (hour, weekday) and keys are left out",
            "copies that differ in a level, or by more than a tenth of the reference's rows in a number",
        ),
        Kind(
            "threshold_crowding",
            "Crowding at the threshold",
            "share",
            "rows with a score just below or above the threshold, as a share of those in a band that holds seven times as many of the "
            "reference's scores",
            "crowds that are wider than the band, which holds a fiftieth of the reference's scores",
        ),
        Kind(
            "probing",
            "Probing",
            "rows",
            "rows equal in all columns but one, of which at least five values were tried, with scores on both sides of the threshold",
            "probes that vary several columns at a time",
        ),
        Kind(
            "new_combinations",
            "New combinations",
            "share",
            "rows with two levels that the reference had often enough that chance would have brought them together, but never did",
            "combinations of rare levels, of three columns, and of numbers",
        ),
        Kind(
            "concentration",
            "Concentration",
            "rows",
            "rows in the busiest hour, in the busiest hour of a level of a segment column, with the commonest value of a segment column of "
            "more than 50 levels (in times of the most that the reference had), and with the commonest id",
            "rows that are spread over many hours and levels",
        ),
        Kind(
            "score_flips",
            "Score flips",
            "rows",
            "rows that share all cells with rows which were decided otherwise in the same window",
            "flips between rows that differ by more than a cell",
        ),
    )
}

COUNTED: Mapping[str, tuple[str, str]] = {
    "near_duplicates": ("Near-duplicates", "Rows alike beyond expectation"),
    "probing": ("Probing", "Rows of probes"),
    "threshold_crowding~below": ("Crowding below the threshold", "Share of rows about the threshold"),
    "threshold_crowding~above": ("Crowding above the threshold", "Share of rows about the threshold"),
    "concentration": ("Busiest hour", "Rows"),
    "concentration~level": ("Busiest hour of a level", "Times the reference's most"),
    "concentration~value": ("Commonest value", "Times the reference's most"),
    "concentration~id": ("Commonest id", "Rows"),
    "new_combinations": ("New combinations of levels", "Share of rows"),
    "score_flips": ("Score flips", "Rows decided otherwise than rows alike"),
}
"""What is counted for each kind: its title for people, and what its number is."""
