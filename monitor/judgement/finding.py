"""A finding: one judged run or fact, in types. Words are made of it in `narration`; nothing reads words back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from monitor.profile import CellPlace

NO_TIME = np.datetime64("NaT")


class FindingKind(StrEnum):
    """What a finding is about."""

    VALUE = "value"
    MISSING = "missing"
    UNSEEN = "unseen"
    """Levels that the reference never had."""
    RANGE = "range"
    """Values outside everything that the reference showed."""
    CONSTANT = "constant"
    REVIVED = "revived"
    """Constant in the reference, varies since."""
    LEVEL = "level"
    """Levels that swapped or replaced each other, or are gone."""
    CLOCK = "clock"
    """Values come at another hour of the day."""
    LOST = "lost"
    NEW = "new"
    TYPE = "type"
    METRIC = "metric"
    QUALITY = "quality"
    """Rows fail a check more (or less) often than they did."""
    DEFECT = "defect"
    """Rows fail a check, and did so in the reference too."""
    OPERATION = "operation"
    """A metric of the service itself moved."""
    OBJECTIVE = "objective"
    """The budget of an objective burns too fast."""
    CONTRACT = "contract"
    """Rows break a clause of the contract."""
    RUN = "run"
    """A job of the pipelines fails, does not run, or runs otherwise than it did."""
    SEGMENT = "segment"
    """A metric of some rows moved beside that of all other rows."""
    CONCEPT = "concept"
    """The same inputs lead to other labels (concept drift)."""
    RELATION = "relation"
    RULE = "rule"
    """Rows break a rule of two columns that the reference obeys."""
    JOINT = "joint"
    """A score of all columns together moved."""
    GAP = "gap"
    """A metric of one group lies apart from that of all others."""
    ESTIMATE = "estimate"
    """Labels say something else of a metric than was estimated without them."""
    ADVERSARY = "adversary"
    """Rows look like the work of somebody who plays against the model."""
    OUTLIER = "outlier"
    """More rows than usual are unlike the reference."""
    ATTRIBUTION = "attribution"
    """What a column adds to predictions moved."""
    INCIDENT = "incident"
    """What one cause did: findings of several analyses."""
    CHALLENGER = "challenger"
    """A metric is another with a challenger, or in another arm of an experiment."""
    ARM = "arm"
    """Arms of an experiment are not as large as they should be."""
    FIXED = "fixed"
    """A threshold that an analyst set was reached."""


EXACT = frozenset({FindingKind.MISSING, FindingKind.UNSEEN, FindingKind.RANGE, FindingKind.REVIVED})
"""Kinds whose chance is that of single rows: a level that the reference never had is told from however few rows a window has."""


class Direction(StrEnum):
    """Which way something moved."""

    HIGHER = "higher"
    LOWER = "lower"
    WIDER = "wider"
    NARROWER = "narrower"
    MORE = "more"
    FEWER = "fewer"
    CHANGED = "changed"


class Measure(StrEnum):
    """What `before` and `after` of a finding are."""

    SHARE = "share"
    """Share of rows in `place` (or missing, or unseen), 0..1."""
    MEAN = "mean"
    MEDIAN = "median"
    SD = "sd"
    LEVELS = "levels"
    """Number of different levels in a usual window."""
    ORDER = "order"
    """Share of rows in which two numbers stand in a seldom order."""
    SCORE = "score"


class State(StrEnum):
    """Where a finding stands in time."""

    NEW = "new"
    """It goes on, and began within the last NEW_WINDOWS judged windows."""
    ONGOING = "ongoing"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What changed: where, since when, how far, against which limit.

    `first` and `last` are positions of production windows, `start` and `end` their bounds in UTC (`end` NaT while it lasts, both NaT
    without times); `onset_lower` and `onset_upper` the bounds that the onset is in; `windows` and `judged` how many windows it holds and
    were judged. `before` and `after` are `measure` in the reference and pooled over the run, `share_rows` the share of the run's rows that
    are concerned (facts) or of production's rows that the run holds. `levels` are rows by level that came (or, `kind` level, went).
    """

    what: str
    label: str
    kind: FindingKind
    status: str
    state: State
    first: int
    last: int
    window: str
    last_window: str
    start: np.datetime64 = NO_TIME
    end: np.datetime64 = NO_TIME
    onset_lower: np.datetime64 = NO_TIME
    onset_upper: np.datetime64 = NO_TIME
    windows: int
    judged: int
    direction: Direction = Direction.CHANGED
    measure: Measure = Measure.SHARE
    place: CellPlace | None = None
    before: float = float("nan")
    after: float = float("nan")
    rows: int = 0
    share_rows: float = float("nan")
    some_missing: bool = False
    """Whether `before` and `after` are shares of the rows with a value, and rows without one are too many not to say so."""
    by_chance: float = 0.0
    """Of levels never seen: the share of rows that windows of the reference had at levels which the rest of it lacks."""
    levels: Mapping[str, int] = field(default_factory=dict)
    levels_lost: tuple[str, ...] = ()
    extreme: float = float("nan")
    """The farthest value of the run (kind range, or runs of values that hold such), in units of the column; of objectives: the fastest
    burn that a rule saw."""
    bound: float = float("nan")
    """The farthest value on that side of what it is compared with, or of all of the reference (`of_all`); of objectives: the days that the
    budget lasts at the pace of the last six hours; of
    adversaries: the rows that are alike in a usual window."""
    of_all: bool = False
    """Whether `bound` is of all of the reference, of which what it is compared with is a part, or other rows."""
    span_days: float = float("nan")
    """Of objectives: the days of the period that the budget is of."""
    method: str = ""
    score: float = float("nan")
    limit: float = float("nan")
    strength: float = float("nan")
    p_value: float = float("nan")
    q_value: float = float("nan")
    worst: str = ""
    """Id of the window that moved farthest."""
    numeric: bool = True
    note: str = ""
    """Of lost, new and retyped columns: the SQL types before and after, "DOUBLE -> VARCHAR"; of metrics: better or worse; of gaps: stable,
    began or unknown; of concept drift by column: labels, errors or both; of attributions: the class; of broken rules:
    how most rows break the one that is broken most; of adversaries: the side of the threshold; of hours without a value: hour or day; of
    single rows: the id."""
    brief: str = ""
    """Of incidents: what it is called in a few words; of single rows: the day."""
    note_share: float = float("nan")
    """Of broken rules: share of the run's rows that break it in that way; of adversaries: of them that lie just across the threshold; of
    estimates that labels contradict: share of its rows whose inputs the reference does not know; of clauses of a contract: share of the
    rows that break it which hold a value of `carried`."""
    pair: tuple[float, float] = (float("nan"), float("nan"))
    """Of gaps: the metric of the group and that of all other rows, of which `after` is the ratio; of outliers of a segment its share and
    that of all other rows; of adversaries the range of scores; of what the relation of inputs and labels does to a metric: its change, and
    what of that the inputs explain; of objectives: the hours over which it burnt fastest, and the burn of the last six hours."""
    where: str = ""
    """Of columns that labels depend on otherwise: the condition of the cell that moved most; `pair` its mean, and what was expected; of
    gaps: the group that it is compared with, empty: all others."""
    version: str = ""
    """The model version whose rows it is of; empty: of all rows."""
    segment: str = ""
    """The same as people write a condition: "Model version = v2"."""
    with_version: str = ""
    """The model version that a change of all rows comes with: those that others answered are as before."""
    hangs_on: int = 0
    """Of challengers: rows of bursts, which nobody wants and without which it would not be told."""
    impact: float = float("nan")
    """Of segments: what the run adds to the metric of all rows; of attributions: to the mean prediction."""
    stand_in: bool = False
    """Of attributions: whether they are of a stand-in that learned the scores, where there is no model file."""
    carried: tuple[str, ...] = ()
    """Labels of the columns that a score of joint drift comes from, or that labels depend on otherwise, or that outliers are odd in, the
    largest part first; of gaps the class that the metric is of; of adversaries the levels that all rows share ("country GB"), or the column
    that was varied; of metrics the others that the finding tells of."""

    @property
    def ongoing(self) -> bool:
        """Whether the last judged window still belongs to it."""
        return self.state is not State.OVER

    @property
    def id(self) -> str:
        """Identity of the run on its screen."""
        side = f"~{self.place.kind}" if self.kind is FindingKind.RANGE and self.place is not None else ""
        of = f"~{self.version}" if self.version else ""
        return f"{self.what}{of}~{self.kind}{side}~{self.window}~{self.last_window}"
