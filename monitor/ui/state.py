"""What is looked at: the choices of the address that hold on every page, checked against the case before anything uses them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from monitor.analyses.chosen_sides import AGAINST, DATA_OF, SIDES, Against, chosen_baseline, chosen_selection, chosen_sides
from monitor.analyses.condition_words import where_words
from monitor.analyses.naming import selection_words
from monitor.case import CASE_FILE, Case, WindowSize, load_case
from monitor.charts.theme import Theme
from monitor.engine import MOST_WINDOWS, Selection
from monitor.errors import CaseError, SelectionError, nearest
from monitor.judgement.thresholds import drift_thresholds
from monitor.places import demo_folder
from monitor.runs.fleet import named_in
from monitor.ui.address import Address
from monitor.ui.door import visible
from monitor.ui.parameters import shown

CASES_VARIABLE = "DRIFTSCOPE_CASES"
"""Environment variable that names the folder of cases (or one case); the demo's without it."""

WINDOW_CHOICES = ("1 hour", "1 day", "1 week", "1 month", "whole")


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: which case, which rows against which, cut how; `address` says it all, with what the pages chose."""

    address: Address
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
    comparing: bool = True
    """Whether the page shows a comparison."""


_VIEW: ContextVar[View | Problem | None] = ContextVar("view", default=None)


@dataclass(frozen=True, slots=True)
class Problem:
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
    if isinstance(current, Problem):
        raise current.error
    if current is None:
        raise CaseError("No case was chosen. Open the app by its first page, not by a script in pages/.")
    return current


def compared_words() -> str:
    """Say what is compared with what; empty where nothing is."""
    current = _VIEW.get()
    return current.words if isinstance(current, View) and current.comparing else ""


def set_view(current: View | Problem) -> None:
    """Keep the choices for the rest of this run."""
    _VIEW.set(current)


def cases_folder() -> Path:
    """Return the folder that holds the cases, or the one case."""
    named = os.environ.get(CASES_VARIABLE)
    return Path(named).expanduser().resolve() if named else demo_folder()


def known_cases(folder: Path | None = None) -> dict[str, Path]:
    """Return the cases that whoever looks may see, by id (their folder's name), in order of name."""
    root = folder or cases_folder()
    if (root / CASE_FILE).is_file():
        return visible({root.name: root})
    return visible({path.parent.name: path.parent for path in sorted(root.glob(f"*/{CASE_FILE}"))})


@st.cache_data(max_entries=16, show_spinner=False)
def _load(folder: str, changed: int) -> Case:
    return load_case(folder)


def read_case(folder: Path) -> Case:
    """Read a case; read again only when its file changed."""
    return _load(str(folder), _changed(folder))


def _changed(folder: Path) -> int:
    file = folder / CASE_FILE
    return file.stat().st_mtime_ns if file.is_file() else 0


def case_titles(cases: Mapping[str, Path]) -> dict[str, str]:
    """Return what people call each case: its name, with its folder's where several have the same."""
    names = {case_id: _title(str(folder), _changed(folder)) for case_id, folder in cases.items()}
    often = Counter(names.values())
    return {case_id: name if often[name] == 1 else f"{name} ({case_id})" for case_id, name in names.items()}


@st.cache_data(max_entries=2_000, show_spinner=False)
def _title(folder: str, changed: int) -> str:
    return named_in(Path(folder))[0]


def read_view(address: Address, *, theme: Theme, presenting: bool, comparing: bool = True) -> View:
    """Turn what the address says into a checked view.

    Raises
    ------
    CaseError, SelectionError
        When the case is unknown or broken, or a choice contradicts itself or the case.
    """
    choices = address.texts()
    case_id = choices.get("case", "")
    case = read_case(folder_of(case_id))
    _check_versions(choices, case)
    sides = chosen_sides(choices, case)
    return View(
        address=address,
        case_id=case_id,
        case=case,
        against=sides.against,
        reference=sides.reference,
        production=sides.production,
        windows=sides.windows,
        theme=theme,
        presenting=presenting,
        words=f"{case.name} · {side_words(choices, case)}",
        comparing=comparing,
    )


def folder_of(case_id: str) -> Path:
    """Return the folder of a case.

    Raises
    ------
    CaseError
        When there is no case of that name; another one is never opened instead.
    """
    folders = known_cases()
    if case_id in folders:
        return folders[case_id]
    if not folders:
        raise CaseError(f"There is no case in '{cases_folder()}'. Make one on the page Set-up, or with 'driftscope init'.")
    raise UnknownCaseError(
        f"There is no case {shown(case_id)}.{nearest(case_id, folders)} Choose one below, or make one on the page Set-up."
    )


class UnknownCaseError(CaseError):
    """The address names a case that is not there."""


def _check_versions(choices: Mapping[str, str], case: Case) -> None:
    asked = next((choices[SIDES[side]["version"]] for side in DATA_OF if SIDES[side]["version"] in choices), None)
    if asked and not case.roles.model_version:
        raise SelectionError(f"The case names no column of model versions, so version {shown(asked)} cannot be chosen.")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is cut into windows: the hours it spans (None where rows have no time) and its rows."""

    hours: float | None
    rows: int

    def fits(self, size: WindowSize, least: int) -> bool:
        """Say whether windows of a size can be cut, and hold at least `least` rows on average."""
        if size.hours is None:
            return True
        if self.hours is None:
            return False
        count = self.hours / size.hours
        return 1 <= count <= MOST_WINDOWS and self.rows / count >= least


def window_choices(case: Case | None, extent: Extent | None = None) -> list[str]:
    """Return the window sizes that are offered: the case's own first, then those that fit what is looked at."""
    if case is None:
        return list(WINDOW_CHOICES)
    least = drift_thresholds(case).min_rows
    fitting = [one for one in WINDOW_CHOICES if extent is None or extent.fits(WindowSize.parse(one), least)]
    return list(dict.fromkeys([str(case.windows), *fitting]))


def side_words(choices: Mapping[str, str], case: Case) -> str:
    """Say what is compared with what, in plain text.

    Raises
    ------
    SelectionError
        When a choice contradicts itself.
    """
    a, b = (chosen_selection(choices, case, side) for side in DATA_OF)
    against = chosen_baseline(choices)
    shared = a.where if a.where == b.where else None
    of_a, of_b = (selection_words(one, case.timezone, shared=shared, label=case.label) for one in (a, b))
    if a.data != "reference" or b.data != "production":
        of_a, of_b = f"A: {of_a}", f"B: {of_b}"
    before = {meaning: f"the {word}" for word, meaning in AGAINST.items()} | {"expanding": "everything before"}
    told = of_a if against == "reference" else before[against] + ("" if a == Selection("reference", where=shared) else f" (from {of_a} on)")
    return f"{of_b} against {told}" + (f", {where_words(shared, case.label)}" if shared else "")
