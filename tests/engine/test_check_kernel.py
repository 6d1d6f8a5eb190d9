"""Checks counted in one pass, beside a plain reading of what each asks; whatever the order of rows and the size of batches."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from monitor.case import WindowSize
from monitor.engine import Selection, checks, open_tables
from monitor.engine.check_kernel import SENTINELS, Counted, distinct_within, has_one_decimal

RNG = np.random.default_rng(3)
N = 240
VALUES = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 3.0, -99.0, 9999.0, 0.1, 0.25, 1.05, 1.7e308, float(np.float32(49.9))])
TIMES = pd.Series(pd.Timestamp("2026-01-01") + pd.to_timedelta(np.sort(RNG.integers(0, 40, N)) * 3_000, unit="s"))
TABLE = pd.DataFrame({"t": TIMES, "odd": RNG.choice(VALUES, N), "price": RNG.normal(size=N).round(1), "items": RNG.integers(-9, 3, N)})
LAW = {"default_value": set(SENTINELS), "zeros": {0.0}}


def _expected(table: pd.DataFrame, column: str) -> Mapping[str, tuple[list[int], list[int]]]:
    """Return failing rows and rows asked by day: different values of an hour where decimals are asked for."""
    rows = table.sort_values("t", kind="stable")
    value, day, hour = rows[column].astype(float), rows["t"].dt.date, rows["t"].dt.floor("h")
    known = value.notna()
    fails = {name: value.isin(list(few)) for name, few in LAW.items()} | {"stuck": known & (value == value.shift())}
    found = {name: (one.groupby(day).sum().tolist(), known.groupby(day).sum().tolist()) for name, one in fails.items()}
    if column != "items":
        once = pd.DataFrame({"value": value, "hour": hour, "day": day})[known & (value != 0)].drop_duplicates(["value", "hour"])
        whole = once["value"] == np.trunc(once["value"])
        tenths = [float(f"{one:.1f}") == one or float(np.float32(f"{one:.1f}")) == one for one in once["value"]]
        asked = once.groupby("day").size().tolist()
        found["precision"] = whole.groupby(once["day"]).sum().tolist(), asked
        found["precision_tenths"] = pd.Series(tenths, once.index).groupby(once["day"]).sum().tolist(), asked
        found["impossible"] = (np.isinf(value).groupby(day).sum().tolist(), known.groupby(day).sum().tolist())
    return found


def _rows(found: Counted) -> tuple[list[int], list[int]]:
    assert found.rows is not None
    return found.rows[0].tolist(), found.rows[1].tolist()


def _whole(table: pd.DataFrame, column: str) -> tuple[list[int], list[int]]:
    """Return the rows by day that hold a whole number, and those that hold any."""
    value, day = table[column].astype(float), table["t"].dt.date
    whole = value.notna() & (value == np.trunc(value))
    return whole.groupby(day).sum().tolist(), value.notna().groupby(day).sum().tolist()


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("shuffled", [False, True])
def test_every_check_counts_what_it_asks(size: int, shuffled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "batch_rows", lambda _: size)
    table = pd.concat([TABLE, TABLE.iloc[:9]])
    table = table.sample(frac=1.0, random_state=1) if shuffled else table.sort_values("t", kind="stable")
    names = ["odd", "price", "items"]
    with open_tables(
        table, table, roles={"timestamp": "t"}, kinds=dict.fromkeys(names, "numeric"), task="none", windows="1 day"
    ) as workspace:
        found = checks.count_checks(workspace, Selection("production"), WindowSize(1, "day"), names)
    for name in names:
        told = {check: (one.hits.tolist(), one.known.tolist()) for (column, check), one in found.counts.items() if column == name}
        assert told == _expected(table, name)
        assert name == "items" or _rows(found.counts[name, "precision"]) == _whole(table, name), "of rows, hours apart or not"
    same = found.counts["", "duplicate_rows"]
    rows = table.fillna(-1.0).groupby(table["t"].dt.date)
    assert same.hits.tolist() == [int(one.duplicated().sum()) for _, one in rows]
    assert same.known.tolist() == found.rows.tolist()


def test_rows_without_a_time_are_one_hour() -> None:
    with open_tables(TABLE.drop(columns="t"), TABLE.drop(columns="t"), task="none", windows="whole") as workspace:
        found = checks.count_checks(workspace, Selection("production"), WindowSize(1, "whole"), ["price"])
    assert found.counts["price", "precision"].known.tolist() == [TABLE["price"][TABLE["price"] != 0].nunique()]


@pytest.mark.parametrize("parts", [3, 40])
def test_different_values_are_told_apart_within_parts_only(parts: int) -> None:
    values = RNG.integers(0, 6, 60).astype(float)
    starts = np.sort(RNG.integers(0, 61, parts - 1))
    found, times, counts = distinct_within(values, np.append(0, starts))
    split = [np.unique(one) for one in np.split(values, starts)]
    assert counts.tolist() == [len(one) for one in split]
    assert found.tolist() == np.concatenate(split).tolist()
    assert times.tolist() == np.concatenate([np.unique(one, return_counts=True)[1] for one in np.split(values, starts)]).tolist()


def test_numbers_are_rounded_as_sql_rounds_them() -> None:
    values = [0.3, -0.3, 0.25, 0.049999999999999996, float(np.float32(49.9)), np.inf, 1.7e308]
    assert has_one_decimal(np.array(values)).tolist() == [True, True, False, False, True, True, True]
