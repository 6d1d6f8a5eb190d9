from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from monitor.case import Case, WindowSize
from monitor.engine import Selection, open_tables, open_workspace, rows_at, sample, texts_with, values
from monitor.errors import ColumnMissingError

N = 30_000


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = rng.normal(size=N)
    x[:3] = [np.nan, np.inf, -np.inf]
    return pd.DataFrame(
        {"ts": pd.date_range("2024-01-01", periods=N, freq="min"), "x": x, "c": rng.choice(["a", "b", None], N), "k": range(N)}
    )


def test_values_are_those_present_in_file_order(table: pd.DataFrame) -> None:
    with open_tables(table, table, roles={"timestamp": "ts"}) as workspace:
        found = values(workspace, Selection(), "x", windows=WindowSize(1, "day"))
    np.testing.assert_array_equal(found.values, table.x[3:])
    np.testing.assert_array_equal(found.window, (table.ts.dt.day - 1 + 31 * (table.ts.dt.month - 1))[3:])
    assert found.windows.ids[0] == "2024-01-01"


def test_levels_are_texts(table: pd.DataFrame) -> None:
    with open_tables(table, table) as workspace:
        found = values(workspace, Selection(), "c")
    assert found.values.tolist() == table.c.dropna().tolist()


def test_a_sample_is_the_same_for_any_number_of_threads(table: pd.DataFrame, make_case: Callable[..., Case]) -> None:
    case = make_case(table, table)
    found = []
    for threads in (1, 2):
        with open_workspace(case, threads=threads) as workspace:
            found.append(sample(workspace, Selection(), ["k", "c"], rows=1000))
            limited = values(workspace, Selection(), "k", limit=1000)
            np.testing.assert_array_equal(limited.values, found[-1].column("k").to_numpy())
    assert found[0].equals(found[1])
    keys = found[0].column("k").to_numpy()
    assert (len(keys), len(set(keys))) == (1000, 1000)
    assert np.all(np.diff(keys) > 0)
    assert abs(keys.mean() - N / 2) < 5 * N / np.sqrt(12 * 1000)


def test_another_seed_is_another_sample(table: pd.DataFrame) -> None:
    with open_tables(table, table) as workspace:
        found = [set(sample(workspace, Selection(), ["k"], rows=1000, seed=seed).column("k").to_pylist()) for seed in (0, 1)]
    assert len(found[0] & found[1]) < 100


def test_a_small_selection_comes_whole_with_its_windows(table: pd.DataFrame) -> None:
    with open_tables(table, table, roles={"timestamp": "ts"}) as workspace:
        found = sample(workspace, Selection(where="k IN (5, 2000)"), ["k", "ts"], rows=10, windows=WindowSize(1, "day"))
    assert found.to_pylist() == [
        {"k": 5, "ts": pd.Timestamp("2024-01-01 00:05"), "@driftscope.window": "2024-01-01"},
        {"k": 2000, "ts": pd.Timestamp("2024-01-02 09:20"), "@driftscope.window": "2024-01-02"},
    ]


def test_row_windows_can_be_sampled(table: pd.DataFrame) -> None:
    with open_tables(table, table, roles={"timestamp": "ts"}) as workspace:
        found = sample(workspace, Selection(), ["k"], rows=50, windows=WindowSize(10_000, "rows"))
    assert all(row["@driftscope.window"] == f"rows-{row['k'] // 10_000 + 1:06d}" for row in found.to_pylist())


def test_an_unknown_column_names_the_nearest(table: pd.DataFrame) -> None:
    with open_tables(table, table) as workspace, pytest.raises(ColumnMissingError, match="No column 'kk'"):
        sample(workspace, Selection(), ["kk"], rows=5)


def test_texts_at_places_are_cut_to_a_length(table: pd.DataFrame) -> None:
    texts = table.assign(note=[f"{'é' * 50}{i}" for i in range(N)])
    with open_tables(texts, texts) as workspace:
        found = rows_at(workspace, "production", np.array([[0, 7], [0, 2]]), ["note", "k"], longest=51)
    assert found.to_pylist() == [{"note": "é" * 50 + "7", "k": "7"}, {"note": "é" * 50 + "2", "k": "2"}]


@pytest.mark.parametrize(("words", "rows"), [("charged twice", [0, 1]), ("it's", [2]), ("😀", [3]), ("a%b", [4]), ("')--", [4])])
def test_rows_that_hold_words_one_after_the_other(words: str, rows: list[int]) -> None:
    notes = ["I was CHARGED, twice!", "charged twice", "it's charged and twice", "fine 😀", "a%b ')--", None]
    table = pd.DataFrame({"note": notes, "k": range(6)})
    with open_tables(table, table) as workspace:
        found = sample(workspace, Selection(where=texts_with(workspace, "note", words)), ["k"], rows=10)
    assert found.column("k").to_pylist() == rows
