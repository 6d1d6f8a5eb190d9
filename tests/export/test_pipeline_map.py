"""From jobs to features to the model: what is known to fill what, and what a failure hit."""

from __future__ import annotations

from pathlib import Path

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
    assert [(one.name, one.days, one.seen) for one in drawn.sources] == [("load", 0, ()), ("join", 2, ("age",))]
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
