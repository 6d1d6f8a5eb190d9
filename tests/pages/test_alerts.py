"""The page Alerts: whom rules tell, a further rule that is saved, somebody who takes an incident."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.alerts.deciding import situation
from monitor.alerts.happening import keep_happenings, kept_key
from monitor.alerts.sending import tell
from monitor.case import load_case
from monitor.case.trust import trust_alerts
from monitor.engine import open_workspace
from tests.alerts.made import NOON, happening, write_targets
from tests.pages.cases import HOSTILE
from tests.pages.seen import open_page, rendered, said

RULE = '\n[[alerts]]\nname = "Severe" # mine\nwhen = "severity >= high"\ntarget = "team"\n'
INCIDENT = happening(columns=("weight",), title=f"Weight {HOSTILE[1]} rose")


@pytest.fixture
def told(shop: Path) -> Path:
    """Return the shop with a rule and one incident at hand."""
    with (shop / "case.toml").open("a") as file:
        file.write(RULE)
    with open_workspace(load_case(shop)) as workspace:
        keep_happenings(workspace, kept_key(workspace, ()), (INCIDENT,))
    return shop


def test_rules_stand_with_what_they_would_tell_and_are_trusted_by_a_button(told: Path) -> None:
    app = open_page("alerts", state={"alerts_message_Severe": True})
    assert not app.exception
    text = said(app)
    assert "Nobody is told: you do not trust the alert rules yet." in text
    assert "Would have fired 1 time: 1 not judged yet." in text
    assert "There is no target 'team' among yours." in text
    assert "[high]" in app.code[0].value
    assert not [one for one in rendered(app) if HOSTILE[1] in one]
    write_targets('[team]\nurl = "http://127.0.0.1:9/secret"\n')
    app.button(key="alerts_trust").click().run()
    assert "1 message would be sent now." in said(app)
    assert "secret" not in said(app) + app.code[0].value


def test_a_rule_is_tried_before_it_is_saved_and_nothing_else_of_the_file_is_lost(told: Path) -> None:
    before = (told / "case.toml").read_text()
    app = open_page("alerts", state={"alerts_add": True})
    app.text_input(key="alerts_name").set_value("Recodes").run()
    app.multiselect(key="alerts_cause").set_value(["recode"]).run()
    assert "Would never have fired, in 1 incident." in said(app)
    app.multiselect(key="alerts_cause").set_value(["unit_change", "recode"]).run()
    app.button(key="alerts_save").click().run()
    assert not app.exception
    assert (told / "case.toml").read_text().startswith(before)
    assert [one.name for one in load_case(told).alerts] == ["Severe", "Recodes"]
    app.button(key="alerts_save").click().run()
    assert "There is a rule 'Recodes' already." in said(app)


def test_who_was_told_stands_there_until_somebody_takes_it(told: Path) -> None:
    case = load_case(told)
    trust_alerts(case)
    write_targets('[team]\nurl = "http://127.0.0.1:9"\n')
    tell(situation(case, (INCIDENT,), (), (), NOON), send=lambda *_: None)
    app = open_page("alerts")
    assert "1 incident told, and taken by nobody yet." in said(app)
    app.text_input(key="alerts_take_who").set_value("Ann")
    next(one for one in app.button if one.label == "Acknowledge").click().run()
    assert not app.exception
    assert app.dataframe[-1].value["Taken"].tolist() == ["acknowledged by Ann"]
    assert "Nobody has to be told of anything now." in said(app)
