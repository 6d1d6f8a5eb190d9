"""The tables of a challenger: all rows by window and together, segments, arms of an experiment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.arms import Arms
from monitor.analyses.duel import Duel
from monitor.analyses.labels import Known
from monitor.analyses.shadow_rows import Reading
from monitor.engine import Workspace
from monitor.engine.identifiers import literal, quote
from monitor.stats.performance.paired import SAME, Paired
from monitor.tables import Contract
from monitor.vocabulary import Task

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

WHOLE, SHADOW = "whole", "shadow"
MOST_LEVELS = 20
"""Levels of a column that segments are told of: the commonest."""
METRICS_OF: Mapping[Task, tuple[str, ...]] = {
    Task.BINARY: ("value", "roc_auc", "brier", "log_loss", "accuracy", "recall", "precision", "false_positive_rate", "selection_rate"),
    Task.MULTICLASS: ("log_loss", "accuracy"),
    Task.REGRESSION: ("mae", "mse", "bias"),
    Task.NONE: (),
}
"""Metrics that two models are compared by, the one that decides first."""
MEASURED = Contract(
    "shadow",
    ("comparison", "window", "segment", "metric"),
    {
        "window": "id of the production window; whole: all rows whose labels are in",
        "segment": "the rows that it is told of, a condition (of versions of the model too, where several answered); null: all",
        "metric": "id of the metric",
        "value": "the metric of the model in charge (of arms: of the control), null where it rests on too few rows",
        "challenger_value": "the same of the challenger (the other arm)",
        "difference": "challenger_value - value",
        "lower": "lower end of the 95 % interval of the difference; of arms one that holds at every look",
        "upper": "upper end",
        "p_value": "two-sided; ranking: paired DeLong; shares: McNemar; of arms one that holds at every look",
        "n": "rows that it rests on: those that both models answered (of arms: of both)",
        "comparison": "shadow: both models on the same rows; else the arms, such as 'control -> treatment'",
        "differing": "share of the rows, labelled or not, on which the two decide otherwise; null: no decisions, or arms",
        "mature": "whether the labels of the window are in",
        "reference_difference": "the difference in the whole reference, null where it has no answers of the challenger",
        "reason": "why nothing is said, else null",
    },
)


class Part(NamedTuple):
    """Rows of one level of a column, which is called by its label."""

    column: str
    label: str
    level: str


class Shadow:
    """Both models on the same rows; `parts` are the segments that its tables tell of, by their conditions."""

    def __init__(self, workspace: Workspace, reading: Reading, known: Known, before: Known | None, ripe: Bools, mature: Bools) -> None:
        assert reading.models is not None  # noqa: S101 - made only where a challenger is named
        self.parts: dict[str, Part] = {}
        self.workspace, self.segments, self.known, self.before = workspace, reading.segments, known, before
        self.version = reading.version
        self.ripe, self.mature, self.size = ripe, mature, reading.size
        self.duel = Duel(workspace, reading.models, (known.read if before is None else before.read, known.read))
        self.undecided = reading.models.undecided
        self.every = np.ones(len(known.read.window), dtype=bool)
        self.decided = self.duel.differing(known)
        self.answered = self.duel.answered(known.read)

    def tables(self, metrics: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Yield the rows of the table: all rows by window and together, then segments."""
        read = self.known.read
        base = self._reference()
        if self.size.unit != WHOLE:
            found = self.duel.found(self.known, read.window, len(read.windows), self.every)
            yield self._rows(found, metrics, read.windows.ids, None, self._differing(read.window, len(read.windows)), self.mature, base)
        together = np.where(self.ripe, 0, -1)
        found = self.duel.found(self.known, together, 1, self.every)
        sure = np.array([bool(self.ripe.any())])
        yield self._rows(found, metrics, (WHOLE,), None, self._differing(np.where(read.window >= 0, 0, -1), 1), sure, base)
        several = [self.version] if self.in_charge else []
        for column in dict.fromkeys((*self.segments, *several)):
            yield from self._by_level(column, metrics)

    @property
    def versions(self) -> tuple[str, ...]:
        """Versions that answered rows whose labels are in, the most rows first."""
        if not self.version:
            return ()
        levels = self.known.read.levels[self.version]
        rows = levels.code[self.ripe & (levels.code >= 0)]
        count = np.bincount(rows, minlength=len(levels.names))
        return tuple(levels.names[at] for at in np.argsort(-count, kind="stable") if count[at])

    @property
    def in_charge(self) -> str:
        """The version that answered most rows of the last window with any, where several have answered; else ""."""
        if not self.version or len(self.known.read.levels[self.version].names) < 2:
            return ""
        levels, window = self.known.read.levels[self.version], self.known.read.window
        named = (window >= 0) & (levels.code >= 0)
        if not named.any():
            return ""
        last = levels.code[named & (window == window[named].max())]
        return str(levels.names[int(np.bincount(last).argmax())])

    def _by_level(self, column: str, metrics: Sequence[str]) -> Iterator[pd.DataFrame]:
        levels, read = self.known.read.levels[column], self.known.read
        count = np.bincount(levels.code[levels.code >= 0], minlength=len(levels.names))
        shown = np.argsort(-count, kind="stable")[:MOST_LEVELS]
        if not len(levels.names):
            return
        place = np.full(len(levels.names) + 1, -1, dtype=np.int64)
        place[shown] = np.arange(len(shown))
        code = place[levels.code]
        window = np.where(self.ripe, code, -1)
        block = read.block * (len(shown) + 1) + np.maximum(code, -1) + 1
        known = replace(self.known, read=replace(read, block=block))
        found = self.duel.found(known, window, len(shown), self.every)
        label = self.workspace.case.label(column)
        names = [f"{quote(column) if not column.isidentifier() else column} = {literal(levels.names[at])}" for at in shown.tolist()]
        self.parts |= {name: Part(column, label, levels.names[at]) for name, at in zip(names, shown.tolist(), strict=True)}
        differing = self._differing(np.where(read.window >= 0, code, -1), len(shown))
        yield self._rows(found, metrics, (WHOLE,) * len(shown), names, differing, np.ones(len(shown), dtype=bool), {})

    def _differing(self, window: Ints, windows: int) -> Floats:
        inside = self.decided.both & (window >= 0)
        n, apart = (np.bincount(window[part], minlength=windows) for part in (inside, inside & self.decided.apart))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(n > 0, apart / n, np.nan)

    def _reference(self) -> Mapping[str, Paired]:
        if self.before is None:
            return {}
        rows = len(self.before.read.window)
        return self.duel.found(self.before, np.where(self.before.read.window >= 0, 0, -1), 1, np.ones(rows, dtype=bool))

    def _rows(
        self,
        found: Mapping[str, Paired],
        metrics: Sequence[str],
        ids: Sequence[str],
        segments: Sequence[str] | None,
        differing: Floats,
        mature: Bools,
        base: Mapping[str, Paired],
    ) -> pd.DataFrame:
        parts = []
        for name in METRICS_OF[self.duel.task]:
            if name not in found:
                continue
            one = found[name]
            parts.append(
                pd.DataFrame(
                    {
                        "window": list(ids),
                        "segment": [None] * len(ids) if segments is None else list(segments),
                        "metric": name,
                        **_columns(one),
                        "comparison": SHADOW,
                        "differing": differing,
                        "mature": mature,
                        "reference_difference": float(base[name].difference[0]) if name in base and base[name].reason[0] == "" else np.nan,
                    }
                )
            )
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(MEASURED.columns))


def _columns(one: Paired) -> dict[str, object]:
    known = (one.reason == "") | (one.reason == SAME)
    told = {"value": one.value, "challenger_value": one.challenger, "difference": one.difference}
    sure = {"lower": one.lower, "upper": one.upper, "p_value": one.p_value}
    return {
        **{name: np.where(known, values, np.nan) for name, values in told.items()},
        **{name: np.where(one.reason == "", values, np.nan) for name, values in sure.items()},
        "n": np.nan_to_num(one.n, posinf=0.0).round().astype(np.int64),
        "reason": pd.Series([text or None for text in one.reason], dtype=object),  # of texts and None pandas makes texts and nan
    }


def arms_tables(arms: Arms) -> Iterator[pd.DataFrame]:
    """Yield the rows of each pair of arms: all rows of the experiment, as at the last look."""
    for pair in arms.pairs:
        for one in pair.tracks:
            last = one.last
            yield pd.DataFrame(
                {
                    "window": [WHOLE],
                    "segment": [None],
                    "metric": one.metric,
                    **last,
                    "comparison": pair.name,
                    "differing": np.nan,
                    "mature": True,
                    "reference_difference": np.nan,
                }
            )
