"""The page Story: made, written on, shown full screen; presenting an incident begins with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.case import load_case
from monitor.export.incident_records import by
from monitor.export.pin import new_pin
from monitor.export.pins import pin
from monitor.export.story import Story, keep_story, list_stories, new_story, slide_of
from tests.pages.cases import HOSTILE
from tests.pages.seen import open_page, rendered, said

Use = Callable[[str], Path]


@pytest.fixture
def story(use: Use) -> Iterator[Story]:
    case = load_case(use("no-labels"))
    kept = pin(case, new_pin(case=case.name, title=HOSTILE[1], sentence="It moved.", analysis="drift", finding={"status": "alert"}))
    slides = (slide_of(kept.id, words=HOSTILE[2], notes="Breathe."), slide_of(heading="We stop it.", words="Today."))
    yield keep_story(case, new_story(case, "Board of May", for_whom="the board", slides=slides, by=by("ann")))
    for path in (case.root / ".driftscope" / "pins").rglob("*.json"):
        path.unlink()


def test_a_case_without_a_story_offers_to_begin_one(use: Use) -> None:
    folder = use("data-only")
    app = open_page("story")
    assert "This case has no story yet." in said(app)
    next(one for one in app.button if one.label == "Begin an empty one").click().run()
    assert not app.exception
    assert [one.title for one in list_stories(load_case(folder)).stories] == [app.title[0].value]


def test_words_are_kept_beside_what_was_computed_and_slides_change_places(story: Story, use: Use) -> None:
    app = open_page("story")
    assert not app.exception
    assert [text for text in rendered(app) if HOSTILE[1] in text or HOSTILE[2] in text] == []
    next(one for one in app.text_area if one.value == HOSTILE[2]).set_value("It hurts.").run()
    next(one for one in app.button if one.key.startswith("Down.")).click().run()
    now = list_stories(load_case(use("no-labels"))).stories[0]
    assert [one.words for one in now.slides] == ["Today.", "It hurts."]
    assert [line.what for line in now.history] == ["story", "words of slide 1", "place of a slide"]


def test_a_story_is_shown_a_message_a_screen_and_shared_by_its_address(story: Story) -> None:
    at = {"story": story.id, "present": "true"}
    for cover in (open_page("story", query=at | {"slide": "1"}), open_page("story", query=at)):
        assert [one.value for one in cover.title] == ["Board of May"]
        assert {HOSTILE[1], "We stop it."} <= {line.partition(". ")[2] for line in said(cover).splitlines()}
    app = open_page("story", query=at | {"slide": "2"})
    assert HOSTILE[1] in said(app)
    assert "Alert. It moved." in said(app)
    assert "Breathe." not in said(app)
    assert [text for text in rendered(app) if HOSTILE[2] in text] == []
    assert next(one for one in open_page("story", query=at | {"slide": "3"}).button if one.key == "slide_next").disabled


def test_presenting_an_incident_begins_with_it(use: Use) -> None:
    use("shop")
    app = open_page("incidents")
    next(one for one in app.button if one.key == "present_button").click().run()
    assert app.title[0].value.startswith("weight is about 1\\.38 higher")
    assert "not written down yet. Usual: Take the offset away before the model" in said(app)
    assert len(app.get("vega_lite_chart")) == 1
