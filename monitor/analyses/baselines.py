"""What a production window is compared with: the reference, or earlier windows of the time line."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.case import Case
from monitor.errors import SelectionError, nearest
from monitor.profile import Windows
from monitor.tables import Skipped

KNOWN = ("reference", "previous", "weekday", "season", "rolling", "expanding")


@dataclass(frozen=True, slots=True)
class Baseline:
    """`weights` (w, r + w): which windows of the time line (reference, then production) each production window is compared with;
    None: the whole reference. `described` says it in words; `excluded` are the ids of windows that are nobody's baseline."""

    weights: NDArray[np.bool_] | None
    described: str
    excluded: tuple[str, ...] = ()


def baseline_weights(against: str, reference: Windows, production: Windows, case: Case) -> Baseline:
    """Choose the baseline of every production window.

    Parameters
    ----------
    against : "reference"; "previous" window; "weekday" (same weekday and hour one to four weeks earlier); "season" (the same days a year
        earlier); "rolling" or "rolling:N" (the N windows before, default 4); "expanding" (everything before).

    Raises
    ------
    SelectionError
        `against` is none of these.
    """
    word, _, number = against.partition(":")
    if word not in KNOWN or (number and (word != "rolling" or not re.fullmatch(r"[1-9]\d{0,3}", number))):
        hint = nearest(word, KNOWN)
        raise SelectionError(f"'{against}' is not something to compare with.{hint} Use {', '.join(KNOWN)}, rolling:N or START..END.")
    if word == "reference":
        return Baseline(None, "the whole reference")
    start = np.concatenate([reference.start, production.start])
    end = np.concatenate([reference.end, production.end])
    position = len(reference) + np.arange(len(production))
    weights = _CHOICES[word](start, position, int(number or 4))
    marked = _marked(start, end, case)
    excluded = tuple(name for name, out in zip((*reference.ids, *production.ids), marked, strict=True) if out)
    return Baseline(weights & ~marked[None, :], _DESCRIBED[word].format(n=int(number or 4)), excluded)


def _lag(start: NDArray[np.datetime64], position: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many windows before each of production every window lies, (w, r + w), in order of time where windows have one: production
    may come before the reference, and windows of both that begin together are one."""
    place = np.arange(len(start)) if np.isnat(start).any() else np.unique(start, return_inverse=True)[1]
    return np.asarray(place[position][:, None] - place[None, :])


def _previous(start: NDArray[np.datetime64], position: NDArray[np.int64], _: int) -> NDArray[np.bool_]:
    return np.asarray(_lag(start, position) == 1)


def _rolling(start: NDArray[np.datetime64], position: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    lag = _lag(start, position)
    return np.asarray((lag >= 1) & (lag <= count))


def _expanding(start: NDArray[np.datetime64], position: NDArray[np.int64], _: int) -> NDArray[np.bool_]:
    return np.asarray(_lag(start, position) >= 1)


def _weekday(start: NDArray[np.datetime64], position: NDArray[np.int64], _: int) -> NDArray[np.bool_]:
    hours = _hours_before(start, position)
    weeks = np.round(hours / 168)
    return np.asarray((weeks >= 1) & (weeks <= 4) & (np.abs(hours - 168 * weeks) <= 1))


def _season(start: NDArray[np.datetime64], position: NDArray[np.int64], _: int) -> NDArray[np.bool_]:
    return np.asarray(np.abs(_hours_before(start, position) - 364 * 24) <= 4 * 24)


def _hours_before(start: NDArray[np.datetime64], position: NDArray[np.int64]) -> NDArray[np.float64]:
    if np.isnat(start).any():
        raise SelectionError("A comparison with the same weekday or season needs windows of time. Name the timestamp role in [roles].")
    return np.asarray((start[position][:, None] - start[None, :]) / np.timedelta64(1, "h"))


def _marked(start: NDArray[np.datetime64], end: NDArray[np.datetime64], case: Case) -> NDArray[np.bool_]:
    """Say which windows overlap an annotation of kind "incident": they are nobody's baseline."""
    marked = np.zeros(len(start), dtype=bool)
    for incident in case.incidents():
        marked |= (start < np.datetime64(incident[1], "us")) & (end > np.datetime64(incident[0], "us"))
    return marked


_CHOICES = {"previous": _previous, "rolling": _rolling, "expanding": _expanding, "weekday": _weekday, "season": _season}
_DESCRIBED = {
    "previous": "the window before",
    "rolling": "the {n} windows before",
    "expanding": "everything before",
    "weekday": "the same weekday and hour of the four weeks before",
    "season": "the same days a year earlier",
}


def not_compared(question_against: str, what: str) -> tuple[Skipped, ...]:
    """Say that an analysis is judged beside the whole reference, where windows were to be compared with others."""
    if question_against == "reference":
        return ()
    message = f"{what} is judged beside the whole reference: '{question_against}' changes nothing here. Performance and drift honour it."
    return (Skipped("against", "not_applicable", message),)
