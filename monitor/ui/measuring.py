"""Measured and judged results for the screen: computed once per choice, beside the screen, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import Any

from monitor.analyses.apart import take_apart
from monitor.analyses.drift import measure_drift
from monitor.analyses.drift_result import DriftResult
from monitor.analyses.left_out import WrongRows
from monitor.analyses.multivariate import MultivariateResult, measure_multivariate
from monitor.analyses.own import own_methods_of
from monitor.analyses.predictions import measure_predictions
from monitor.analyses.sides import Question
from monitor.case import DriftThresholds
from monitor.engine import Workspace
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.assessment import Assessment, assess_drift
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.judged import Judged
from monitor.judgement.multivariate import JudgedMultivariate, judge_multivariate
from monitor.judgement.thresholds import drift_thresholds, multivariate_thresholds
from monitor.registry import REGISTRY, Analysis, find_analysis, judge_each
from monitor.registry.wrong_rows import INCIDENTS, known_wrong, without_wrong
from monitor.ui.opened import workspace
from monitor.ui.state import View
from monitor.ui.work import desk, kept, run_cancellable

Measure = Callable[..., DriftResult]
MEASURES: dict[str, Measure] = {"drift": measure_drift, "predictions": measure_predictions}
TEXTS = {"drift": "Measuring every column", "predictions": "Measuring predictions and scores"}


def question_of(view: View) -> Question:
    """Return what the global bar asks, without rows that stand on both sides."""
    asked = Question(reference=view.reference, production=view.production, windows=view.windows, against=view.against)
    opened = workspace(view)
    prints = tuple(opened.fingerprint(one.data) for one in (view.reference, view.production))
    return kept(("apart", prints, view.case.key(judged=False), asked), lambda: take_apart(opened, asked))


def assessed(view: View, analysis: str = "drift", methods: tuple[str, ...] = ("default",), by: str | None = None) -> Assessment:
    """Return measured drift with its expectation for the choices of the global bar; it may take a while, show progress and be stopped.

    `by` is a column by whose levels predictions are measured too.
    """
    opened, question = workspace(view), question_of(view)
    measure = MEASURES[analysis] if by is None else partial(MEASURES[analysis], by=by)

    def work(progress: Any, cancel: Any) -> Assessment:
        def told(share: float, text: str) -> None:
            progress(0.7 * share, text)

        result = measure(opened, question, methods=methods, progress=told, cancel=cancel)
        progress(0.7, "working out what chance explains")
        return assess_drift(result)

    return run_cancellable((*result_key(opened, view, analysis, methods), by), work, text=TEXTS[analysis])


def result_key(opened: Workspace, view: View, analysis: str, methods: tuple[str, ...]) -> tuple[Any, ...]:
    """Return what a result depends on: data, the whole case, selections, windows, baseline and methods."""
    data = tuple(opened.fingerprint(one.data) for one in (view.reference, view.production))
    own = own_methods_of(view.case).key if analysis in MEASURES else _beside(view, analysis)
    return (
        analysis,
        data,
        view.case.key(judged=False),
        view.reference,
        view.production,
        str(view.windows),
        view.against,
        methods,
        own,
    )


def _beside(view: View, analysis: str) -> str:
    """Return the text of the file beside case.toml that an analysis reads; empty where it reads none."""
    name = find_analysis(analysis).beside
    path = view.case.root / name
    return path.read_text(encoding="utf-8", errors="replace") if name and path.is_file() else ""


@dataclass(frozen=True, slots=True)
class Screen:
    """Judged drift; `key` tells it from every other screen, so that what is made of it can be kept."""

    key: tuple[Any, ...]
    judged: JudgedDrift


def screen(
    view: View,
    analysis: str = "drift",
    methods: tuple[str, ...] = ("default",),
    thresholds: DriftThresholds | None = None,
    by: str | None = None,
) -> Screen:
    """Return judged drift for the choices of the global bar, judged anew only by other thresholds."""
    chosen = thresholds or drift_thresholds(view.case)
    measured = assessed(view, analysis, methods, by)
    key = ("screen", result_key(workspace(view), view, analysis, methods), by, repr(chosen))

    return kept(key, lambda: Screen(key, judge_drift(measured, chosen)))


def judged_together(view: View, methods: tuple[str, ...] = ("default",)) -> JudgedMultivariate:
    """Return judged joint drift for the choices of the global bar; it may take a while, show progress and be stopped."""
    opened, question = workspace(view), question_of(view)

    def work(progress: Any, cancel: Any) -> MultivariateResult:
        return measure_multivariate(opened, question, methods=methods, progress=progress, cancel=cancel)

    key = result_key(opened, view, "multivariate", methods)
    result = run_cancellable(key, work, text="Looking at all columns together")
    thresholds = multivariate_thresholds(view.case)
    return kept((*key, repr(thresholds)), lambda: judge_multivariate(result, thresholds))


def judged_for(view: View, name: str) -> Judged:
    """Return an analysis as its own page has it, so that nothing is measured twice."""
    if name in MEASURES:
        return screen(view, name).judged
    found: Judged = judged_together(view) if name == "multivariate" else judged_of(view, name)
    return found


def judged_key(view: View, analysis: str, **options: Any) -> tuple[Any, ...]:
    """Return what a judged analysis of the registry depends on, so that what is made of it can be kept."""
    row = find_analysis(analysis)
    standing = _standing_key(view, row, options)
    wrong = _wrong_rows(view) if row.without_wrong else None
    return standing if wrong is None else (*standing, wrong)


def _standing_key(view: View, row: Analysis, options: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a judged analysis of all rows depends on."""
    return (*result_key(workspace(view), view, row.name, ("default",)), *_unusual(row, options), repr(row.thresholds(view.case)))


def _wrong_rows(view: View) -> WrongRows | None:
    """Return which of the rows that are shown incidents made wrong; None where nobody looked for incidents in them."""
    incidents: JudgedIncidents | None = already_judged(view, INCIDENTS)
    if incidents is None:
        return None
    key = ("wrong rows", *judged_key(view, INCIDENTS))
    found: WrongRows = kept(key, lambda: known_wrong(incidents, workspace(view), question_of(view).production))
    return found


def _unusual(row: Analysis, options: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the options that are not what an analysis takes anyway: a page that asks for the usual shares its result with all others."""
    usual = signature(row.measure).parameters
    return sorted((name, value) for name, value in options.items() if name not in usual or usual[name].default != value)


def already_judged(view: View, analysis: str) -> Any | None:
    """Return what `judged_of` would, if that was measured for these choices before; None if it was not."""
    return desk().result(("judged", *judged_key(view, analysis)))


def at_hand(view: View, analysis: str) -> Any | None:
    """Return what an analysis of the registry has measured already for the choices of the global bar; None where it has not."""
    return desk().result(result_key(workspace(view), view, analysis, ("default",)))


def judged_of(view: View, analysis: str, **options: Any) -> Any:
    """Return an analysis of the registry, measured and judged for the choices of the global bar; it may take a while and be stopped. Rows
    that incidents made wrong are left out where it does so and incidents were looked for."""
    standing = _standing(view, analysis, **options)
    if not find_analysis(analysis).without_wrong or (wrong := _wrong_rows(view)) is None:
        return standing
    key = ("judged", *judged_key(view, analysis, **options))
    return kept(key, lambda: without_wrong(standing, wrong, partial(_standing, view, analysis, **options)))


def _standing(view: View, analysis: str, **options: Any) -> Any:
    """Return an analysis of all rows, or of what `options` leave of them."""
    row, opened, question = find_analysis(analysis), workspace(view), question_of(view)
    measured = (*result_key(opened, view, analysis, ("default",)), *_unusual(row, options))
    keeping = row.keeping if not options and desk().result(measured) is None else None
    key = "" if keeping is None else keeping.key(opened, question, view.case)
    known = None if keeping is None else keeping.load(opened, key)
    if known is not None:
        desk().keep(measured, row.assess(known))
    others = _others(view) if row.of_others and desk().result(measured) is None else {}

    def work(progress: Any, cancel: Any) -> Any:
        found = row.measure_kept(opened, question, methods=("default",), progress=progress, cancel=cancel, **options, **others)
        if keeping is not None:
            keeping.keep(opened, key, found)
        return row.assess(found)

    found = run_cancellable(measured, work, text=row.work)
    return kept(("judged", *_standing_key(view, row, options)), lambda: row.judge(found, row.thresholds(view.case)))


def _others(view: View) -> dict[str, Any]:
    """Return what every analysis found that is not made of others, as their own pages have it."""
    rows = [one for one in REGISTRY.values() if not one.of_others and not one.lacks(view.case)]

    def found(row: Analysis) -> Judged:
        standing: Judged = _standing(view, row.name) if row.without_wrong else judged_for(view, row.name)
        return standing

    return judge_each(rows, found).given
