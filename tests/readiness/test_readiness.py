"""May a model go live: verdicts, candidates of every sort, and what is signed."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from monitor.case import load_case
from monitor.case.readiness import ReadinessSection
from monitor.case.thresholds import IncidentThresholds
from monitor.cli import main
from monitor.engine import open_workspace
from monitor.errors import SelectionError, SettingError
from monitor.export.shelf import pins_folders
from monitor.incidents.cause import Hypothesis
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.finding import State
from monitor.readiness.candidate import Bench, bench_of, candidate_of
from monitor.readiness.check import Check, Readiness, Sort, Verdict, weighed
from monitor.readiness.of_answers import check_segments
from monitor.readiness.of_incidents import check_incidents
from monitor.readiness.records import list_records, sign
from monitor.readiness.running import Asked, examine, prints_now
from monitor.readiness.words import changed_text, readiness_answer
from monitor.vocabulary import Cause, Severity

DAYS, A_DAY = 20, 300
CASE = (
    '[case]\nname = "shop"\ntask = "binary"\nowner = "team"\n[data]\nreference = "reference.parquet"\nproduction = "production.parquet"\n'
    '[roles]\ntimestamp = "time"\nid = "id"\nscore = "score"\nprediction = "said"\nlabel = "late"\npositive_class = 1\nthreshold = 0.5\n'
    'features = ["x", "z"]\nsegments = ["city"]\nmodel_version = "version"\n[windows]\nsize = "1 day"\n[model]\npath = "old.skops"\n'
)


def fitted(columns):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(4000, 2)), columns=["x", "z"])
    late = rng.random(4000) < 1 / (1 + np.exp(-2 * frame["x"] - frame["z"]))
    if "x" not in columns:
        frame["x"] = rng.normal(size=4000)
    return LogisticRegression().fit(frame, late.astype(int))


def rows(first, seed, model):
    rng = np.random.default_rng(seed)
    n = DAYS * A_DAY
    frame = pd.DataFrame({"time": pd.Timestamp(first) + pd.to_timedelta(np.arange(n) * 86400 // A_DAY, unit="s"), "id": np.arange(n)})
    frame["x"], frame["z"] = rng.normal(size=n), rng.normal(size=n)
    frame["score"] = model.predict_proba(frame[["x", "z"]])[:, 1]
    frame["said"] = (frame["score"] >= 0.5).astype(int)
    frame["late"] = (rng.random(n) < 1 / (1 + np.exp(-2 * frame["x"] - frame["z"]))).astype(int)
    frame["worse"] = np.clip(0.5 + (frame["score"] - 0.5) * 0.3 + rng.normal(0, 0.2, n), 0.01, 0.99)
    frame["city"], frame["version"] = rng.choice(["Tartu", "Narva"], n), "v1"
    return frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("ready") / "shop"
    place.mkdir()
    good, poor = fitted(("x", "z")), fitted(("z",))
    skops.io.dump(poor, place / "old.skops")
    skops.io.dump(good, place / "new.skops")
    rows("2026-02-01", 1, poor).to_parquet(place / "reference.parquet")
    rows("2026-03-01", 2, poor).to_parquet(place / "production.parquet")
    (place / "case.toml").write_text(CASE)
    return place


def found_of(*incidents):
    """Return what was found of incidents."""
    return JudgedIncidents(table=pd.DataFrame(), findings=(), incidents=incidents, result=None, thresholds=IncidentThresholds())


def lasting(kind=Cause.UNIT_CHANGE, severity=Severity.CRITICAL, *, settled=False):
    cause = Hypothesis(cause=kind, columns=("x",), start=np.datetime64("2026-03-05"))
    return SimpleNamespace(
        id="abc", title="x is 100 times too large", cause=kind, hypothesis=cause, severity=severity, settled=settled, record=None
    )


@pytest.fixture(scope="module")
def better(folder):
    with open_workspace(load_case(folder)) as workspace:
        return examine(workspace, Asked(candidate="new.skops"), incidents=found_of())


def verdicts(found):
    return {one.name: one.verdict.value for one in found.checks}


def test_a_better_model_file_is_ready_and_what_cannot_be_shown_is_said(better):
    assert better.ready
    told = verdicts(better)
    assert {told[one] for one in ("performance", "calibration", "segments", "owner", "rollback")} == {"pass"}
    assert {told[one] for one in ("reproduces", "skew", "fairness", "robustness", "service", "contract")} == {"not shown"}
    ranked = next(one for one in better.checks if one.name == "performance")
    assert ranked.lower > 0
    assert f"on {DAYS * A_DAY:,} labelled rows" in ranked.said
    assert readiness_answer(better).headline == "The model of 'new.skops' is ready."


def test_a_segment_that_is_worse_by_a_warning_is_no_pass_and_what_was_looked_at_is_said(folder, tmp_path):
    place = tmp_path / "shop"
    shutil.copytree(folder, place)
    now = pd.read_parquet(place / "production.parquet")
    hit = now["city"].eq("Narva") & now["time"].ge(now["time"].min() + pd.Timedelta(days=8))
    now.loc[hit, "late"] = 1 - now.loc[hit, "late"]
    now.to_parquet(place / "production.parquet")
    with open_workspace(load_case(place)) as workspace, bench_of(workspace, candidate_of(workspace, "v1"), look=False) as bench:
        judged = bench.ask(bench.alone, "segments")
        assert any(one.state is not State.OVER and one.note == "worse" for one in judged.findings)
        for status, findings in (("warning", judged.findings), ("", ())):
            told = replace(judged, findings=tuple(replace(one, status=status) for one in findings))
            asked = SimpleNamespace(
                candidate=bench.candidate, beside=None, alone=None, ask=lambda *_, told=told: told, incidents=lambda: ""
            )
            check = check_segments(asked)
            assert (check.verdict.value, "None of" in check.said) == (("fail", False) if findings else ("pass", True))
            assert f"Looked at were {DAYS * A_DAY:,} labelled rows of version v1, " in check.said
            assert check.said.endswith(" Mar 2026.")


def test_a_worse_column_is_not_ready_and_exits_with_1(folder, tmp_path):
    out = tmp_path / "ready.json"
    with pytest.raises(SystemExit) as ended:
        main(["ready", "worse", str(folder), "--out", str(out), "--quiet", "--no-incidents"])
    assert ended.value.code == 1
    told = json.loads(out.read_text())
    assert told["ready"] is False
    failed = {one["check"] for one in told["checks"] if one["verdict"] == "fail"}
    assert "calibration" in failed
    assert next(one for one in told["checks"] if one["check"] == "incidents")["blocks"]
    assert not failed & {"owner", "rollback"}


def test_the_model_in_charge_has_to_say_what_was_logged(folder):
    with open_workspace(load_case(folder)) as workspace:
        found = examine(workspace, Asked(), incidents=found_of())
    told = verdicts(found)
    assert (told["reproduces"], told["skew"], told["performance"]) == ("pass", "pass", "pass")
    assert told["rollback"] == "not shown"
    assert [one.name for one in found.blocking] == ["rollback"]


@pytest.mark.parametrize(
    ("incidents", "least", "verdict", "told"),
    [
        ((lasting(),), "critical", "fail", "Critical and not over: x is 100 times too large."),
        ((lasting(severity=Severity.HIGH),), "critical", "pass", "No incident of severity critical goes on. Less severe ones do: x is 100"),
        ((lasting(severity=Severity.HIGH),), "high", "fail", "High and not over"),
        ((lasting(settled=True),), "critical", "pass", "No incident of severity critical goes on."),
        (None, "critical", "not shown", "Incidents were not looked for"),
    ],
)
def test_a_severe_incident_that_goes_on_fails(folder, incidents, least, verdict, told):
    with open_workspace(replace(load_case(folder), readiness=ReadinessSection(incidents=least))) as workspace:
        bench = Bench(candidate_of(workspace, ""), workspace, None, workspace, look=incidents is not None)
        if incidents is not None:
            bench.knows(found_of(*incidents))
        check = check_incidents(bench)
    assert check.verdict.value == verdict
    assert check.said.startswith(told)


@pytest.mark.parametrize(
    ("candidate", "kind", "verdict"),
    [
        ("new.skops", Cause.CONCEPT_CHANGE, "pass"),  # it answers these rows better: it may be what mends the incident
        ("worse", Cause.CONCEPT_CHANGE, "fail"),
        ("new.skops", Cause.UNIT_CHANGE, "fail"),
        ("new.skops", Cause.LATENCY, "pass"),
    ],
)
def test_an_incident_concerns_a_candidate_that_answers_its_rows_no_better(folder, candidate, kind, verdict):
    with open_workspace(load_case(folder)) as workspace, bench_of(workspace, candidate_of(workspace, candidate)) as bench:
        bench.knows(found_of(lasting(kind)))
        assert check_incidents(bench).verdict.value == verdict


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nothing", "neither a column of the case, nor a version"),
        ("gone.skops", "There is no file 'gone.skops'"),
        ("score", "is what the model in charge answers"),
        ("late", "has another role"),
        ("challenger", "names no challenger"),
    ],
)
def test_what_is_no_candidate_is_said(folder, name, told):
    with open_workspace(load_case(folder)) as workspace, pytest.raises(SettingError, match=told):
        candidate_of(workspace, name)


def test_too_wide_an_interval_is_no_pass():
    assert weighed(0.01, -0.05, 0.07, 0.02) is Verdict.UNSHOWN
    assert weighed(-0.01, -0.015, -0.005, 0.02) is Verdict.PASS
    assert weighed(-0.03, -0.05, -0.01, 0.02) is Verdict.FAIL


def test_a_version_that_answered_rows_can_be_asked_about(folder, tmp_path):
    frame = pd.read_parquet(folder / "production.parquet")
    place = tmp_path / "two"
    shutil.copytree(folder, place)
    later = frame["time"] >= frame["time"].min() + pd.Timedelta(days=DAYS // 2)
    frame["version"] = np.where(later, "v2", "v1")
    frame["said"] = frame["said"].where(~later, 1 - frame["said"])  # which decides the wrong way round
    frame["score"] = frame["score"].where(~later, 1 - frame["score"])
    frame.to_parquet(place / "production.parquet")
    with open_workspace(load_case(place)) as workspace:
        old, new = (examine(workspace, Asked(candidate=name, look=False)) for name in ("v1", "v2"))
        assert (new.told, new.sort) == ("version v2", Sort.VERSION)
        told = {one.name: one for one in new.checks}
        assert told["performance"].verdict is Verdict.FAIL
        assert {one.name: one.verdict for one in old.checks}["performance"] is Verdict.PASS
        assert told["rollback"].said.startswith("Version 'v1', which answered")
        assert told["reproduces"].verdict is Verdict.FAIL
        assert not isinstance(prints_now(workspace, "v2"), str)
        with pytest.raises(SettingError, match=r"nor a version that answered rows \(known: v1 and v2\)"):
            candidate_of(workspace, "v3")


def test_what_is_signed_keeps_its_figures_and_says_what_changed_since(folder, better):
    case = load_case(folder)
    kept = sign(case, better, "Ann", "first")
    with open_workspace(case) as workspace:
        now = prints_now(workspace, "new.skops")
        assert "leads out of the case folder" in prints_now(workspace, "../../elsewhere.skops")
    assert changed_text(kept, now) == ""
    assert changed_text(kept, {**now, "candidate": "0" * 64}) == "Changed since: the candidate."
    read, unreadable = list_records(case)
    assert (list(read), list(unreadable)) == ([kept], [])
    forged = pins_folders(case)[0] / "readiness" / f"{kept.id}.json"
    content = json.loads(forged.read_text())
    content["checks"][2]["verdict"] = "fail"
    forged.write_text(json.dumps(content))
    assert "changed by hand" in list_records(case)[1][0].message
    forged.unlink()


def test_nobody_signs_what_is_not_ready_without_a_word(folder):
    check = Check(name="owner", verdict=Verdict.FAIL, said="Nobody is named.")
    found = Readiness(case="shop", candidate="", told="it", sort=Sort.IN_CHARGE, checks=(check,), sampled=False, seconds=0.0)
    with pytest.raises(SelectionError, match="says why"):
        sign(load_case(folder), found, "Ann")
    with pytest.raises(SelectionError, match="who signs"):
        sign(load_case(folder), found, " ", "because")
