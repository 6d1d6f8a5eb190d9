"""Rows page by page: the order is that of all rows, not of a page, and no row is on two pages."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.neighbours import nearest_rows
from monitor.analyses.sides import Question
from monitor.engine import Selection, Workspace, open_tables, page_of_rows, rows_at
from monitor.errors import ColumnMissingError, SelectionError

N = 137
COLUMNS = ["id", "x", "k"]


def table(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=N).round(2)
    x[::10] = np.nan
    return pd.DataFrame(
        {"at": pd.date_range("2026-01-01", periods=N, freq="h"), "id": np.arange(N), "x": x, "k": rng.choice(["a", "b"], N)}
    )


@pytest.fixture
def opened() -> Iterator[Workspace]:
    with open_tables(table(0), table(1), roles={"timestamp": "at", "id": "id"}) as workspace:
        yield workspace


@pytest.mark.parametrize("descending", [False, True])
def test_pages_hold_each_row_once_in_the_order_of_all(opened: Workspace, descending: bool) -> None:
    pages = [page_of_rows(opened, Selection(), COLUMNS, order=("x", descending), first=at, most=50) for at in (0, 50, 100)]
    found = pd.concat([one.table.to_pandas() for one in pages], ignore_index=True)
    assert [one.total for one in pages] == [N] * 3
    assert sorted(found["id"]) == list(range(N))
    pd.testing.assert_series_equal(found["x"], found["x"].sort_values(ascending=not descending, na_position="last", ignore_index=True))


def test_without_an_order_rows_stand_as_in_the_files(opened: Workspace) -> None:
    page = page_of_rows(opened, Selection(where="k = 'a'"), COLUMNS, most=5)
    own = table(1)
    assert page.table.column("id").to_pylist() == own.loc[own["k"] == "a", "id"].tolist()[:5]
    assert page.total == int((own["k"] == "a").sum())


def test_places_lead_back_to_the_rows(opened: Workspace) -> None:
    page = page_of_rows(opened, Selection(), COLUMNS, order=("x", False), most=7)
    assert rows_at(opened, "production", page.place, ["id"]).column(0).to_pylist() == page.table.column("id").to_pylist()


def test_a_column_that_is_not_there_orders_nothing(opened: Workspace) -> None:
    with pytest.raises(ColumnMissingError, match=r"Rows cannot be ordered by 'kk'.* Did you mean 'k'"):
        page_of_rows(opened, Selection(), COLUMNS, order=("kk", False))


@pytest.mark.parametrize("where", ["x >", "1; DROP TABLE production", "x > (SELECT 1)"])
def test_a_condition_that_is_none_is_refused(opened: Workspace, where: str) -> None:
    with pytest.raises(SelectionError):
        page_of_rows(opened, Selection(where=where), COLUMNS)


def test_the_nearest_reference_row_is_the_row_itself_where_it_stands_there_too() -> None:
    own = table(3)
    with open_tables(own, own.assign(at=own["at"] + pd.Timedelta(days=90)), roles={"timestamp": "at", "id": "id"}) as workspace:
        question = Question(columns=("x", "k"))
        found = nearest_rows(workspace, question, question.production, (0, 7))
        near = rows_at(workspace, "reference", found.place, ["x", "k"]).to_pandas()
        assert found.distance[0] == 0.0
        assert (near["x"][0], near["k"][0]) == (own["x"][7], own["k"][7])
        assert np.all(np.diff(found.distance) >= 0)
        itself = nearest_rows(workspace, question, question.reference, (0, 7))
        assert [0, 7] not in itself.place.tolist()
        with pytest.raises(SelectionError, match="Row 999 of file 0 is not among the rows"):
            nearest_rows(workspace, question, question.production, (0, 999))


def test_the_column_that_is_far_out_differs_most_also_where_the_nearest_rows_are_far_out_too() -> None:
    own, now = table(3), table(4).assign(at=table(4)["at"] + pd.Timedelta(days=90))
    own.loc[:9, "x"], now.loc[7, ["x", "k"]] = 900.0, [20_000.0, "b"]
    own.loc[:9, "k"] = "a"
    with open_tables(own, now, roles={"timestamp": "at", "id": "id"}) as workspace:
        assert nearest_rows(workspace, (question := Question(columns=("x", "k"))), question.production, (0, 7)).apart[0] == "x"
