"""What people say of an incident on its page is kept beside the case: merged, split, linked, and known as no fault."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from monitor.case import load_case
from monitor.export.incident_records import keep_incident, list_incidents
from monitor.incidents.cause import Cause
from monitor.incidents.record import Answer, corrected, incident_id, opened
from tests.incidents.test_judged import CENTS, LATER, WHO
from tests.pages.cases import PRODUCTION, REFERENCE, write


def show(folder: str, form: str) -> None:
    """Show a form of the first of two incidents."""
    from types import SimpleNamespace

    from monitor.case import load_case
    from monitor.export.incident_records import list_incidents
    from monitor.ui.incident_answer import answer_buttons
    from monitor.ui.incident_joining import joining_buttons
    from tests.incidents.test_judged import CENTS, FARE, LATER, SCORE, found, judged, of

    case = load_case(folder)
    told = judged(of(CENTS, FARE, SCORE), of(LATER, found("age", 20, 25)), records=list_incidents(case).records)
    current: Any = SimpleNamespace(case=case)
    if form == "join":
        joining_buttons(current, told, told.incidents[0])
    else:
        answer_buttons(current, told.incidents[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a case with comments of its own."""
    write(tmp_path / "shop", REFERENCE[:50], PRODUCTION[:50], more="# kept\n[labels]\nweight = 'Weight'", name="shop")
    return tmp_path / "shop"


def form(folder: Path, which: str) -> AppTest:
    return AppTest.from_function(show, args=(str(folder), which), default_timeout=60).run()


def keep(app: AppTest, place: int = 0) -> AppTest:
    return [one for one in app.button if one.label == "Keep"][place].click().run()


def test_an_answer_has_to_be_chosen_and_closes_its_form(folder: Path) -> None:
    app = form(folder, "answer")
    assert (app.radio[0].value, app.selectbox[0].value) == (None, None)
    assert keep(app).error[0].value == "Choose an answer."
    app.radio[0].set_value("No, the cause was another")
    assert "Choose which cause it was" in keep(app).error[0].value
    app.selectbox[0].set_value(Cause.UNIT_CHANGE)
    assert "is the cause that is told" in keep(app).error[0].value
    assert list_incidents(load_case(folder)).records == ()
    name = f"right_{incident_id('shop', CENTS)}"
    app.session_state[name] = True
    app.selectbox[0].set_value(Cause.RECODE)
    assert not keep(app).error
    assert app.session_state[name] is False
    (record,) = list_incidents(load_case(folder)).records
    assert (record.cause, record.corrected) == (Cause.UNIT_CHANGE, Cause.RECODE)


def test_a_cause_given_by_hand_stays_and_so_does_the_one_that_was_found(folder: Path) -> None:
    case = load_case(folder)
    given = corrected(opened("shop", CENTS, WHO), Cause.RECODE, WHO)
    keep_incident(case, given)
    app = form(folder, "answer")
    app.radio[0].set_value("Yes, this was the cause")
    assert not keep(app).error
    (kept,) = list_incidents(case).records
    assert (kept.cause, kept.told_cause, kept.answer) == (Cause.UNIT_CHANGE, Cause.RECODE, Answer.CORRECTED)
    app = form(folder, "answer")
    app.radio[0].set_value("No, the cause was another")
    app.selectbox[0].set_value(Cause.UNIT_CHANGE)
    assert not keep(app).error
    (kept,) = list_incidents(case).records
    assert (kept.told_cause, kept.answer) == (Cause.UNIT_CHANGE, Answer.CONFIRMED)


def test_incidents_are_told_together_linked_and_parted_again(folder: Path) -> None:
    app = form(folder, "join")
    other = incident_id("shop", LATER)
    app.selectbox[0].set_value(other)
    app.text_input[0].input("javascript:alert(1)")
    assert "is no link to a page" in keep(app).error[0].value
    assert list_incidents(load_case(folder)).records == ()
    app.text_input[0].input("https://tickets.example/7")
    assert not keep(app).exception
    assert app.session_state["address.kept"].text("incident") == other
    records = {bool(one.merged_into): one for one in list_incidents(load_case(folder)).records}
    assert records[True].merged_into == records[False].id == other
    assert records[True].links == ("https://tickets.example/7",)
    assert records[True].detected == "2026-03-07T00:00:00Z"


def test_findings_are_split_off_but_not_all(folder: Path) -> None:
    app = form(folder, "join")
    both = app.multiselect[0].options
    app.multiselect[0].set_value(["drift:fare", "predictions:score"])
    assert "keeps at least one finding" in keep(app).error[0].value
    assert len(both) == 2
    app.multiselect[0].set_value(["predictions:score"])
    assert not keep(app).error
    assert list_incidents(load_case(folder)).records[0].split_off == ("predictions:score",)


def test_what_is_known_is_an_annotation_of_the_case_and_nothing_else_is_lost(folder: Path) -> None:
    before = (folder / "case.toml").read_text(encoding="utf-8")
    app = form(folder, "answer")
    app.radio[0].set_value("It is known and no fault")
    app.text_input[0].input("spring campaign")
    assert not keep(app).error
    after = load_case(folder)
    (note,) = after.annotations
    assert (note.kind, note.text) == ("known", "spring campaign: Fare was 100 times too large where country is FR")
    assert set(before.splitlines()) - {""} <= set((folder / "case.toml").read_text(encoding="utf-8").splitlines())
    assert list_incidents(after).records[0].known_as == "spring campaign"


def listing() -> None:
    """Show the list of three incidents: one that is over, one that goes on, and what was split off it."""
    from dataclasses import replace

    import numpy as np

    from monitor.incidents.cause import Cause
    from monitor.incidents.owners import Owners
    from monitor.incidents.record import opened, split
    from monitor.ui.incidents_page import _figures, _list
    from tests.incidents.test_judged import CENTS, FARE, LATER, SCORE, WHO, found, judged, of

    slow = replace(LATER, cause=Cause.LATENCY, columns=("latency_ms",), end=np.datetime64("NaT"))
    apart = split(opened("shop", CENTS, WHO), (SCORE.key,), WHO)
    told = judged(of(CENTS, FARE, SCORE), of(slow, found("age", 20, 25)), records=[apart], owners=Owners("ml", "platform"))
    _figures(told)
    _list(told)


def test_tiles_agree_after_a_split_and_the_list_is_cut_by_state_and_owner() -> None:
    def titles() -> list[str]:
        return [one.value.strip("*") for one in app.markdown if "badge" not in one.value]

    app = AppTest.from_function(listing, default_timeout=60).run()
    assert {one.label: (one.value, one.delta) for one in app.metric}["Cause known"] == ("2", "of 3 incidents")
    assert {one.label: (one.value, one.delta) for one in app.metric}["Findings explained"] == ("2", "of 3 in incidents")
    assert titles() == ["Answers take longer since 21 Mar"]
    app.segmented_control[0].set_value("Over").run()
    assert len(titles()) == 2
    app.selectbox[0].set_value("platform").run()
    assert titles() == ["Fare was 100 times too large where country is FR from 6 Mar to 13 Mar"]
    app.segmented_control[0].set_value("New").run()
    assert (titles(), app.caption[0].value) == ([], "None of the incidents is such a one.")
    assert not app.exception
