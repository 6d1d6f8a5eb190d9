"""The page Readiness: may a model go live, what cannot be shown, and who signed what?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from monitor.analyses.sides import Question
from monitor.engine import Workspace
from monitor.errors import DriftscopeError, ModelError, SelectionError, SettingError
from monitor.export.files import to_csv
from monitor.readiness.candidate import CHALLENGER, FORMS
from monitor.readiness.check import Check, Readiness, Verdict
from monitor.readiness.records import LONGEST_NAME, SignOff, list_records, sign
from monitor.readiness.running import Asked, examine, prints_now
from monitor.readiness.table import readiness_table
from monitor.readiness.versions import versions_of
from monitor.readiness.words import changed_text, figure_text, limit_text, readiness_answer, record_text
from monitor.registry import find_analysis
from monitor.registry.wrong_rows import INCIDENTS
from monitor.ui import here
from monitor.ui.asking import ask_one, ask_part
from monitor.ui.door import locked
from monitor.ui.measuring import already_judged, question_of
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, empty_state, key_figures, page_head
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import kept, run_cancellable
from monitor.ui.writer import ask_name, writer
from monitor.vocabulary import Task
from monitor.wording import plural

PAGE = "readiness"
IN_CHARGE = "The model in charge"
EXAMINED = ("Not asked", "Asked")
DRILLS = ("Without a drill", "With a short drill")
SHOWN = 20
"""Records that are listed, the newest first; the others lie in their files."""
LOOKS = {
    Verdict.PASS: (":material/check_circle:", "green"),
    Verdict.FAIL: (":material/cancel:", "red"),
    Verdict.UNSHOWN: (":material/help:", "gray"),
}


def readiness_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        candidate = ask_one("readiness_candidate", "Candidate", candidates(current), usual=IN_CHARGE, width=280)
        drill = ask_part("readiness_drill", "Drill", DRILLS, usual=DRILLS[0])
        examined = ask_part("readiness_asked", "Readiness", EXAMINED, usual=EXAMINED[0])
    asked = Asked(candidate="" if candidate == IN_CHARGE else candidate, drill=drill == DRILLS[1])
    if examined == EXAMINED[0]:
        with head:
            page_head(PAGE, "No model was asked about yet.")
        empty_state(
            "What is asked of a model before it goes live, check by check.",
            "It takes a minute or two, for incidents are looked for, with a drill longer. All rows of the case count, as it cuts them. "
            "Choose Asked to begin.",
        )
    else:
        _examined(current, asked, head)
    _records(current)


def candidates(current: View) -> list[str]:
    """Return what can be asked about: the model in charge, the challenger that the case names, versions where several answered, and model
    files in its folder."""
    case, roles = current.case, current.case.roles
    logged = [CHALLENGER] if roles.challenger_score or roles.challenger_prediction else []
    own = "" if case.model is None else case.model.path
    compared = case.task in (Task.BINARY, Task.REGRESSION)
    files = sorted(one.name for one in case.root.glob("*") if one.suffix.lower() in FORMS[:6] and one.name != own and one.is_file())
    versions = [] if roles.model_version is None else _serving(current)
    return [IN_CHARGE, *logged, *(versions if len(versions) > 1 else []), *(files if compared else [])]


def _serving(current: View) -> list[str]:
    """Return the versions that answered rows of production."""
    opened = workspace(current)
    key = ("versions", *(opened.fingerprint(data) for data in ("reference", "production")), current.case.key(judged=False))
    return sorted(name for name, (_, last) in kept(key, lambda: versions_of(opened)).items() if last >= 0)


def _examined(current: View, asked: Asked, head: st.delta_generator.DeltaGenerator) -> None:
    try:
        found = _found(current, workspace(current), asked)
    except (SettingError, ModelError, SelectionError) as error:
        with head:
            page_head(PAGE, "This candidate cannot be looked at.", str(error))
        return
    said = readiness_answer(found)
    with head:
        page_head(PAGE, said.headline, said.doubt)
    _figures(found)
    for one in sorted(found.checks, key=lambda one: (not one.blocks, one.verdict is Verdict.UNSHOWN)):
        _check(one)
    st.download_button(
        "Download the checks", data=lambda: to_csv(readiness_table(found)), file_name=f"{current.case_id}-readiness.csv", mime="text/csv",
        on_click="ignore", icon=":material/download:", key="readiness_file",
    )  # fmt: skip
    if not current.presenting:
        _sign(current, found)


def _found(current: View, opened: Workspace, asked: Asked) -> Readiness:
    case = current.case
    prints = (prints_now(opened, asked.candidate), repr(case.readiness), case.owner, repr(case.ownership), repr(case.kpis))
    said = repr(find_analysis(INCIDENTS).thresholds(case))  # what people say of incidents is among it
    incidents = already_judged(current, INCIDENTS) if _of_all(current) else None
    found: Readiness = run_cancellable(
        (PAGE, repr(prints), case.key(), said, asked),
        lambda progress, cancel: examine(opened, asked, incidents=incidents, progress=progress, cancel=cancel),
        text="Asking about the model",
    )
    return found


def _of_all(current: View) -> bool:
    """Say whether what is shown is all rows, as the case cuts them."""
    usual = Question(windows=current.case.windows)
    return replace(question_of(current), windows=current.windows) == usual and str(current.windows) == str(current.case.windows)


def _figures(found: Readiness) -> None:
    many = {one: sum(each.verdict is one for each in found.checks) for one in Verdict}
    key_figures(
        [
            KeyFigure("Passed", str(many[Verdict.PASS]), f"of {plural(len(found.checks), 'check')}"),
            KeyFigure("Failed", str(many[Verdict.FAIL]), "none is accepted"),
            KeyFigure("Not shown", str(many[Verdict.UNSHOWN]), _have_to(found)),
        ]
    )


def _have_to(found: Readiness) -> str:
    """Say how many of the checks that are not shown have to be."""
    needed = sum(one.required and one.verdict is Verdict.UNSHOWN for one in found.checks)
    return "none of these has to be" if not needed else f"{needed} of these {'has' if needed == 1 else 'have'} to be"


def _check(one: Check) -> None:
    icon, colour = LOOKS[one.verdict]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            badge = f":{colour}-badge[{icon} {one.verdict.value}]" + (" :orange-badge[has to be shown]" if one.required else "")
            st.markdown(f"**{md_escape(one.question)}** {badge}")
            here.link(one.page)
        st.markdown(md_escape(one.said))
        figure = figure_text(one)
        if figure:
            st.caption(md_escape(f"{one.of}: {figure}. Limit: {limit_text(one)}."))


def _sign(current: View, found: Readiness) -> None:
    st.markdown("#### Sign")
    ask_name()
    with st.form("readiness_sign", border=False):
        note = st.text_area("Note", key="readiness_note", max_chars=2000, help="What the next reader has to know.")
        if not found.ready:
            st.caption("It is not ready: whoever signs it all the same says why.")
        sent = st.form_submit_button("Sign what is shown", icon=":material/signature:", disabled=locked())
    if not sent:
        return
    try:
        kept = sign(current.case, found, writer().who[:LONGEST_NAME], note)
    except DriftscopeError as error:
        st.error(md_escape(str(error).replace(": --note TEXT", "")), icon=":material/error:")
        return
    st.success(md_escape(record_text(kept)), icon=":material/verified:")


def _records(current: View) -> None:
    records, unreadable = list_records(current.case)
    for one in unreadable:
        st.warning(md_escape(one.message), icon=":material/warning:")
    st.markdown("#### Signed")
    if not records:
        st.caption("Nobody signed anything yet.")
        return
    opened = workspace(current)
    shown = list(reversed(records))[:SHOWN]
    now = {name: prints_now(opened, name) for name in {one.candidate for one in shown}}
    st.dataframe(pd.DataFrame([_row(one, now[one.candidate]) for one in shown]), hide_index=True)


def _row(one: SignOff, now: dict[str, str] | str) -> dict[str, str]:
    return {
        "When": one.created,
        "Who": one.who,
        "What": one.told,
        "As": "ready" if one.ready else "not ready",
        "Blocked by": ", ".join(one.blocking),
        "Note": one.note,
        "Since then": changed_text(one, now) or "nothing changed",
    }
