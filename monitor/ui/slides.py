"""The case as slides: the answer of each analysis and every statement that was pinned, one message per screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from monitor.case import Case
from monitor.charts import Chart, stored_chart
from monitor.export.pin import Pin
from monitor.export.pins import list_pins
from monitor.export.report import pin_charts
from monitor.incidents.answer import incidents_answer
from monitor.incidents.board import board_impact, terms_of
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.finding import Finding
from monitor.registry import REGISTRY, Analysis, screen_answer
from monitor.registry.live import Source, finding_statement
from monitor.ui import here
from monitor.ui.incidents_box import picked_incident
from monitor.ui.measuring import judged_for, judged_key, question_of
from monitor.ui.opened import workspace
from monitor.ui.overview_page import leading_analysis, standing_analysis
from monitor.ui.parameters import TABLE
from monitor.ui.present import show_chart
from monitor.ui.remedies_box import next_of
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.wording import plural

LARGE = """<style>
[data-testid="stMain"] h1 { font-size: 2.6rem; line-height: 1.15; padding: .4rem 0 .8rem; }
@media (max-width: 768px) { [data-testid="stMain"] h1 { font-size: 1.7rem; } }
</style>"""
PLOT = 380
"""Pixels that the picture of a slide is high."""
NOTHING_SAID = "What is done about it is not written down yet: pin the finding and say so in its comment."
OVERVIEW, INCIDENTS = "overview", "incidents"
SUGGESTED = "not written down yet. Usual: "
NOTHING_TO_DO = "Nothing has to be done."


@dataclass(frozen=True, slots=True)
class Slide:
    """One message: where it comes from, what it says, what is uncertain of it, its picture, and what is done about it."""

    source: str
    headline: str
    doubt: str
    chart: Chart | None
    action: str


def show(page: str) -> None:
    """Show the slide that the address asks for, else that of a `page`, with the way to its neighbours."""
    current = view()
    st.html(LARGE)
    pins = list_pins(current.case).pins[::-1]
    names = [one.name for one in analyses_of(current.case)]
    count = len(names) + len(pins)
    at = asked_slide(count, 1 if here.asked("slide") else _place(current, names, page))
    _slide(
        _answered(current, REGISTRY[_told_at(current, names, at)], pins)
        if at <= len(names)
        else _pinned(current, pins[at - 1 - len(names)])
    )
    ways(at, count)


def analyses_of(case: Case) -> list[Analysis]:
    """Return the analyses that a case can be asked, those that say whether the model is right first."""
    return sorted((row for row in REGISTRY.values() if not row.lacks(case)), key=lambda row: row.rank)


def _told_at(current: View, names: Sequence[str], at: int) -> str:
    """Return the analysis of a slide: the first is the one whose answer leads on the page Overview, which takes the place of the one that
    stands first. What leads is asked only where it matters: incidents are all analyses together."""
    own = names[at - 1]
    if at > 1 and own not in (INCIDENTS, standing_analysis(current)):
        return own
    lead = leading_analysis(current)
    return lead if at == 1 else names[0] if own == lead else own


def _place(current: View, names: Sequence[str], page: str) -> int:
    """Return the slide that tells a page; the first where none does."""
    if page not in names:
        return 1
    if page not in (names[0], INCIDENTS, standing_analysis(current)):
        return names.index(page) + 1
    lead = leading_analysis(current)
    return 1 if page == lead else names.index(lead if page == names[0] else page) + 1


def in_place_of(page: str) -> bool:
    """Say whether a slide tells a page that is presented: Overview, and every analysis of which the address asks for nothing of its own (a
    cell, a method), which the page alone shows; an incident has a slide."""
    if page == INCIDENTS:
        return True
    own = [one.name for one in TABLE if one.page == page]
    return (page == OVERVIEW or page in REGISTRY) and not any(here.asked(name) for name in own)


def first_of(page: str) -> str | None:
    """Return the slide that presenting a page begins with: of most pages the first of the case; None where the page says it: that of an
    incident, and a board, which is shown as it is."""
    return None if page in ("boards", INCIDENTS) else "1"


def asked_slide(count: int, usual: int = 1) -> int:
    """Return which of `count` slides is shown, from 1 on; the `usual` where the address asks for none, and the first, and why, where it
    asks for one that is not there."""
    at = int(here.asked("slide") or usual)
    if at > count:
        here.refuse("slide", f"There are {count} slides, and the address asks for slide {at}.")
        return 1
    return at


def _slide(one: Slide) -> None:
    st.caption(md_escape(one.source))
    st.title(md_escape(one.headline), anchor=False)
    if one.chart is not None:
        show_chart(one.chart, key="slide_chart", height=PLOT)
    if one.doubt:
        st.markdown(f"##### :gray[{md_escape(one.doubt)}]")
    st.markdown(f"##### What we do: {md_escape(one.action)}")


def ways(at: int, count: int, *, cover: bool = False) -> None:
    """Show the way to the neighbours of a slide, and out; a `cover` stands before the slides and is none of them."""
    with st.container(horizontal=True, vertical_alignment="center", key="slide_ways"):
        st.button("Back", icon=":material/arrow_back:", shortcut="Left", on_click=_go, args=(at - 1,), disabled=at == 1, key="slide_back")
        st.button(
            "Next", icon=":material/arrow_forward:", shortcut="Right", on_click=_go, args=(at + 1,), disabled=at == count, key="slide_next"
        )
        st.caption(f"{at} of {count}" if not cover else plural(count - 1, "slide") if at == 1 else f"{at - 1} of {count - 1}")
        st.button("Leave", icon=":material/close:", type="tertiary", on_click=here.leave_out, args=("present", "slide"), key="slide_leave")


def _go(to: int) -> None:
    here.choose({"slide": str(to)})


def _answered(current: View, row: Analysis, pins: Sequence[Pin]) -> Slide:
    judged = judged_for(current, row.name)
    said = screen_answer(judged)
    source = f"{row.title} · {current.words}"
    if not judged.findings:
        return Slide(source, said.headline, said.doubt, None, NOTHING_TO_DO)
    if isinstance(judged, JudgedIncidents):
        return _incident(current, judged, source, pins)
    finding = judged.leading[0]
    key = ("slide", finding.id, judged_key(current, row.name), current.theme)
    chart = kept(key, lambda: _drawn(row.report(finding, judged).charts, current))
    return Slide(source, said.headline, said.doubt, chart, _comment(pins, finding) or NOTHING_SAID)


def _comment(pins: Sequence[Pin], finding: Finding) -> str:
    """Return what was said of the pin of a finding; empty where nothing was."""
    same = (finding.what, finding.kind.value, finding.window)
    said = [one for one in pins if tuple(one.finding.get(name) for name in ("what", "kind", "window")) == same]
    return next((one.comment.strip() for one in said if one.comment.strip()), "")


def _incident(current: View, judged: JudgedIncidents, source: str, pins: Sequence[Pin]) -> Slide:
    """Return the slide of the incident that the address asks for, else of the first that still asks for somebody."""
    usual = next((one.id for one in judged.incidents if not one.settled), judged.incidents[0].id)
    chosen = picked_incident(judged, usual)
    one, finding = judged.incident(chosen), next(each for each in judged.findings if each.what == chosen)
    where = Source(workspace(current), question_of(current), lambda name: judged_for(current, name))
    told = kept(("slide", chosen, judged_key(current, INCIDENTS)), lambda: finding_statement(finding, judged, where))
    chart = None if told.chart is None else stored_chart(told.chart, theme=current.theme)
    done = one.record.remedy if one is not None and one.record is not None else ""
    action = done or _comment(pins, finding) or (f"{SUGGESTED}{next_of(current, one)}" if one is not None else NOTHING_SAID)
    said = incidents_answer(judged, one).headline  # as the pages Overview and Incidents say it
    did = told.sentence if one is None else board_impact(one, terms_of(current.case, judged))  # what is done stands below
    return Slide(source, said, did, chart, action)


def _drawn(charts: Sequence[Mapping[str, Any]], current: View) -> Chart | None:
    return stored_chart(charts[0], theme=current.theme) if charts else None


def _pinned(current: View, one: Pin) -> Slide:
    drawn, _ = pin_charts(one, theme=current.theme)
    return Slide(f"Pinned · {one.case}", one.title, one.sentence, next(iter(drawn), None), one.comment.strip() or NOTHING_SAID)
