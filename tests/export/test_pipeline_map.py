"""From jobs to features to the model: what is known to fill what, and what a failure hit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from monitor.analyses.pipelines import measure_pipelines
from monitor.charts.theme import palette
from monitor.engine import open_workspace
from monitor.export.pipeline_map import dot, map_of
from monitor.judgement.pipelines import judge_pipelines
from tests.analyses.test_pipelines import DAYS, case_with, runs


def test_a_lost_night_is_followed_to_the_features_and_to_the_model(tmp_path: Path) -> None:
    found = runs()
    lost = found["job"].eq("join") & found["day"].between(DAYS[50], DAYS[51])
    found.loc[lost, "status"] = "failed"
    case = case_with(tmp_path, found, empty=(str(DAYS[50]), str(DAYS[52])))
    with open_workspace(case) as workspace:
        drawn = map_of(judge_pipelines(measure_pipelines(workspace)), ["age", 'oth"er'], "the model")
    assert [(one.name, one.lost, one.idle, one.seen) for one in drawn.sources] == [("load", 0, 0, ()), ("join", 2, 0, ("age",))]
    assert drawn.hit == {"age": ("join",)}
    assert drawn.sentence == "Failed: join (2 days). age was emptier then, of 2 features that the model reads."
    text = dot(drawn, palette("light"))
    assert '"job:join" -> "feature:age" [color="' in text
    assert "style=dashed, penwidth=2];" in text, "seen, and named by nobody"
    assert '"job:load" -> "others" [' in text
    assert '"others" [label="1 other feature\\nno job is known to fill them"' in text


def test_without_a_failure_nothing_is_hit_and_names_do_not_end_the_graph(tmp_path: Path) -> None:
    case = case_with(tmp_path, runs(), more='feeds = { join = ["age"] }')
    with open_workspace(case) as workspace:
        drawn = map_of(judge_pipelines(measure_pipelines(workspace)), ["age", 'x"; evil ['], 'm"odel\\')
    assert drawn.sentence == 'No job failed: nothing that m"odel\\ reads is hit.'
    text = dot(drawn, palette("dark"))
    assert '"job:join" -> "feature:age"' in text
    assert 'label="m\\"odel\\\\"' in text


def test_a_job_that_did_not_run_is_followed_to_the_jobs_that_read_what_it_writes(tmp_path: Path) -> None:
    found = runs()
    found = found[~(found["job"].eq("load") & found["day"].between(DAYS[50], DAYS[52]))]
    slow = found["job"].eq("join") & (found["day"] >= DAYS[48])
    found["finished"] = found["started"] + np.where(slow, 4, 1) * (found["finished"] - found["started"])
    sets = {"load": (["orders"], ["raw"]), "join": (["raw"], ["joined"])}
    ended = {"ok": "COMPLETE", "failed": "FAIL"}
    lines = []
    for at, row in enumerate(found.itertuples()):
        reads, writes = ([{"namespace": "n", "name": name} for name in names] for names in sets[str(row.job)])
        for kind, time in (("START", row.started), (ended[str(row.status)], row.finished)):
            said = {"eventType": kind, "eventTime": f"{time:%Y-%m-%dT%H:%M:%SZ}", "run": {"runId": str(at)}, "job": {"name": row.job}}
            lines.append(json.dumps(said | ({"inputs": reads} if kind == "START" else {"outputs": writes})))
    case = case_with(tmp_path, runs(), more='kind = "openlineage"')
    (tmp_path / "runs.parquet").write_text("\n".join(lines), encoding="utf-8")
    with open_workspace(case) as workspace:
        drawn = map_of(judge_pipelines(measure_pipelines(workspace)), ["age"], "")
    assert [(one.name, one.said, one.feeds) for one in drawn.sources] == [
        ("load", "did not run on 3 days", (("join", "raw"),)),
        ("join", "takes longer", ()),
    ]
    assert drawn.sentence == "Did not run: load (3 days). What it writes is read by join. No column was emptier then."
    text = dot(drawn, palette("light"))
    assert '"job:load" -> "job:join" [' in text
    assert '"data:orders" -> "job:load"' in text
    assert "data:raw" not in text, "a job writes it"
    assert 'label="raw"' in text
    assert '"job:load" -> "others"' not in text, "events say where it leads"
    assert "model" not in text
