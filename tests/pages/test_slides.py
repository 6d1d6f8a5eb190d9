"""Presenting: one message per screen, the way on and back, what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from monitor.case import load_case
from monitor.export.pin import new_pin
from monitor.export.pins import list_pins, pin
from tests.pages.cases import HOSTILE
from tests.pages.seen import open_page, rendered, said

Use = Callable[[str], Path]
FIRST = {"present": "true", "slide": "1"}


def press(app: AppTest, key: str) -> AppTest:
    return next(one for one in app.button if one.key == key).click().run()


def headlines(app: AppTest) -> list[str]:
    return [one.value for one in app.title]


def test_the_button_presents_and_the_ways_lead_on_back_and_out(use: Use) -> None:
    use("shop")
    app = press(open_page("drift"), "present_button")
    assert headlines(app) == ["Scores are too high since 1 Apr\\."]
    assert (app.query_params["present"], app.query_params["slide"]) == ("true", "1")
    assert not app.selectbox
    assert "pin the finding and say so in its comment" in said(app)
    press(app, "slide_next")
    assert app.query_params["slide"] == "2"
    assert "weight is about 1.38 higher than before since 1 Apr" in said(app)
    while "1 of 2 columns changed" not in said(app):
        press(app, "slide_next")
    assert len(app.get("vega_lite_chart")) == 1
    at = int(app.query_params["slide"])
    press(app, "slide_back")
    assert app.query_params["slide"] == str(at - 1)
    press(app, "slide_leave")
    assert "slide" not in app.query_params
    assert app.selectbox


def test_pinned_statements_follow_the_answers_with_their_comment(use: Use) -> None:
    case = load_case(use("data-only"))
    if not list_pins(case).pins:
        pin(case, new_pin(case=case.name, title=HOSTILE[1], sentence="It moved.", analysis="drift", comment="We turned it off."))
    app = open_page("overview", query=FIRST | {"slide": "8"})
    assert not app.exception
    assert HOSTILE[1] in said(app)
    assert "We turned it off." in said(app)
    assert [text for text in rendered(app) if HOSTILE[1] in text] == []
    assert next(one for one in app.button if one.key == "slide_next").disabled


def test_a_slide_that_is_not_there_is_told(use: Use) -> None:
    use("no-labels")
    app = open_page("drift", query=FIRST | {"slide": "99"})
    assert "There are 9 slides, and the address asks for slide 99." in said(app)
    assert headlines(app)
    assert "is not a whole number from 1 on" in said(open_page("drift", query=FIRST | {"slide": "x"}))


def test_rows_that_cannot_be_selected_are_told_on_a_slide_too(use: Use) -> None:
    use("shop")
    app = open_page("drift", query=FIRST | {"where": "weight >"})
    assert not app.exception
    assert "is not a condition" in said(app)


def test_a_page_that_no_slide_tells_has_a_way_out_and_a_way_to_the_slides(use: Use) -> None:
    use("shop")
    app = open_page("findings", query={"present": "true"})
    assert {"Leave", "As slides"} <= {one.proto.label for one in app.get("page_link")}
    assert "Leave" not in {one.proto.label for one in open_page("findings").get("page_link")}


def test_a_presented_page_is_one_message(use: Use) -> None:
    use("shop")
    app = open_page("drift", query={"present": "true"})
    assert "1 of 2 columns changed" in headlines(app)[0]
    assert len(app.get("vega_lite_chart")) == 1
    assert not app.metric
    first = open_page("overview", query={"present": "true"})
    assert headlines(first) == headlines(open_page("overview")), "the first slide says what Overview says"


def test_a_slide_in_the_address_presents(use: Use) -> None:
    use("shop")
    app = open_page("drift", query={"slide": "1"})
    assert headlines(app) == ["Scores are too high since 1 Apr\\."]
    page = open_page("drift", query={"slide": "1", "present": "false"})
    assert page.selectbox
    assert "slide_next" not in {one.key for one in page.button}
