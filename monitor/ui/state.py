"""What is looked at: the global bar's choices, each bound to the address, checked here before anything uses them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from monitor.case import CASE_FILE, Case, WindowSize, load_case
from monitor.charts.theme import Theme
from monitor.engine.selection import Selection
from monitor.errors import CaseError, SelectionError, nearest
from monitor.places import demo_folder
from monitor.wording import day_text

CASES_VARIABLE = "DRIFTSCOPE_CASES"
"""Environment variable that names the folder of cases (or one case); the demo's without it."""

WINDOW_CHOICES = ("1 hour", "1 day", "1 week", "1 month", "whole")
Against = Literal["reference", "previous", "weekday", "season", "rolling", "expanding", "period"]
AGAINST: Mapping[str, Against] = {
    "reference set": "reference",
    "window before": "previous",
    "same weekday before": "weekday",
    "same season a year earlier": "season",
    "four windows before": "rolling",
    "everything before": "expanding",
    "another period": "period",
}
"""What production is compared against: the words on screen and in the address, and what they mean."""

KEYS = {
    "case": "case", "against": "a", "a_from": "a_from", "a_to": "a_to", "b_from": "from", "b_to": "to",
    "windows": "win", "where": "where", "version": "version",
}  # fmt: skip
"""Widget keys, which are the names in the address."""


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

    @property
    def baseline(self) -> str:
        """What each window is compared with, as the analyses call it; another period takes the place of the reference."""
        return "reference" if self.against == "period" else self.against


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
    word = str(choices.get(KEYS["against"]) or "reference set")
    if word not in AGAINST:
        raise SelectionError(f"Nothing can be compared against '{word}'.{nearest(word, AGAINST)} Choose one of: {', '.join(AGAINST)}.")
    against = AGAINST[word]
    size = choices.get(KEYS["windows"])
    return View(
        case_id=case_id,
        case=case,
        against=against,
        reference=_selection(choices, case, "period" if against == "period" else "reference"),
        production=_selection(choices, case, "production"),
        windows=WindowSize.parse(str(size)) if size else case.windows,
        theme=theme,
        presenting=presenting,
        words=_words(choices, case, against),
    )


def window_choices(case: Case | None) -> list[str]:
    """Return the window sizes that are offered, the case's own first."""
    return list(dict.fromkeys([str(case.windows), *WINDOW_CHOICES])) if case else list(WINDOW_CHOICES)


def _words(choices: Mapping[str, Any], case: Case, against: Against) -> str:
    base = {meaning: f"the {word}" for word, meaning in AGAINST.items() if meaning not in ("period", "expanding")} | {
        "expanding": "everything before"
    }
    period = period_words("production", choices.get(KEYS["a_from"]), choices.get(KEYS["a_to"]))
    rows = period_words("production", choices.get(KEYS["b_from"]), choices.get(KEYS["b_to"]))
    sentence = f"{case.name} · {rows} against {base.get(against, period)}"
    where, version = choices.get(KEYS["where"]), choices.get(KEYS["version"])
    return sentence + (f", where {where}" if where else "") + (f", model version {version}" if version else "")


def _selection(choices: Mapping[str, Any], case: Case, side: str) -> Selection:
    where = (str(choices.get(KEYS["where"]) or "")).strip() or None
    version = (str(choices.get(KEYS["version"]) or "")).strip() or None if case.roles.model_version else None
    if side == "reference":
        return Selection("reference", where=where)
    first, last = ("a_from", "a_to") if side == "period" else ("b_from", "b_to")
    start, end = choices.get(KEYS[first]), choices.get(KEYS[last])
    if start and end and start > end:
        raise SelectionError(f"The period starts on {day_text(start)} and ends on {day_text(end)}: swap the two days.")
    if side == "period" and not (start or end):
        raise SelectionError("Choose the first or last day of the period to compare against.")
    following = end + timedelta(days=1) if end else None
    text = f"{start or ''}..{following or ''}"
    parsed = (
        Selection.parse(text, data="production", timezone=case.timezone, where=where)
        if start or end
        else Selection("production", where=where)
    )
    return Selection(parsed.data, parsed.start, parsed.end, parsed.where, version if side == "production" else None)


def period_words(noun: str, start: date | None, end: date | None) -> str:
    """Write a period with both days included.

    >>> period_words("production", date(2013, 7, 1), date(2013, 7, 31)), period_words("production", None, None)
    ('production, 1 Jul 2013 to 31 Jul 2013', 'all of production')
    """
    if start and end:
        return f"{noun}, {day_text(start)} to {day_text(end)}"
    if start:
        return f"{noun} from {day_text(start)} on"
    return f"{noun} up to {day_text(end)}" if end else f"all of {noun}"


def window_words(size: WindowSize) -> str:
    """Write a window size for people.

    >>> window_words(WindowSize.parse("1 week")), window_words(WindowSize.parse("5000 rows"))
    ('week', 'blocks of 5,000 rows')
    """
    if size.unit == "whole":
        return "the whole period"
    if size.unit == "rows":
        return f"blocks of {size.count:,d} rows"
    return size.unit if size.count == 1 else f"{size.count} {size.unit}s"
