"""Columns that the sides were chosen by are left out of the verdict; sides in the same time differ, they do not change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.analyses.naming import side_names
from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.engine import Selection, open_workspace
from monitor.registry import find_analysis, screen_answer
from tests.pages.cases import PRODUCTION, REFERENCE, write

SIDES = {"reference": Selection("production", where="city = 'Rome'"), "production": Selection("production", where="city = 'Paris'")}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    production = PRODUCTION.assign(weight=PRODUCTION["weight"] + 2 * (PRODUCTION["city"] == "Paris"))
    write(tmp_path / "shop", *(table.assign(height=table["score"] * 3 + table["weight"]) for table in (REFERENCE, production)))
    return tmp_path / "shop"


@pytest.mark.parametrize("analysis", ["drift", "multivariate"])
def test_the_column_of_the_choice_is_not_judged(shop: Path, analysis: str) -> None:
    with open_workspace(load_case(shop)) as workspace:
        judged = find_analysis(analysis).run(workspace, Question(**SIDES))
        assert [one.what for one in judged.skipped if one.reason == "chosen_by"] == ["city"]
        assert "city" not in {name for one in judged.findings for name in one.what.split("~")}
        assert not judged.table.get("column", judged.table["window"]).eq("city").any()


def test_a_column_that_is_asked_for_is_judged_all_the_same(shop: Path) -> None:
    with open_workspace(load_case(shop)) as workspace:
        judged = find_analysis("drift").run(workspace, Question(columns=("city",), **SIDES))
        assert judged.table["column"].eq("city").all()


def test_sides_in_the_same_time_differ(shop: Path) -> None:
    with open_workspace(load_case(shop)) as workspace:
        beside = screen_answer(find_analysis("drift").run(workspace, Question(**SIDES)))
        after = screen_answer(find_analysis("drift").run(workspace, Question()))
    assert beside.headline.startswith("2 of 2 columns differ; ")
    assert beside.headline.endswith("from 1 Apr on.")
    assert "columns changed; " in after.headline
    assert "since 1 Apr" in after.headline


@pytest.mark.parametrize(
    ("a", "b", "beside"),
    [
        ("2013-03-15..2013-04-10", "2013-04", True),  # rows of both are left out of A, whose windows then end before B begins
        ("2013-05", "2013-04", True),
        ("2013-03", "2013-04", False),
    ],
)
def test_only_a_later_side_may_have_changed(a: str, b: str, *, beside: bool) -> None:
    first, second = (Selection.parse(one, data="production") for one in (a, b))
    assert side_names(Question(reference=first, production=second), "UTC").beside is beside
    assert side_names(Question(reference=replace(first, without=second), production=second), "UTC").beside
