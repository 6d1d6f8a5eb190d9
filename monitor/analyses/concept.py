"""Did the relation of inputs and labels change? Each change of a metric in its parts, and what depends on what otherwise."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.apart import take_apart
from monitor.analyses.baselines import not_compared
from monitor.analyses.label_doubts import SELECTED, hidden_apart, label_doubts
from monitor.analyses.labels import Answers, arrival_of, last_moment, moment_of
from monitor.analyses.losses import Losing, Lost, alike
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.performance import mature_windows, provenance_of
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Asked, Side
from monitor.analyses.segment_axes import CutColumn
from monitor.analyses.segment_columns import columns_of_segments, cut_columns, wanted_of
from monitor.analyses.sides import Question, cut_short
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Workspace
from monitor.errors import MethodError, nearest
from monitor.profile import Windows
from monitor.stats.inference.intervals import Z
from monitor.stats.performance.calibration import recalibration
from monitor.stats.performance.concept import FOLDS, Cut, Dependence, Expected, dependence, expect, leaves, split_mix
from monitor.stats.performance.concept_catalogue import CONCEPT
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.losses import LOSSES
from monitor.tables import Contract, Result, Skipped
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CHANCE = 1e-15
AS_LONG = 0.9
"""Part of a judged window's time that windows of the reference last at least where columns are judged; months differ by as much."""
LEAST_WINDOWS = 4
"""Windows as long as the judged ones that the reference's time holds at least, for anything to be judged."""
TOO_SHORT = Skipped(
    "concept",
    "short_reference",
    f"The relation was not judged: the reference lasts less than {LEAST_WINDOWS} windows. Choose smaller windows or a longer reference.",
)
SHORT = Skipped(
    "columns",
    "short_reference",
    "What labels depend on was not judged by column: windows of the reference are shorter. Choose smaller windows or a longer reference.",
)
SELECTIVE = Skipped(
    "concept",
    "other_rows_labelled",
    "How the metric, how common labels are and what they depend on changed is not told: labels of the two sides are of other rows.",
)
MEASURED = Contract(
    "concept",
    ("window", "method", "column"),
    {
        "window": "id of the production window",
        "method": f"one of {', '.join(CONCEPT)}",
        "score": "total, covariate, concept, mix, behaviour: change of the metric; level: mean of label - what inputs let expect; prior: "
        "mean label; residual, association: typical shift of the cells of a column beside the reference",
        "lower": "lower end of its 95 % interval",
        "upper": "upper end of its 95 % interval",
        "p_value": "of the window alone, rows of one stretch of time taken together; null: no test",
        "column": "column that it is told of, empty: all",
        "metric": "metric that is split, else null",
        "reference_value": "the same of the whole reference",
        "n": "rows with a label and an answer",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptTrack:
    """A method (of a `column`, or of all rows) by window, (w,) each: `value` with its `variance` (nan: none is known), and in the own
    windows of the reference, (r,), whose mean is `usual`; of a column also the `roots` of its shifts, which are judged: value, variance,
    and both in the reference; the conditions of its `cells`, and what was `found` in these."""

    method: str
    column: str
    label: str
    value: Floats
    variance: Floats
    own: Floats
    own_variance: Floats
    usual: float
    roots: tuple[Floats, Floats, Floats, Floats] | None = None
    cells: tuple[str, ...] = ()
    found: Dependence | None = None

    @property
    def name(self) -> str:
        """Its name among the others."""
        return f"{self.method}~{self.column}" if self.column else self.method


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptResult(Result):
    """Measured causes of change: `tracks`; `metric` that is split; `usable` (w,) windows whose labels are in; `labelled` (w,) rows;
    `comparable` whether windows of the reference are as long as the judged ones, so that columns can be judged, `able` whether the
    reference is long enough for anything."""

    tracks: tuple[ConceptTrack, ...]
    metric: str
    usable: Bools
    rows: Ints
    labelled: Ints
    partial: Bools
    windows: Windows
    own_windows: Windows
    size: WindowSize
    task: Task
    timezone: str
    comparable: bool = True
    able: bool = True
    called: SideNames = PLAIN


def measure_concept(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    as_of: datetime | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ConceptResult:
    """Split the change of a metric into its causes, and look for labels and errors that depend on columns otherwise.

    Parameters
    ----------
    methods : ids of methods, or "default" or "all".
    as_of : only labels that were known then count; default the last moment in the data.

    Raises
    ------
    ColumnMissingError, MethodError, SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    wanted = _methods(methods)
    question, answers = take_apart(workspace, question or Question()), Answers.of(workspace)
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    columns, left = columns_of_segments(workspace, question, answers)
    asked = Asked(workspace, answers, question, None, cancel, wanted_of(workspace, columns))
    reads = asked.read(size, progress)
    moment = last_moment(answers, (reads.reference, reads.production)) if as_of is None else moment_of(as_of, workspace.case.timezone)
    sides = reads.sides(answers, moment)
    losing = Losing(workspace, answers, (reads.reference, reads.production))
    lost = alike((losing.of(sides[0].known), losing.of(sides[1].known)))
    labelled = np.bincount(reads.production.window[lost[1].rows], minlength=len(reads.production.windows))
    usable = mature_windows(reads.production, sides[1].known, arrival_of((sides[0].known, sides[1].known)), labelled) & (labelled > 0)
    metric = lost[0].names[-1]
    outcome = Outcome(workspace, answers, (reads.reference, reads.production), None)
    called = side_names(question, workspace.case.timezone)
    apart = hidden_apart(outcome, sides)
    able_to_tell = wanted - SELECTED if apart else wanted
    tracks: tuple[ConceptTrack, ...] = ()
    if lost[0].rows.any() and lost[1].rows.any():
        cut = [one for one in cut_columns(workspace, reads, columns) if one.paired]
        made = _Rows.of(sides, lost, [(one, workspace.case.label(one.name)) for one in cut], answers.task)
        tracks = tuple(one for one in made.tracks(metric) if one.method in able_to_tell)
    comparable, able = _as_long(reads.own, reads.production.windows), _long_enough(reads.own, reads.production.windows)
    return ConceptResult(
        analysis="concept",
        case=workspace.case.name,
        table=MEASURED.check(_table(tracks, reads.production.windows, labelled, metric)),
        skipped=(
            *left,
            *_unlabelled(lost),
            *_short(able, comparable or not tracks),
            *label_doubts(outcome, sides, usable, called.a),
            *((SELECTIVE,) if apart else ()),
            *not_compared(question.against, "The relation"),
        ),
        provenance=provenance_of(asked, reads, size, moment, (began, time.perf_counter() - clock)),
        tracks=tracks,
        metric=metric,
        usable=usable,
        rows=reads.production.rows,
        labelled=labelled,
        partial=cut_short(size, reads.production.rows),
        windows=reads.production.windows,
        own_windows=reads.own,
        size=size,
        task=workspace.case.task,
        timezone=workspace.case.timezone,
        comparable=comparable,
        able=able,
        called=called,
    )


def _short(able: bool, comparable: bool) -> tuple[Skipped, ...]:
    return (TOO_SHORT,) if not able else () if comparable else (SHORT,)


def _as_long(own: Windows, windows: Windows) -> bool:
    """Say whether windows of the reference are about as long as the judged ones: a shorter one holds fewer days, weathers and hours, whose
    differences then look like columns that labels depend on otherwise."""
    if not len(own) or not len(windows) or np.isnat(own.start).any() or np.isnat(windows.start).any():
        return True
    usual, judged = (float(np.median((one.end - one.start) / np.timedelta64(1, "s"))) for one in (own, windows))
    return usual >= AS_LONG * judged


def _long_enough(own: Windows, windows: Windows) -> bool:
    """Say whether the reference is long enough to know how windows as long as the judged ones vary."""
    if not len(own) or not len(windows) or np.isnat(own.start).any() or np.isnat(windows.start).any():
        return True
    return bool((own.end - own.start).sum() >= LEAST_WINDOWS * np.median(windows.end - windows.start))


def _methods(methods: Sequence[str]) -> frozenset[str]:
    if {"default", "all"} & set(methods):
        return frozenset(CONCEPT)
    unknown = next((name for name in methods if name not in CONCEPT), None)
    if unknown is not None:
        raise MethodError(
            f"There is no method '{unknown}' of concept drift.{nearest(unknown, CONCEPT)} Use default or {', '.join(CONCEPT)}."
        )
    return frozenset(methods)


def _unlabelled(lost: tuple[Lost, Lost]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(name, "no_labels", f"No row of the {name} has a label and an answer, so its relation cannot be looked at.")
        for name, one in zip(("reference", "production"), lost, strict=True)
        if not one.rows.any()
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Labelled rows of both sides: in windows, `x` as numbers, `columns` (name, label, cells) with their codes, losses, labels, answers."""

    rows: tuple[Labelled, Labelled]
    x: tuple[Floats, Floats]
    columns: tuple[tuple[str, str, tuple[str, ...]], ...]
    codes: tuple[Ints, Ints]
    losses: tuple[Floats, Floats]
    label: tuple[Floats, Floats]
    score: tuple[Floats, Floats]
    names: tuple[str, ...]
    task: Task

    @classmethod
    def of(cls, sides: tuple[Side, Side], lost: tuple[Lost, Lost], cut: Sequence[tuple[CutColumn, str]], task: Task) -> _Rows:
        kept = [one.rows & (side.window >= 0) for one, side in zip(lost, sides, strict=True)]
        codes = [np.array([one.codes[i] for one, _ in cut], dtype=np.int64).reshape(len(cut), len(kept[i]))[:, kept[i]] for i in range(2)]
        columns = tuple((one.name, label, tuple(one.spoken(cell, label) for cell in one.cells)) for one, label in cut)
        score = [one.score[held] for one, held in zip(lost, kept, strict=True)]
        x = [np.column_stack([code.T.astype(float), answered]) for code, answered in zip(codes, score, strict=True)]
        rows = [Labelled(side.window[held], side.windows, side.known.read.block[held]) for side, held in zip(sides, kept, strict=True)]
        return cls(
            (rows[0], rows[1]), (x[0], x[1]), columns, (codes[0], codes[1]),
            (lost[0].values[:, kept[0]], lost[1].values[:, kept[1]]), (lost[0].label[kept[0]], lost[1].label[kept[1]]),
            (score[0], score[1]), lost[0].names, task,
        )  # fmt: skip

    @property
    def _apart(self) -> Ints:
        """Return the stretch of time of each row of the reference that is left out as one: its window, where these are enough."""
        return self.rows[0].window if self.rows[0].windows >= FOLDS else self.rows[0].block

    def tracks(self, metric: str) -> Iterator[ConceptTrack]:
        """Yield every method."""
        at, (reference, production) = self.names.index(metric), self.losses
        mean = [reference[at].mean(), 0.0]
        yield self._mean("total", (reference[at] - mean[0], production[at] - mean[0]), metric)
        chance = expect(self.x, self.label[0], self._apart, chance=True) if self._by_chance(metric) else None
        told = self._expected(at, chance)
        yield self._mean("covariate", (told[0] - told[0].mean(), told[1] - told[0].mean()), metric)
        rest = float((reference[at] - told[0]).mean())
        left = reference[at] - told[0] - rest, production[at] - told[1] - rest
        yield self._mean("concept", left, metric)
        yield from self._mixed(at, metric)
        if "bias" in self.names:
            level = self.names.index("bias")
            inputs = self._expected(level, chance)
            center = float((inputs[0] - reference[level]).mean())
            away = inputs[0] - reference[level] - center, inputs[1] - production[level] - center
            yield self._mean("level", away, "")
            yield self._mean("prior", self.label, "")
            yield from self._by_column("residual", away)
        if self.task is Task.MULTICLASS:  # classes have no level: what depends on columns is how right the model is
            yield from self._by_column("residual", (reference[at], production[at]))
        else:
            yield from self._by_column("association", self.label)
        if self.task is Task.BINARY and "brier" in self.names:
            yield from self._calibrated()

    def _by_chance(self, metric: str) -> bool:
        """Whether losses follow from the chance of a label."""
        return self.task is Task.BINARY and metric != "accuracy"

    def _expected(self, at: int, chance: Expected | None) -> tuple[Floats, Floats]:
        """Return what loss inputs let expect, of both sides; of a binary task by the chance of its label."""
        name = self.names[at]
        if chance is None:
            told = expect(self.x, self.losses[0][at], self._apart, chance=name == "accuracy")
            return told.reference, told.production
        made = [
            score - p if name == "bias" else score**2 - 2 * score * p + p
            for score, p in zip(self.score, (chance.reference, chance.production), strict=True)
        ]
        return made[0], made[1]

    def _mean(self, method: str, values: tuple[Floats, Floats], label: str) -> ConceptTrack:
        (own, own_variance), (value, variance) = (_means(rows, one) for rows, one in zip(self.rows, values, strict=True))
        told = LOSSES[label].title if label else CONCEPT[method].title
        return ConceptTrack(
            method=method, column="", label=told, value=value, variance=variance, own=own, own_variance=own_variance,
            usual=float(values[0].mean()),
        )  # fmt: skip

    def _mixed(self, at: int, metric: str) -> Iterator[ConceptTrack]:
        """Yield the parts of mix and behaviour over the leaves of a small tree."""
        groups = leaves(self.x, self.losses[0][at])
        before = self.losses[0][at]
        own = split_mix((groups[0], groups[0]), (before, before), self.rows[0].window, self.rows[0].windows)
        found = split_mix(groups, (before, self.losses[1][at]), self.rows[1].window, self.rows[1].windows)
        for method in ("mix", "behaviour"):
            value, usual = getattr(found, method), getattr(own, method)
            none = np.full(len(value), np.nan), np.full(len(usual), np.nan)
            yield ConceptTrack(
                method=method,
                column="",
                label=LOSSES[metric].title,
                value=value,
                variance=none[0],
                own=usual,
                own_variance=none[1],
                usual=0.0,
            )

    def _by_column(self, method: str, values: tuple[Floats, Floats]) -> Iterator[ConceptTrack]:
        for i, (name, label, cells) in enumerate(self.columns):
            first, second = (Cut(self.codes[k][i], values[k], self.rows[k].window, self.rows[k].windows) for k in range(2))
            own, found = dependence(first), dependence(first, second)
            told = np.isfinite(own.square)
            yield ConceptTrack(
                method=method, column=name, label=label, value=found.square, variance=found.variance, own=own.square,
                own_variance=own.variance, usual=float(own.square[told].mean()) if told.any() else float("nan"),
                roots=(found.root, found.root_variance, own.root, own.root_variance), cells=cells, found=found,
            )  # fmt: skip

    def _calibrated(self) -> Iterator[ConceptTrack]:
        kept = [np.clip(one, CHANCE, 1 - CHANCE) for one in self.score]
        whole = Labelled(np.zeros(self.rows[0].size, dtype=np.int64), 1, self.rows[0].block)
        sides = [(self.rows[0], 0), (self.rows[1], 1), (whole, 0)]
        own, after, all_of = (recalibration(rows, self.label[i] > 0, kept[i], why="one_class") for rows, i in sides)
        for k, method in enumerate(("calibration_intercept", "calibration_slope")):
            yield ConceptTrack(
                method=method, column="", label=CONCEPT[method].title, value=after[k].value, variance=after[k].variance, own=own[k].value,
                own_variance=own[k].variance, usual=float(all_of[k].value[0]),
            )  # fmt: skip


def _means(rows: Labelled, values: Floats) -> tuple[Floats, Floats]:
    """Return the mean of values by window with its variance, (w,) each."""
    n = rows.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = rows.total(values) / n
    variance = rows.variance((values - np.nan_to_num(mean)[rows.window]) / np.maximum(n, 1.0)[rows.window])
    return mean, np.where(n > 1, variance, np.nan)


def _table(tracks: Sequence[ConceptTrack], windows: Windows, labelled: Ints, metric: str) -> pd.DataFrame:
    if not tracks:
        return pd.DataFrame(columns=list(MEASURED.columns))
    return pd.concat([_told(one, windows, labelled, metric) for one in tracks], ignore_index=True)


def _told(one: ConceptTrack, windows: Windows, labelled: Ints, metric: str) -> pd.DataFrame:
    sd = np.sqrt(np.where(np.isfinite(one.variance), one.variance, np.nan))
    ends = [one.value - Z * sd, one.value + Z * sd]
    value, usual = one.value, one.usual
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = 2 * special.ndtr(-np.abs((one.value - one.usual) / sd))
    if one.column:
        value, ends = np.sqrt(np.maximum(value, 0.0)), [np.sqrt(np.maximum(end, 0.0)) for end in ends]
        usual = float(np.sqrt(max(usual, 0.0)))
    return pd.DataFrame(
        {
            "window": windows.ids, "method": one.method, "score": value, "lower": ends[0], "upper": ends[1], "p_value": p_value,
            "column": one.column, "metric": metric if one.method in SPLIT else None, "reference_value": usual, "n": labelled,
            "window_start": windows.start, "window_end": windows.end, "n_production": labelled,
        }
    )  # fmt: skip


SPLIT = frozenset({"total", "covariate", "concept", "mix", "behaviour"})
"""Methods that are parts of the change of a metric."""
