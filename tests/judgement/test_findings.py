from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judgement.findings import find_drift, onset
from monitor.judgement.sentences import sentence
from monitor.stats.catalogue import CATALOGUE

ALARM = {"A": "alert", "W": "warning", ".": "stable", "?": "too_few_rows"}


def judged(**columns: str) -> Any:
    """Return primary rows from one letter per window: A alert, W warning, . stable, ? too few rows; strength rises with the window."""
    rows = [
        {
            "column": name, "label": name.upper(), "kind": "numeric", "window": f"2013-W{i + 10}", "status": ALARM[letter], "method": "js",
            "strength": float(i + 1), "score": 0.1 * (i + 1), "expected": 0.05, "q_value": 0.01, "direction": "higher", "moved_cell": "> 3",
            "moved_from": 0.1, "moved_to": 0.3, "n_production": 100,
        }
        for name, letters in columns.items()
        for i, letter in enumerate(letters)
    ]  # fmt: skip
    return SimpleNamespace(primary=pd.DataFrame(rows), result=SimpleNamespace(catalogue=CATALOGUE))


def test_a_quiet_column_has_no_finding() -> None:
    assert find_drift(judged(a="....", b="?.?.")) == ()


def test_one_finding_says_since_when_and_where_it_is_worst() -> None:
    (found,) = find_drift(judged(a="..WA."))
    assert (found.label, found.status, found.onset, found.last, found.worst) == ("A", "alert", "2013-W12", "2013-W13", "2013-W13")
    assert (found.windows_alarmed, found.windows_judged, found.ongoing, found.share_rows) == (2, 5, False, 0.4)
    assert found.score == pytest.approx(0.4)


def test_values_that_go_missing_do_not_hide_since_when_values_changed() -> None:
    screen = judged(a=".AAA..A")
    screen.primary.loc[6, ["direction", "strength"]] = "more missing", 1.0
    (found,) = find_drift(screen)
    assert (found.direction, found.onset, found.last, found.windows_alarmed, found.ongoing) == ("higher", "2013-W11", "2013-W13", 3, False)
    other = found.other
    assert other is not None
    assert (other.direction, other.onset, other.windows_alarmed, other.ongoing) == ("more missing", "2013-W16", 1, True)
    assert sentence(found).endswith("It also has been missing more often since the week of 15 Apr 2013.")


def test_windows_with_too_few_rows_are_not_judged() -> None:
    (found,) = find_drift(judged(a="AA?"))
    assert (found.windows_judged, found.ongoing) == (2, True)


def test_alerts_come_before_warnings_and_strong_before_weak() -> None:
    assert [finding.column for finding in find_drift(judged(a="...W", b="A...", c=".A.A", d="...."))] == ["c", "b", "a"]


@pytest.mark.parametrize(("letters", "first"), [("A....", 0), (".AA..", 1), ("A..AA", 3), ("A.A.A", 0), ("....A", 4), ("AA..A.A", 4)])
def test_onset_bridges_one_quiet_window(letters: str, first: int) -> None:
    windows = [str(i) for i in range(len(letters))]
    assert onset(windows, [letter == "A" for letter in letters]) == str(first)


@given(st.lists(st.booleans(), min_size=1, max_size=30).filter(any))
def test_onset_is_an_alarm_at_or_before_the_last_one(alarmed: list[bool]) -> None:
    first = int(onset([str(i) for i in range(len(alarmed))], alarmed))
    assert alarmed[first]
    run = "".join("A" if one else "." for one in alarmed[first:]).rstrip(".")
    assert ".." not in run
