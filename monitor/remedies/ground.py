"""The rows that remedies are tried on: those concerned, those of the same place afterwards, and those before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.engine import Selection, Workspace
from monitor.errors import ModelError
from monitor.incidents.cause import Hypothesis
from monitor.incidents.clock import to_clock
from monitor.incidents.maturity import counting, limit_of
from monitor.incidents.next_step import FEWEST_FITTED
from monitor.incidents.picture import place_of
from monitor.models.loading import load_model
from monitor.models.model import Model, threshold_of
from monitor.remedies.gains import Answered, Truth, blocks_of
from monitor.retraining.rows import FOUND, INCIDENT, Choice, History, Wrong, level_text, made_wrong, read_history
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEWEST = FEWEST_FITTED
"""Labelled rows from which something is fitted or told."""
DAY = np.timedelta64(1, "D")
MOST = 40_000
"""Rows that a model is asked about at most: evenly spaced ones of more."""


@dataclass(frozen=True)
class Ground:
    """Rows of a case as `history` holds them, and the `cause` that concerns some of them.

    Parameters
    ----------
    place : (n,) rows of its segment; `around`: of any version.
    hit, after : (n,) rows of the place in its time, and once it is over.
    before : (n,) all rows that were there when it began, of reference and production.
    counts : (n,) rows with a label that counts, by the rule of the incident itself (`monitor.incidents.maturity`).
    limit : days after which nearly all labels of the reference were there; 0 where no moment is kept.
    wrong : rows that other incidents made wrong: nothing is fitted to them, tried on them or told of them.
    """

    workspace: Workspace
    history: History
    cause: Hypothesis
    place: Bools
    around: Bools
    hit: Bools
    after: Bools
    before: Bools
    counts: Bools
    production: Selection
    seed: int = 0
    limit: float = 0.0
    wrong: tuple[Wrong, ...] = ()

    @classmethod
    def of(cls, workspace: Workspace, cause: Hypothesis, choice: Choice) -> Ground:
        """Read them.

        Raises
        ------
        ColumnMissingError
            The case names no label, or no feature.
        MethodError
            It has several classes, or watches data only.
        """
        roles = workspace.case.roles
        other = cause.inverse.other if cause.inverse else ""
        named = (*cause.columns, other, *cause.segment, roles.model_version, roles.latency_ms, roles.status, roles.cost)
        history = read_history(workspace, choice, also=tuple(dict.fromkeys(name for name in named if name)))
        if workspace.case.value is not None and set(workspace.case.value.columns()) & set(cause.columns):
            history = replace(history, worth=None)  # what is wrong says nothing of its own worth
        segment, time = place_of(cause), history.time
        place = _placed(history.frame, segment, cause.beside)
        zone = workspace.case.timezone
        start, end = (to_clock(one, zone) for one in (cause.start, cause.end))
        timed = bool(history.production.any()) and not np.isnat(time[history.production]).all()
        begun = (time >= start) | np.isnat(start) if timed else np.ones(len(time), dtype=bool)
        over = (time >= end) & ~np.isnat(end) if timed else np.zeros(len(time), dtype=bool)
        mine = history.production & place
        limit = _limit(history)
        return cls(
            workspace=workspace,
            history=history,
            cause=cause,
            hit=mine & begun & ~over,
            after=mine & over,
            before=~history.production | ~begun,
            counts=_counts(history, limit),
            place=place,
            around=_placed(history.frame, {name: level for name, level in segment.items() if name != roles.model_version}, cause.beside),
            production=choice.production,
            seed=choice.seed,
            limit=limit,
            wrong=choice.wrong,
        )

    @property
    def alike(self) -> Bools:
        """Rows of the place in the reference, (n,)."""
        return ~self.history.production & self.place

    @property
    def begun(self) -> np.datetime64:
        """When it began, on the case's clock."""
        return to_clock(self.cause.start, self.history.case.timezone)

    @property
    def binary(self) -> bool:
        """Whether there are decisions."""
        return self.history.case.task is Task.BINARY

    @property
    def threshold(self) -> float:
        """Score from which the model says positive."""
        return threshold_of(self.history.case)

    @property
    def used(self) -> Bools:
        """Rows that options are fitted to and tried on, (n,): of those whose labels count the ones that a model could learn from, and those
        that the case notes as this incident."""
        noted = self.hit & (self.history.reason == INCIDENT)
        return np.asarray((self.history.used | noted) & self.counts)

    @property
    def spoilt(self) -> Bools:
        """Rows concerned with a label that counts which other incidents made wrong, (n,)."""
        return np.asarray(self.hit & self.counts & (self.history.reason == FOUND))

    @property
    def spoilt_by(self) -> tuple[tuple[str, int], ...]:
        """What made rows wrong is called, and how many of those concerned."""
        rows = self.spoilt
        known = [(one.name, int((rows & made_wrong(self.history.frame, self.history.time, (one,))).sum())) for one in self.wrong]
        return tuple(each for each in known if each[1])

    @property
    def rarer(self) -> int | None:
        """Rows concerned with a label that counts, of the rarer class; None of numbers."""
        label = self.history.label[self.hit & self.counts]
        return int(min((label == 1).sum(), (label == 0).sum())) if self.binary else None

    @cached_property
    def model(self) -> Model | None:
        """The model of the case; None where it cannot be asked (`why_no_model` says why)."""
        try:
            return load_model(self.history.case)
        except ModelError:
            return None

    @cached_property
    def why_no_model(self) -> str:
        """Why the model cannot be asked; "" where it can."""
        try:
            load_model(self.history.case)
        except ModelError as error:
            return str(error)
        return ""

    @cached_property
    def served(self) -> Answered:
        """How every row was answered, (n,)."""
        return self.decided(self.history.score, logged=True)

    def decided(self, score: Floats, *, logged: bool = False, threshold: float | None = None) -> Answered:
        """Return answers of scores (n,): decisions from the threshold on; those that were `logged` where the case has them."""
        if not self.binary:
            return Answered(score, None)
        edge = self.threshold if threshold is None else threshold
        decision = score >= edge
        return Answered(score, _logged(self.history, decision) if logged else decision)

    def asked(self, frame: pd.DataFrame) -> Floats:
        """Return what the model says of rows, (n,).

        Raises
        ------
        ModelError, ColumnMissingError
            It cannot be asked.
        """
        assert self.model is not None  # noqa: S101 - asked for first
        said = self.model.probability(frame) if self.binary else self.model.predict(frame)
        return np.asarray(said, dtype=np.float64)

    def truth(self, rows: Bools) -> Truth:
        """Return what turned out true of some rows."""
        worth = None if self.history.worth is None else self.history.worth[:, rows]
        return Truth(self.history.label[rows], worth, self.threshold if self.binary else 0.5, blocks_of(self.history.time[rows]))

    def spread(self, rows: Bools, most: int = MOST) -> Bools:
        """Return at most so many of some rows, evenly spaced."""
        at = np.flatnonzero(rows)
        kept = np.zeros(len(rows), dtype=bool)
        kept[at[:: max(-(-len(at) // most), 1)]] = True
        return kept


def _limit(history: History) -> float:
    """Return the days after which nearly all labels of the reference were there; 0 where no moment of theirs is kept."""
    lag = (history.known_at - history.time) / DAY
    return limit_of(lag[np.isfinite(history.label) & ~history.production])


def _counts(history: History, limit: float) -> Bools:
    """Say which rows have a label that counts, (n,): of production those that are old enough for it."""
    labelled, mine = np.isfinite(history.label), history.production
    times = history.time[mine], history.known_at[mine]
    seen = max((part[~np.isnat(part)].max() for part in times if not np.isnat(part).all()), default=np.datetime64("NaT", "us"))
    kept = bool((~np.isnat(history.known_at[mine])).any())
    _, window = np.unique(history.window[mine].astype(str), return_inverse=True)
    old = np.ones(len(mine), dtype=bool)
    old[mine] = counting((seen - history.time[mine]) / DAY, limit, (window, labelled[mine]), kept=kept)
    return labelled & old


def _logged(history: History, decision: Bools) -> Bools:
    """Return the decisions that were logged, where they were; else those of the score."""
    name, case = history.case.roles.prediction, history.case
    if name is None or name not in history.frame:
        return decision
    texts = history.frame[name].map(level_text, na_action="ignore")
    positive = level_text(case.roles.positive_class) if case.roles.positive_class is not None else "1"
    if positive not in set(texts.dropna().unique()):
        return decision
    return np.asarray(np.where(texts.isna(), decision, texts == positive), dtype=bool)


def _placed(frame: pd.DataFrame, segment: Mapping[str, str], beside: tuple[str, ...]) -> Bools:
    inside = np.ones(len(frame), dtype=bool)
    for name, level in segment.items():
        column: pd.Series[Any] = frame[name] if name in frame else pd.Series([None] * len(frame))
        inside &= column.map(level_text, na_action="ignore").isin((level, *beside)).to_numpy(dtype=bool)
    return inside
