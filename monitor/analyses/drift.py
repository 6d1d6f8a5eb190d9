"""Which columns changed, by window: one row per column, window and method."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.apart import take_apart, without_chosen
from monitor.analyses.arrivals import arrivals
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.own import OwnMethods, own_methods_of
from monitor.analyses.peer_rows import peer_rows
from monitor.analyses.recording import record, rows_used, versions
from monitor.analyses.requests import own_methods, peer_methods
from monitor.analyses.sides import Question, Sides, gather
from monitor.analyses.text_drift import CLASSIFIER, TextDrift, Watch, measure_texts, text_columns
from monitor.analyses.unreadable import Unreadable, find_unreadable
from monitor.cells import PlaceKind, group_places, place_label
from monitor.engine import Cancel, Progress, Workspace, values
from monitor.errors import MethodError, SettingError
from monitor.profile import Cells
from monitor.stats.counts.comparison import Comparison
from monitor.stats.methods.catalogue import CATALOGUE
from monitor.stats.methods.method import Catalogue, Method
from monitor.stats.methods.outcomes import Outcomes, scores_only
from monitor.stats.methods.texts import LONGEST_TEXT
from monitor.tables import Contract, Provenance, Result, Skipped
from monitor.vocabulary import OTHER, Kind

MEASURED = Contract(
    "drift, measured",
    ("column", "window", "method"),
    {
        "column": "what is measured",
        "kind": "how it is measured",
        "window": "id of the production window",
        "window_start": "start of the window, UTC",
        "window_end": "end of the window, UTC, excluded",
        "n_reference": "rows that the window is compared with",
        "n_production": "rows of the window",
        "method": "id of the method",
        "score": "what the method says, in its unit",
        "p_value": "p-value of the method where it is a test",
        "moved_cell": "cell (interval or level) whose share of rows changed most",
        "moved_from": "its share in the reference, 0..1",
        "moved_to": "its share in the window, 0..1",
        "missing_share_reference": "share of rows without a value, 0..1",
        "missing_share_production": "share of rows without a value, 0..1",
        "basis": "cells, values (exact) or texts (a sample: n_used and n_used_reference)",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftResult(Result):
    """Measured drift. `sides` are the counts that it rests on; `catalogue` has the methods; `verdicts` those of other tools' profiles by
    (column, window, method); `called` what the sides are called; `texts` the words behind the rows of text columns; `shadows` columns of a
    challenger, whose answers nobody is served; `cut` the score of each prediction that says on which side of a threshold it lies;
    `versions` what model versions that the reference never had answer, which is judged with the columns but has no rows of its own; `types`
    the SQL types of columns by data set; `refused` why another tool's method does not apply, by (column, method); `arrived` the position of
    the first window in which a column that only production has holds a value; `unreadable` values of numbers that are text."""

    sides: Sides
    catalogue: Catalogue
    verdicts: Mapping[tuple[str, str, str], bool]
    labels: Mapping[str, str]
    called: SideNames = PLAIN
    texts: Mapping[str, TextDrift] = field(default_factory=dict)
    shadows: frozenset[str] = frozenset()
    cut: Mapping[str, str] = field(default_factory=dict)
    versions: Sides | None = None
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    refused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    arrived: Mapping[str, int] = field(default_factory=dict)
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)

    @property
    def judged(self) -> Sides:
        """All that is judged: the columns, and the answers of new model versions."""
        return self.sides.beside(self.versions)


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
    result = replace(result, skipped=(*left_out, *result.skipped), arrived=arrived, unreadable=unreadable)
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
    part, began = _Part(), datetime.now(UTC)
    for name, production in sides.production.columns.items():
        asked = own_methods(methods, production.cells.kind, catalogue)
        needing = next((one.id for one in asked if one.on_cells is None), None)
        if needing is not None:
            raise MethodError(f"Method '{needing}' needs every value of a column; these are counts. Open the data, and use measure_drift.")
        comparison = Comparison.of(sides.reference(name), production)
        answers = [_Answer(m.id, "cells", one) for m in asked if (one := _tried(name, part, partial(m.compare, comparison))) is not None]
        if answers:
            part.tables.append(_own_rows(_facts(sides, name, comparison), answers))
    empty = pd.DataFrame(columns=list(MEASURED.columns))
    settings = {"methods": list(methods), "windows": str(sides.size), "against": sides.baseline.described}
    rows = {side: rows_used(counted) for side, counted in (("reference", sides.blocks), ("production", sides.production))}
    return DriftResult(
        analysis="drift",
        case="",
        table=MEASURED.check(_joined(part.tables) if part.tables else empty),
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
    part = _measure_columns(workspace, sides, question, methods, own.catalogue)
    empty = pd.DataFrame(columns=list(MEASURED.columns))
    table = MEASURED.check(_joined(part.tables) if part.tables else empty)
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
    shared = _facts(sides, text.counted, Comparison.of(sides.reference(text.counted), sides.production.columns[text.counted]))
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
    rows = pd.DataFrame(_own_rows(facts, [_Answer(one.id, "texts", scores_only(text.series[one.id].score)) for one in methods]))
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


@dataclass(frozen=True, slots=True)
class _Part:
    tables: list[Mapping[str, Any] | pd.DataFrame] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    verdicts: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)


def _measure_columns(workspace: Workspace, sides: Sides, question: Question, methods: Sequence[str], catalogue: Catalogue) -> _Part:
    part = _Part()
    for name, production in sides.production.columns.items():
        kind = production.cells.kind
        own, peers = own_methods(methods, kind, catalogue), peer_methods(methods, kind)
        if not own and not peers:
            part.skipped.append(Skipped(name, "not_applicable", f"None of the methods asked for serves {kind} columns."))
            continue
        comparison = Comparison.of(sides.reference(name), production)
        facts = _facts(sides, name, comparison)
        answers = _answers(workspace, sides, name, own, question, comparison, part)
        if answers:
            part.tables.append(_own_rows(facts, answers))
        if peers and workspace.counter is not None:
            part.skipped.extend(_without_values(workspace, sides, name, peers))
        elif peers and sides.on_both_sides(name):
            rows = peer_rows(workspace, sides, name, peers, sides.part(name).narrowed(question))
            part.tables.append(pd.DataFrame(facts).merge(rows.table, on="window").assign(basis="values"))
            part.verdicts.update(rows.verdicts)
            part.skipped.extend(Skipped(name, "not_applicable", why) for why in rows.refused.values())
            part.refused.update({(name, method): why for method, why in rows.refused.items()})
    return part


def _answers(
    workspace: Workspace,
    sides: Sides,
    name: str,
    methods: Sequence[Method],
    question: Question,
    comparison: Comparison,
    part: _Part,
) -> list[_Answer]:
    at_hand = sides.on_both_sides(name) and sides.baseline.weights is None and workspace.counter is None
    exact = [method for method in methods if method.on_cells is None or (method.exact and at_hand)]
    tried = ((m.id, _tried(name, part, partial(m.compare, comparison))) for m in methods if m not in exact)
    found = [_Answer(method, "cells", outcomes) for method, outcomes in tried if outcomes is not None]
    if not exact:
        return found
    if at_hand:
        found += _exact(workspace, sides, name, exact, sides.part(name).narrowed(question), part)
        order = {method.id: place for place, method in enumerate(methods)}
        return sorted(found, key=lambda one: order[one.method])
    part.skipped.extend(_without_values(workspace, sides, name, [one.id for one in exact]))
    return found


def _without_values(workspace: Workspace, sides: Sides, name: str, methods: Sequence[str]) -> Iterator[Skipped]:
    """Say why methods that need every value were not run."""
    if not sides.on_both_sides(name):
        yield Skipped(name, "no_rows", f"'{sides.part(name).segment}' has rows on one side only; exact methods need both.")
        return
    why = "needs every value of the reference; it is not run against other baselines"
    if workspace.counter is not None:
        why = f"needs every value; {workspace.counter.described} gives counts alone. Use --engine duckdb for it"
    yield from (Skipped(name, "not_applicable", f"'{method}' {why}.") for method in methods)


def _tried(name: str, part: _Part, measure: Callable[[], Outcomes]) -> Outcomes | None:
    """Return what a method answers; one that fails, as an analyst's own may, is noted."""
    try:
        return measure()
    except MethodError as error:
        part.skipped.append(Skipped(name, "method_failed", str(error)))
        return None


@dataclass(frozen=True, slots=True)
class _Answer:
    method: str
    basis: str
    outcomes: Outcomes


def _own_rows(facts: Mapping[str, Any], answers: Sequence[_Answer]) -> dict[str, Any]:
    """Return the columns of one row per method and window: the facts of the windows, repeated for each method."""
    windows = len(facts["window"])
    return {
        **{name: np.tile(np.asarray(values), len(answers)) for name, values in facts.items()},
        "method": np.repeat(np.array([one.method for one in answers], dtype=object), windows),
        "score": np.concatenate([np.broadcast_to(one.outcomes.score, windows) for one in answers]),
        "p_value": np.concatenate([np.broadcast_to(one.outcomes.p_value, windows) for one in answers]),
        "basis": np.repeat(np.array([one.basis for one in answers], dtype=object), windows),
    }


def _joined(tables: Sequence[Mapping[str, Any] | pd.DataFrame]) -> pd.DataFrame:
    """Return tables one below the other; pandas takes longer over a frame for each column of data than over all of their rows."""
    if any(isinstance(one, pd.DataFrame) for one in tables):
        return pd.concat([pd.DataFrame(one) for one in tables], ignore_index=True)
    return pd.DataFrame({name: np.concatenate([one[name] for one in tables]) for name in map(str, tables[0])})


def _facts(sides: Sides, name: str, comparison: Comparison) -> dict[str, Any]:
    """Return what is known of a column in every window, whatever the method, (w,) each."""
    production, windows = sides.production.columns[name], sides.production.windows
    before, after = comparison.reference, comparison.production
    return {
        "column": np.full(len(windows), name, dtype=object),
        "kind": np.full(len(windows), production.cells.kind.value, dtype=object),
        "window": np.array(windows.ids, dtype=object),
        "window_start": windows.start,
        "window_end": windows.end,
        "n_reference": np.broadcast_to(before.rows.astype(np.int64), len(windows)),
        "n_production": production.rows,
        **moved_cells(production.cells, comparison),
        "missing_share_reference": np.broadcast_to(_share(before.missing, before.rows), len(windows)),
        "missing_share_production": _share(after.missing, after.rows),
    }


def _share(part: Any, whole: Any) -> Any:
    with np.errstate(invalid="ignore", divide="ignore"):
        return part / whole


def moved_cells(cells: Cells, comparison: Comparison) -> dict[str, Any]:
    """Return the coarse cell whose share changed most in each window, with its share before and after."""
    names = np.array(group_labels(cells, comparison.layout.groups), dtype=object)
    before, after = comparison.grouped
    with np.errstate(invalid="ignore", divide="ignore"):
        before, after = before / before.sum(axis=1, keepdims=True), after / after.sum(axis=1, keepdims=True)
    before = np.broadcast_to(before, after.shape)
    most = np.argmax(np.nan_to_num(np.abs(after - before)), axis=1)
    rows = np.arange(len(after))
    return {"moved_cell": names[most], "moved_from": before[rows, most], "moved_to": after[rows, most]}


def group_labels(cells: Cells, groups: Any) -> list[str]:
    """Return a readable name of every coarse group of cells: for people only, `group_places` says what each is."""
    places, sizes = group_places(cells, groups), np.bincount(groups)
    found = []
    for i, place in enumerate(places):
        alike = [j for j, other in enumerate(places[:-2]) if other.kind is place.kind]
        label = f"{sizes[i]} {place_label(place)}" if place.kind is PlaceKind.REST else place_label(place)
        if place.kind in (PlaceKind.REST, PlaceKind.BUCKET) and i in alike and len(alike) > 1:
            label = f"{label}, part {alike.index(i) + 1} of {len(alike)}"
        found.append(OTHER if i == len(places) - 2 and cells.buckets else label)
    return found


def _exact(workspace: Workspace, sides: Sides, name: str, methods: Sequence[Method], question: Question, part: _Part) -> list[_Answer]:
    """Run methods that need every value: one column is fetched, window by window; numbers as float, levels as texts."""
    column = sides.part(name).column
    sort = np.float64 if sides.production.columns[name].cells.kind is Kind.NUMERIC else object
    whole = np.asarray(values(workspace, question.reference, column).values, dtype=sort)
    found = values(workspace, question.production, column, windows=sides.size)
    position = {window: i for i, window in enumerate(found.windows.ids)}
    taken = np.asarray(found.values, dtype=sort)
    parts = [taken[found.window == position.get(window, -1)] for window in sides.production.windows.ids]
    tried = ((method.id, _tried(name, part, partial(_outcomes, method, whole, parts))) for method in methods)
    return [_Answer(method, "values", outcomes) for method, outcomes in tried if outcomes is not None]


def _outcomes(method: Method, whole: Any, parts: Sequence[Any]) -> Outcomes:
    answers = [method.compare_values(whole, part) for part in parts]
    return Outcomes(np.array([a.score for a in answers]), np.array([a.p_value for a in answers]))
