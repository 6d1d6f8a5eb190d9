"""A training set of a small case: what it holds, what it leaves out, and whether retraining helps where the world turned round."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from monitor.case import load_case
from monitor.cli.retraining import Asked, retrain
from monitor.engine import open_workspace
from monitor.errors import ColumnMissingError, MethodError, SettingError
from monitor.incidents.cause import Cause, Hypothesis, Inverse
from monitor.incidents.record import By, dismissed, opened
from monitor.models.training import likeness
from monitor.retraining.backtest import SAME_RECIPE, Backtest, backtest
from monitor.retraining.found import wrong_rows
from monitor.retraining.plan import Plan, plan_training
from monitor.retraining.rows import Choice, Wrong, read_history
from monitor.retraining.triggers import triggers
from monitor.retraining.words import backtest_text, plan_doubt, plan_headline, verdict

HEAD = '[case]\nname = "x"\ntask = "{task}"\n[data]\nreference = "r.parquet"\nproduction = "p.parquet"\n'
ROLES = (
    '[roles]\ntimestamp = "at"\nid = "row"\nscore = "s"\nlabel = "y"\nlabel_timestamp = "known"\nthreshold = 0.5\n'
    'features = ["a", "b", "c"]\n[windows]\nsize = "1 week"\n'
)
NOTE = '[[annotations]]\nstart = 2026-03-09T00:00:00\nend = 2026-03-11T00:00:00\nkind = "incident"\ntext = "broken"\n'


def rows(start: str, seed: int, n: int, *, turned: bool) -> pd.DataFrame:
    """Return rows whose label follows `a`, in a turned world its opposite; labels come after two days."""
    draw = np.random.default_rng(seed)
    a = draw.normal(size=n)
    chance = 1 / (1 + np.exp(2 * a if turned else -2 * a))
    at = pd.date_range(start, periods=n, freq="10min").as_unit("us")
    frame = pd.DataFrame({"row": [f"{seed}-{i}" for i in range(n)], "at": at, "a": a, "b": draw.normal(size=n)})
    frame["c"] = draw.choice(["x", "y"], n)
    frame["s"] = 1 / (1 + np.exp(-2 * a))
    frame["y"] = (draw.random(n) < chance).astype(float)
    frame["known"] = at + pd.Timedelta(days=2)
    late = frame["known"] > at[-1]
    return frame.assign(y=frame["y"].mask(late), known=frame["known"].mask(late))


def folder(*, turned: bool = True, more: str = "", task: str = "binary", **changed: object) -> Path:
    place = Path(mkdtemp())
    for name, start, seed, n in (("r", "2026-01-05", 1, 2500), ("p", "2026-03-02", 2, 5000)):
        frame = rows(start, seed, n, turned=turned and name == "p")
        frame = frame.assign(**{key: value(frame) for key, value in changed.items()})  # type: ignore[operator]
        frame.to_parquet(place / f"{name}.parquet")
    (place / "case.toml").write_text(HEAD.format(task=task) + ROLES + more, encoding="utf-8")
    return place


def planned(place: Path, choice: Choice | None = None) -> Plan:
    choice = choice or Choice()
    with open_workspace(load_case(place)) as workspace:
        return plan_training(read_history(workspace, choice), choice)


@cache
def turned() -> tuple[Plan, Backtest]:
    plan = planned(folder(more=NOTE))
    return plan, backtest(plan.history, Choice())


def test_rows_in_incidents_and_rows_that_wait_are_left_out_and_counted() -> None:
    counts = turned()[0].counts()["production"]
    assert counts["left_out"]["incident"] == 2 * 144
    assert counts["left_out"]["labels_missing"] >= 288
    assert counts["used"] + sum(counts["left_out"].values()) == counts["rows"] == 5000
    assert "288 in incidents" in plan_doubt(turned()[0])


def test_retraining_helps_where_the_world_turned_round() -> None:
    plan, tested = turned()
    assert tested.base == SAME_RECIPE
    assert verdict(tested.found["roc_auc"], "roc_auc") == "better"
    assert "better than the same recipe on the reference alone" in backtest_text(tested)
    fired = {one.name: one for one in triggers(plan.history, tested)}
    loss = next(one for name, one in fired.items() if name.startswith("loss"))
    assert len(loss.fired) >= 3
    assert loss.gain > 0.1


def test_no_model_learns_from_rows_whose_label_was_not_in() -> None:
    plan, tested = turned()
    first = tested.trials[0]
    before = plan.history.used & plan.history.production & (plan.history.time < first.until - np.timedelta64(2, "D"))
    assert first.learned == int((plan.history.used & ~plan.history.production).sum() + before.sum())


def test_where_nothing_changed_nothing_is_promised() -> None:
    plan = planned(folder(turned=False))
    assert verdict(backtest(plan.history, Choice()).found["roc_auc"], "roc_auc") != "worse"


def test_periods_are_left_out_by_hand() -> None:
    choice = Choice(left_out=((datetime.fromisoformat("2026-03-02"), datetime.fromisoformat("2026-03-03")),), reference=False)
    plan = planned(folder(turned=False), choice)
    assert plan.counts()["production"]["left_out"]["left_out"] == 144
    assert plan_headline(plan).endswith(f"0 of the reference, {plan.rows:,d} of production.")


def test_a_column_that_knows_the_label_is_named() -> None:
    plan = planned(folder(turned=False, b=lambda f: f["y"].fillna(0) + 0.0))
    assert list(plan.leaks) == ["b"]
    assert any("'b' alone tells the label" in text for text in plan.cautions())


def test_columns_without_any_value_stop_nothing() -> None:
    plan = planned(folder(b=lambda f: np.full(len(f), np.nan), c=lambda f: np.full(len(f), None)))
    assert verdict(backtest(plan.history, Choice()).found["roc_auc"], "roc_auc") == "better"


def test_weights_lead_to_rows_like_the_others() -> None:
    draw = np.random.default_rng(0)
    frame, toward = (pd.DataFrame({"a": draw.normal(shift, 1, 4000)}) for shift in (0.0, 1.0))
    found = likeness(frame, toward)
    high = frame["a"].to_numpy() > 1
    assert found.weight[high].mean() > 3 * found.weight[~high].mean()
    assert float(np.average(frame["a"], weights=found.weight)) == pytest.approx(1.0, abs=0.25)
    assert likeness(frame, pd.DataFrame({"a": draw.normal(0, 1, 4000)})).auc == pytest.approx(0.5, abs=0.05)


def test_build_writes_rows_and_a_manifest_that_names_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = Asked(weights="none", left_out=(), reference=True, test=False, seed=0, quiet=True)
    retrain(folder(turned=False), tmp_path, asked, build=True)
    told = json.loads((tmp_path / "manifest.json").read_text())
    table = pq.read_table(tmp_path / "training.parquet").to_pandas()
    assert len(table) == told["rows"]
    assert list(table.columns) == ["row", "at", "a", "b", "c", "y", "sample_weight", "source"]
    assert table["y"].notna().all()
    assert capsys.readouterr().out.startswith("A model could learn from")


@pytest.mark.parametrize(("weights", "out"), [("best", ()), ("none", ("2026-03-02",)), ("none", ("2026-03-02..2026-03-01",))])
def test_what_cannot_be_is_refused_before_any_work(weights: str, out: tuple[str, ...]) -> None:
    with pytest.raises(SettingError, match=r"There are no weights|is not a period"):
        _ = Asked(weights=weights, left_out=out, reference=True, test=False, seed=0, quiet=True).choice


def test_several_classes_and_no_labels_say_what_is_lacking() -> None:
    with pytest.raises(MethodError, match="binary and regression"):
        planned(folder(task="multiclass"))
    place = folder()
    file = place / "case.toml"
    file.write_text(file.read_text().replace('label = "y"\n', ""))
    with pytest.raises(ColumnMissingError, match="needs labels"):
        planned(place)


def test_rows_that_an_incident_made_wrong_are_left_out_in_its_segment_and_time_only():
    broken = Wrong(
        name="b 100 times too large",
        start=datetime.fromisoformat("2026-03-09"),
        end=datetime.fromisoformat("2026-03-11"),
        at=(("c", ("x",)),),
    )
    plan = planned(folder(), Choice(wrong=(broken,)))
    history = plan.history
    hit = history.reason == "found"
    during = (history.time >= np.datetime64("2026-03-09")) & (history.time < np.datetime64("2026-03-11")) & history.production
    assert hit.sum() > 0
    assert (hit == during & (history.frame["c"] == "x").to_numpy()).all()
    assert f"{hit.sum()} made wrong by incidents that were found" in plan_doubt(plan)


def test_of_what_is_written_otherwise_only_such_rows_are_wrong():
    levels = {"X": "x"}
    found = Hypothesis(cause=Cause.RECODE, columns=("c",), segment={"c": "X"}, inverse=Inverse(kind="map", levels=levels))
    told = SimpleNamespace(cause=Cause.RECODE, hypothesis=found, record=None, alone=None, absorbed=(), title="c")
    assert wrong_rows([told], "UTC")[0].at == (("c", ("X",)),)


@pytest.mark.parametrize(
    ("cause", "record", "left_out"),
    [
        (Cause.UNIT_CHANGE, None, 1),
        (Cause.SEASON, None, 0),
        (Cause.UNIT_CHANGE, "dismissed", 0),
    ],
)
def test_only_rows_that_are_wrong_are_left_out(cause, record, left_out):
    found = Hypothesis(cause=cause, columns=("b",), start=np.datetime64("2026-03-09"), end=np.datetime64("2026-03-11"))
    who = By("ann", "2026-04-01T00:00:00Z")
    told = dismissed(opened("x", found, who), "a test", who) if record else None
    one = SimpleNamespace(cause=cause, hypothesis=found, record=told, alone=None, absorbed=(), title="b")
    assert len(wrong_rows([one], "UTC")) == left_out
