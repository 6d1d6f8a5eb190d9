"""From rows to what is said of those unlike the others, on simulated cases with a known truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses import outlier_rows
from monitor.analyses.outliers import METHODS, measure_outliers
from monitor.analyses.sides import Question
from monitor.case import OutlierThresholds
from monitor.engine import Selection, open_tables
from monitor.errors import MethodError
from monitor.judgement.data_answers import outliers_answer
from monitor.judgement.findings import findings_table
from monitor.judgement.judged_outliers import JudgedOutliers
from monitor.judgement.metric_series import Known
from monitor.judgement.outliers import judge_outliers
from monitor.judgement.run_parts import parts_of_run
from monitor.stats.inference.runs import Run
from monitor.stats.multivariate.rows import Ints, Rows
from monitor.stats.outliers.ensemble import Ensemble, fit_ensemble

ROLES = {"timestamp": "at", "id": "id", "segments": ["shop"]}


def rows(start: str, days: int, *, seed: int, odd: str = "", odd_from: int = 0, per_day: int = 100) -> pd.DataFrame:
    """Rows of a price that follows a weight; from a day on a tenth of those of shop b are odd."""
    rng = np.random.default_rng(seed)
    n = per_day * days
    weight, shop = rng.normal(10, 2, n), rng.choice(["a", "b", "c"], n)
    table = pd.DataFrame(
        {
            "at": pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * (86_400 // per_day), unit="s"), "id": [f"r{i}" for i in range(n)],
            "weight": weight, "price": 3 * weight + rng.normal(0, 0.5, n), "shop": shop, "day": rng.choice(["mon", "tue"], n),
        }
    )  # fmt: skip
    chosen = (shop == "b") & (rng.random(n) < 0.3) & (np.arange(n) >= per_day * odd_from)
    if odd == "global":
        table.loc[chosen, "price"] = 900.0
    elif odd == "dependency":
        table.loc[chosen, "price"] = 60.0 - table.loc[chosen, "price"]
    elif odd == "unseen":
        table.loc[chosen, "day"] = "caturday"
    return table


def judged(reference: pd.DataFrame, production: pd.DataFrame, question: Question | None = None, **thresholds: float) -> JudgedOutliers:
    roles = {role: column for role, column in ROLES.items() if (column if isinstance(column, str) else "shop") in production}
    windows = "1 day" if "at" in production else "whole"
    with open_tables(reference, production, roles=roles, windows=windows) as workspace:
        return judge_outliers(measure_outliers(workspace, question), OutlierThresholds(**thresholds))  # type: ignore[arg-type]


@pytest.fixture(scope="module", autouse=True)
def _learned_once() -> Iterator[None]:
    """Learn the same reference once: most of these tests differ in production alone."""
    known: dict[tuple[Any, ...], Ensemble] = {}

    def learn(rows: Rows, stretch: Ints, *, seed: int = 0) -> Ensemble:
        key = (rows.numeric.tobytes(), rows.categorical.tobytes(), rows.names, str(rows.levels), stretch.tobytes(), seed)
        return known[key] if key in known else known.setdefault(key, fit_ensemble(rows, stretch, seed=seed))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outlier_rows, "fit_ensemble", learn)
        yield


@pytest.fixture(scope="module")
def usual() -> pd.DataFrame:
    return rows("2026-01-01", 40, seed=0)


def test_rows_far_out_are_flagged_named_and_dated(usual: pd.DataFrame) -> None:
    found = judged(usual, rows("2026-03-01", 20, seed=1, odd="global", odd_from=12))
    told = found.table[found.table["method"] == "ensemble"]
    wild = told[told["reason"].str.startswith("price 900 lies above the reference's largest")]
    assert len(wild) == pytest.approx(0.1 * 800, rel=0.4)
    assert set(wild["kind"]) == {"global"}
    assert wild["timestamp"].min() >= pd.Timestamp("2026-03-13")
    assert json.loads(wild["columns"].iloc[0])[0] == "price"
    first = next(one for one in found.findings if one.what == "rows")
    assert (first.status, first.ongoing) == ("alert", True)
    assert abs((first.start - np.datetime64("2026-03-13")) / np.timedelta64(1, "D")) <= 1
    assert first.carried[0] == "price"
    assert len(outliers_answer(found).headline.split()) <= 15


def test_the_segment_that_they_lie_in_is_named_and_no_other() -> None:
    before, after = rows("2026-01-01", 40, seed=0, per_day=300), rows("2026-03-01", 20, seed=1, odd="global", odd_from=12, per_day=300)
    found = judged(before, after)
    assert {one.what for one in found.findings if one.place is not None} == {"shop = b"}
    sentence = next(one for one in findings_table(found.findings, found.names, found.against)["sentence"] if "shop b" in one)
    assert sentence.startswith("More rows of shop b are unlike the reference since 13 Mar")


def test_columns_that_do_not_belong_together_are_told_as_that(usual: pd.DataFrame) -> None:
    found = judged(usual, rows("2026-03-01", 10, seed=2, odd="dependency", odd_from=5))
    told = found.table[(found.table["method"] == "ensemble") & (found.table["kind"] == "dependency")]
    assert len(told) >= 20
    assert told["reason"].str.contains("does not fit: the other columns let expect about").mean() > 0.9


def test_a_level_that_was_never_there_is_called_by_its_name(usual: pd.DataFrame) -> None:
    found = judged(usual, rows("2026-03-01", 10, seed=3, odd="unseen", odd_from=5))
    assert found.table["reason"].str.contains("'caturday' was never seen in the reference").any()


def test_without_change_nothing_is_named_and_the_stated_share_is_flagged(usual: pd.DataFrame) -> None:
    found = judged(usual, rows("2026-03-01", 60, seed=4))
    assert found.findings == ()
    assert found.flagged / 6_000 == pytest.approx(found.expected, rel=0.45)
    assert outliers_answer(found).headline == "No more rows are unlike the reference than usual."


def test_the_table_keeps_its_contract(usual: pd.DataFrame) -> None:
    found = judged(usual, rows("2026-03-01", 5, seed=5, odd="global"))
    assert list(found.table.columns[:8]) == ["id", "timestamp", "window", "method", "score", "p_value", "flagged", "reason"]
    assert found.table.groupby(["file", "row"])["method"].agg(tuple).map(lambda one: one == METHODS).all()
    ensemble = found.table[found.table["method"] == "ensemble"]
    assert ensemble["flagged"].all()
    assert ensemble["p_value"].is_monotonic_increasing
    assert ensemble["p_value"].min() >= 1 / (found.result.calibration + 1)
    assert found.summary["flagged"] == len(ensemble)
    assert [one["flagged"] for one in found.summary["by_window"] if one["what"] == "rows"] == ensemble.groupby("window").size().tolist()


def test_each_row_is_the_one_of_the_data(usual: pd.DataFrame) -> None:
    production = rows("2026-03-01", 5, seed=6, odd="global")
    found = judged(usual, production)
    wild = set(production.loc[production["price"] == 900, "id"])
    assert wild <= set(found.table["id"])
    times = production.set_index("id")["at"]
    assert all(times[one] == at for one, at in zip(found.table["id"], found.table["timestamp"], strict=True))


def test_ids_beyond_the_whole_numbers_of_a_float_are_text(usual: pd.DataFrame) -> None:
    production = rows("2026-03-01", 5, seed=6, odd="global").assign(id=lambda table: 2**53 + 1 + np.arange(len(table)))
    found = judged(usual.assign(id=np.arange(len(usual))), production).table
    assert found["id"].map(type).eq(str).all()
    assert set(found["id"]) <= set(production["id"].astype(str))


def test_a_larger_share_flags_more_rows(usual: pd.DataFrame) -> None:
    production = rows("2026-03-01", 20, seed=7)
    with open_tables(usual, production, roles=ROLES, windows="1 day") as workspace:
        result = measure_outliers(workspace)
    few, many = (judge_outliers(result, OutlierThresholds(share=one)).flagged for one in (0.01, 0.05))
    assert few < many


@pytest.mark.parametrize("share", [0.3, 0.03])
def test_a_share_that_is_not_counted_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"share is one of 0\.001, 0\.002"):
        OutlierThresholds(share=share)


def test_too_few_reference_rows_are_said(usual: pd.DataFrame) -> None:
    with pytest.raises(MethodError, match="at least 20 reference rows"):
        judged(usual.head(8), usual)
    found = judged(usual.head(60), usual)
    assert outliers_answer(found).headline == "The reference has too few rows to flag any."
    assert found.table.empty


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop(columns=["at", "id"]),
        lambda table: table.head(1),
        lambda table: table.assign(price=np.nan, day=None),
        lambda table: table.assign(price=np.inf),
        lambda table: table.assign(weight=7.0, price=7.0, shop="a", day="mon"),
        lambda table: table[["at", "price"]],
        lambda table: table.assign(shop=[f"s{i}" for i in range(len(table))]),
    ],
)  # fmt: skip
def test_odd_production_is_borne(usual: pd.DataFrame, change: object) -> None:
    production = change(rows("2026-03-01", 5, seed=8))  # type: ignore[operator]
    reference = usual[[one for one in usual.columns if one in production]]
    found = judged(reference, production)
    assert found.table["p_value"].between(0, 1).all()
    assert found.table["reason"].str.endswith(".").all()
    assert not found.table["reason"].str.contains("nan").any()


def test_a_reference_without_values_in_a_column_says_so(usual: pd.DataFrame) -> None:
    found = judged(usual.assign(price=np.nan), usual.assign(at=usual["at"] + pd.Timedelta(days=60)))
    assert any(one.what == "price" for one in found.result.skipped)


def test_windows_before_are_no_measure(usual: pd.DataFrame) -> None:
    found = judged(usual, rows("2026-03-01", 5, seed=9), Question(against="previous"))
    assert found.against == "the reference"
    assert any(one.what == "against previous" for one in found.result.skipped)


def test_another_side_is_called_by_its_name(usual: pd.DataFrame) -> None:
    production = rows("2026-03-01", 30, seed=10, odd="global", odd_from=20)
    early = Selection.parse("2026-03-01..2026-03-19")
    found = judged(usual, production, Question(reference=early, production=Selection.parse("2026-03-20..2026-04-01")))
    reasons = found.table["reason"]
    assert not reasons.str.contains("the reference").any()
    assert reasons.str.contains("price 900 is high: hardly a row of A").any()


def test_a_method_that_there_is_not_is_named(usual: pd.DataFrame) -> None:
    with open_tables(usual, usual, roles=ROLES, windows="1 day") as workspace, pytest.raises(MethodError, match="Did you mean 'knn'"):
        measure_outliers(workspace, methods=("kn",))


def test_two_events_with_ordinary_days_between_are_two_and_these_days_alarm_nothing() -> None:
    before, now = rows("2026-01-01", 40, seed=0, per_day=300), rows("2026-03-01", 28, seed=1, odd="global", per_day=300)
    calm = rows("2026-03-01", 28, seed=1, per_day=300)
    day = now["at"].dt.day
    now.loc[~day.between(5, 8) & ~day.between(19, 22), "price"] = calm["price"]
    found = judged(before, now)
    runs = [one for one in found.findings if one.what == "rows"]
    assert sorted((one.window, one.last_window) for one in runs) == [("2026-03-05", "2026-03-08"), ("2026-03-19", "2026-03-22")]
    shares = found.shares[found.shares["what"] == "rows"].set_index("window")
    assert set(shares.loc["2026-03-09":"2026-03-18", "status"]) == {"stable"}  # type: ignore[misc]
    told = shares[shares["status"] != "stable"]
    assert (told["share"] > told["limit"]).all()
    monthly = [one for one in judged(before, now, Question(windows="1 month")).findings if one.what == "rows"]
    assert len({one.id for one in monthly}) == len(monthly)  # within one month nothing tells two events apart
    assert (str(monthly[0].start)[:10], str(monthly[0].end)[:10]) == ("2026-03-05", "2026-03-23")


def test_windows_without_a_number_part_no_run() -> None:
    """Nobody flagged in days without rows: they are neither ordinary nor beyond the reference."""
    value = np.array([0.9, 0.1, 0.1, 0.1, 0.1, np.nan, np.nan])
    known = Known(own=np.zeros(2), own_variance=np.ones(2), value=value, variance=np.where(np.isnan(value), np.nan, 0.01))
    assert parts_of_run(Run.known(1, 6), known, np.nan_to_num(value, nan=1.0) < 0.5) == [(1, 6)]
    assert parts_of_run(Run.known(0, 6), known, value < 0.5) == [(0, 6)]
