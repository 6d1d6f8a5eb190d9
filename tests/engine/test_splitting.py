from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from monitor.case import Case, WindowSize
from monitor.engine import Rule, Selection, Split, build_cells, count_answers, open_workspace, part_predicate, profile, profile_by
from monitor.errors import SelectionError, SettingError

MakeCase = Callable[..., Case]
WEEK, REFERENCE = WindowSize.parse("1 week"), Selection("reference")
CITIES = ("Rome", "O'Slo", "Bonn")
SPLITS = [
    Split("city", levels=("O'Slo", "Rome")),
    Split("age", edges=(30.0, 40.0)),
    Split("age", levels=("20", "30.5")),
    Split("member", levels=("true",)),
    Split("city"),
]


def rows(count: int = 600) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "at": pd.date_range("2024-01-01", periods=count, freq="1h").as_unit("us"),
            "score": draw.random(count),
            "kind": draw.choice(["a", "b"], count),
            "city": draw.choice([*CITIES, None], count),
            "age": draw.choice([20.0, 30.0, 30.5, 50.0, np.nan], count),
            "member": draw.choice([True, False], count),
            "note": [f"a long note with words {i}, each of its own" for i in range(count)],
        }
    )


def kinds(split: Split) -> dict[str, str]:
    return {"note": "text", "age": "numeric" if split.edges else "categorical"}


@pytest.mark.parametrize("size", ["1 week", "whole", "100 rows"])
@pytest.mark.parametrize("split", SPLITS)
def test_the_parts_add_up_to_the_whole(make_case: MakeCase, split: Split, size: str) -> None:
    windows = WindowSize.parse(size)
    with open_workspace(make_case(rows(), rows(), roles={"timestamp": "at"}, kinds=kinds(split))) as workspace:
        cells = build_cells(workspace, ["score", "kind"])
        whole = profile(workspace, REFERENCE, cells=cells, windows=windows)
        parts = profile_by(workspace, REFERENCE, split=split, cells=cells, windows=windows)
        assert len(parts) == split.parts
        assert {part.windows.ids for part in parts} == {whole.windows.ids}
        for name, column in whole.columns.items():
            assert np.array_equal(sum(part.columns[name].counts for part in parts), column.counts)
        again = profile_by(workspace, REFERENCE, split=split, cells=cells, windows=windows)
        assert [part.rows.tolist() for part in again] == [part.rows.tolist() for part in parts]


@pytest.mark.parametrize("split", SPLITS)
def test_the_condition_of_a_part_selects_its_rows(make_case: MakeCase, split: Split) -> None:
    with open_workspace(make_case(rows(), rows(), roles={"timestamp": "at"}, kinds=kinds(split))) as workspace:
        cells = build_cells(workspace, ["score"])
        parts = profile_by(workspace, REFERENCE, split=split, cells=cells, windows=WEEK)
        for number, part in enumerate(parts):
            if part.rows.sum():
                selection = Selection("reference", where=part_predicate(workspace, split, number, "reference"))
                assert profile(workspace, selection, cells=cells, windows=WEEK).rows.sum() == part.rows.sum()


def test_parts_by_hand(make_case: MakeCase) -> None:
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0], "city": ["Rome", "Bonn", None, "Rome", "Paris"]})
    with open_workspace(make_case(table, table)) as workspace:
        cells = build_cells(workspace, ["x"])
        parts = profile_by(workspace, REFERENCE, split=Split("city", levels=("Rome",)), cells=cells, windows=WindowSize.parse("whole"))
    assert [int(part.rows[0]) for part in parts] == [2, 2, 1]
    assert parts[0].columns["x"].mean[0] == 2.5


def test_a_part_without_a_row_in_a_window_keeps_the_window(make_case: MakeCase) -> None:
    table = rows(24 * 14)
    table["city"] = np.where(table["at"] < "2024-01-08", "Rome", "Bonn")
    with open_workspace(make_case(table, table, roles={"timestamp": "at"})) as workspace:
        cells = build_cells(workspace, ["score"])
        rome = profile_by(workspace, REFERENCE, split=Split("city", levels=("Rome",)), cells=cells, windows=WEEK)[0]
    assert rome.rows.tolist() == [168, 0]


def test_what_has_no_levels_is_refused(make_case: MakeCase) -> None:
    case = make_case(rows(), rows(), roles={"timestamp": "at"}, kinds={"note": "text"})
    with open_workspace(case) as workspace, pytest.raises(SettingError, match="'note' has no levels"):
        profile_by(workspace, REFERENCE, split=Split("note"), cells=build_cells(workspace, ["score"]), windows=WEEK)


def test_too_many_windows_times_parts_are_refused(make_case: MakeCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.engine.counting.MOST_PARTS", 10)
    case, split = make_case(rows(), rows(), roles={"timestamp": "at"}), Split("city", levels=("Rome",))
    with open_workspace(case) as workspace, pytest.raises(SelectionError, match="4 windows cannot be cut into 3 parts each"):
        profile_by(workspace, REFERENCE, split=split, cells=build_cells(workspace, ["score"]), windows=WEEK)


def answers(scores: list[float | None], predicted: list[float | None], *, dtype: str = "float64") -> pd.DataFrame:
    return pd.DataFrame({"score": np.array(scores, dtype=dtype), "answer": predicted})


ROLES = {"score": "score", "prediction": "answer", "threshold": 0.35, "positive_class": 1}
WHOLE = WindowSize.parse("whole")


def test_answers_by_hand(make_case: MakeCase) -> None:
    table = answers([0.1, 0.35, 0.9, 0.9, np.nan, 0.2], [0, 1, 1, 0, 1, None])
    with open_workspace(make_case(table, table, roles=ROLES)) as workspace:
        found = count_answers(workspace, REFERENCE, Rule("score", 0.35, "answer", "1"), windows=WHOLE)
        alone = count_answers(workspace, REFERENCE, Rule("score", 0.35), windows=WHOLE)
    assert [x.tolist() for x in (found.scored, found.above, found.both, found.differing)] == [[5], [3], [4], [1]]
    assert [x.tolist() for x in (alone.scored, alone.above, alone.both, alone.differing)] == [[5], [3], [0], [0]]


def test_a_short_float_at_the_threshold_is_not_below_it(make_case: MakeCase) -> None:
    table = answers([0.35, 0.1], [1, 0], dtype="float32")
    with open_workspace(make_case(table, table, roles=ROLES)) as workspace:
        found = count_answers(workspace, REFERENCE, Rule("score", 0.35, "answer", "1"), windows=WHOLE)
    assert (found.above.tolist(), found.differing.tolist()) == ([1], [0])
