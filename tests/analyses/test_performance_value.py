"""What decisions are worth: the metric, the curve by threshold, and what case.toml may say of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.performance import measure_performance
from monitor.analyses.performance_result import PerformanceResult
from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.errors import CaseError
from monitor.ui.performance_behind import choice_sentence, valued

HEAD = '[case]\nname = "x"\ntask = "binary"\n[data]\nreference = "r.parquet"\nproduction = "p.parquet"\n'
ROLES = (
    '[roles]\ntimestamp = "at"\nprediction = "decision"\nscore = "score"\nlabel = "label"\nthreshold = 0.5\n[windows]\nsize = "1 week"\n'
)


def rows(start: str, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 3_000
    score = rng.beta(1, 4, n)
    at = pd.date_range(start, periods=n, freq="20min")
    label = (rng.random(n) < score).astype(int)
    return pd.DataFrame({"at": at, "score": score, "decision": (score >= 0.5).astype(int), "label": label, "amount": rng.gamma(2, 20, n)})


def write(folder: Path, value: str) -> None:
    rows("2026-01-05", 0).to_parquet(folder / "r.parquet")
    rows("2026-03-02", 1).to_parquet(folder / "p.parquet")
    (folder / "case.toml").write_text(HEAD + ROLES + value, encoding="utf-8")


def measured(folder: Path, value: str, **more: object) -> PerformanceResult:
    write(folder, value)
    with open_workspace(load_case(folder)) as workspace:
        return measure_performance(workspace, **more)  # type: ignore[arg-type]


def test_the_value_is_the_mean_of_what_became_of_each_row(tmp_path: Path) -> None:
    found = measured(tmp_path, '[value]\ncurrency = "EUR"\ntp = 10\nfp = -2\nfn = "-amount"\n')
    table = found.table[found.table["metric"].eq("value")]
    data = rows("2026-03-02", 1)
    y, d = data["label"].eq(1), data["decision"].eq(1)
    worth = np.select([y & d, ~y & d, y & ~d], [10.0, -2.0, -data["amount"]], 0.0)
    expected = pd.Series(worth).groupby(data["at"].dt.isocalendar().week.to_numpy()).mean()
    assert table["value"].to_numpy() == pytest.approx(expected.to_numpy())
    assert (table["lower"] < table["value"]).all()
    confusion = found.evidence["confusion"]
    assert confusion.loc[confusion["side"].eq("production"), "value"].sum() == pytest.approx(worth.sum())


def test_the_curve_knows_every_threshold_and_todays(tmp_path: Path) -> None:
    curve = measured(tmp_path, '[value]\ntp = 10\nfp = -2\nfn = "-amount"\n').evidence["thresholds"]
    late = curve[curve["side"].eq("production")]
    data = rows("2026-03-02", 1)
    for _, one in late.iloc[::40].iterrows():
        y, d = data["label"].eq(1), data["score"] >= one["threshold"]
        assert one["value"] == pytest.approx(np.select([y & d, ~y & d, y & ~d], [10.0, -2.0, -data["amount"]], 0.0).sum())
        assert (one["tp"], one["tn"]) == ((y & d).sum(), (~y & ~d).sum())
    assert late["threshold"].eq(0.5).any()


def test_a_threshold_is_chosen_on_other_rows_than_it_is_told_of(tmp_path: Path) -> None:
    curve = valued(measured(tmp_path, "").evidence["thresholds"], (10.0, -2.0, 0.0, 0.0))
    said = choice_sentence(curve, 0.5, "EUR")
    assert "more than today's 0.5 on these 3,000 labelled rows" in said
    best = float(said.split("worth most in the reference, ")[1].split(",")[0])
    assert best == pytest.approx(2 / 12, abs=0.06)  # a calibrated score is worth acting on from 2 / (10 + 2) on


def test_lift_of_the_highest_tenth_is_that_of_the_metric(tmp_path: Path) -> None:
    found = measured(tmp_path, "", methods=("lift_top_decile",))
    lift = found.evidence["lift"]
    top = lift[lift["side"].eq("reference") & lift["tenth"].eq(1)]["lift"].item()
    assert top == pytest.approx(found.table["reference_value"].iloc[0], rel=0.02)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[value]\ntp = 'amuont'\n", "Did you mean 'amount'"),
        ("[value]\nttp = 1\n", "ttp"),
        ("[value]\ncurrency = 'EUR'\n", "says nothing"),
    ],
)
def test_what_is_wrong_with_values_is_said(tmp_path: Path, value: str, message: str) -> None:
    with pytest.raises(CaseError, match=message):
        measured(tmp_path, value)
