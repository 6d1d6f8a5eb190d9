"""`driftscope measure`: what was asked on the command line, turned into a question, measured, judged and written."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from monitor.analyses.baselines import KNOWN
from monitor.analyses.drift import DriftResult, measure_drift
from monitor.analyses.multivariate import measure_multivariate
from monitor.analyses.predictions import measure_predictions
from monitor.analyses.sides import Question
from monitor.case import Case, Thresholds, WindowSize, load_case
from monitor.case.assignments import with_assignments
from monitor.case.complaints import fields_of
from monitor.cli.progress import shown_progress, tell
from monitor.engine import Progress, Selection, Workspace, both_conditions, count_rows, open_workspace
from monitor.errors import MethodError, SelectionError, SettingError, nearest
from monitor.export.results import STANDARD_OUTPUT, Judged, as_result, write_result, writer_for
from monitor.judgement.answers import screen_answer
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.multivariate import JudgedMultivariate, judge_multivariate
from monitor.judgement.thresholds import drift_thresholds, multivariate_thresholds
from monitor.tables import Result

PLANNED = ("quality", "performance", "estimate", "concept", "explanations", "outliers", "fairness", "operations", "shadow")
"""Analyses of the file format that this version does not have."""
THRESHOLD_GROUPS = tuple(fields_of(Thresholds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What only one side has to meet: a condition, a model version, a file of its data set."""

    where: str | None = None
    version: str | None = None
    file: str | None = None

    def narrow(self, selection: Selection) -> Selection:
        """Return the rows of a selection that meet it."""
        both = both_conditions(selection.where, self.where) if selection.where and self.where else selection.where or self.where
        return replace(selection, where=both, model_version=self.version, file=self.file)


ANY = Side()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for, as it was written: `own` narrows what is cut in windows, `other` what it is compared with."""

    windows: str = "case"
    production: str | None = None
    against: str = "reference"
    where: str | None = None
    own: Side = ANY
    other: Side = ANY
    swap: bool = False
    columns: str | None = None
    methods: str = "default"
    by: str | None = None
    assignments: tuple[str, ...] = ()
    seed: int = 0
    quiet: bool = False
    findings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for, checked: the question, the methods, the case with the thresholds that were set, and who is told."""

    question: Question
    methods: tuple[str, ...]
    by: str | None
    case: Case
    progress: Progress


class _Measure(Protocol):
    def __call__(self, workspace: Workspace, question: Question, *, methods: Sequence[str], progress: Progress) -> DriftResult: ...


def _judged(measure: _Measure) -> Callable[[Workspace, Request], JudgedDrift]:
    def run(workspace: Workspace, request: Request) -> JudgedDrift:
        thresholds = drift_thresholds(request.case)
        return judge_drift(measure(workspace, request.question, methods=request.methods, progress=request.progress), thresholds)

    return run


def _judged_multivariate(workspace: Workspace, request: Request) -> JudgedMultivariate:
    thresholds = multivariate_thresholds(request.case)
    measured = measure_multivariate(workspace, request.question, methods=request.methods, progress=request.progress)
    return judge_multivariate(measured, thresholds)


def _judged_predictions(workspace: Workspace, request: Request) -> JudgedDrift:
    thresholds = drift_thresholds(request.case)
    measured = measure_predictions(workspace, request.question, by=request.by, methods=request.methods, progress=request.progress)
    return judge_drift(measured, thresholds)


ANALYSES: Mapping[str, Callable[[Workspace, Request], Judged]] = {
    "drift": _judged(measure_drift),
    "multivariate": _judged_multivariate,
    "predictions": _judged_predictions,
}
"""The analyses of the command line: one line each."""


def measure_to_file(analysis: str, place: Path, out: str, options: Options) -> None:
    """Run an analysis on a case and write its result; what can be wrong with the names is checked before the work."""
    _known_analysis(analysis)
    if options.by is not None and analysis != "predictions":
        raise SettingError(f"'--by' cuts the outputs of the model; '{analysis}' has none. Use it with 'predictions', or --where here.")
    writer_for(out)
    case = load_case(place)
    with redirect_stdout(sys.stderr):  # what a method of the case prints must not stand within the result
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
        if options.findings and result.findings is not None:
            result = replace(result, table=result.findings, findings=None)
        noticed = tuple(note for note in workspace.notes if note not in result.skipped)
        told = answer_text(found)
        return Done(replace(result, skipped=(*result.skipped, *noticed)), told)


def answer_text(found: Judged) -> str:
    """Say the state of what was judged in a line: the headline, then the doubt."""
    told = screen_answer(found)
    return f"{told.headline} {told.doubt}".strip()


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
    production = options.own.narrow(_selection(options.production, "production", case, options.where))
    against, reference = _baseline(workspace, options)
    reference = options.other.narrow(reference)
    if options.swap:
        reference, production = production, reference
    question = Question(
        reference=reference,
        production=production,
        windows=None if options.windows == "case" else WindowSize.parse(options.windows),
        against=against,
        columns=_listed(options.columns) if options.columns is not None else None,
        seed=options.seed,
    )
    asked = with_assignments(case, _assignments(options.assignments))
    return Request(question=question, methods=_listed(options.methods), by=options.by, case=asked, progress=progress)


def _selection(period: str | None, data: str, case: Case, where: str | None) -> Selection:
    if period is None:
        return Selection(data, where=where)
    return Selection.parse(period, data=data, timezone=case.timezone, where=where)


def _baseline(workspace: Workspace, options: Options) -> tuple[str, Selection]:
    """Return the kind of baseline and the rows of the other side: the reference set, or a period."""
    text, case = options.against, workspace.case
    if text.partition(":")[0] in KNOWN:
        return text, Selection("reference", where=options.where)
    if text == "production":
        return "reference", Selection("production", where=options.where)
    if not text[:1].isdigit() and ".." not in text:
        known = (*KNOWN, "production")
        raise SelectionError(f"'{text}' is not something to compare with.{nearest(text, known)} Use {', '.join(known)} or START..END.")
    period = _selection(text, "production", case, options.where)
    if count_rows(workspace, period) == 0:  # the period is one of the reference
        return "reference", replace(period, data="reference")
    return "reference", period


def _listed(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip())
    if not names:
        raise SettingError(f"'{text}' names nothing. Write names with commas between them.")
    return names


def _key_and_value(text: str) -> tuple[str, str, str]:
    """Cut at the first = that does not stand in quotes."""
    key = re.match(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^="'])*""", text)
    end = key.end() if key else 0
    return text[:end], text[end : end + 1], text[end + 1 :]


def _assignments(texts: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        key, separator, value = _key_and_value(text)
        group, dot, _ = key.strip().partition(".")
        if not separator or not value.strip():
            raise SettingError(f"'--set {text}' is not key=value. Write, say, --set drift.q=0.01.")
        if group not in THRESHOLD_GROUPS or not dot:
            groups = " or ".join(f"'{one}.'" for one in THRESHOLD_GROUPS)
            hint = nearest(group, THRESHOLD_GROUPS)
            raise SettingError(f"'{key}' is not a threshold.{hint} Thresholds start with {groups}, such as drift.q or drift.floor.")
        found[key.strip()] = value.strip()
    return found
