"""Goals as a tree: state, trend, what is missed together, and what a miss costs, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.case import Case, case_from
from monitor.errors import CaseError
from monitor.judgement.kpis import State, Tree, kpi_headline, kpi_tree

WINDOWS = [f"2026-W{week:02d}" for week in range(10, 20)]
GOALS = [
    {"name": "Money", "metric": "value", "target": -2.0, "tolerance": 0.5, "owner": "a@example.org"},
    {"name": "Found", "metric": "recall", "target": 0.5, "tolerance": 0.05, "parent": "Money"},
    {"name": "Known", "metric": "missing:age", "target": 0.01, "parent": "Found"},
    {"name": "Fast", "metric": "latency_p95_ms", "target": 100.0},
]


def case(goals: list[dict[str, Any]]) -> Case:
    content = {"case": {"name": "x", "task": "binary"}, "data": {"reference": "a", "production": "b"}, "kpis": goals}
    return case_from({**content, "value": {"fn": -1, "currency": "EUR"}}, root=Path("/here"))


def tree(goals: list[dict[str, Any]] = GOALS, **values: list[float]) -> Tree:
    parts = [
        pd.DataFrame({"window": WINDOWS, "metric": metric.replace("__", ":"), "value": series, "n": 1000, "mature": np.arange(10) < 9})
        for metric, series in values.items()
    ]
    return kpi_tree(case(goals), pd.concat(parts, ignore_index=True))


def usual() -> Tree:
    bad = [4, 5, 6]
    return tree(
        value=[-5.0 if week in bad else -1.0 for week in range(10)],
        recall=[0.3 if week in bad else 0.6 for week in range(8)] + [0.47, 0.0],
        missing__age=[0.3 if week == 5 else 0.001 for week in range(10)],
        latency_p95_ms=[90.0] * 8 + [120.0, 500.0],
    )


def test_goals_stand_below_what_they_serve() -> None:
    assert [(one.section.name, usual().depth[one.section.name]) for one in usual().goals] == [
        ("Money", 0), ("Found", 1), ("Known", 2), ("Fast", 0),
    ]  # fmt: skip


def test_the_last_window_whose_labels_are_in_says_how_a_goal_stands() -> None:
    assert [one.state for one in usual().goals] == [State.MET, State.CLOSE, State.MET, State.MISSED]
    said = usual().sentence(usual().goal("Fast"))
    figures = "120 ms (p95 latency, 1,000 rows) in the week of 27 Apr 2026, the goal is at most 100 ms"
    assert said == f"Fast is missed: {figures}, and getting worse."
    assert kpi_headline(usual()) == "The goal 'Fast' is missed in the week of 27 Apr 2026."


def test_that_all_goals_are_met_is_said_of_a_window_and_of_those_before() -> None:
    met = Tree(usual().goals[:1], usual().depth, "EUR", {})
    assert kpi_headline(met).startswith("All goals are met in the week of ")


def test_what_is_missed_together_is_counted() -> None:
    assert usual().contribution(usual().goal("Money")) == "Missed in 3 of 9 windows, last in the week of 13 Apr 2026; with it 'Found' in 3."
    assert usual().contribution(usual().goal("Found")) == "Missed in 3 of 9 windows, last in the week of 13 Apr 2026; with it 'Known' in 1."
    assert usual().contribution(usual().goal("Known")) == "Missed in 1 of 9 windows, last in the week of 6 Apr 2026."
    assert usual().asked(usual().goal("Money")) == "the goal is at least -2 EUR a row (nearly met: -2.5 EUR a row)"


def test_a_miss_of_money_costs_what_lacks() -> None:
    assert usual().cost(usual().goal("Money")) == "9,000 EUR short of the target in 3 windows."


def test_a_goal_that_serves_money_is_told_in_money_and_others_are_not() -> None:
    assert usual().cost(usual().goal("Found")).startswith("Decisions were worth 4,000 EUR less")
    assert usual().cost(usual().goal("Fast")) == ""


def test_which_way_a_goal_goes() -> None:
    rising = tree(GOALS[3:], latency_p95_ms=[100.0, 101, 99, 100, 100, 130, 131, 132, 130, 0])
    assert rising.goal("Fast").trend == "worse"
    assert tree(GOALS[3:], latency_p95_ms=[100.0] * 10).goal("Fast").trend == "steady"


@pytest.mark.parametrize(
    ("goals", "told"),
    [
        ([{**GOALS[0], "parent": "Money"}], "serves itself"),
        ([{**GOALS[1], "parent": "Mony"}, GOALS[0]], "which is no goal. Did you mean 'Money'"),
        ([GOALS[0], GOALS[0]], "two goals have one name"),
    ],
)
def test_a_tree_that_is_none_is_refused(goals: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(CaseError, match=told):
        case(goals)


def test_what_is_missed_by_little_is_not_written_as_its_own_bound() -> None:
    goals = [{"name": "Flagged", "metric": "false_positive_rate", "target": 0.012, "tolerance": 0.003}]
    told = tree(goals, false_positive_rate=[0.0151] * 10)
    assert "1.51% (false positive rate" in told.sentence(told.goal("Flagged"))
    assert "at most 1.2% (nearly met: 1.5%)" in told.sentence(told.goal("Flagged"))
