"""Data that were once judged wrong without a word, each with the right verdict, and its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.case import WindowSize, load_case
from monitor.engine import Selection, init_case, open_tables, open_workspace
from monitor.engine.checks import count_checks
from monitor.engine.columns import as_number
from monitor.engine.identifiers import quote
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.narration.sentences import sentence

ROWS = {"reference": 3000, "production": 1500}
RNG = np.random.default_rng(3)


@pytest.fixture(autouse=True)
def _same_draws_in_any_order() -> None:
    RNG.bit_generator.state = np.random.default_rng(3).bit_generator.state


def judged(reference: Any, production: Any, begins: str = "2024-03-04") -> JudgedDrift:
    """Judge one column by week: 60 days of reference, 28 of production."""
    sides = []
    for values, start, days in ((reference, "2024-01-01", 60), (production, begins, 28)):
        step = pd.Timedelta(days=days) / len(values)
        sides.append(pd.DataFrame({"at": pd.date_range(start, periods=len(values), freq=step).as_unit("us"), "x": values}))
    with open_tables(*sides, roles={"timestamp": "at"}, task="none", windows="1 week") as workspace:
        return judge_drift(measure_drift(workspace, Question()))


def statuses(found: JudgedDrift) -> set[str]:
    rows = found.table[found.table["primary"]]
    return {str(status) for status in rows["status"]}


@pytest.mark.parametrize("levels", [[9.99, 19.99, 29.99, 49.99], list(np.arange(1, 10) / 10)])
@pytest.mark.parametrize("types", [("f8", "f4"), ("f4", "f8"), ("f8", "f2"), ("f2", "f4")])
def test_the_width_of_a_number_is_no_drift(levels: Sequence[float], types: tuple[str, str]) -> None:
    before, after = (RNG.choice(list(levels), rows).astype(sort) for rows, sort in zip(ROWS.values(), types, strict=True))
    assert statuses(judged(before, after)) == {"stable"}


@pytest.mark.parametrize("wide", ["f8", "f4", "arrow"])
def test_files_of_one_data_set_may_have_numbers_of_other_widths(tmp_path: Path, wide: str) -> None:
    values = np.array([0.1, 0.7, 9.99, 33.3, 2.0625, -2.25, 0.0, np.nan])
    for name, sort in (("r0", "f8"), ("p0", wide), ("p1", "f4"), ("p2", "f2")):
        held = pd.DataFrame({"x": values.astype(sort if sort != "arrow" else "f2"), "y": values.astype("f4" if name == "p1" else "f8")})
        held.to_parquet(tmp_path / f"{name}.parquet")
        if name == "p0":
            _write_arrow(pa.Table.from_pandas(held), tmp_path / "p0.arrow")
    place = "p0.arrow" if wide == "arrow" else "p*.parquet"
    data = f'[data]\nreference = "r*.parquet"\nproduction = "{place}"\n'
    (tmp_path / "case.toml").write_text(f'[case]\nname = "c"\ntask = "none"\n{data}')
    with open_workspace(load_case(tmp_path)) as workspace:
        for name in ("x", "y"):
            sql = as_number(workspace.columns[name], "production")
            query = f"SELECT {sql} AS x, count(*) FROM {workspace.source('production').relation} GROUP BY 1 HAVING NOT isnan(x)"
            found = set(workspace.connection.execute(query).fetchall())
            assert found == {(value, 1 if wide == "arrow" else 3) for value in values[:-1]}, name


def _write_arrow(table: pa.Table, path: Path) -> None:
    with pa.ipc.new_file(str(path), table.schema) as opened:
        opened.write_table(table)


@pytest.mark.parametrize("types", [("f8", "f4"), ("f4", "f8"), ("f4", "f4")])
def test_the_width_of_a_number_is_no_change_of_its_digits(types: tuple[str, str]) -> None:
    tables = [
        pd.DataFrame({"rate": (RNG.integers(1, 10, 400) / 10).astype(sort), "price": RNG.choice([9.99, 49.99], 400).astype(sort)})
        for sort in types
    ]
    with open_tables(*tables, task="none", windows="whole") as workspace:
        for name in ("reference", "production"):
            found = count_checks(workspace, Selection(name), WindowSize(1, "whole"), ["rate", "price"]).counts
            assert [int(found["rate", "precision_tenths"].hits[0]), int(found["price", "precision_tenths"].hits[0])] == [9, 0]
            column = quote("price") if types == ("f4", "f4") else as_number(workspace.columns["price"], name)
            top = workspace.connection.execute(f"SELECT max({column}) FROM {workspace.source(name).relation}").fetchall()[0][0]
            assert np.float32(top) == np.float32(49.99)
            assert types == ("f4", "f4") or top == 49.99


@pytest.mark.parametrize(
    ("levels", "begins"),
    [(150, "2024-03-04"), (500, "2024-03-04"), (2000, "2024-03-04"), (300, "2024-03-01"), (500, "2024-03-01")],
)
def test_four_of_five_levels_that_vanish_are_an_alert_from_the_first_whole_week_on(levels: int, begins: str) -> None:
    names = np.array([f"M{i:03d}" for i in range(levels)])
    found = judged(RNG.choice(names, 12_000), RNG.choice(names[: levels // 5], 6000), begins)
    assert "alert" in statuses(found)
    assert [str(one.start)[:10] for one in found.found] == ["2024-03-04"]


@pytest.mark.parametrize("levels", [500, 2000])
def test_one_law_over_many_levels_is_no_drift(levels: int) -> None:
    names = np.array([f"c{i}" for i in range(levels)])
    assert statuses(judged(RNG.choice(names, 6000), RNG.choice(names, 3000))) == {"stable"}


@pytest.mark.parametrize(("value", "told"), [(-1.0, "-1"), (1.0, "1")])
def test_a_part_of_the_zeros_that_moves_is_an_alert_either_way(value: float, told: str) -> None:
    found = judged(np.zeros(ROWS["reference"]), np.where(RNG.random(ROWS["production"]) < 0.4, value, 0.0))
    assert "alert" in statuses(found)
    assert any(told in sentence(one, found.names, found.against).split("x", 1)[1] for one in found.found)


def test_a_decimal_is_the_level_of_its_number() -> None:
    values = [0.5, 1.5, 2.25, 3.0]
    after = [Decimal(str(value)).quantize(Decimal("0.01")) for value in RNG.choice(values, ROWS["production"])]
    assert statuses(judged(RNG.choice(values, ROWS["reference"]), after)) == {"stable"}


@pytest.mark.parametrize("word", ["missing", "other", "(missing)", "None", "null", "infinite"])
def test_a_level_with_a_name_of_ours_is_a_level(word: str) -> None:
    before = RNG.choice([word, "a", "b"], ROWS["reference"])
    found = judged(before, RNG.choice(["a", "b"], ROWS["production"]))
    assert "alert" in statuses(found)
    rows = found.table[found.table["method"] == "missing_share"]
    assert (rows["score"] == 0.0).all()


def test_ids_that_look_like_dates_open_at_once_and_again(tmp_path: Path) -> None:
    ids = [f"2024-01-{1 + i % 28:02d}-{i}" for i in range(300)]
    pd.DataFrame({"ref": ids}).to_parquet(tmp_path / "r.parquet")
    pd.DataFrame({"ref": ids, "new": range(300)}).to_parquet(tmp_path / "p.parquet")
    data = '[data]\nreference = "r.parquet"\nproduction = "p.parquet"\n'
    (tmp_path / "case.toml").write_text(f'[case]\nname = "c"\ntask = "none"\n{data}')
    for _ in range(2):
        with open_workspace(load_case(tmp_path)) as workspace:
            assert [one.what for one in workspace.skipped] == ["new"]
            assert workspace.columns["ref"].kind.value == "text"


def _exported(path: Path, start: str, rows: int, factor: float) -> Path:
    """Write what a bank's export looks like in much of Europe."""
    times, score = pd.date_range(start, periods=rows, freq="25min"), RNG.beta(2, 5, rows)
    table = pd.DataFrame(
        {
            "created_at": times.strftime("%d/%m/%Y %H:%M"),
            "amount": [f"{value:.2f}".replace(".", ",") for value in RNG.gamma(2, 900, rows) * factor],
            "segment": RNG.choice(["retail", "sme"], rows),
            "pd_score": [f"{value:.4f}".replace(".", ",") for value in score],
            "decision": (score > 0.35).astype(int),
            "defaulted": (RNG.random(rows) < score).astype(int),
        }
    )
    table.to_csv(path, sep=";", index=False)
    return path


def test_a_newcomer_sees_his_drift_by_week_after_init_alone(tmp_path: Path) -> None:
    sources = [
        _exported(tmp_path / "reference.csv", "2024-01-01", 5000, 1),
        _exported(tmp_path / "production.csv", "2024-04-01", 2500, 1.4),
    ]
    init_case(sources, tmp_path / "case")
    case = load_case(tmp_path / "case")
    assert (case.roles.timestamp, case.roles.score, case.roles.prediction, case.roles.label) == (
        "created_at",
        "pd_score",
        "decision",
        "defaulted",
    )
    assert str(case.windows) == "1 week"
    with open_workspace(case) as workspace:
        found = judge_drift(measure_drift(workspace, Question()))
    assert [sentence(one, found.names, found.against) for one in found.found] == ["amount is higher since 1 Apr: mean 2,500 against 1,800."]
