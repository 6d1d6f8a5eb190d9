"""Options tried on made-up cases: what takes a cause away, what pays, what is not tried and why."""

import json
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from monitor.alerts.happening import as_known
from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.cli import main
from monitor.engine import open_workspace
from monitor.incidents.cause import THRESHOLD, Cause, Hypothesis, Inverse
from monitor.incidents.next_step import next_step
from monitor.remedies.bench import try_remedies
from monitor.remedies.kept import next_of
from monitor.remedies.kinds import Basis, Remedy, Why
from monitor.remedies.table import remedies_table
from monitor.remedies.words import answer
from monitor.retraining.rows import Wrong
from tests.alerts.made import happening

FIRST, MIDDLE, DAYS, A_DAY = pd.Timestamp("2026-02-01"), pd.Timestamp("2026-03-01"), 28, 250
BEGIN, STOP = np.datetime64("2026-03-08T00:00", "us"), np.datetime64("2026-03-22T00:00", "us")


def rows(first, seed):
    rng = np.random.default_rng(seed)
    n = DAYS * A_DAY
    frame = pd.DataFrame({"time": first + pd.to_timedelta(np.arange(n) * 86400 // A_DAY, unit="s"), "shop": rng.choice(["n", "s"], n)})
    frame["time"] = frame["time"].astype("datetime64[us]")
    frame["x"], frame["z"] = rng.normal(0, 1, n), rng.normal(0, 1, n)
    frame["late"] = (rng.random(n) < 1 / (1 + np.exp(-2 * frame["x"]))).astype(int)
    frame["version"] = "v1"
    return frame


def hit_of(frame):
    return ((frame["shop"] == "s") & (frame["time"] >= BEGIN) & (frame["time"] < STOP)).to_numpy()


@pytest.fixture(scope="module")
def model():
    known = rows(FIRST, 0)
    return LogisticRegression().fit(known[["x", "z"]], known["late"])


def written(folder, model, production, *, file=True, more="", rescore=True, edge=0.5, roles="", delay=None):
    folder.mkdir()
    for name, frame in (("reference", rows(FIRST, 1)), ("production", production)):
        fresh = rescore or name == "reference"
        frame["score"] = model.predict_proba(frame[["x", "z"]])[:, 1] if fresh else frame["score"]
        frame["said"] = (frame["score"] >= (edge if name == "production" else 0.5)).astype(int)
        if delay is not None:
            frame["known"] = frame["time"] + pd.Timedelta(days=delay)
        frame.to_parquet(folder / f"{name}.parquet")
    if file:
        skops.io.dump(model, folder / "model.skops")
    model_file = '[model]\npath = "model.skops"\n' if file else ""
    (folder / "case.toml").write_text(
        '[case]\nname = "shop"\ntask = "binary"\n[data]\nreference = "reference.parquet"\nproduction = "production.parquet"\n'
        '[roles]\ntimestamp = "time"\nscore = "score"\nprediction = "said"\nlabel = "late"\npositive_class = 1\n'
        f'features = ["x", "z"]\nsegments = ["shop"]\nmodel_version = "version"\n{roles}{model_file}[windows]\nsize = "1 day"\n{more}'
    )
    return folder


def tried(folder, cause, wrong=(), **given):
    given = {"segment": {"shop": "s"}, "start": BEGIN, "end": STOP, **given}
    with open_workspace(load_case(folder)) as workspace:
        return try_remedies(workspace, Hypothesis(cause=cause, **given), wrong=wrong)


def option(bench, remedy):
    return next(one for one in bench.options if one.remedy is remedy)


def test_a_unit_is_mended_and_the_money_is_told(tmp_path, model):
    frame = rows(MIDDLE, 2)
    frame["x"] = frame["x"].where(~hit_of(frame), 5 - frame["x"])
    folder = written(tmp_path / "a", model, frame, more='[value]\ncurrency = "EUR"\nfp = -5\nfn = -10\n')
    bench = tried(folder, Cause.UNIT_CHANGE, columns=("x",), inverse=Inverse(kind="affine", scale=-1, offset=5))
    first = bench.preferred
    assert (first.remedy, first.basis, first.pays) == (Remedy.PATCH, Basis.SIMULATED, True)
    assert option(bench, Remedy.ROLLBACK).why is Why.SAME_VERSION
    table = remedies_table(bench).set_index("remedy")
    assert list(table["rank"]) == [1, 2, 3, 4, 5, 6]
    assert table.loc["patch", "money"] == pytest.approx(first.gain.gain * first.gain.n)
    assert table.loc["patch", "n"] == bench.labelled == hit_of(frame).sum()
    said = answer(bench)
    assert said.headline.startswith("Mend the input: takes the cause away and pays: Value of a decision ")
    assert "EUR" in said.headline


def test_what_is_lost_is_measured_where_it_is_known(tmp_path, model):
    frame = rows(MIDDLE, 3)
    frame["x"] = frame["x"].where(~hit_of(frame), -1.5)
    bench = tried(written(tmp_path / "a", model, frame), Cause.STUCK_VALUE, columns=("x",), inverse=Inverse(kind="stuck", value="-1.5"))
    assert (bench.preferred.remedy, bench.preferred.basis, bench.preferred.pays) == (Remedy.PATCH, Basis.ON_REFERENCE, True)
    assert answer(bench).headline.startswith("Mend the source: takes the cause away and helps")


def test_without_the_model_the_rows_stand_beside_the_reference(tmp_path, model):
    frame = rows(MIDDLE, 3)
    frame["x"] = frame["x"].where(~hit_of(frame), -1.5)
    folder = written(tmp_path / "a", model, frame, file=False)
    bench = tried(folder, Cause.STUCK_VALUE, columns=("x",), inverse=Inverse(kind="stuck", value="-1.5"))
    patched = option(bench, Remedy.PATCH)
    assert (patched.basis, patched.pays) == (Basis.BESIDE, True)
    assert patched.gain.now > patched.gain.then > 0
    assert "no model could be asked" in remedies_table(bench).set_index("remedy").loc["patch", "assumes"]


def test_another_relation_asks_for_another_model(tmp_path, model):
    frame = rows(MIDDLE, 4)
    hit, rng = hit_of(frame), np.random.default_rng(9)
    frame["late"] = frame["late"].where(~hit, (rng.random(len(frame)) < 1 / (1 + np.exp(-2 * frame["z"]))).astype(int))
    bench = tried(written(tmp_path / "a", model, frame), Cause.CONCEPT_CHANGE, columns=("z",))
    assert (bench.preferred.remedy, bench.preferred.pays) == (Remedy.RETRAIN, True)
    assert any(one.worse for one in bench.preferred.after)
    assert "take it back then" in answer(bench).headline


def test_where_only_the_level_moved_another_calibration_brings_more_than_another_model(tmp_path, model):
    frame = rows(MIDDLE, 4)
    hit, rng = hit_of(frame), np.random.default_rng(9)
    frame["late"] = frame["late"].where(~hit, (rng.random(len(frame)) < 1 / (1 + np.exp(-2 * frame["x"] - 3))).astype(int))
    bench = tried(written(tmp_path / "a", model, frame[frame["time"] < STOP]), Cause.CONCEPT_CHANGE, end=np.datetime64("NaT", "us"))
    first, retrained = bench.preferred, option(bench, Remedy.RETRAIN)
    assert (first.remedy, retrained.removes, retrained.pays) == (Remedy.RECALIBRATE, True, True)
    assert first.beside.gain == pytest.approx(retrained.gain.then - first.gain.then)
    assert first.beside.n == first.gain.n == retrained.gain.n
    assert answer(bench).doubt.startswith(f"Retrain takes the cause away, and brings less than that on the same {first.gain.n} rows")
    assert all(one.answers is None for one in bench.options)


def test_a_version_is_rolled_back_where_it_is_worse_and_kept_where_it_is_not(tmp_path, model):
    frame = rows(MIDDLE, 5)
    served = hit_of(frame)
    frame["version"] = np.where(served, "v2", "v1")
    good = model.predict_proba(frame[["x", "z"]])[:, 1]
    for name, other, wanted in (("worse", 1 - good, Remedy.ROLLBACK), ("alike", np.clip(good + 0.001, 0, 1), Remedy.NOTHING)):
        frame["score"] = np.where(served, other, good)
        folder = written(tmp_path / name, model, frame, rescore=False)
        bench = tried(folder, Cause.MODEL_VERSION, columns=("score",), segment={"version": "v2"})
        assert bench.preferred.remedy is wanted, name
        assert option(bench, Remedy.ROLLBACK).basis is Basis.SIMULATED


def test_a_threshold_is_set_back_where_decisions_follow_another(tmp_path, model):
    folder = written(tmp_path / "a", model, rows(MIDDLE, 6), edge=0.9)
    found = Inverse(kind=THRESHOLD, scale=0.5, offset=0.9)
    bench = tried(folder, Cause.THRESHOLD_CHANGE, columns=("said",), inverse=found)
    assert (bench.preferred.remedy, bench.preferred.pays) == (Remedy.RESTORE, True)
    assert answer(bench).headline.startswith("Set the threshold back to 0.5: takes the cause away and helps: Cost of wrong decisions")
    assert option(bench, Remedy.RETHRESHOLD).gain is not None
    told_by_hand = tried(folder, Cause.THRESHOLD_CHANGE, columns=("said",))
    assert option(told_by_hand, Remedy.RESTORE).why is Why.NO_OLD_THRESHOLD


def test_labels_that_came_late_are_used_in_hindsight_and_that_is_said(tmp_path, model):
    roles = 'label_timestamp = "known"\n'
    bench = tried(written(tmp_path / "a", model, rows(MIDDLE, 6), roles=roles, delay=12), Cause.MIX_CHANGE)
    fitted = option(bench, Remedy.RECALIBRATE)
    assert fitted.hindsight
    assert fitted.gain.n == pytest.approx(bench.labelled / 2, abs=1)
    assert "labels of the first half had not come by then" in remedies_table(bench).set_index("remedy").loc["recalibrate", "assumes"]
    soon = tried(written(tmp_path / "b", model, rows(MIDDLE, 6), roles=roles, delay=1), Cause.MIX_CHANGE)
    assert not option(soon, Remedy.RECALIBRATE).hindsight


def test_rows_that_other_incidents_made_wrong_are_left_out_and_named(tmp_path, model):
    frame = rows(MIDDLE, 2)
    frame["x"] = frame["x"].where(~hit_of(frame), 5 - frame["x"])
    folder = written(tmp_path / "a", model, frame)
    cut = datetime(2026, 3, 15)  # noqa: DTZ001 - on the case's clock
    wrong = Wrong(name="Z was in cents", start=cut, end=None, at=(("shop", ("s",)),))
    bench = tried(folder, Cause.UNIT_CHANGE, columns=("x",), inverse=Inverse(kind="affine", scale=-1, offset=5), wrong=(wrong,))
    spoilt = int((hit_of(frame) & (frame["time"] >= cut)).sum())
    assert bench.wrong == (("Z was in cents", spoilt),)
    assert bench.preferred.gain.n == bench.labelled - spoilt
    assert f"{spoilt:,} labelled rows that another incident made wrong are left out: Z was in cents" in answer(bench).doubt


def test_an_incident_that_the_case_notes_is_tried_all_the_same(tmp_path, model):
    note = '[[annotations]]\nstart = 2026-03-08T00:00:00\nend = 2026-03-22T00:00:00\nkind = "incident"\ntext = "known"\n'
    bench = tried(written(tmp_path / "a", model, rows(MIDDLE, 6), more=note), Cause.MIX_CHANGE)
    assert option(bench, Remedy.RECALIBRATE).gain is not None


@pytest.mark.parametrize("cause", [Cause.LABEL_CHANGE, Cause.TRAFFIC_BURST, Cause.MIX_CHANGE, Cause.VOLUME_CHANGE])
def test_nothing_is_preferred_where_nothing_is_wrong_with_model_or_inputs(tmp_path, model, cause):
    bench = tried(written(tmp_path / "a", model, rows(MIDDLE, 6)), cause)
    assert bench.preferred.remedy is Remedy.NOTHING


def test_without_labels_every_option_has_its_reason(tmp_path, model):
    folder = written(tmp_path / "a", model, rows(MIDDLE, 7))
    text = (folder / "case.toml").read_text().replace('label = "late"\npositive_class = 1\n', "")
    (folder / "case.toml").write_text(text)
    bench = tried(folder, Cause.OFFSET, columns=("x",), inverse=Inverse(kind="affine", offset=-1))
    assert {one.why for one in bench.options if one.remedy is not Remedy.NOTHING} == {Why.NO_LABELS}
    assert answer(bench).headline


def test_the_command_tells_the_options_and_writes_them(tmp_path, model, monkeypatch, capsys):
    frame = rows(MIDDLE, 2)
    frame["x"] = frame["x"].where(~hit_of(frame), 5 - frame["x"])
    folder = written(tmp_path / "a", model, frame)
    cause = Hypothesis(
        cause=Cause.UNIT_CHANGE, columns=("x",), segment={"shop": "s"}, start=BEGIN, end=STOP,
        inverse=Inverse(kind="affine", scale=-1, offset=5),
    )  # fmt: skip
    one = SimpleNamespace(id="0123", title="X was turned round", hypothesis=cause, cause=cause.cause, alone=None, absorbed=(), record=None)
    found = SimpleNamespace(incidents=(one,), told_as=lambda name: one if one.id.startswith(name) else None)
    monkeypatch.setattr("monitor.cli.remedying.judged", lambda *_: found)
    assert run_command("remedy", str(folder), "01", "--quiet") == 0
    said = capsys.readouterr().out
    assert said.startswith("X was turned round\nMend the input: takes the cause away and helps")
    assert "6  " in said
    assert run_command("remedy", str(folder), "01", "--out", str(tmp_path / "r.json"), "--quiet") == 0
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["remedies"][0]["remedy"] == "patch"
    assert told["next"].startswith(told["headline"])
    with open_workspace(load_case(folder)) as workspace:  # kept: whatever tells of the incident says the same of what comes next
        assert next_of(workspace, Question(), one, found.incidents) == told["next"] != next_step(one)
        message = as_known(workspace, [happening("0123"), happening("4567")], ())
        assert [each.lines["Next"] for each in message] == [told["next"], "Convert it back."]
        known = replace(happening("4567").record, known_as="a sale")  # what people changed since asks for a new trial
        assert as_known(workspace, [happening("0123")], (known,))[0].lines["Next"] == "Convert it back."
    assert run_command("remedy", str(folder), "9", "--quiet") == 2
    assert "There is no incident '9'" in capsys.readouterr().err


def run_command(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code
