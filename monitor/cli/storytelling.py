"""`driftscope story`: draft a story from what was found, list the stories of a case, write one as slides or pages."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

from monitor.case import Case, load_case
from monitor.cli.measuring import Options, judge_needed, keep_sources, request_of
from monitor.cli.progress import tell
from monitor.engine import open_workspace
from monitor.errors import SettingError
from monitor.export.deck import Statement, deck_of
from monitor.export.incident_records import by
from monitor.export.outputs import write_output
from monitor.export.pin import Pin
from monitor.export.pins import list_pins, pin
from monitor.export.story import Story, keep_story, list_stories, new_story
from monitor.export.words import account
from monitor.export.writers import DECK_FORMS, form_of
from monitor.registry.asking import refresher
from monitor.registry.drafting import draft_story
from monitor.registry.live import Source

TOLD = ("incidents", "performance", "shadow", "operations")
"""Analyses of which a first draft tells; goals are made of the second and the last."""


def draft(place: Path, title: str, for_whom: str, options: Options) -> None:
    """Judge a case, pin what a story would tell, and keep the story.

    Raises
    ------
    SourceError
        It cannot be kept.
    """
    case = load_case(place)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        found = {one.analysis: one for one in judge_needed(workspace, options, TOLD).judged}
        question = request_of(workspace, options).question
        size = str(case.windows) if options.windows == "case" else options.windows
        made = draft_story(Source(workspace, question, found.__getitem__), found, windows=size)
    for one in made.pins:
        pin(case, one)
    story = keep_story(case, new_story(case, title or case.name, for_whom=for_whom, slides=made.slides, by=by(account())))
    tell(f"Drafted: '{story.title}', {len(story.slides)} slides and a cover. Its id is {story.id}.", quiet=options.quiet)


def list_all(place: Path) -> None:
    """Print the stories of a case, the newest first."""
    found = list_stories(load_case(place))
    for one in found.stories:
        sys.stdout.write(f"{one.id}  {len(one.slides):>2} slides  {one.title}\n")
    for bad in found.unreadable:
        tell(bad.message, quiet=False)
    if not found.stories:
        tell("This case has no story. 'driftscope story draft CASE' writes one.", quiet=False)


def export(place: Path, out: Path, name: str, *, live: bool, quiet: bool) -> None:
    """Write a story as a file; slides that are live (with `live` all of them) are computed again.

    Raises
    ------
    SettingError
        There is no such story, or no such form.
    """
    write = form_of(out, DECK_FORMS)
    case = load_case(place)
    keep_sources(case, out)
    story = _named(case, name)
    if live:
        story = replace(story, slides=tuple(replace(one, live=bool(one.pin)) for one in story.slides))
    pins = (*list_pins(case).pins, *list_pins(case, trashed=True).pins)
    if any(one.live for one in story.slides):
        with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
            deck = deck_of(story, pins, refresher(workspace))
    else:
        deck = deck_of(story, pins, _never)
    write_output(out, write(deck))
    tell(f"Written: {out}, {len(deck.messages)} slides and a cover.", quiet=quiet)


def _never(kept: Pin) -> Statement:
    raise SettingError(f"'{kept.title}' is not live.")


def _named(case: Case, name: str) -> Story:
    stories = list_stories(case).stories
    if not stories:
        raise SettingError(f"The case '{case.name}' has no story. Make one on the page Story, or with 'driftscope story draft'.")
    found = [one for one in stories if one.id.startswith(name)]
    if name and len(found) != 1:
        known = ", ".join(f"{one.id} ({one.title})" for one in stories)
        raise SettingError(f"{'No story' if not found else 'More than one story'} of this case has the id '{name}'. There are: {known}.")
    return found[0]
