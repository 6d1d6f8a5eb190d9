"""The page Retraining: whom a set is handed to, the request as it would be sent, what was sent, and what came back; rules of one's own."""

from __future__ import annotations

from pathlib import Path

from monitor.alerts.happening import keep_happenings, kept_key
from monitor.case import load_case
from monitor.case.trust import hands_over
from monitor.cli.handing import send
from monitor.engine import open_workspace
from monitor.export.incident_records import list_incidents
from monitor.handover.records import Outcome, Trained, keep_trained, list_handovers
from monitor.handover.sets import remember_set
from tests.alerts.made import happening, write_targets
from tests.handover.made import built
from tests.pages.cases import HOSTILE
from tests.pages.seen import open_page, rendered, said

MORE = (
    '\n[retraining]\ntarget = "train"\n[[retraining.triggers]]\nname = "Units"\nwhen = "cause = unit_change"\n'
    '[[retraining.triggers]]\nname = "Much new"\nlabels = 100\n'
)


def test_target_request_what_was_sent_and_what_came_back_are_shown(shop: Path) -> None:
    with (shop / "case.toml").open("a") as file:
        file.write(MORE)
    case = load_case(shop)
    app = open_page("retraining")
    assert not app.exception
    assert "There is no target 'train' among yours." in said(app)
    rules = app.dataframe[-1].value
    assert rules["Windows"][rules["Rule"] == "Units"].item() == "incidents were not looked for yet; the page Alerts does"
    app.button(key="retraining_trust").click().run()
    assert hands_over(case) == ""

    write_targets('[train]\ncommand = ["true"]\n')
    set_id = built(shop, shop / "sets", case=case.name)
    remember_set(case, shop / "sets")
    assert send(shop, None, "", who=HOSTILE[1], dry=False, again=False) == 0
    with open_workspace(case) as workspace:
        seen = happening(columns=("weight",), seen="2024-04-08T00:00:00Z")
        keep_happenings(workspace, kept_key(workspace, list_incidents(case).records), (seen,))
    app = open_page("retraining", state={"retraining_request": True})
    assert not app.exception
    assert "nothing came back yet" in said(app)
    assert f'"id": "{set_id}"' in app.code[0].value
    assert not [one for one in rendered(app) if HOSTILE[1] in one]
    run = list_handovers(case)[0][0].attempts[0].run
    told = Trained(
        id="a" * 16, case=case.name, set=set_id, run=run, job="train", outcome=Outcome.SUCCEEDED, status="ok", model_version="v3",
        told="2026-03-01T12:00:00Z", who="Ann", source="told by hand",
    )  # fmt: skip
    keep_trained(case, told)
    app = open_page("retraining")
    assert "Last retraining: succeeded on 1 Mar 2026" in said(app)
    assert "model version v3." in said(app)
    assert app.dataframe[-1].value["Told by"].tolist() == ["Ann"]
    assert "Model version" in open_page("pipelines").dataframe[-1].value.columns
