"""Stories: kept, changed by two at once, told alike in every form, checked as input from a stranger."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import replace

import pytest
from pptx import Presentation

from monitor.case import Case
from monitor.errors import ExtensionMissingError, SelectionError
from monitor.export import pdf
from monitor.export.deck import Statement, deck_of
from monitor.export.deck_html import deck_html
from monitor.export.deck_markdown import deck_markdown
from monitor.export.deck_pptx import deck_pptx
from monitor.export.incident_records import by
from monitor.export.pin import Pin, new_pin
from monitor.export.pins import comment, list_pins, pin
from monitor.export.shelf import pins_folders
from monitor.export.story import (
    Story,
    added,
    change_story,
    keep_story,
    list_stories,
    made_live,
    moved_to,
    new_story,
    removed,
    slide_of,
    written,
)

ANN, BOB = by("ann"), by("bob")
CHART = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"name": "table", "values": [{"window": "2026-W01", "value": 3.5}]},
    "mark": {"type": "bar"},
    "encoding": {"x": {"field": "window", "type": "nominal"}, "y": {"field": "value", "type": "quantitative"}},
    "title": {"text": "Recall by week"},
    "description": "Recall by week: 3.5 against 3",
}


def statement(case: Case) -> Pin:
    parts = {"finding": {"what": "recall", "kind": "metric", "status": "alert"}, "charts": (CHART,), "analysis": "performance"}
    return pin(case, new_pin(case=case.name, title="Recall fell", sentence="Recall fell: 0.31 against 0.42, =1+1 <b>.", **parts))


def story_of(case: Case, *slides) -> Story:
    return keep_story(case, new_story(case, "What happened", for_whom="the board", slides=slides, by=ANN))


def never(_kept: Pin) -> Statement:
    raise SelectionError("there is no week 99")


def test_two_who_write_at_once_lose_nothing_and_the_history_says_who(case: Case) -> None:
    story = story_of(case, slide_of(statement(case).id, words="before"))
    slide = story.slides[0].id
    change_story(case, story.id, lambda one: written(one, slide, "words", ("before", "of ann"), ANN))
    now = change_story(case, story.id, lambda one: written(one, slide, "words", ("before", "of bob"), BOB))
    assert now.slides[0].words == "of ann\n\nof bob"
    assert [(line.who, line.after) for line in now.history[1:]] == [("ann", "of ann"), ("bob", "of ann\n\nof bob")]
    kept = statement(case)
    comment(case, kept.id, "of ann", before="")
    assert comment(case, kept.id, "of bob", before="").comment == "of ann\n\nof bob"


def test_slides_are_added_moved_taken_out_and_their_words_stay_in_the_history(case: Case) -> None:
    story = story_of(case, slide_of(heading="one"), slide_of(heading="two"))
    third = slide_of(heading="three", words="said")
    story = change_story(case, story.id, lambda one: moved_to(added(one, third, ANN), third.id, 1, ANN))
    assert [one.heading for one in story.slides] == ["three", "one", "two"]
    story = change_story(case, story.id, lambda one: removed(one, third.id, BOB))
    assert story.history[-1].before == "three / said"
    with pytest.raises(SelectionError, match="somebody took it out of the story meanwhile"):
        change_story(case, story.id, lambda one: written(one, third.id, "words", ("said", "more"), ANN))
    assert list_stories(case).stories == (story,)


@pytest.mark.parametrize(
    "damage",
    [{"title": "x" * 300}, {"slides": [{"id": "../../../x"}]}, {"slides": [{"id": "0123abcd", "words": "x" * 5000}]}, {"run": "rm"}],
)
def test_a_story_of_a_stranger_is_checked_and_left_alone(case: Case, damage: dict) -> None:
    story = story_of(case)
    file = pins_folders(case)[0] / "stories" / f"{story.id}.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | damage))
    found = list_stories(case)
    if "run" in damage:  # what no story has is not read, and runs nothing
        assert found.stories == (story,)
    else:
        assert (found.stories, len(found.unreadable)) == ((), 1)
    assert file.exists()


def texts_of_pptx(content: bytes) -> str:
    slides = Presentation(io.BytesIO(content)).slides
    return "\n".join(shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame)


def test_every_form_has_the_same_words_and_figures(case: Case) -> None:
    words = "We stop it.\n2. It costs 9,400 € a day."
    pinned = statement(case)
    slides = (slide_of(pinned.id, words=words, notes="Breathe."), slide_of(pinned.id, heading="Own *heading*"), slide_of(heading="Decide"))
    deck = deck_of(story_of(case, *slides), list_pins(case).pins, never)
    page = html.unescape(re.sub(r"<[^>]+>", "\n", deck_html(deck).decode()))
    marked = re.sub(r"\\(.)", r"\1", deck_markdown(deck).decode()).replace("  \n", "\n")
    shown = texts_of_pptx(deck_pptx(deck))
    for text in (deck.title, deck.about, *(text for one in deck.messages for text in one.texts)):
        assert text in page, text
        assert text in marked, text
        assert text in shown, text
    assert deck.messages[1].heading == "Own *heading*"
    assert deck.messages[1].sentence == pinned.sentence
    last = Presentation(io.BytesIO(deck_pptx(deck))).slides[1]
    assert "Breathe." in last.notes_slide.notes_text_frame.text
    drawn = next(shape for shape in last.shapes if shape.has_chart)
    assert drawn._element.xpath(".//p:cNvPr")[0].get("descr") == CHART["description"]
    assert "<script" not in deck_html(deck).decode()


def test_a_slide_shows_sixty_words_and_the_rest_is_spoken(case: Case) -> None:
    sentences = [f"Sentence {n} says of 0.{n} percent on 30 Mar. 2026 that nothing is known of what it costs." for n in range(9)]
    kept = pin(case, new_pin(case=case.name, title="Recall fell", sentence=" ".join(sentences), finding={"status": "alert"}, analysis="x"))
    words = "We stop it and ask the bank."
    deck = deck_of(story_of(case, slide_of(kept.id, words=words, notes="Breathe.")), list_pins(case).pins, never)
    (told,) = deck.messages
    assert 40 <= len(f"{told.heading} {told.sentence} {told.words}".split()) <= 60
    assert f"{told.sentence} {told.notes}".replace("\n", " ") == f"{' '.join(sentences)} Breathe."
    shown = Presentation(io.BytesIO(deck_pptx(deck))).slides[1]
    assert sentences[8] in shown.notes_slide.notes_text_frame.text
    assert sentences[8] not in "".join(one.text_frame.text for one in shown.shapes if one.has_text_frame)


def test_a_live_slide_is_computed_again_and_else_says_why_not(case: Case) -> None:
    story = story_of(case, slide_of(statement(case).id))
    live = made_live(story, story.slides[0].id, ANN, live=True)
    deck = deck_of(live, list_pins(case).pins, lambda kept: Statement(title="Recall rose", sentence="0.5 against 0.42.", status="stable"))
    assert (deck.messages[0].heading, deck.messages[0].told) == ("Recall rose", "Stable. 0.5 against 0.42.")
    assert "computed when shown" in deck.messages[0].source
    refused = deck_of(live, list_pins(case).pins, never).messages[0]
    assert (refused.heading, "there is no week 99" in refused.source) == ("Recall fell", True)
    gone = deck_of(replace(live, slides=(slide_of("19990101T000000000000-00000000"),)), (), never)
    assert "taken away" in gone.messages[0].heading


def test_without_a_browser_there_is_no_pdf_but_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pdf.VARIABLE, "/nowhere/browser")
    with pytest.raises(ExtensionMissingError, match=r"none is on this machine.*write \.html"):
        pdf.to_pdf(b"<p>")


def test_a_story_needs_a_title(case: Case) -> None:
    with pytest.raises(SelectionError, match="has no title"):
        new_story(case, "  ", by=ANN)
