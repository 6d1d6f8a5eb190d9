"""From runs of pipelines to what is said of them, on simulated runs with a known truth."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.pipelines import measure_pipelines
from monitor.analyses.runs import read_runs
from monitor.case import Case, load_case
from monitor.case.model import PipelineSection
from monitor.case.writing import save_case
from monitor.engine import open_workspace
from monitor.errors import MethodError, SourceError
from monitor.judgement.data_answers import pipelines_answer
from monitor.judgement.findings import findings_table
from monitor.judgement.pipelines import JudgedPipelines, judge_pipelines, last_success

DAYS = pd.date_range("2026-01-01", periods=60, freq="D")
PRODUCTION = pd.Timestamp("2026-02-10")


def runs(seed: int = 0) -> pd.DataFrame:
    """Two jobs a night; the second fails now and then and succeeds an hour later."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in DAYS:
        for hour, job in enumerate(("load", "join")):
            start = day + pd.Timedelta(hours=1 + hour)
            took = pd.Timedelta(seconds=float(rng.lognormal(np.log(120), 0.15)))
            if job == "join" and day.day in (5, 17):
                rows.append((job, day, start, start + took, 0, "failed", "connection reset"))
                start += pd.Timedelta(hours=1)
            rows.append((job, day, start, start + took, int(rng.poisson(900)), "ok", None))
    return pd.DataFrame(rows, columns=["job", "day", "started", "finished", "rows", "status", "message"])


def case_with(folder: Path, found: pd.DataFrame, *, empty: tuple[str, str] | None = None, more: str = "") -> Case:
    found.to_parquet(folder / "runs.parquet")
    at = pd.date_range("2026-01-01", "2026-03-01 23:00", freq="h")
    table = pd.DataFrame({"at": at, "age": np.arange(len(at)) % 50.0, "other": 1.0})
    if empty is not None:
        table.loc[(at >= empty[0]) & (at < empty[1]), "age"] = np.nan
    table[table["at"] < PRODUCTION].to_parquet(folder / "reference.parquet")
    table[table["at"] >= PRODUCTION].to_parquet(folder / "production.parquet")
    text = f"""
[case]
name = "runs"
task = "none"
[data]
reference = "reference.parquet"
production = "production.parquet"
[roles]
timestamp = "at"
[pipeline]
runs = "runs.parquet"
{more}
"""
    (folder / "case.toml").write_text(text, encoding="utf-8")
    return load_case(folder)


def judged(case: Case) -> JudgedPipelines:
    with open_workspace(case) as workspace:
        return judge_pipelines(measure_pipelines(workspace))


def told(found: JudgedPipelines) -> list[str]:
    return findings_table(found.findings, found.names, found.against)["sentence"].tolist() if found.findings else []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_failure_that_is_mended_is_no_finding(tmp_path: Path, seed: int) -> None:
    found = judged(case_with(tmp_path, runs(seed)))
    assert told(found) == []
    assert pipelines_answer(found).headline == "Every job ran as it did before."
    assert found.summary["days"] == 20


def test_lost_days_are_told_with_the_columns_that_are_empty_then(tmp_path: Path) -> None:
    bad = runs()
    lost = bad["day"].between("2026-02-20", "2026-02-22") & (bad["job"] == "join")
    bad.loc[lost, ["status", "message", "rows"]] = ["failed", "other keys", 0]
    found = judged(case_with(tmp_path, bad, empty=("2026-02-20", "2026-02-23")))
    assert told(found) == ["Job 'join' failed from 20 to 22 Feb: 3 days, 3 attempts, \"other keys\"; age is emptier then."]
    alarmed = found.table[found.table["status"] == "alert"]
    assert alarmed["window"].tolist() == ["2026-02-20", "2026-02-21", "2026-02-22"]


def test_a_job_that_fills_no_such_column_is_not_blamed(tmp_path: Path) -> None:
    bad = runs()
    bad.loc[(bad["day"] == "2026-02-20") & (bad["job"] == "join"), "status"] = "failed"
    found = judged(case_with(tmp_path, bad, empty=("2026-02-20", "2026-02-21"), more='feeds = { join = ["other"] }'))
    assert told(found) == ["Job 'join' failed on 20 Feb: 1 day, 1 attempt."]


def test_days_without_a_run_and_slow_runs_are_told(tmp_path: Path) -> None:
    bad = runs()
    bad = bad[~(bad["day"].between("2026-02-14", "2026-02-15") & (bad["job"] == "load"))]
    slow = (bad["day"] >= "2026-02-20") & (bad["job"] == "join")
    bad["finished"] = bad["started"] + np.where(slow, 3, 1) * (bad["finished"] - bad["started"])
    said = told(judged(case_with(tmp_path, bad)))
    assert "Job 'load' did not run from 14 to 15 Feb: 2 days." in said
    assert any(text.startswith("Job 'join' takes longer since 20 Feb: ") for text in said)
    assert len(said) == 2


def read(folder: Path, name: str, text: str, kind: str) -> pd.DataFrame:
    (folder / name).write_text(text, encoding="utf-8")
    case = case_with(folder, runs())
    return read_runs(case, PipelineSection.model_validate({"runs": name, "kind": kind}))


def event(kind: str, time: str, run: str = "r1", **facets: Any) -> str:
    made = {"eventType": kind, "eventTime": time, "run": {"runId": run, "facets": facets}, "job": {"namespace": "n", "name": "join"}}
    made["outputs"] = [{"name": "t", "outputFacets": {"outputStatistics": {"rowCount": 7}}}] if kind == "COMPLETE" else []
    return json.dumps(made)


def test_events_of_openlineage_become_runs(tmp_path: Path) -> None:
    lines = [
        event("START", "2026-02-01T01:00:00Z"),
        event("COMPLETE", "2026-02-01T01:02:00Z"),
        event("START", "2026-02-02T01:00:00Z", "r2"),
        event("FAIL", "2026-02-02T01:01:00Z", "r2", errorMessage={"message": "no disk"}),
        event("START", "2026-02-03T01:00:00Z", "r3"),
    ]
    found = read(tmp_path, "events.jsonl", "\n".join(lines), "openlineage")
    assert found["ok"].tolist() == [True, False, False]
    assert found["rows"].iloc[0] == 7
    assert found["message"].iloc[1] == "no disk"
    assert (found["finished"] - found["started"]).iloc[0] == pd.Timedelta(minutes=2)


def test_a_run_belongs_to_the_day_that_it_is_for_and_fills_the_columns_of_its_schema(tmp_path: Path) -> None:
    """A load of the day before runs after midnight; its nominal time is a date as it is written, whatever the zone of the case."""
    late = event("FAIL", "2026-02-02T01:01:00Z", nominalTime={"nominalStartTime": "2026-02-01T00:00:00Z"})
    done = json.loads(event("COMPLETE", "2026-02-03T01:01:00Z", "r2"))
    done["outputs"][0]["facets"] = {"schema": {"fields": [{"name": "age"}, {"name": "weight", "type": "DOUBLE"}]}}
    found = read(tmp_path, "events.jsonl", f"{late}\n{json.dumps(done)}", "openlineage")
    assert [f"{day:%Y-%m-%d}" for day in found["day"]] == ["2026-02-01", "2026-02-03"]
    assert found["fills"].tolist() == [(), ("age", "weight")]


def test_results_of_dbt_become_runs(tmp_path: Path) -> None:
    one = {"unique_id": "model.a", "status": "success", "adapter_response": {"rows_affected": 5}, "message": "ok"}
    one["timing"] = [{"name": "execute", "started_at": "2026-02-01T01:00:00Z", "completed_at": "2026-02-01T01:00:30Z"}]
    two = {"unique_id": "model.b", "status": "error", "message": "Database Error"}
    text = json.dumps({"metadata": {"generated_at": "2026-02-01T01:01:00Z"}, "results": [one, two]})
    found = read(tmp_path, "run_results.json", text, "dbt").set_index("job")
    assert found["ok"].to_dict() == {"model.a": True, "model.b": False}
    assert found.loc["model.a", "rows"] == 5


@pytest.mark.parametrize(
    ("name", "text", "kind", "message"),
    [
        ("r.csv", "what,status\n1,ok\n", "table", "no column for job. Call it one of job"),
        ("r.csv", "job,status\na,ok\n", "table", "has no time"),
        ("r.csv", "job,status,day\na,ok,never\n", "table", "no run with a job and a time"),
        ("r.txt", "x", "table", "must end in .parquet"),
        ("r.json", "{", "dbt", "cannot be read as JSON"),
        ("r.json", "[1]", "dbt", "holds int where an object should be"),
        ("r.json", "{}", "openlineage", "no run event of OpenLineage"),
    ],
)
def test_what_are_no_runs_is_refused(tmp_path: Path, name: str, text: str, kind: str, message: str) -> None:
    with pytest.raises(SourceError, match=message.replace(".", r"\.")):
        read(tmp_path, name, text, kind)


def test_without_runs_it_is_said_what_to_write(tmp_path: Path) -> None:
    case = case_with(tmp_path, runs(), more='feeds = { join = "age" }')
    assert save_case(case).read_text(encoding="utf-8").count("runs.parquet") == 1
    assert load_case(tmp_path) == case
    with open_workspace(case) as workspace, pytest.raises(MethodError, match=r"no job 'jion'\. Did you mean 'join'\? Jobs: join, load"):
        measure_pipelines(workspace, methods=["jion"])


def test_a_skipped_run_is_none_and_did_not_fail(tmp_path: Path) -> None:
    def result(name: str, status: str) -> dict[str, Any]:
        return {"unique_id": f"model.{name}", "status": status, "message": "no such column" if status == "error" else None, "timing": []}

    results = [result("clean", "success"), result("features", "error"), result("score", "skipped"), result("view", "no-op")]
    text = json.dumps({"metadata": {"generated_at": "2026-02-12T01:01:00Z"}, "results": results})
    (tmp_path / "run_results.json").write_text(text, encoding="utf-8")
    case = case_with(tmp_path, runs())
    section = PipelineSection.model_validate({"runs": "run_results.json", "kind": "dbt"})
    found = judged(replace(case, pipeline=section))
    assert sorted(told(found)) == [
        "Job 'model.features' fails on 12 Feb: 1 day, 1 attempt, \"no such column\".",
        "Job 'model.score' does not run on 12 Feb: 1 day, \"skipped\".",
    ]


@pytest.mark.parametrize(("status", "usual"), [("skipped", False), ("upstream_failed", False), ("skipped", True)])
def test_a_day_of_skipped_runs_is_told_where_they_are_not_usual(tmp_path: Path, status: str, usual: bool) -> None:
    bad = runs()
    held = (bad["job"] == "join") & ((bad["day"] == "2026-02-20") | (usual & (bad["day"].dt.day_name() == "Friday")))
    bad.loc[held, ["status", "rows", "message"]] = [status, np.nan, None]
    assert told(judged(case_with(tmp_path, bad))) == ([] if usual else [f"Job 'join' did not run on 20 Feb: 1 day, \"{status}\"."])


def test_a_run_of_the_last_day_that_has_not_ended_is_no_loss_and_an_older_one_is(tmp_path: Path) -> None:
    bad = runs()
    under_way = (bad["job"] == "join") & (bad["day"] == DAYS[-1])
    bad.loc[under_way, ["status", "finished"]] = ["running", pd.NaT]
    assert told(judged(case_with(tmp_path, bad))) == []
    hung = (bad["job"] == "join") & (bad["day"] == DAYS[-3])
    bad.loc[hung, ["status", "finished"]] = ["running", pd.NaT]
    assert told(judged(case_with(tmp_path, bad))) == ["Job 'join' failed on 27 Feb: 1 day, 1 attempt."]


@pytest.mark.parametrize(("hours", "since", "sentence"), [
    (5, "2026-02-20", "Job 'join' started later on 20 Feb: at 07:00 against 02:00."),
    (26, "2026-02-20", "Job 'join' started later on 20 Feb: at 04:00 of the next day against 02:00."),
    (-1.75, "2026-02-20", "Job 'join' started earlier on 20 Feb: at 00:15 against 02:00."),
    (1, "2026-02-20", ""),
])  # fmt: skip
def test_a_job_that_starts_late_is_told_once(tmp_path: Path, hours: float, since: str, sentence: str) -> None:
    bad = runs()
    late = (bad["job"] == "join") & (bad["day"] == since)
    bad.loc[late, ["started", "finished"]] += pd.Timedelta(hours=hours)
    assert told(judged(case_with(tmp_path, bad))) == ([sentence] if sentence else [])


def test_a_job_whose_attempts_fail_for_hours_ends_later(tmp_path: Path) -> None:
    bad = runs()
    first = bad[(bad["job"] == "load") & (bad["day"] == "2026-02-20")].assign(status="failed")
    bad.loc[first.index, ["started", "finished"]] += pd.Timedelta(hours=6)
    said = told(judged(case_with(tmp_path, pd.concat([bad, first]).sort_values("started"))))
    assert said == ["Job 'load' ended later on 20 Feb: at 07:02 against 01:02."]


def test_a_monthly_job_that_ran_before_production_has_succeeded(tmp_path: Path) -> None:
    found = runs(0)
    first = pd.Timestamp("2026-01-10 03:00")
    training = pd.DataFrame([("train", first.normalize(), first, first + pd.Timedelta(hours=1), 0, "ok", None)], columns=found.columns)
    result = judged(case_with(tmp_path, pd.concat([found, training], ignore_index=True)))
    assert {one.name: last_success(result, one) for one in result.result.jobs} == {
        "load": "2026-03-01", "join": "2026-03-01", "train": "2026-01-10",
    }  # fmt: skip


def test_a_schedule_of_weekends_is_no_late_start(tmp_path: Path) -> None:
    found = runs()
    found = found[~((found["job"] == "join") & (found["status"] == "failed"))]
    weekend = (found["job"] == "join") & (found["day"].dt.day_of_week >= 5)
    found.loc[weekend, ["started", "finished"]] += pd.Timedelta(hours=6)
    assert told(judged(case_with(tmp_path, found))) == []
    late = (found["job"] == "join") & (found["day"] == "2026-02-25")
    found.loc[late, ["started", "finished"]] += pd.Timedelta(hours=6)
    (said,) = told(judged(case_with(tmp_path, found)))
    assert said.startswith("Job 'join' started later on 25 Feb: at 08:")
    assert "against 02:" in said or "against 01:5" in said
