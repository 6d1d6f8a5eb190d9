"""`driftscope measure`: what was asked on the command line, turned into a question, measured, judged and written."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from monitor.analyses.baselines import KNOWN
from monitor.analyses.drift import DriftResult, measure_drift
from monitor.analyses.multivariate import measure_multivariate
from monitor.analyses.predictions import measure_predictions
from monitor.analyses.sides import Question
from monitor.case import Case, WindowSize, load_case
from monitor.cli.progress import shown_progress, tell
from monitor.engine import Progress, Selection, Workspace, open_workspace, profile
from monitor.errors import MethodError, SelectionError, SettingError, nearest
from monitor.export.results import STANDARD_OUTPUT, Judged, as_result, write_result, writer_for
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.joint_findings import joint_answer
from monitor.judgement.multivariate import JudgedMultivariate, MultivariateThresholds, judge_multivariate
from monitor.judgement.sentences import answer
from monitor.judgement.thresholds import DriftThresholds, with_settings
from monitor.tables import Result

PLANNED = ("quality", "performance", "estimate", "concept", "explanations", "outliers", "fairness", "operations", "shadow")
"""Analyses of the file format that this version does not have."""
THRESHOLD_GROUPS = ("drift", "multivariate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for, as it was written."""

    windows: str = "case"
    production: str | None = None
    against: str = "reference"
    where: str | None = None
    columns: str | None = None
    methods: str = "default"
    assignments: tuple[str, ...] = ()
    seed: int = 0
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for, checked: the question, the methods, the `[thresholds]` with what was set, and who is told."""

    question: Question
    methods: tuple[str, ...]
    thresholds: Mapping[str, Any]
    progress: Progress


class _Measure(Protocol):
    def __call__(self, workspace: Workspace, question: Question, *, methods: Sequence[str], progress: Progress) -> DriftResult: ...


def _judged(measure: _Measure) -> Callable[[Workspace, Request], JudgedDrift]:
    def run(workspace: Workspace, request: Request) -> JudgedDrift:
        thresholds = DriftThresholds.of(request.thresholds)
        return judge_drift(measure(workspace, request.question, methods=request.methods, progress=request.progress), thresholds)

    return run


def _judged_multivariate(workspace: Workspace, request: Request) -> JudgedMultivariate:
    thresholds = MultivariateThresholds.of(request.thresholds)
    measured = measure_multivariate(workspace, request.question, methods=request.methods, progress=request.progress)
    return judge_multivariate(measured, thresholds)


ANALYSES: Mapping[str, Callable[[Workspace, Request], Judged]] = {
    "drift": _judged(measure_drift),
    "multivariate": _judged_multivariate,
    "predictions": _judged(measure_predictions),
}
"""The analyses of the command line: one line each."""


def measure_to_file(analysis: str, place: Path, out: str, options: Options) -> None:
    """Run an analysis on a case and write its result; what can be wrong with the names is checked before the work."""
    _known_analysis(analysis)
    writer_for(out)
    case = load_case(place)
    done = run(analysis, case, options)
    write_result(done.result, out)
    if done.answer:
        tell(done.answer, quiet=options.quiet)
    if out != STANDARD_OUTPUT:
        tell(f"Written: {out}", quiet=options.quiet)


@dataclass(frozen=True, slots=True)
class Done:
    """What came out: the result (`skipped` also says what was noticed while reading the data) and the answer in a sentence."""

    result: Result
    answer: str = ""


def run(analysis: str, case: Case, options: Options) -> Done:
    """Open the data of a case and run an analysis."""
    with open_workspace(case) as workspace, shown_progress(quiet=options.quiet) as progress:
        found = ANALYSES[analysis](workspace, request_of(workspace, options, progress))
        result = as_result(found)
        noticed = tuple(note for note in workspace.notes if note not in result.skipped)
        told = answer(found) if isinstance(found, JudgedDrift) else joint_answer(found)
        return Done(replace(result, skipped=(*result.skipped, *noticed)), told)


def judged_drift(case: Case, options: Options) -> JudgedDrift:
    """Open the data of a case and judge the drift of its features."""
    with open_workspace(case) as workspace, shown_progress(quiet=options.quiet) as progress:
        return _judged(measure_drift)(workspace, request_of(workspace, options, progress))


def _known_analysis(name: str) -> None:
    if name in ANALYSES:
        return
    later = "This version does not have it yet." if name in PLANNED else nearest(name, ANALYSES)
    raise MethodError(f"There is no analysis '{name}'. {later.strip()} Use {', '.join(ANALYSES)}.".replace(".  ", ". "))


def request_of(workspace: Workspace, options: Options, progress: Progress) -> Request:
    """Check what was asked for against the case.

    Raises
    ------
    SelectionError, SettingError
        When a period, a window size, a baseline or a setting cannot be understood.
    """
    case = workspace.case
    production = _selection(options.production, "production", case, options.where)
    against, reference = _baseline(workspace, options)
    question = Question(
        reference=reference,
        production=production,
        windows=None if options.windows == "case" else WindowSize.parse(options.windows),
        against=against,
        columns=_listed(options.columns) if options.columns is not None else None,
        seed=options.seed,
    )
    thresholds = with_settings(case.thresholds, _assignments(options.assignments))
    return Request(question=question, methods=_listed(options.methods), thresholds=thresholds, progress=progress)


def _selection(period: str | None, data: str, case: Case, where: str | None) -> Selection:
    if period is None:
        return Selection(data, where=where)
    return Selection.parse(period, data=data, timezone=case.timezone, where=where)


def _baseline(workspace: Workspace, options: Options) -> tuple[str, Selection]:
    """Return the kind of baseline and the rows of the other side: the reference set, or a period."""
    text, case = options.against, workspace.case
    if text.partition(":")[0] in KNOWN:
        return text, Selection("reference", where=options.where)
    if not text[:1].isdigit() and ".." not in text:
        raise SelectionError(f"'{text}' is not something to compare with.{nearest(text, KNOWN)} Use {', '.join(KNOWN)} or START..END.")
    period = _selection(text, "production", case, options.where)
    try:
        profile(workspace, period, cells={}, windows=WindowSize(1, "whole"))
    except SelectionError:  # production has no such rows: the period is one of the reference
        return "reference", replace(period, data="reference")
    return "reference", period


def _listed(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip())
    if not names:
        raise SettingError(f"'{text}' names nothing. Write names with commas between them.")
    return names


def _assignments(texts: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        key, separator, value = text.partition("=")
        group, dot, _ = key.strip().partition(".")
        if not separator or not value.strip():
            raise SettingError(f"'--set {text}' is not key=value. Write, say, --set drift.q=0.01.")
        if group not in THRESHOLD_GROUPS or not dot:
            groups = " or ".join(f"'{one}.'" for one in THRESHOLD_GROUPS)
            raise SettingError(f"'{key}' is not a threshold. Thresholds start with {groups}, such as drift.q or drift.floor.")
        found[key.strip()] = value.strip()
    return found
