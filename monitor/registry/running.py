"""Several analyses one after the other, and the report of what they found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from monitor.analyses.sides import Question
from monitor.case import Case
from monitor.engine import Progress, Workspace
from monitor.errors import (
    CaseError,
    ColumnMissingError,
    DriftscopeError,
    ExtensionMissingError,
    KindError,
    MethodError,
    ModelError,
    SelectionError,
)
from monitor.export.pin import Pin
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.judged import Judged
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.registry.analysis import Analysis
from monitor.registry.catalogue import REGISTRY, find_analysis
from monitor.registry.wrong_rows import known_wrong, without_wrong
from monitor.tables import Skipped

if TYPE_CHECKING:
    from monitor.export.report import Report
    from monitor.judgement.finding import Finding
    from monitor.registry.live import Source


REFUSALS = (MethodError, SelectionError, ColumnMissingError, KindError, ModelError, ExtensionMissingError, CaseError)
"""Why an analysis may not be able to look at these data, which leaves the others as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an analysis says of all rows (`standing`), and the incidents that made some of them wrong."""

    standing: JudgedShadow
    incidents: JudgedIncidents


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """What came out of several analyses: those that could be asked, and which could not, with the reason."""

    judged: tuple[Judged, ...]
    skipped: tuple[Skipped, ...]

    @property
    def given(self) -> dict[str, Any]:
        """What an analysis of others takes."""
        return {"judged": {one.analysis: one for one in self.judged}, "skipped": self.skipped}


def run_analysis(
    row: Analysis,
    workspace: Workspace,
    question: Question | None = None,
    *,
    case: Case | None = None,
    progress: Progress | None = None,
    known: Found | None = None,
    **options: Any,
) -> Judged:
    """Measure and judge an analysis, after those that it is made of, unless `judged` among the options says what they found. What was kept
    of the same question is judged at once.

    Parameters
    ----------
    known : what was found of incidents, and what the analysis says of all rows: those that incidents made wrong are left out of it where it
        does so.

    Raises
    ------
    DriftscopeError
        As `Analysis.run`; for one that is made of others, also where none of those could be asked.
    """
    usual = _usual(workspace.case, options)
    kept = kept_of(row, workspace, question, case=case) if usual else None
    if kept is not None:
        return kept
    if row.of_others and "judged" not in options:
        options |= judge_others(workspace, question, case=case, progress=progress).given

    def run(**more: Any) -> Judged:
        return row.run(workspace, question, case=case, progress=progress, **options, **more)

    if known is not None:
        return without_wrong(known.standing, known_wrong(known.incidents, workspace, (question or Question()).production), run)
    found = run()
    if row.keeping is not None and usual:
        row.keeping.keep(workspace, row.keeping.key(workspace, question, case), found.result)
    return found


def kept_of(row: Analysis, workspace: Workspace, question: Question | None = None, *, case: Case | None = None) -> Judged | None:
    """Judge what was kept of an analysis that was asked the same question by the default methods; None where nothing was kept."""
    kept = None if row.keeping is None else row.keeping.load(workspace, row.keeping.key(workspace, question, case))
    return None if kept is None else row.judge(row.assess(kept), row.thresholds(workspace.case if case is None else case))


def _usual(case: Case, options: Mapping[str, Any]) -> bool:
    """Say whether an analysis of others is asked by the default methods, and of all that the case has the roles for."""
    if tuple(options.get("methods", ("default",))) != ("default",):
        return False
    asked = {*options.get("judged", ()), *(one.what for one in options.get("skipped", ()))}
    able = [row for row in REGISTRY.values() if not row.of_others and not row.lacks(case)]
    return "judged" not in options or all({row.name, row.title} & asked for row in able)


def judge_others(
    workspace: Workspace, question: Question | None = None, *, case: Case | None = None, progress: Progress | None = None
) -> Everything:
    """Ask every analysis that is not made of others and that the case has the roles for."""
    rows = [row for row in REGISTRY.values() if not row.of_others and not row.lacks(workspace.case)]
    return judge_each(rows, lambda row: row.run(workspace, question, case=case, progress=progress))


def judge_each(rows: Sequence[Analysis], run: Callable[..., Judged]) -> Everything:
    """Ask analyses one after the other, those that are made of others with what these found. One that these data are not enough for (joint
    drift of one column) is said and skipped. What has no use for rows that incidents made wrong is asked again without them.

    Parameters
    ----------
    run : (analysis, **options) -> what was judged.

    Raises
    ------
    DriftscopeError
        No analysis could be asked: that of the first.
    """
    found: list[Judged] = []
    refused: dict[str, DriftscopeError] = {}
    for row in sorted(rows, key=lambda one: one.of_others):
        so_far = Everything(judged=tuple(found), skipped=tuple(Skipped(t, "not_applicable", str(e)) for t, e in refused.items()))
        try:
            found.append(run(row, **(so_far.given if row.of_others else {})))
        except REFUSALS as error:
            refused[row.title] = error
    if not found and refused:
        raise next(iter(refused.values()))
    incidents = next((one for one in found if isinstance(one, JudgedIncidents)), None)
    if incidents is not None:
        found = [revised(one, incidents, run) for one in found]
    return Everything(judged=tuple(found), skipped=tuple(Skipped(title, "not_applicable", str(error)) for title, error in refused.items()))


def revised(standing: Judged, incidents: JudgedIncidents, run: Callable[..., Judged]) -> Judged:
    """Return what was judged without rows that incidents made wrong; as it is where an analysis counts all rows.

    Parameters
    ----------
    run : as `judge_each` takes it.
    """
    row = find_analysis(standing.analysis)
    if not row.without_wrong or not isinstance(standing, JudgedShadow):
        return standing
    return run(row, known=Found(standing=standing, incidents=incidents))


def report_of(
    found: Sequence[Judged],
    case: Case,
    pins: Sequence[Pin] = (),
    skipped: Sequence[Skipped] = (),
    *,
    source: Source | None = None,
    app: str = "",
) -> Report:
    """Return the report of what was judged: analyses that say whether the model is right lead, then those with findings; `skipped` are
    analyses that could not be asked.

    Parameters
    ----------
    source : the data; without it the chart of an incident is when it was, not what proves it.
    app : address at which the receiver's app is reached; empty: not known.
    """
    reporting, live = import_module("monitor.export.case_report"), import_module("monitor.registry.live")
    order = sorted(found, key=lambda one: (find_analysis(one.analysis).rank, not one.findings))
    parts = []
    for one in order:
        row = find_analysis(one.analysis)
        parts.append(reporting.Part(title=row.title, judged=one, answer=row.answer(one), section=row.report, look=row.look))

    def proof(finding: Finding, judged: Judged) -> Mapping[str, Any] | None:
        chart: Mapping[str, Any] | None = live.finding_statement(finding, judged, source).chart
        return chart

    report: Report = reporting.case_report(parts, case, pins, skipped, app=app, proof=proof)
    return report
