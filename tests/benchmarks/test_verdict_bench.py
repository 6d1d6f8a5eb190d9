"""The oracle keeps its level, draws for publishing are kept apart, and the tables print."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.verdict.changes import BY_NAME, CHANGES, MANY, MEAN
from benchmarks.verdict.design import SEEDS, Cell, design
from benchmarks.verdict.laws import COLUMNS
from benchmarks.verdict.noise import INDEPENDENT, Noise
from benchmarks.verdict.oracle import AIM, LEVEL, Oracle, score, sized
from benchmarks.verdict.screens import Shape, simulate
from benchmarks.verdict.table import first_hit, tables, upper
from benchmarks.verdict.work import Budget, batches, done, one

DAYS = Noise("days", sd=0.3, rho=0.6)
SHAPE = Shape(14, 500, 10)
LAWS = {law.name: law for law in COLUMNS}


@pytest.mark.parametrize(("noise", "column", "kind"), [(INDEPENDENT, "five", "swap"), (DAYS, "normal", "shift"), (DAYS, "gaps", "missing")])
def test_the_oracle_alarms_as_often_as_it_may(noise: Noise, column: str, kind: str) -> None:
    oracle = Oracle(LAWS[column], kind, noise, SHAPE)
    most, _ = oracle.largest(oracle.null(np.random.default_rng(9), 40_000))
    assert (most > oracle.threshold).mean() == pytest.approx(LEVEL, rel=0.3)


def test_the_oracle_knows_the_variance_of_simulated_windows() -> None:
    shape = Shape(60, 2_000, 340)
    production = simulate(np.random.default_rng(3), DAYS, shape).production.columns["gaps"]
    shares = production.missing / production.rows
    assert shares.var() == pytest.approx(Oracle(LAWS["gaps"], "missing", DAYS, shape).covariance[0], rel=0.35)


def test_the_oracle_chooses_what_it_finds_in_nine_of_ten() -> None:
    found = sized(MEAN, "normal", INDEPENDENT, SHAPE, 3)
    assert found is not None
    assert found.power == pytest.approx(AIM, abs=0.02)
    assert sized(BY_NAME["new level 20%"], "five", INDEPENDENT, SHAPE, 3) is None


def test_every_column_can_be_one_of_many_that_change() -> None:
    assert set(MANY) == set(LAWS)
    assert all(change.size is not None or score(LAWS[name], change.kind).variance > 0 for name, change in MANY.items())
    assert all(change.size is not None or score(LAWS[name], change.kind).variance > 0 for change in CHANGES for name in change.columns)


def test_draws_for_publishing_are_not_those_for_tuning() -> None:
    cells = design()
    assert len({cell.key for cell in cells}) == len(cells)
    assert len(set(SEEDS.values())) == len(SEEDS) == 2
    first = {float(cell.generator(seeds, screen).random()) for cell in cells for seeds in SEEDS for screen in range(2)}
    assert len(first) == 4 * len(cells)


def test_what_was_run_is_not_run_again(tmp_path: Path) -> None:
    cells, budget = [Cell("independent rows", 3, 50), Cell("independent rows", 5, 50)], Budget(4, 2, 1.0)
    assert done(tmp_path / "none.jsonl", "tuning") == set()
    left = list(batches(cells, budget, {(cells[0].key, 0), (cells[0].key, 1), (cells[1].key, 3)}))
    assert left == [(cells[1], [0, 1]), (cells[0], [2, 3]), (cells[1], [2])]


def test_a_screen_is_the_same_again_and_the_tables_print() -> None:
    still = Cell("independent rows", 3, 50, 3)
    records = [one(still, "tuning", screen) for screen in range(2)]
    again = one(still, "tuning", 1)
    assert again["named"] == records[1]["named"]
    records.append(one(Cell("independent rows", 14, 500, 10, "new level 100%", "five", 3), "tuning", 0))
    records.append({**records[-1], "cell": {**records[-1]["cell"], "change": "many", "planted": 6}})
    text = tables(records)
    assert text.count("###") == 5
    assert "| independent rows | 3 | 50 | 3 | 2 |" in text
    assert "| new level 100% | five | 3 | independent rows | 14 | 500 | 1 | 1 | 100.0 % |" in text


def test_a_hit_overlaps_what_was_planted() -> None:
    record = {"start": 4, "cell": {"length": 3, "production": 10}, "planted": ["x"]}
    wrong = [{"column": "y", "start": 4, "end": 5}, {"column": "x", "start": 0, "end": 3}, {"column": "x", "start": 7, "end": None}]
    right = {"column": "x", "start": 2, "end": None}
    assert first_hit({**record, "named": wrong}) is None
    assert first_hit({**record, "named": [*wrong, right]}) == right


def test_the_upper_limit_is_that_of_clopper_and_pearson() -> None:
    assert upper(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100))
    assert upper(3, 3) == 1.0
