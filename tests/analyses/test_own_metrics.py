"""Metrics of a case's own: in SQL, by a trusted function, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.performance import measure_performance
from monitor.analyses.performance_result import PerformanceResult
from monitor.case import load_case, save_case, trust_case
from monitor.engine import open_workspace
from monitor.errors import DriftscopeError, MethodError
from monitor.judgement.performance import judge_performance

HEAD = '[case]\nname = "x"\ntask = "{task}"\n[data]\nreference = "r.parquet"\nproduction = "p.parquet"\n'
ROLES = '[roles]\ntimestamp = "at"\nprediction = "decision"\nlabel = "label"\n[windows]\nsize = "1 week"\n'
SQL = '[[metrics]]\nid = "saved"\nnumerator = "amount * (decision = 1 AND label = 1)::INT"\n'
SQL += 'denominator = "amount * (label = 1)::INT"\nbetter = "more"\n'
CODE = '[[metrics]]\nid = "saved"\nfunction = "own.py:saved"\ncolumns = ["amount", "decision", "label", "place"]\n'
FUNCTION = """
def saved(rows):
    assert set(rows["place"].dropna()) == {"a", "b"}
    return rows["amount"] * (rows["decision"] == 1) * (rows["label"] == 1), rows["amount"] * (rows["label"] == 1)
"""


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def rows(start: str, seed: int, caught: float = 0.6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 4_000
    label = rng.random(n) < 0.3
    decision = np.where(label, rng.random(n) < caught, rng.random(n) < 0.1)
    at, place = pd.date_range(start, periods=n, freq="15min"), rng.choice(["a", "b"], n)
    return pd.DataFrame(
        {"at": at, "decision": decision.astype(int), "label": label.astype(int), "amount": rng.gamma(2, 20, n), "place": place}
    )


def write(folder: Path, metrics: str, *, task: str = "binary", caught: float = 0.6) -> None:
    rows("2026-01-05", 0).to_parquet(folder / "r.parquet")
    rows("2026-03-02", 1, caught).to_parquet(folder / "p.parquet")
    (folder / "own.py").write_text(FUNCTION, encoding="utf-8")
    (folder / "case.toml").write_text(HEAD.format(task=task) + ROLES + metrics, encoding="utf-8")


def measured(folder: Path, **more: object) -> PerformanceResult:
    with open_workspace(load_case(folder)) as workspace:
        return measure_performance(workspace, **more)  # type: ignore[arg-type]


def expected(caught: float = 0.6) -> np.ndarray:
    data = rows("2026-03-02", 1, caught)
    above = data["amount"] * data["decision"] * data["label"]
    week = data["at"].dt.isocalendar().week.to_numpy()
    return (above.groupby(week).sum() / (data["amount"] * data["label"]).groupby(week).sum()).to_numpy()


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_ratio_in_sql_is_a_metric_like_any_other(tmp_path: Path, task: str) -> None:
    write(tmp_path, SQL, task=task)
    table = measured(tmp_path).table
    mine = table[table["metric"].eq("saved")]
    assert mine["value"].to_numpy() == pytest.approx(expected())
    assert ((mine["lower"] < mine["value"]) & (mine["value"] < mine["upper"])).all()


def test_it_is_judged_and_told_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, SQL + 'title = "Fraud saved"\n', caught=0.3)
    found = judge_performance(measured(tmp_path, methods=("saved",)))
    one = found.findings[0]
    assert (one.what, one.label, one.note, one.status) == ("saved", "Fraud saved", "worse", "alert")
    assert one.after == pytest.approx(expected(0.3).mean(), abs=0.05)


def test_a_function_runs_only_where_it_is_trusted(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    refused = measured(tmp_path)
    assert "saved" not in set(refused.table["metric"])
    assert [one.reason for one in refused.skipped] == ["not_trusted"]
    with pytest.raises(MethodError, match="Metric 'saved' was not loaded"):
        measured(tmp_path, methods=("saved",))
    trust_case(load_case(tmp_path))
    table = measured(tmp_path).table
    assert table.loc[table["metric"].eq("saved"), "value"].to_numpy() == pytest.approx(expected())


def test_a_function_that_is_wrong_is_told(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    for body, message in (
        ("return [1.0]", "one number a row"),
        ("return 1 / 0", "failed with ZeroDivisionError"),
        ("return 'x'", "must return"),
    ):
        (tmp_path / "own.py").write_text(f"def saved(rows):\n    {body}\n", encoding="utf-8")
        trust_case(load_case(tmp_path))
        with pytest.raises(MethodError, match=message):
            measured(tmp_path)


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (SQL.replace("amount *", "amuont *", 1), "Did you mean 'amount'"),
        (SQL.replace("amount *", "(SELECT 1) *", 1), "which a condition may not"),
        (SQL.replace("amount *", "read_csv('x') *", 1), "read_csv"),
        (SQL.replace('"saved"', '"recall"'), "'recall' is a metric of ours"),
        ('[[metrics]]\nid = "saved"\n', "give either a numerator"),
        (SQL + SQL, "two metrics have the id 'saved'"),
        ('[[metrics]]\nid = "saved"\nfunction = "../own.py:saved"\ncolumns = ["amount"]\n', "leads out of the case folder"),
    ],
)
def test_what_is_wrong_with_a_metric_is_said(tmp_path: Path, metrics: str, message: str) -> None:
    write(tmp_path, metrics)
    with pytest.raises(DriftscopeError, match=message):
        measured(tmp_path)


def test_a_case_with_metrics_is_written_back_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, SQL + "[value]\ntp = 5\nfn = '-amount'\n")
    case = load_case(tmp_path)
    save_case(case)
    assert load_case(tmp_path) == case
