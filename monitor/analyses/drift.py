"""Which columns changed, by window: one row per column, window and method."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pandas as pd

from monitor.analyses.apart import take_apart, without_chosen
from monitor.analyses.arrivals import arrivals
from monitor.analyses.daily import measure_daily
from monitor.analyses.drift_columns import Answered, Collected, joined, measure_columns, outcomes_or_note, own_rows
from monitor.analyses.drift_result import MEASURED, DriftResult
from monitor.analyses.moved_cells import facts_by_window
from monitor.analyses.naming import side_names
from monitor.analyses.own import OwnMethods, own_methods_of
from monitor.analyses.recording import record, rows_used, versions
from monitor.analyses.requests import own_methods
from monitor.analyses.sides import Question, Sides, gather
from monitor.analyses.text_drift import CLASSIFIER, TextDrift, Watch, measure_texts, text_columns
from monitor.analyses.unreadable import find_unreadable
from monitor.engine import Cancel, Progress, Workspace
from monitor.errors import MethodError, SettingError
from monitor.stats.counts.comparison import Comparison
from monitor.stats.methods.catalogue import CATALOGUE
from monitor.stats.methods.method import Catalogue, Method
from monitor.stats.methods.outcomes import scores_only
from monitor.stats.methods.texts import LONGEST_TEXT
from monitor.tables import Provenance, Skipped
from monitor.vocabulary import Kind


def measure_drift(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    catalogue: Catalogue | None = None,
    analysis: str = "drift",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> DriftResult:
    """Measure the change of every column in every window.

    Parameters
    ----------
    question : what is compared; default all of production, by the case's windows, with the reference.
    methods : ids, or "default", "all", "evidently", "nannyml", "evidently.all", "nannyml.all".
    catalogue : where ids are looked up; default ours with the case's own ([[methods]] of case.toml).
    progress, cancel : who is told `progress(share, text)`, and a threading.Event that calls the work off.

    Raises
    ------
    SelectionError, ColumnMissingError, MethodError, SettingError, CancelledError
    """
    began = datetime.now(UTC)
    question = question or Question()
    if not methods:
        raise SettingError("No method was asked for. Use 'default', 'all' or ids such as 'psi'.")
    question = take_apart(workspace, question)
    counted, left_out = without_chosen(workspace, question)
    sides = gather(workspace, counted, progress=progress, cancel=cancel)
    result = measure_sides(workspace, sides, question, methods=methods, catalogue=catalogue, analysis=analysis, began=began)
    arrived = arrivals(workspace, question.production, sides.size, result.skipped, sides.production.windows, cancel)
    unreadable = find_unreadable(workspace, question.production, sides.size, sides.production.windows, cancel)
    daily = measure_daily(workspace, counted, sides)
    result = replace(result, skipped=(*left_out, *result.skipped), arrived=arrived, unreadable=unreadable, daily=daily)
    wanted = own_methods(methods, Kind.TEXT, result.catalogue)
    if wanted and workspace.counter is not None:
        return replace(result, skipped=(*result.skipped, *_unread(workspace.counter.described, text_columns(workspace, counted))))
    return _with_texts(workspace, result, counted, wanted, Watch(progress, cancel)) if wanted else result


def measure_counted(
    sides: Sides, *, methods: Sequence[str] = ("default",), catalogue: Catalogue = CATALOGUE, labels: Mapping[str, str] | None = None
) -> DriftResult:
    """Measure counted sides: what needs no rows needs no workspace.

    Parameters
    ----------
    methods : ids of methods that work from counts, or "default" (see `measure_drift`).
    labels : names of columns for people.

    Raises
    ------
    MethodError
        A method is unknown or needs every value.
    """
    part, began = Collected(), datetime.now(UTC)
    for name, production in sides.production.columns.items():
        asked = own_methods(methods, production.cells.kind, catalogue)
        needing = next((one.id for one in asked if one.on_cells is None), None)
        if needing is not None:
            raise MethodError(f"Method '{needing}' needs every value of a column; these are counts. Open the data, and use measure_drift.")
        comparison = Comparison.of(sides.reference(name), production)
        answers = [
            Answered(m.id, "cells", one) for m in asked if (one := outcomes_or_note(name, part, partial(m.compare, comparison))) is not None
        ]
        if answers:
            part.tables.append(own_rows(facts_by_window(sides, name, comparison), answers))
    empty = pd.DataFrame(columns=list(MEASURED.columns))
    settings = {"methods": list(methods), "windows": str(sides.size), "against": sides.baseline.described}
    rows = {side: rows_used(counted) for side, counted in (("reference", sides.blocks), ("production", sides.production))}
    return DriftResult(
        analysis="drift",
        case="",
        table=MEASURED.check(joined(part.tables) if part.tables else empty),
        skipped=tuple(part.skipped),
        provenance=Provenance({}, {}, settings, 0, versions(), (), rows, began.isoformat(timespec="seconds"), 0.0),
        sides=sides,
        catalogue=catalogue,
        verdicts={},
        labels={name: (labels or {}).get(name, name) for name in sides.production.columns},
    )


def measure_sides(
    workspace: Workspace,
    sides: Sides,
    question: Question,
    *,
    methods: Sequence[str],
    catalogue: Catalogue | None = None,
    analysis: str = "drift",
    began: datetime,
) -> DriftResult:
    """Measure what was counted already; `began` is when that work began.

    Where columns were cut apart by levels, the table also has `output` (the column itself) and `segment` (empty for all rows).
    """
    own = own_methods_of(workspace.case) if catalogue is None else OwnMethods(catalogue)
    refused = own.asked(methods)
    part = measure_columns(workspace, sides, question, methods, own.catalogue)
    empty = pd.DataFrame(columns=list(MEASURED.columns))
    table = MEASURED.check(joined(part.tables) if part.tables else empty)
    if sides.parts:
        meant = {name: sides.part(name) for name in sides.production.columns}
        table["output"] = table["column"].map({name: part.column for name, part in meant.items()})
        table["segment"] = table["column"].map({name: part.segment for name, part in meant.items()})
    seconds = (datetime.now(UTC) - began).total_seconds()
    return DriftResult(
        analysis=analysis,
        case=workspace.case.name,
        table=table,
        skipped=(*(s for s in workspace.skipped if question.columns is None or s.what in question.columns), *part.skipped, *refused),
        provenance=record(workspace, sides, question, settings={"methods": list(methods)}, began=began, seconds=seconds),
        sides=sides,
        catalogue=own.catalogue,
        verdicts=part.verdicts,
        refused=part.refused,
        labels={name: _label(workspace, sides, name) for name in sides.production.columns},
        types={name: info.types for name, info in workspace.columns.items()},
        called=side_names(question, workspace.case.timezone),
    )


def _unread(counter: str, columns: Iterable[str]) -> Iterator[Skipped]:
    """Say of which texts no words were compared."""
    why = f"words of texts are compared on rows; {counter} gives counts alone. Use --engine duckdb for it."
    yield from (Skipped(name, "not_applicable", f"'{name}': {why}") for name in columns)


def _with_texts(workspace: Workspace, result: DriftResult, question: Question, methods: Sequence[Method], watch: Watch) -> DriftResult:
    """Add the rows of text columns, whose words are compared on samples."""
    clock, sides = datetime.now(UTC), result.sides
    columns = text_columns(workspace, question)
    found = [measure_texts(workspace, sides, question, name, counted, watch) for name, counted in columns.items()]
    texts = {one.column: one for one in found if isinstance(one, TextDrift)}
    skipped = tuple(one for one in found if isinstance(one, Skipped))
    if not texts:
        return replace(result, skipped=(*result.skipped, *skipped))
    tables = [result.table, *(_text_rows(sides, one, methods) for one in texts.values())]
    origin = result.provenance
    sampled = {"texts_sampled_per_window": {name: one.per_window for name, one in texts.items()}, "characters_read": LONGEST_TEXT}
    seconds = origin.seconds + (datetime.now(UTC) - clock).total_seconds()
    return replace(
        result,
        table=MEASURED.check(pd.concat([table for table in tables if len(table)], ignore_index=True)),
        skipped=(*result.skipped, *skipped),
        provenance=replace(origin, settings={**origin.settings, **sampled}, seconds=round(seconds, 3)),
        labels={**result.labels, **{name: workspace.case.label(name) for name in texts}},
        texts=texts,
    )


def _text_rows(sides: Sides, text: TextDrift, methods: Sequence[Method]) -> pd.DataFrame:
    """Return one row per method and window of a text column; `moved_cell` is the word whose share of texts moved most surprisingly."""
    shared = facts_by_window(sides, text.counted, Comparison.of(sides.reference(text.counted), sides.production.columns[text.counted]))
    first = text.words.drop_duplicates("window").set_index("window").reindex(list(sides.production.windows.ids))
    facts = {
        **shared,
        "column": np.full(len(first), text.column, dtype=object),
        "kind": np.full(len(first), Kind.TEXT.value, dtype=object),
        "moved_cell": first["word"].fillna("").to_numpy(dtype=object),
        "moved_from": first["share_reference"].to_numpy(dtype=float),
        "moved_to": first["share_production"].to_numpy(dtype=float),
        "score_lower": text.lower,
        "score_upper": text.upper,
    }
    rows = pd.DataFrame(own_rows(facts, [Answered(one.id, "texts", scores_only(text.series[one.id].score)) for one in methods]))
    rows.loc[rows["method"] != CLASSIFIER, ["score_lower", "score_upper"]] = np.nan
    for name, used in (("n_used_reference", text.used_reference), ("n_used", text.used)):
        rows[name] = pd.array(np.concatenate([used[one.id] for one in methods]), dtype="Int64")
    return rows


def _label(workspace: Workspace, sides: Sides, name: str) -> str:
    part = sides.part(name)
    own = workspace.case.label(part.column)
    if own == part.column:  # something derived of a labelled column, such as its length
        column = workspace.measured([part.column])[0].column
        own = workspace.case.label(column) + part.column.removeprefix(column)
    return f"{own} · {part.told}" if part.segment else own
