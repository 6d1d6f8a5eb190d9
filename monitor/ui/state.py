"""What is looked at: the global bar's choices, each bound to the address, checked here before anything uses them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from monitor.analyses.naming import selection_words
from monitor.case import CASE_FILE, Case, WindowSize, load_case
from monitor.charts.theme import Theme
from monitor.engine import Selection, both_conditions
from monitor.errors import CaseError, SelectionError, nearest
from monitor.places import demo_folder
from monitor.wording import day_text

CASES_VARIABLE = "DRIFTSCOPE_CASES"
"""Environment variable that names the folder of cases (or one case); the demo's without it."""

WINDOW_CHOICES = ("1 hour", "1 day", "1 week", "1 month", "whole")
Against = Literal["reference", "previous", "weekday", "season", "rolling", "expanding"]
AGAINST: Mapping[str, Against] = {
    "all of A": "reference",
    "window before": "previous",
    "same weekday before": "weekday",
    "same season a year earlier": "season",
    "four windows before": "rolling",
    "everything before": "expanding",
}
"""What each window of B is compared against: the words on screen and in the address, and what they mean."""
ANOTHER_PERIOD = "another period"
"""What links of older versions say for "all of A, which are rows of production"."""

PARTS = ("data", "from", "to", "where", "version", "file")
"""What a side may be narrowed to."""
KEYS = {
    "case": "case", "against": "a", "windows": "win", "where": "where",
    **{f"a_{part}": f"a_{part}" for part in PARTS},
    **{f"b_{part}": f"b_{part}" for part in PARTS}, "b_from": "from", "b_to": "to", "b_version": "version",
}  # fmt: skip
"""Widget keys, which are the names in the address."""
DATA_OF = {"a": "reference", "b": "production"}
"""The data set of a side for which nothing was chosen."""


@dataclass(frozen=True, slots=True)
class View:
    """The choices of the global bar: which case, which rows against which, cut how."""

    case_id: str
    case: Case
    against: Against
    reference: Selection
    production: Selection
    windows: WindowSize
    theme: Theme
    presenting: bool
    words: str
    """What is compared with what, in one line of plain text."""


_VIEW: ContextVar[View | DriftProblem | None] = ContextVar("view", default=None)


@dataclass(frozen=True, slots=True)
class DriftProblem:
    """Why there is nothing to look at."""

    error: CaseError | SelectionError


def view() -> View:
    """Return the choices of this run.

    Raises
    ------
    CaseError, SelectionError
        When the case cannot be read or a choice in the address is not allowed.
    """
    current = _VIEW.get()
    if isinstance(current, DriftProblem):
        raise current.error
    if current is None:
        raise CaseError("No case was chosen. Open the app by its first page, not by a script in pages/.")
    return current


def set_view(current: View | DriftProblem) -> None:
    """Keep the choices for the rest of this run."""
    _VIEW.set(current)


def cases_folder() -> Path:
    """Return the folder that holds the cases, or the one case."""
    named = os.environ.get(CASES_VARIABLE)
    return Path(named).expanduser().resolve() if named else demo_folder()


def known_cases(folder: Path | None = None) -> dict[str, Path]:
    """Return the cases by id (their folder's name), in order of name."""
    root = folder or cases_folder()
    if (root / CASE_FILE).is_file():
        return {root.name: root}
    return {path.parent.name: path.parent for path in sorted(root.glob(f"*/{CASE_FILE}"))}


@st.cache_data(max_entries=16, show_spinner=False)
def _load(folder: str, _changed: int, changed: int) -> Case:
    return load_case(folder)


def read_case(folder: Path) -> Case:
    """Read a case; read again only when its file changed."""
    file = folder / CASE_FILE
    changed = file.stat().st_mtime_ns if file.is_file() else 0
    return _load(str(folder), changed, changed)


def read_view(choices: Mapping[str, Any], *, theme: Theme, presenting: bool) -> View:
    """Turn what the widgets (or the address) say into a checked view.

    Raises
    ------
    CaseError, SelectionError
        When the case is unknown or broken, or a choice contradicts itself.
    """
    folders = known_cases()
    case_id = str(choices.get(KEYS["case"]) or next(iter(folders), ""))
    if case_id not in folders:
        raise CaseError(f"There is no case in '{cases_folder()}'. Make one on the page Set-up, or with 'driftscope init'.")
    case = read_case(folders[case_id])
    against = _against(choices)
    size = choices.get(KEYS["windows"])
    a, b = (_selection(choices, case, side) for side in DATA_OF)
    return View(
        case_id=case_id,
        case=case,
        against=against,
        reference=a,
        production=b,
        windows=WindowSize.parse(str(size)) if size else case.windows,
        theme=theme,
        presenting=presenting,
        words=f"{case.name} · {side_words(choices, case)}",
    )


def _against(choices: Mapping[str, Any]) -> Against:
    word = str(choices.get(KEYS["against"]) or "all of A")
    if word not in AGAINST and word != ANOTHER_PERIOD:
        raise SelectionError(f"Nothing can be compared against '{word}'.{nearest(word, AGAINST)} Choose one of: {', '.join(AGAINST)}.")
    return AGAINST.get(word, "reference")


def window_choices(case: Case | None) -> list[str]:
    """Return the window sizes that are offered, the case's own first."""
    return list(dict.fromkeys([str(case.windows), *WINDOW_CHOICES])) if case else list(WINDOW_CHOICES)


def side_words(choices: Mapping[str, Any], case: Case) -> str:
    """Say what is compared with what, in plain text.

    Raises
    ------
    SelectionError
        When a choice contradicts itself.
    """
    a, b = (_selection(choices, case, side) for side in DATA_OF)
    against = _against(choices)
    shared = a.where if a.where == b.where else None
    of_a, of_b = (selection_words(one, case.timezone, shared=shared) for one in (a, b))
    if a.data != "reference" or b.data != "production":
        of_a, of_b = f"A: {of_a}", f"B: {of_b}"
    before = {meaning: f"the {word}" for word, meaning in AGAINST.items()} | {"expanding": "everything before"}
    told = of_a if against == "reference" else before[against] + ("" if a == Selection("reference", where=shared) else f" (from {of_a} on)")
    return f"{of_b} against {told}" + (f", where {shared}" if shared else "")


def _selection(choices: Mapping[str, Any], case: Case, side: str) -> Selection:
    def chosen(part: str) -> Any:
        return choices.get(KEYS[f"{side}_{part}"])

    data = str(chosen("data") or DATA_OF[side])
    if side == "a" and choices.get(KEYS["against"]) == ANOTHER_PERIOD:
        data = "production"
    start, end = chosen("from"), chosen("to")
    if start and end and start > end:
        raise SelectionError(f"The period starts on {day_text(start)} and ends on {day_text(end)}: swap the two days.")
    following = end + timedelta(days=1) if end else None
    period = Selection.parse(f"{start or ''}..{following or ''}", data=data, timezone=case.timezone)
    return replace(
        period,
        where=_both(choices.get(KEYS["where"]), chosen("where")),
        model_version=_word(chosen("version")) if case.roles.model_version else None,
        file=_word(chosen("file")),
    )


def _word(value: Any) -> str | None:
    return str(value or "").strip() or None


def _both(shared: Any, own: Any) -> str | None:
    """Return one condition of the one for both sides and the side's own."""
    first, second = _word(shared), _word(own)
    return both_conditions(first, second) if first and second else first or second
