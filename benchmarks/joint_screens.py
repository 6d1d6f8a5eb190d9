"""Screens of joint drift from arrays in memory: rows go through the same measuring and judging as files do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.screens import window_of
from monitor.analyses.joint_profile import METHOD as PROFILE
from monitor.analyses.joint_series import Series
from monitor.analyses.joint_sides import (
    PER_WINDOW,
    SAMPLED_ROWS,
    STRETCHES,
    JointSides,
    _encoder,
    _joined,
    _on_one_line,
    line_baselines,
)
from monitor.analyses.multivariate import MEASURED, MultivariateResult, _rows, _Work
from monitor.analyses.sides import Question, stretch_size
from monitor.case import WindowSize
from monitor.judgement.findings import ALARMS
from monitor.judgement.multivariate import JudgedMultivariate, judge_multivariate
from monitor.profile import Windows
from monitor.stats.compat.nannyml_reconstruction import (
    fit_reconstruction,
    reconstruction_error,
    reconstruction_thresholds,
    reconstruction_windows,
)
from monitor.stats.multivariate.moments import moments
from monitor.stats.multivariate.rows import Rows
from monitor.tables import Provenance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Times = NDArray[np.datetime64]
BLOCKS = 10
"""Blocks that a window of rows is cut into, as `monitor.engine.matrix` does."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in order of time: `numeric` (n, p), nan where missing; `categorical` (n, c) level numbers, -1 where missing."""

    numeric: Floats
    categorical: Ints
    times: Times

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.times)


@dataclass(frozen=True, slots=True)
class _Side:
    """What an analysis asks of a matrix once its rows are read."""

    windows: Windows
    rows: Ints
    size: WindowSize


def screen(reference: Table, production: Table, size: str, methods: Sequence[str]) -> JudgedMultivariate:
    """Measure and judge two tables of the same columns; levels are those of the reference."""
    wanted = WindowSize.parse(size)
    sides = _sides(reference, production, wanted)
    work = _Work(None, sides, Question(), None, None)  # type: ignore[arg-type]  # nothing is read again
    for name in methods:
        if name == PROFILE:
            work.series.append(_profile(reference, production, wanted))
        else:
            work.run(name, frozenset(methods))
    series = {one.method: one for one in work.series}
    result = MultivariateResult(
        analysis="multivariate",
        case="in memory",
        table=MEASURED.check(pd.concat([_rows(sides, one) for one in series.values()], ignore_index=True)),
        skipped=tuple(work.skipped),
        provenance=Provenance({}, {}, {}, 0, {}, (), {}, "", 0.0),
        sides=sides,
        series=series,
        evidence=work.evidence.tables,
        names=sides.names,
    )
    return judge_multivariate(result)


def alarms(judged: JudgedMultivariate) -> Mapping[str, NDArray[np.bool_]]:
    """Return whether each window alarms, by method; windows that could not be judged do not count."""
    dropped = {"too_few_rows", "not_applicable", "not_judged"}
    judgable = judged.table[~judged.table["status"].isin(dropped)]
    return {str(name): rows["status"].isin(ALARMS).to_numpy() for name, rows in judgable.groupby("method")}


def _sides(reference: Table, production: Table, size: WindowSize) -> JointSides:
    """Do as `monitor.analyses.joint_sides.gather_rows` does for files."""
    levels = _levels(reference)
    whole, windows = _whole(reference, size, levels)
    groups = [[position] for position in range(len(windows))]
    shorter = stretch_size(size, len(windows))
    if shorter is not None:
        whole, windows = _whole(reference, shorter, levels)
        groups = [part.tolist() for part in np.array_split(np.arange(len(windows)), min(STRETCHES, len(windows)))]
    later, own = _whole(production, size, levels)
    stretch = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    per_window = int(np.clip(SAMPLED_ROWS // (len(groups) + len(own)), *PER_WINDOW))
    samples = _sampled(whole, -(-per_window * len(groups) // len(windows))), _sampled(later, per_window)
    first = replace(samples[0], window=stretch[samples[0].window], windows=len(groups))
    encoder = _encoder(first, len(groups) + len(own), 0)
    grouped = Windows(
        tuple(windows.ids[group[0]] for group in groups),
        windows.start[[group[0] for group in groups]],
        windows.end[[group[-1] for group in groups]],
    )
    baselines, against = line_baselines("reference", grouped, own, None)  # type: ignore[arg-type]  # no incidents are marked
    line = _joined(moments(whole, encoder).take(groups), moments(later, encoder))
    return JointSides(
        reference=_Side(windows, whole.counts, size),  # type: ignore[arg-type]
        production=_Side(own, later.counts, size),  # type: ignore[arg-type]
        reference_windows=grouped,
        names={name: name for name in whole.names},
        encoder=encoder,
        line=line,
        sampled=_on_one_line(first, samples[1]),
        place=np.zeros((len(first) + len(samples[1]), 2), dtype=np.int64),
        count=len(groups),
        baselines=baselines,
        against=against,
        sliding=False,
        skipped=(),
    )


def _levels(reference: Table) -> tuple[Ints, ...]:
    """Return the level numbers of each column by falling frequency."""
    found = []
    for codes in reference.categorical.T:
        names, counts = np.unique(codes[codes >= 0], return_counts=True)
        found.append(names[np.argsort(-counts, kind="stable")])
    return tuple(found)


def _whole(table: Table, size: WindowSize, levels: tuple[Ints, ...]) -> tuple[Rows, Windows]:
    key, windows = window_of(table.times, size)
    codes = [_coded(column, known) for column, known in zip(table.categorical.T, levels, strict=True)]
    names = {f"c{i}": (*(str(level) for level in known), "other") for i, known in enumerate(levels)}
    rows = Rows(
        numeric=table.numeric,
        numeric_names=tuple(f"x{i}" for i in range(table.numeric.shape[1])),
        categorical=np.column_stack(codes) if codes else np.zeros((len(table), 0), dtype=np.int64),
        levels=names,
        block=np.zeros(len(table), dtype=np.int64),
        window=key,
        windows=len(windows),
    )
    return rows, windows


def _coded(column: Ints, known: Ints) -> Ints:
    place = np.full(int(max(column.max(), known.max())) + 1, len(known))
    place[known] = np.arange(len(known))
    return np.where(column < 0, -1, place[column])


def _sampled(rows: Rows, per_window: int) -> Rows:
    """Draw rows of each window, in order of time, and cut them into blocks of neighbours."""
    rng, starts = np.random.default_rng(0), np.cumsum(rows.counts) - rows.counts
    picked = [
        start + np.sort(rng.choice(count, min(count, per_window), replace=False)) for start, count in zip(starts, rows.counts, strict=True)
    ]
    block = [window * BLOCKS + np.arange(len(part)) * BLOCKS // max(len(part), 1) for window, part in enumerate(picked)]
    found = rows.take(np.concatenate(picked))
    return replace(found, block=np.concatenate(block))


def _profile(reference: Table, production: Table, size: WindowSize) -> Series:
    """Do as `monitor.analyses.joint_profile.measure_profile` does for files."""
    levels = _levels(reference)
    (before, _), (after, _) = _whole(reference, size, levels), _whole(production, size, levels)
    model = fit_reconstruction(before)
    usual = reconstruction_windows(reconstruction_error(before, model), before.window, before.windows).value
    score = reconstruction_windows(reconstruction_error(after, model), after.window, after.windows).value
    limits = reconstruction_thresholds(usual)
    return Series(
        method=PROFILE,
        score=score,
        rows=after.counts,
        reference=usual,
        reference_rows=before.counts,
        limits=np.tile([limits.lower, limits.upper], (len(score), 1)),
        verdict=(score < limits.lower) | (score > limits.upper),
    )
