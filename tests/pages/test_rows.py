"""The page Rows shows the rows that the address names, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monitor.case import load_case
from monitor.engine import build_cells, open_workspace, rows_at
from monitor.ui.state import cases_folder
from tests.pages.seen import open_page, said

Use = Callable[[str], Path]


@pytest.fixture
def shop(use: Use) -> None:
    use("shop")


def shown(**query: str) -> str:
    app = open_page("rows", query=query)
    assert not app.exception
    return said(app)


def test_windows_and_a_condition_narrow_the_rows(shop: None) -> None:
    every, week = shown(), shown(rows_from="2013-W15")
    heavy = shown(rows_from="2013-W15", rows_where="weight > 5")
    counts = [int(re.findall(r"^([\d,]+) rows? of production\.", text, flags=re.M)[0].replace(",", "")) for text in (every, week, heavy)]
    assert counts[0] > counts[1] > counts[2] > 0
    assert "Where weight > 5." in heavy


def test_the_condition_shows_one_on_columns_of_the_case(shop: None) -> None:
    app = open_page("rows")
    asked = next(one for one in app.text_input if one.label == "Condition")
    assert asked.placeholder == '"city" IS NOT NULL AND "weight" > 0'
    narrowed = shown(rows_where=asked.placeholder)
    assert "rows of production" in narrowed
    assert re.search(r"Over 4 near rows it differs most in|They are alike", narrowed)


def test_the_rows_of_a_cell_are_as_many_as_it_counts(shop: None) -> None:
    with open_workspace(load_case(next(iter(cases_folder().glob("*/case.toml"))).parent)) as workspace:
        cells = build_cells(workspace, ("city",))["city"]
        row = workspace.connection.execute(
            f"SELECT count(*) FROM {workspace.relation('production')} WHERE city = ?", [cells.levels[0]]
        ).fetchone()
    assert row is not None
    assert f"{row[0]:,d} rows of production." in shown(rows_column="city", rows_cells="0")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"rows_where": "weigth > 5"}, "weigth"),
        ({"rows_column": "city", "rows_cells": "9999"}, "the address asks for cell 9999"),
        ({"rows_cells": "x"}, "is not a list of cells such as 3,4."),
        ({"rows_row": "7"}, "does not name a row, as 0-15 does"),
        ({"rows_row": "0-99999999"}, "is not among the rows that are looked at"),
        ({"rows_from": "2031-W01"}, "There is no '2031-W01' here for the first window of the rows"),
        ({"rows_sort": "colour"}, "There is no 'colour' here for the column that orders the rows"),
        ({"rows_finding": "drift"}, "does not name a finding"),
        ({"rows_finding": "drift/city"}, "there is no finding 'city'"),
        ({"rows_finding": "dirft/city"}, "Did you mean 'drift'"),
        ({"rows_page": "9999"}, "the address asks for page 9999"),
        ({"rows_where": "weight > 1e9"}, "No row meets all of this."),
    ],
)
def test_what_cannot_be_shown_is_said(shop: None, query: dict[str, str], message: str) -> None:
    assert message in shown(**query)


def test_a_row_stands_beside_its_nearest_ones(shop: None) -> None:
    text = shown(rows_row="0-3")
    assert "The chosen row beside the nearest rows of A" in text
    assert "on the scale of each column" in text


def test_reasons_stand_there_once_outliers_were_looked_for(shop: None) -> None:
    assert "Say why rows are unlike the others" in shown(a_to="2013-02-25")
    assert not open_page("outliers", query={"a_to": "2013-02-25"}).exception
    assert "Say why rows are unlike the others" not in shown(a_to="2013-02-25")


def test_the_rows_of_a_ring_are_its_own(use: Use) -> None:
    use("payments")
    text = shown(rows_finding="adversaries/near_duplicates~adversary~2025-W13~2025-W13")
    assert "102 rows of production." in text
    assert "Of the finding: 102 rows were nearly alike" in text


def test_rows_are_told_why_when_that_is_asked_for(use: Use) -> None:
    use("flights")
    app = open_page("rows", query={"rows_explained": "yes", "rows_outliers": "yes", "rows_from": "2013-W15"})
    assert not app.exception
    table = app.dataframe[0].value
    assert list(table)[:2] == ["Unlike the others because", "The model says so because (log-odds)"]
    assert table.iloc[0, 1].count(": ") == 3
    assert "Why this row got 0." in said(app)


def test_any_row_is_explained_by_its_id(use: Use) -> None:
    folder = use("flights")
    with open_workspace(load_case(folder)) as workspace:
        column = workspace.case.roles.id
        one = rows_at(workspace, "production", np.array([[0, 3]]), [column]).column(0)[0].as_py()
    text = said(open_page("explanations", query={"explanations_id": str(one)}))
    assert "Why this row got 0." in text
    assert f"the Flight {one}" not in text
    assert "No row of production that is looked at has the Flight nobody." in said(
        open_page("explanations", query={"explanations_id": "nobody"})
    )


def test_the_page_of_the_table_is_that_of_the_chosen_row(shop: None) -> None:
    app = open_page("rows", query={"rows_row": "0-123"})
    assert app.dataframe[0].value["order_id"].tolist() == list(range(100, 150))
