"""Which rows are unlike anything in the reference, and why? Every row of production scored beside held-out rows of the reference."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from monitor.analyses.apart import take_apart, without_chosen
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.outlier_reasons import How, Reason, fit_explainer
from monitor.analyses.outlier_rows import ROWS_IN_SHORT, Learned, learn_reference, outlier_cells
from monitor.analyses.outlier_shares import Counted, Line, Track, Tracks, tracks_of
from monitor.analyses.outlier_told import ENSEMBLE, Kept, MapPoints, map_points, rows_table
from monitor.analyses.recording import versions
from monitor.analyses.sides import ALL_REFERENCE, Question, cut_short
from monitor.case import OUTLIER_SHARES, WindowSize
from monitor.engine import Cancel, Matrix, MatrixRows, Progress, Workspace, nest, open_matrix, rows_at
from monitor.errors import CancelledError, MethodError, SelectionError, nearest
from monitor.profile import Cells, Windows
from monitor.stats.outliers.conformal import held_out_shares
from monitor.stats.outliers.ensemble import Scored
from monitor.stats.outliers.members import MEMBERS
from monitor.tables import Contract, Provenance, Result, Skipped

Ints = NDArray[np.int64]

UNSUPPORTED = 0.001
"""Share of reference rows that lie as far from all others as a row that counts as without neighbours."""
ABREAST = 2
"""Batches that are scored at the same time, each on one thread."""
METHODS = (ENSEMBLE, *MEMBERS)
MEASURED = Contract(
    "outliers",
    ("file", "row", "method"),
    {
        "id": "id of the row as text, null: the case names none",
        "timestamp": "its time, UTC",
        "window": "id of the production window",
        "method": "ensemble, isolation_forest, knn, tails or pca_residual",
        "score": "score of the method, larger is more unlike the reference; of the ensemble the mean of - log p of the members",
        "p_value": "share of held-out reference rows that score as high, (1 + those) / (1 + all)",
        "kind": "in which way: global (a column far out), local (no near row), dependency (columns do not belong together)",
        "columns": "JSON list of the columns that it comes from, the largest part first",
        "alone": "whether hardly a reference row lies as far from all others",
        "file": "number of the file in its data set that the row stands in",
        "row": "its number there",
    },
    {"file": "position, from 0"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutliersResult(Result):
    """Measured outliers: `table` and `reasons` are of the rows that lie farthest out, those beyond their number are `left_over`.

    `tracks` count flagged rows by window and segment for each of OUTLIER_SHARES, `line` the same in shorter windows where these say more;
    `rows` (w,) are all rows of each window. `calibration` is how many reference rows were held out, `stretches` (shares, s) the part of
    each stretch of time that would be flagged; `points` is the map."""

    reasons: tuple[Reason, ...]
    tracks: Tracks
    line: Line | None
    windows: Windows
    own_windows: Windows
    rows: Ints
    partial: NDArray[np.bool_]
    calibration: int
    stretches: NDArray[np.float64]
    points: MapPoints
    left_over: int
    size: WindowSize
    timezone: str
    called: SideNames = PLAIN


def measure_outliers(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> OutliersResult:
    """Score every row of production by four members and their ensemble, beside held-out rows of the reference.

    Parameters
    ----------
    question : what is compared; default all of production, by the case's windows, with the reference.
    methods : "default" or "all": the ensemble needs all its members.

    Raises
    ------
    MethodError
        A method is unknown, no column can be used, or the reference has too few rows.
    SelectionError, ColumnMissingError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    _check(methods)
    asked = take_apart(workspace, question or Question())
    question, left_out = without_chosen(workspace, replace(asked, against="reference"))
    cells, empty = outlier_cells(workspace, question)
    learned = learn_reference(workspace, question, cells, progress=_part(progress, 0.0, 0.3), cancel=cancel)
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    production = open_matrix(workspace, question.production, cells, windows=size, progress=_part(progress, 0.3, 0.9), cancel=cancel)
    short, place = _shorter(workspace, question, cells, learned, production)
    counted, kept = _stream(workspace, learned, short, place, cancel)
    whole = counted.together(place)
    reasons = _reasons(workspace, question, (learned, production), cells, kept)
    table = MEASURED.check(rows_table(workspace, production, learned, kept, reasons))
    sliding = asked.against != "reference"
    return OutliersResult(
        analysis="outliers",
        case=workspace.case.name,
        table=table,
        skipped=(*left_out, *_skips(workspace, question), *empty, *([_sliding(asked.against)] if sliding else [])),
        provenance=_provenance(workspace, question, (learned, production), (began, time.perf_counter() - clock)),
        reasons=reasons,
        tracks=tracks_of(learned, learned.own, whole),
        line=_line(learned, short, place, counted),
        windows=production.windows,
        own_windows=learned.own.windows,
        rows=production.rows,
        partial=cut_short(size, production.rows),
        calibration=len(learned.ensemble.calibration),
        stretches=np.array([held_out_shares(learned.ensemble.held_out.p_values <= one, learned.stretch) for one in OUTLIER_SHARES]),
        points=map_points(learned, kept),
        left_over=kept.left_over,
        size=size,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
    )


def _check(methods: Sequence[str]) -> None:
    known = ("default", "all", *METHODS)
    wrong = next((name for name in methods if name not in known), None)
    if wrong is not None:
        raise MethodError(f"There is no method '{wrong}' of outliers.{nearest(wrong, known)} Use {', '.join(known)}.")


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    if progress is None:
        return None
    return lambda share, text: progress(start + share * (end - start), text)


def _sliding(against: str) -> Skipped:
    told = "Rows are unlike what was learned from all rows of the other side; windows before are no measure of that."
    return Skipped(f"against {against}", "not_applicable", told)


def _skips(workspace: Workspace, question: Question) -> list[Skipped]:
    return [one for one in workspace.skipped if question.columns is None or one.what in question.columns]


def _shorter(
    workspace: Workspace, question: Question, cells: Mapping[str, Cells], learned: Learned, production: Matrix
) -> tuple[Matrix, Ints]:
    """Return production in the shorter windows of the reference, where it has such and they hold rows enough, with the window that each
    lies in; else as it is."""
    alone = np.arange(len(production.windows))
    if learned.short is None or not production.size.calendar:
        return production, alone
    try:
        short = open_matrix(workspace, question.production, cells, windows=learned.short.size)
    except SelectionError:  # too many of them: the windows themselves have to do
        return production, alone
    if np.median(short.rows) < ROWS_IN_SHORT:
        return production, alone
    groups = nest(short.windows, production.size, workspace.case.timezone, per_window=1)
    return replace(short, watch=production.watch), np.repeat(alone, [len(one) for one in groups])


def _line(learned: Learned, short: Matrix, place: Ints, counted: Counted) -> Line | None:
    """Return flagged rows in shorter windows; None where there are none."""
    cut = learned.short
    if cut is None or short.size != cut.size:
        return None
    return Line(tracks=tracks_of(learned, cut, counted), windows=short.windows, own=cut.windows, place=place, size=short.size)


def _stream(workspace: Workspace, learned: Learned, production: Matrix, place: Ints, cancel: Cancel | None) -> tuple[Counted, Kept]:
    """Score all rows of production, batch by batch; those that are kept know the window of the judged length that they lie in."""
    counted, kept = Counted.empty(workspace, learned, production), Kept()
    for batch, scored in _scored(learned, production):
        if cancel is not None and cancel.is_set():
            raise CancelledError("Cancelled while scoring rows.")
        counted.add(batch, scored)
        kept.add(replace(batch, window=place[batch.window]), scored, scored.p_values <= max(OUTLIER_SHARES))
    return counted, kept.ended()


def _scored(learned: Learned, production: Matrix) -> Iterator[tuple[MatrixRows, Scored]]:
    """Yield batches in order with their scores; while one is counted the next ones are read and scored, ABREAST at a time."""
    ahead: deque[tuple[MatrixRows, Future[Scored]]] = deque()
    with threadpool_limits(limits=1), ThreadPoolExecutor(ABREAST) as pool:
        for batch in production.batches(placed=True):
            ahead.append((batch, pool.submit(learned.ensemble.score, batch.numeric, batch.categorical)))
            if len(ahead) > ABREAST:
                first, scored = ahead.popleft()
                yield first, scored.result()
        for first, scored in ahead:
            yield first, scored.result()


def _reasons(
    workspace: Workspace, question: Question, sides: tuple[Learned, Matrix], cells: Mapping[str, Cells], kept: Kept
) -> tuple[Reason, ...]:
    """Say why the kept rows are unlike the reference; levels that it never had are called by their own names."""
    learned, production = sides
    whole = question.reference == ALL_REFERENCE
    bounds = {label: (cells[name].low, cells[name].high) for label, name in learned.names.items() if cells[name].numeric} if whole else {}
    explainer = fit_explainer(learned.rows, learned.ensemble, bounds, UNSUPPORTED)
    reasons = explainer.reasons(kept.as_rows(learned, production), kept.scored)
    unseen = sorted({part.label for one in reasons for part in one.parts if part.how is How.UNSEEN})
    if not unseen:
        return reasons
    names = [learned.names[label] for label in unseen]
    found = rows_at(workspace, production.selection.data, kept.place, names, longest=60)
    texts = {label: column.to_pylist() for label, column in zip(unseen, found.columns, strict=True)}

    def called(reason: Reason, i: int) -> Reason:
        parts = [replace(one, level=texts[one.label][i]) if one.how is How.UNSEEN else one for one in reason.parts]
        return replace(reason, parts=tuple(parts))

    return tuple(called(one, i) for i, one in enumerate(reasons))


def _provenance(workspace: Workspace, question: Question, sides: tuple[Learned, Matrix], timed: tuple[datetime, float]) -> Provenance:
    learned, production = sides
    both = {"reference": learned.matrix, "production": production}
    asked: dict[str, Any] = {
        "windows": str(production.size),
        "against": "the reference",
        "columns": list(learned.names.values()),
        "methods": list(METHODS),
        "reference_rows_sampled": len(learned.rows),
        "held_out_in": f"{int(learned.stretch.max()) + 1} stretches of time",
    }
    return Provenance(
        fingerprints={matrix.selection.data: workspace.fingerprint(matrix.selection.data) for matrix in both.values()},
        selections={side: matrix.selection.describe() for side, matrix in both.items()},
        settings=asked,
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"read the {side}", matrix.sql) for side, matrix in both.items()),
        rows={
            side: {"used": int(matrix.rows.sum()), "excluded": {one.reason: one.rows for one in matrix.excluded}}
            for side, matrix in both.items()
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
        summary={"rows": int(production.rows.sum()), "reference_windows": len(learned.own.windows)},
    )


__all__ = ["MEASURED", "METHODS", "UNSUPPORTED", "OutliersResult", "Track", "measure_outliers"]
