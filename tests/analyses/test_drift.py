from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from monitor.analyses.drift import measure_drift
from monitor.analyses.drift_result import MEASURED, DriftResult
from monitor.analyses.moved_cells import group_labels
from monitor.analyses.sides import Question
from monitor.engine import Selection, Workspace, open_tables
from monitor.errors import MethodError, SettingError
from monitor.profile import Cells
from monitor.stats.methods.catalogue import CATALOGUE
from monitor.stats.methods.method import custom
from monitor.vocabulary import Kind

DAYS = 20


def rows(first: str, seed: int, shift: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    count = 48 * DAYS
    amount = rng.normal(10 + shift, 2, count)
    return pd.DataFrame(
        {
            "at": pd.date_range(first, periods=count, freq="30min").as_unit("us"),
            "amount": np.where(rng.random(count) < 0.1, np.nan, amount),
            "city": rng.choice(["Paris", "Rome", "Oslo"], count, p=[0.5, 0.3, 0.2]),
        }
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    production = rows("2013-02-01", 2, shift=1.0)
    production.loc[production.index[-48:], "city"] = "Lima"
    return open_tables(
        rows("2013-01-01", 1), production, roles={"timestamp": "at"}, windows="1 day", cache=tmp_path_factory.mktemp("cache")
    )


def measure(workspace: Workspace, *methods: str, **question: Any) -> DriftResult:
    return measure_drift(workspace, Question(**question), methods=methods or ("default",))


def test_one_row_per_column_window_and_method(workspace: Workspace) -> None:
    table = measure(workspace).table
    assert list(table.columns[: len(MEASURED.columns)]) == list(MEASURED.columns)
    assert len(table) == DAYS * (4 + 4)
    assert table.groupby("column")["method"].agg(lambda m: list(m.unique())).to_dict() == {
        "amount": ["js", "wasserstein_sd", "missing_share", "out_of_range"],
        "city": ["js", "missing_share", "new_levels", "lost_levels"],
    }


def test_scores_of_the_whole_are_those_of_scipy(workspace: Workspace) -> None:
    table = measure(workspace, "ks", "mean_shift", "welch_t", windows="whole", columns=("amount",)).table.set_index("method")
    before, after = (rows(first, seed, shift)["amount"].dropna() for first, seed, shift in (("2013-01-01", 1, 0.0), ("2013-02-01", 2, 1.0)))
    assert table.loc["ks", "score"] == pytest.approx(stats.ks_2samp(before, after).statistic, abs=0.01)
    assert table.loc["mean_shift", "score"] == pytest.approx((after.mean() - before.mean()) / before.std(ddof=0))
    assert table.loc["welch_t", "p_value"] == pytest.approx(stats.ttest_ind(before, after, equal_var=False).pvalue)


def test_methods_that_need_values_are_exact(workspace: Workspace) -> None:
    table = measure(workspace, "epps_singleton", windows="whole", columns=("amount",)).table
    before, after = (rows(first, seed, shift)["amount"].dropna() for first, seed, shift in (("2013-01-01", 1, 0.0), ("2013-02-01", 2, 1.0)))
    assert table["basis"].tolist() == ["values"]
    assert table["p_value"].iloc[0] == pytest.approx(stats.epps_singleton_2samp(before, after).pvalue, rel=1e-6)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([0.0], [2.0]),
        (np.arange(0.0, 10.0), np.arange(-110.0, -101.0)),
        (np.repeat([0.0, 10.0, 20.0, 30.0], 50), np.linspace(1.0, 29.0, 77)),
        (np.linspace(0, 5, 400) ** 2, np.append(np.linspace(0, 5, 190) ** 2, np.full(10, 99_999.0))),
        (np.sin(np.arange(500.0)), np.append(np.cos(np.arange(300.0)), [1e5, -1e5, np.inf])),
    ],
)
def test_distances_in_units_of_the_column_are_those_of_scipy(before: Any, after: Any) -> None:
    kinds: dict[str, Any] = {"x": "numeric"}
    frames = [pd.DataFrame({"x": np.asarray(one, dtype=float)}) for one in (before, after)]
    with open_tables(*frames, kinds=kinds, windows="whole") as opened:
        table = measure_drift(opened, methods=["energy", "ks", "wasserstein"]).table.set_index("method")
    held = np.asarray(after, dtype=float)[np.isfinite(after)]
    assert table.index.tolist() == ["energy", "ks", "wasserstein"]
    assert table["basis"].to_dict() == {"energy": "values", "ks": "cells", "wasserstein": "values"}
    assert table.loc["wasserstein", "score"] == pytest.approx(stats.wasserstein_distance(before, held), rel=1e-9)
    assert table.loc["energy", "score"] == pytest.approx(stats.energy_distance(before, held), rel=1e-9)


def test_distances_against_other_baselines_come_from_counts(workspace: Workspace) -> None:
    table = measure(workspace, "energy", "epps_singleton", columns=("amount",), against="previous").table
    assert set(zip(table["method"], table["basis"], strict=True)) == {("energy", "cells")}


def test_moved_cell_and_missing_share(workspace: Workspace) -> None:
    last = measure(workspace, columns=("city",)).table.groupby("method").nth(-1).iloc[0]
    assert (last["moved_cell"], last["moved_from"], last["moved_to"]) == ("rare or new levels", 0.0, 1.0)
    amount = measure(workspace, "missing_share", columns=("amount",), windows="whole").table.iloc[0]
    assert amount["score"] == pytest.approx(amount["missing_share_production"] - amount["missing_share_reference"])


def test_windows_against_the_one_before(workspace: Workspace) -> None:
    table = measure(workspace, "mean_shift", columns=("amount",), against="previous").table
    assert table["n_reference"].tolist() == [48] * DAYS
    assert table["score"].iloc[0] > 0.2 > abs(table["score"].iloc[1:].mean())  # only the first day differs from the day before it


def test_values_are_not_compared_with_other_baselines(workspace: Workspace) -> None:
    result = measure(workspace, "epps_singleton", columns=("amount",), against="previous")
    assert len(result.table) == 0
    assert [(skip.what, skip.reason) for skip in result.skipped] == [("amount", "not_applicable")]


def test_methods_that_do_not_serve_a_kind_are_named(workspace: Workspace) -> None:
    skipped = measure(workspace, "ks", windows="whole").skipped
    assert [(skip.what, skip.message) for skip in skipped] == [("city", "None of the methods asked for serves categorical columns.")]


def test_own_method(workspace: Workspace) -> None:
    gap = custom("median_gap", lambda a, b: float(np.median(b) - np.median(a)))
    question = Question(windows="whole", columns=("amount",))
    table = measure_drift(workspace, question, methods=("median_gap",), catalogue=CATALOGUE.with_method(gap)).table
    assert table["score"].iloc[0] == pytest.approx(1, abs=0.3)


def test_selections_and_provenance(workspace: Workspace) -> None:
    week = Selection.parse("2013-02-01..2013-02-08")
    result = measure(workspace, production=week, columns=("amount",))
    provenance = result.provenance
    assert result.table["window"].nunique() == 7
    assert provenance.rows["production"] == {"used": 336, "excluded": {"outside the period": 624}}
    assert provenance.selections["production"] == week.describe()
    assert [step for step, _ in provenance.sql] == ["count the reference", "count the production"]


def test_nothing_asked_and_unknown_methods(workspace: Workspace) -> None:
    with pytest.raises(SettingError, match="No method was asked for"):
        measure_drift(workspace, methods=())
    with pytest.raises(MethodError, match="Did you mean 'psi'"):
        measure(workspace, "psy")


def test_labels_of_groups() -> None:
    numeric = Cells("x", Kind.NUMERIC, np.array([1.0, 2.0, 3.0, 4.0]), (), low=1.5, high=3.5)
    assert group_labels(numeric, np.array([0, 1, 1, 2, 3, 4, 5])) == ["< 1.5", "1.5 to 3", "3 to 3.5", "> 3.5", "infinite", "missing"]
    assert group_labels(Cells("x", Kind.NUMERIC, np.array([]), ()), np.array([0, 1, 2]))[0] == "any value"
    levels = Cells("x", Kind.CATEGORICAL, np.array([]), ("a", "b", "c"))
    assert group_labels(levels, np.array([0, 1, 1, 2, 3])) == ["a", "2 rare levels", "rare or new levels", "missing"]
    spread = Cells("x", Kind.CATEGORICAL, np.array([]), ("a",), buckets=2)
    parts = [f"rare or new levels, part {i} of 2" for i in (1, 2)]
    assert group_labels(spread, np.array([0, 1, 2, 3, 4])) == ["a", *parts, "other", "missing"]
