"""`driftscope measure`: what was asked on the command line, turned into a question, measured, judged and written."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitor.analyses.baselines import KNOWN
from monitor.analyses.explanation_result import ExplanationResult
from monitor.analyses.explanations import measure_explanations
from monitor.analyses.sides import Question
from monitor.case import Case, Thresholds, WindowSize, load_case
from monitor.case.assignments import with_assignments
from monitor.case.complaints import fields_of
from monitor.cli.engines import DUCKDB, Engine, opened
from monitor.cli.progress import shown_progress, tell
from monitor.engine import Selection, Workspace, both_conditions, count_rows, moment_utc, open_workspace
from monitor.engine.outputs import check_output, make_folder
from monitor.errors import (
    SelectionError,
    SettingError,
    nearest,
)
from monitor.export.results import STANDARD_OUTPUT, as_result, write_result, writer_for
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.impact import weigh
from monitor.judgement.judged import Judged
from monitor.registry import REFUSALS, REGISTRY, Analysis, Everything, find_analysis, judge_each, kept_of, run_analysis, screen_answer
from monitor.tables import Result, Skipped
from monitor.wording import list_text

EVERY = "all"
"""What stands for every analysis that a case has the roles for."""
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
    as_of: str | None = None
    rows: int | None = None
    assignments: tuple[str, ...] = ()
    seed: int = 0
    quiet: bool = False
    findings: bool = False
    engine: Engine = DUCKDB


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for, checked: the question, and the case with the thresholds that were set."""

    question: Question
    case: Case


def measure_to_file(analysis: str, place: Path, out: str, options: Options) -> None:
    """Run an analysis (or `all` that the case has the roles for) on a case and write its result; what can be wrong with the names is
    checked before the work.

    Raises
    ------
    MethodError, SettingError, SourceError
        A name is unknown, an option does not belong to the analysis, or the result cannot be written there.
    """
    if analysis == EVERY:
        _measure_all(load_case(place), Path(out), options)
        return
    row = find_analysis(analysis)
    _belongs(row, options)
    _can_count(row, options)
    writer_for(out)
    case = load_case(place)
    keep_sources(case, out)
    with redirect_stdout(sys.stderr):  # what a method of the case prints must not stand within the result
        done = run(row, case, options)
    write_result(done.result, out)
    tell(done.answer, quiet=options.quiet)
    if out != STANDARD_OUTPUT:
        tell(f"Written: {out}", quiet=options.quiet)


def keep_sources(case: Case, out: Path | str) -> None:
    """Refuse to write over what a result is made of, before the work is done (`check_output`); "-" is standard output.

    Raises
    ------
    SettingError, SourceError
    """
    if str(out) != STANDARD_OUTPUT:
        check_output(Path(out), case)


def _measure_all(case: Case, folder: Path, options: Options) -> None:
    """Write FOLDER/<analysis>.json of every analysis that the case has the roles for; say of the others what they lack."""
    if any(one is not None for one in (options.by, options.as_of, options.rows)) or options.methods != "default":
        raise SettingError(f"'--by', '--as-of', '--rows' and '--methods' belong to one analysis. Name it instead of '{EVERY}'.")
    if options.engine.cluster:
        raise SettingError(f"'--engine spark' belongs to one analysis: use it with {_countable()}, instead of '{EVERY}'.")
    make_folder(folder)
    for row in REGISTRY.values():
        keep_sources(case, folder / f"{row.name}.json")
        if lacking := row.lacks(case):
            tell(f"Not measured: {lacking}", quiet=options.quiet)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        every = judge_everything(workspace, options)
        for found in every.judged:
            done = _done(found, workspace, options)
            write_result(done.result, folder / f"{found.analysis}.json")
            tell(f"{find_analysis(found.analysis).title}: {done.answer}", quiet=options.quiet)
    for skip in every.skipped:
        tell(f"Not measured: {skip.message}", quiet=options.quiet)
    tell(f"Written: {folder}", quiet=options.quiet)


def _belongs(row: Analysis, options: Options) -> None:
    for name, given in {"by": options.by, "as_of": options.as_of, "rows": options.rows}.items():
        if given is not None and name not in row.options:
            able = list_text([f"'{one.name}'" for one in REGISTRY.values() if name in one.options])
            raise SettingError(f"'--{name.replace('_', '-')}' does not belong to '{row.name}'. Use it with {able}.")


def _can_count(row: Analysis, options: Options) -> None:
    if options.engine.cluster and not row.counted:
        raise SettingError(f"'{row.name}' reads rows, and Spark gives counts: '--engine spark' is for {_countable()}. Use duckdb.")


def _countable() -> str:
    return list_text([f"'{one.name}'" for one in REGISTRY.values() if one.counted])


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came out: the result (`skipped` also says what was noticed while reading the data) and the answer in a sentence."""

    result: Result
    answer: str


def run(row: Analysis, case: Case, options: Options) -> Done:
    """Open the data of a case and run an analysis."""
    with opened(case, options.engine) as workspace:
        found = judged(row, workspace, options)
        weights = _explained(row, workspace, options)
        if isinstance(weights, Skipped):
            done = _done(found, workspace, options)
            return replace(done, result=replace(done.result, skipped=(*done.result.skipped, weights)))
        return _done(found if weights is None else weigh(found, weights), workspace, options)


def _explained(row: Analysis, workspace: Workspace, options: Options) -> ExplanationResult | Skipped | None:
    """Return what the findings of an analysis are weighed by, or why they cannot be. None where they are not: the case names no model (none
    is learned for this), or windows are compared with those before them."""
    if not row.weighed or workspace.case.model is None or options.against.partition(":")[0] in KNOWN[1:]:
        return None
    if workspace.counter is not None:
        return Skipped("impact", "not_explained", "What findings do to predictions is not known: that takes rows, and Spark gives counts.")
    question = replace(request_of(workspace, options).question, columns=None)
    try:
        with shown_progress(quiet=options.quiet) as progress:
            return measure_explanations(workspace, question, progress=progress)
    except REFUSALS as error:
        return Skipped("impact", "not_explained", f"What findings do to predictions is not known: {error}")


def _done(found: Judged, workspace: Workspace, options: Options) -> Done:
    result = as_result(found)
    if options.findings and result.findings is not None:
        result = replace(result, table=result.findings, findings=None)
    noticed = tuple(note for note in workspace.notes if note not in result.skipped)
    return Done(result=replace(result, skipped=(*result.skipped, *noticed)), answer=answer_text(found))


def judged(row: Analysis, workspace: Workspace, options: Options, **given: Any) -> Judged:
    """Measure and judge what was asked for, with progress on standard error."""
    asked = request_of(workspace, options)
    extra = {name: value for name, value in _further(workspace.case, options).items() if value is not None}
    with shown_progress(quiet=options.quiet) as progress:
        return run_analysis(
            row, workspace, asked.question, case=asked.case, methods=_listed(options.methods), progress=progress, **extra, **given
        )


def judge_everything(workspace: Workspace, options: Options, names: Collection[str] = tuple(REGISTRY)) -> Everything:
    """Ask every analysis of `names` that a case has the roles for. One that these data are not enough for (joint drift of one column) is
    said and skipped.

    Raises
    ------
    DriftscopeError
        No analysis could be asked: that of the first.
    """
    able = [row for row in REGISTRY.values() if row.name in names and not row.lacks(workspace.case)]
    request_of(workspace, options)
    every = judge_each(able, lambda row, **given: judged(row, workspace, options, **given))
    return replace(every, judged=_weighed_together(every.judged))


def judge_needed(workspace: Workspace, options: Options, names: Collection[str], run: Callable[..., Judged] | None = None) -> Everything:
    """Ask the analyses of `names`: what is made of others from what was kept of it, and all where nothing was, for it is made of them.

    Parameters
    ----------
    run : as `judge_each` takes it.
    """
    ask = run or (lambda row, **given: judged(row, workspace, options, **given))
    able = [row for row in REGISTRY.values() if not row.lacks(workspace.case)]
    needed = [row for row in able if row.name in names]
    asked = request_of(workspace, options)
    if any(row.of_others and kept_of(row, workspace, asked.question, case=asked.case) is None for row in needed):
        return judge_each(able, ask)
    return judge_each(needed, lambda row, **given: ask(row, **({} if row.of_others else given)))


def _weighed_together(found: Sequence[Judged]) -> tuple[Judged, ...]:
    """Weigh findings by the explanations among them, if there are such."""
    explained = next((one.result for one in found if isinstance(one, JudgedExplanations)), None)
    if explained is None:
        return tuple(found)
    return tuple(weigh(one, explained) if find_analysis(one.analysis).weighed else one for one in found)


def _further(case: Case, options: Options) -> dict[str, Any]:
    """Return the options that only some analyses take, checked."""
    as_of = None if options.as_of is None else moment_utc(options.as_of, case.timezone)
    return {"by": options.by, "as_of": as_of, "rows": options.rows}


def answer_text(found: Judged) -> str:
    """Say the state of what was judged in a line: the headline, then the doubt."""
    told = screen_answer(found)
    return f"{told.headline} {told.doubt}".strip()


def request_of(workspace: Workspace, options: Options) -> Request:
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
    return Request(question=question, case=asked)


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
