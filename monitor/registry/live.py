"""Pinned statements computed again, of the rows that their own address names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from monitor.analyses.sides import Question
from monitor.case import Case
from monitor.charts import Chart, target_chart
from monitor.engine import Workspace
from monitor.errors import SelectionError
from monitor.export.challengers import answer_chart_of
from monitor.export.charts import to_vega_lite
from monitor.export.deck import Statement
from monitor.export.incident_report import proof_of
from monitor.export.incident_timeline import incidents_chart
from monitor.export.pin import ANSWER, REMEDY, Pin, subject_of
from monitor.incidents.board import board_impact, board_title, done_text, terms_of
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.next_step import next_step
from monitor.incidents.scene import Scene
from monitor.incidents.story import story_of
from monitor.judgement.answers import speaking_outputs
from monitor.judgement.challenger_answer import decision_text, rests_on
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.judgement.kpis import Goal, State, Tree, kpi_headline
from monitor.judgement.narration.sentences import sentence
from monitor.registry.catalogue import find_analysis
from monitor.registry.goals import goals_of
from monitor.registry.remedy_slides import remedy_statement
from monitor.remedies.kept import next_of, tried_now
from monitor.vocabulary import Status
from monitor.wording import list_text, plural

GOALS = "kpis"
"""The page of goals, which is no analysis."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where statements are computed: the data, what is compared with what, and what asks an analysis by its name."""

    workspace: Workspace
    question: Question
    judge: Callable[[str], Judged]


def next_said(one: Incident, judged: JudgedIncidents, source: Source | None) -> str:
    """Say what comes next of an incident: what follows from options that were tried on its rows, else what its cause asks for."""
    return next_step(one) if source is None else next_of(source.workspace, source.question, one, judged.incidents)


def statement_again(kept: Pin, source: Source) -> Statement:
    """Return what a pinned statement says now.

    Raises
    ------
    SelectionError
        It cannot be computed again.
    DriftscopeError
        The case lacks what its analysis needs.
    """
    if kept.analysis == GOALS:
        return goals_statement(goals_of(source.workspace, source.question, source.judge))
    judged = source.judge(kept.analysis)
    if kept.finding.get("kind") == REMEDY:
        return _remedy_again(kept, judged, source)
    if kept.finding.get("kind") == ANSWER:
        return answer_statement(judged, source.workspace.case)
    if "kind" not in kept.finding:
        raise SelectionError("nothing was found there, and that is kept as it was")
    found = found_again(kept, judged.findings)
    if found is None:
        answer = find_analysis(kept.analysis).answer(judged)
        return Statement(title=f"No longer found: {kept.title}", sentence=answer.headline, status=Status.STABLE.value)
    return finding_statement(found, judged, source)


def _remedy_again(kept: Pin, judged: Judged, source: Source) -> Statement:
    one = judged.incident(subject_of(kept)) if isinstance(judged, JudgedIncidents) else None
    if one is None or not isinstance(judged, JudgedIncidents):
        raise SelectionError("its incident is no longer found")
    return remedy_of(one, judged, source)


def remedy_of(one: Incident, judged: JudgedIncidents, source: Source) -> Statement:
    """Return what would help with an incident: its options are tried where they were not before."""
    bench = tried_now(source.workspace, source.question, one, judged.incidents)
    return remedy_statement(bench, board_title(one, terms_of(source.workspace.case, judged)))


def found_again(kept: Pin, findings: Sequence[Finding]) -> Finding | None:
    """Return the finding that a pin is about, as it is now: the same run, else the one of the same thing that began with it, else the
    strongest of the same thing."""
    was = kept.finding
    same = [
        one for one in findings if (one.what, one.kind.value, one.version) == (was.get("what"), was.get("kind"), was.get("version", ""))
    ]
    for name in ("last_window", "window"):
        exact = [one for one in same if one.window == was.get("window") and getattr(one, name) == was.get(name)]
        if exact:
            return exact[0]
    return max(same, key=lambda one: one.strength, default=None)


def finding_statement(finding: Finding, judged: Judged, source: Source | None = None) -> Statement:
    """Return what a finding says; of an incident, with the rows at hand, what it did in the words of people who decide, and what proves
    it."""
    section = find_analysis(judged.analysis).report(finding, judged)
    chart = next(iter(section.charts), None)
    title, told = section.title, section.sentence
    one = judged.incident(finding.what) if isinstance(judged, JudgedIncidents) else None
    if one is not None and isinstance(judged, JudgedIncidents):
        title, told = one.title, story_of(one, judged).lines["Impact"]
        if source is not None:
            terms = terms_of(source.workspace.case, judged)
            title, told = board_title(one, terms), f"{board_impact(one, terms)} {done_text(one.record)}"
            proof = proof_of(one, judged, Scene(workspace=source.workspace, question=source.question, judged={}))
            chart = chart if proof is None else to_vega_lite(proof)
    return Statement(title=title, sentence=told, status=finding.status, chart=chart)


def answer_statement(judged: Judged, case: Case | None = None) -> Statement:
    """Return what a whole analysis says, with the picture of the finding that leads; of incidents, with the case at hand, in the words of
    people who decide."""
    if isinstance(judged, JudgedIncidents):
        return _incidents_statement(judged, case)
    row = find_analysis(judged.analysis)
    answer = row.answer(judged)
    leading = _answered(judged)
    chart = next((chart for one in leading for chart in row.report(one, judged).charts), None)
    if isinstance(judged, JudgedShadow) and (drawn := answer_chart_of(judged)) is not None:  # of the metric that the answer is about
        chart = to_vega_lite(drawn)
    told = [answer.doubt] if answer.doubt else [sentence(one, judged.names, judged.against) for one in leading]
    told = [decision_text(judged), *rests_on(judged)] if isinstance(judged, JudgedShadow) else told
    worst = next((one for one in (Status.ALERT, Status.WARNING) if any(found.status == one for found in judged.findings)), Status.STABLE)
    return Statement(title=answer.headline, sentence="\n".join(one for one in told if one), status=worst.value, chart=chart)


def _answered(judged: Judged) -> Sequence[Finding]:
    """Return the finding that the answer of an analysis is about, if any: of what the model answers that of what is served."""
    if isinstance(judged, JudgedDrift) and judged.analysis == "predictions":
        return speaking_outputs(judged)[:1]
    return judged.leading[:1]


def _incidents_statement(judged: JudgedIncidents, case: Case | None) -> Statement:
    """Return how many incidents ask for somebody, which these and which all others are, and when all of them happened."""
    lasting = [one for one in judged.incidents if not one.settled]
    if not judged.incidents:
        answer = find_analysis(judged.analysis).answer(judged)
        return Statement(title=answer.headline, sentence=answer.doubt, status=Status.STABLE.value)
    counted, many = plural(len(judged.incidents), "incident"), len(lasting)
    how = (
        "none is open"
        if not many
        else "all are open"
        if many == len(judged.incidents) > 1
        else f"{many} {'is' if many == 1 else 'are'} open"
    )
    terms = None if case is None else terms_of(case, judged)
    settled = [one for one in judged.incidents if one.settled]
    told = [
        f"{name}: {'; '.join(one.title if terms is None else board_title(one, terms) for one in some)}."
        for name, some in (("Open", lasting), ("Over", settled))
        if some
    ]
    status = Status.ALERT if any(one.status == Status.ALERT for one in lasting) else Status.WARNING if lasting else Status.STABLE
    drawn = incidents_chart(judged, terms=terms)
    chart = None if drawn is None else to_vega_lite(drawn)
    return Statement(title=f"{counted}: {how}.", sentence="\n".join(told), status=status.value, chart=chart)


def goals_statement(tree: Tree) -> Statement:
    """Return how the goals of a case stand, one sentence each, with the course of the first that is missed."""
    told = [tree.sentence(one) for one in tree.goals if one.state is not State.MET]
    met = [one.section.name for one in tree.goals if one.state is State.MET]
    told += [f"Met: {list_text(met, len(met))}."] if met and told else []
    return Statement(title=kpi_headline(tree), sentence="\n".join(told), chart=goal_chart_spec(tree))


def goal_chart_spec(tree: Tree) -> Mapping[str, Any] | None:
    """Draw the course of the first goal that is missed, else of the first, as complete Vega-Lite; None while nothing is known of any."""
    goals: Sequence[Goal] = tree.missed or tree.goals
    drawn = next((chart for one in goals if (chart := goal_chart(tree, one)) is not None), None)
    return None if drawn is None else to_vega_lite(drawn)


def goal_chart(tree: Tree, goal: Goal) -> Chart | None:
    """Draw the course of a goal; None while nothing is known of it."""
    rows = pd.DataFrame({"window": goal.windows, "value": goal.values}).dropna()
    title = f"{goal.section.name} ({goal.title}), {tree.asked(goal)}"
    label = f"{goal.title}, {goal.unit}" if goal.unit else goal.title
    return target_chart(rows, label=label, share=goal.share, title=title, target=goal.section.target) if len(rows) else None
