"""The Overview looks for incidents once it stands, and names them before single findings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.narration.answers import Answer
from monitor.registry import find_analysis, run_analysis
from monitor.ui.incidents_box import LOOK_VARIABLE
from monitor.ui.overview_answer import with_incidents
from tests.pages.seen import open_page, said

Use = Callable[[str], Path]


@pytest.fixture(scope="module")
def found(written: Callable[[str], Path]) -> JudgedIncidents:
    with open_workspace(load_case(written("shop"))) as workspace:
        judged = run_analysis(find_analysis("incidents"), workspace)
    assert isinstance(judged, JudgedIncidents)
    return judged


def test_it_names_incidents_by_itself_and_tells_their_findings_once(
    use: Use, found: JudgedIncidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("shop")
    before = said(open_page("overview"))
    assert "Look for causes" in before
    monkeypatch.delenv(LOOK_VARIABLE)
    app = open_page("overview")
    assert not app.exception
    text = said(app)
    assert found.incidents[0].title.split(" since")[0] in text.replace("\\", "")
    assert "belong to the incidents above" in text
    assert "Look for causes" not in text


def test_a_look_that_was_stopped_is_not_begun_again(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    use("grouped")  # which nothing else here looked at
    monkeypatch.delenv(LOOK_VARIABLE)
    assert "Look for causes" in said(open_page("overview", state={"stopped.abc": True}))


def test_a_severe_incident_leads_unless_a_metric_of_all_rows_is_worse(found: JudgedIncidents) -> None:
    told = Answer("No metric of the model changed beyond chance.", "61% of rows have a label.")
    lead = with_incidents(told, found, worse=False)
    assert lead.headline != told.headline
    assert lead.doubt == f"{told.headline} {told.doubt}"
    assert with_incidents(Answer(lead.headline, told.doubt), found, worse=False).doubt == told.doubt  # said once
    assert with_incidents(told, found, worse=False, of="drift").doubt == f"Inputs: {told.headline} {told.doubt}"
    assert with_incidents(told, found, worse=True) == told
    assert with_incidents(told, None, worse=False) == told
