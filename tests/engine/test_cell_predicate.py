from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.case import Case, WindowSize
from monitor.cells import PlaceKind
from monitor.engine import Selection, Split, Workspace, build_cells, cells_predicate, open_tables, part_predicate, profile, profile_by
from monitor.engine.cell_predicate import number_literal

MakeCase = Callable[..., Case]
WHOLE = WindowSize(1, "whole")
ODD = [np.nan, np.inf, -np.inf, -3.0, 0.0, 0.1, float(np.float32(0.1)), 1.0, 2.5, 1e9, 1e300]


def assert_selected_as_counted(workspace: Workspace, column: str) -> None:
    """Every cell, and all cells in two halves: what is counted is what its predicate selects, on both sides."""
    cells = build_cells(workspace, [column])
    for data in ("reference", "production"):
        counts = profile(workspace, Selection(data), cells=cells, windows=WHOLE).columns[column].counts[0]
        filled = np.flatnonzero(counts).tolist()
        for members in [*([cell] for cell in filled[:40]), filled[::2], filled[1::2]]:
            wanted = int(counts[members].sum())
            if wanted:
                where = cells_predicate(workspace, cells[column], members, data)
                found = profile(workspace, Selection(data, where=where), cells={}, windows=WHOLE).rows.sum()
                assert found == wanted, (data, members, where)


def assert_parts(workspace: Workspace, split: Split) -> None:
    for data in ("reference", "production"):
        parts = profile_by(workspace, Selection(data), split=split, cells=build_cells(workspace, ["k"]), windows=WHOLE)
        assert sum(int(part.rows.sum()) for part in parts) == workspace.rows(data)
        for number, part in enumerate(parts):
            if part.rows.sum():
                where = part_predicate(workspace, split, number, data)
                assert profile(workspace, Selection(data, where=where), cells={}, windows=WHOLE).rows.sum() == part.rows.sum()


def draw(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    odd = rng.choice(ODD, n)
    return pd.DataFrame(
        {
            "whole": pd.array(rng.choice([0, 1, 2, 7, 2**31], n), dtype="Int64"),
            "double": np.where(rng.random(n) < 0.3, odd, rng.normal(size=n)),
            "few": rng.choice([*ODD, 5.0, 5.5], n),
            "money": [Decimal(int(cents)) / 100 for cents in rng.integers(-500, 500, n)],
            "flag": rng.random(n) < 0.3,
            "city": rng.choice(["Rome", "O'Slo", "missing", "other", "infinite", "", None], n),
            "seldom": [f"user {i}" for i in rng.integers(0, 400, n)],
            "day": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 20, n), unit="D"),
            "k": rng.integers(0, 3, n),
        }
    )


KINDS = {"money": "numeric", "city": "categorical", "seldom": "categorical", "double": "numeric", "few": "numeric", "whole": "numeric"}
COLUMNS = ["whole", "double", "few", "money", "flag", "city", "seldom", "day (weekday)", "day (hour)", "k"]


@pytest.fixture(scope="module")
def workspace() -> object:
    reference, production = draw(900, 1), draw(700, 2)
    production["double"] = production["double"] * 3 + 0.5
    with open_tables(reference, production, kinds=KINDS) as opened:
        yield opened


@pytest.mark.parametrize("column", COLUMNS)
def test_rows_counted_in_a_cell_are_the_rows_that_its_predicate_selects(workspace: Workspace, column: str) -> None:
    assert_selected_as_counted(workspace, column)


SPLITS = [
    Split("double", edges=(-0.5, 0.1, 2.5)),
    Split("few"),
    Split("city", levels=("missing", "", "O'Slo")),
    Split("flag", levels=("true",)),
    Split("whole", edges=(1.0,)),
    Split("seldom", levels=("user 7",)),
]


@pytest.mark.parametrize("split", SPLITS, ids=str)
def test_rows_counted_in_a_part_are_the_rows_that_its_predicate_selects(workspace: Workspace, split: Split) -> None:
    assert_parts(workspace, split)


PAIRS = {
    "true and 0 or 1": ([True, False, True, None], [1, 0, 0, 2]),
    "true and floats": ([True, False, None], [1.0, 0.0, np.nan]),
    "true and texts": ([True, False], ["yes", "False", "1.0", "maybe", None]),
    "whole and float": ([0, 1, 1], [1.0, 0.0, np.nan, np.inf]),
    "whole and text": ([1, 2, 2], ["1", "2.0", "x", "007"]),
    "decimal and double": ([Decimal("0.50"), Decimal("1.00")], [0.5, 1.0, 2.25]),
    "float and double": (np.array([0.1, 0.7], dtype="float32"), np.array([0.1, 0.7, 0.2])),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_levels_of_two_types_are_selected_as_they_are_counted(make_case: MakeCase, pair: tuple[object, object]) -> None:
    tables = [pd.DataFrame({"x": pd.Series(side), "k": 1}) for side in pair]
    with open_tables(*tables, kinds={"x": "categorical", "k": "numeric"}) as opened:
        assert_selected_as_counted(opened, "x")
        assert_parts(opened, Split("x", levels=build_cells(opened, ["x"])["x"].levels[:1]))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(ODD), st.floats(-10, 10)), min_size=1, max_size=30), st.booleans())
def test_any_numbers(values: list[float], short: bool) -> None:
    production = (
        pd.DataFrame({"x": np.array(values).astype("float32" if short else "float64"), "k": 1}) if max(map(abs, values)) < 1e38 else None
    )
    production = pd.DataFrame({"x": values, "k": 1}) if production is None else production
    with open_tables(pd.DataFrame({"x": values[::2], "k": 1}), production, kinds={"x": "numeric", "k": "numeric"}) as opened:
        assert_selected_as_counted(opened, "x")


def test_a_level_called_missing_is_not_taken_for_missing_rows() -> None:
    table = pd.DataFrame({"c": ["missing", "other", None, None]})
    with open_tables(table, table, kinds={"c": "categorical"}) as opened:
        cells = build_cells(opened)["c"]
        assert [cells.place(i).kind for i in (0, cells.width - 1)] == [PlaceKind.LEVEL, PlaceKind.MISSING]
        assert cells_predicate(opened, cells, [0], "production") == "\"c\" = 'missing'"
        assert cells_predicate(opened, cells, [cells.width - 1], "production") == '"c" IS NULL'


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_so_that_they_are_read_back(number: float) -> None:
    assert float(number_literal(number)) == number
