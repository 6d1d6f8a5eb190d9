"""Measured fairness: the columns of its table, and what is behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.fairness_groups import UNLABELLED, GapTrack
from monitor.analyses.naming import PLAIN, SideNames
from monitor.case import WindowSize
from monitor.profile import Windows
from monitor.tables import Contract, Result
from monitor.vocabulary import Task

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MEASURED = Contract(
    "fairness",
    ("attribute", "group", "class", "window", "metric"),
    {
        "attribute": "the protected column",
        "group": "one of its values (of a number: a range); null: all groups together",
        "window": "id of the production window",
        "metric": "id of the metric; of all groups demographic_parity, equalized_odds or calibration",
        "value": "the metric of the group (told also where it rests on too few rows); of all groups the largest difference between two",
        "lower": "lower end of its 95 % interval",
        "upper": "upper end of its 95 % interval",
        "n": "rows that it rests on: its own denominator; of all groups that of the smaller of the two",
        "difference": "the metric of the group less that of all other rows; of all groups the largest between two",
        "ratio": "the one in parts of the other (calibration: of odds); of all groups the smallest between two; null: none",
        "class": "the class that it is told of; null: all",
        "others": "the metric of all other rows",
        "difference_lower": "lower end of the 95 % interval of the difference",
        "difference_upper": "upper end",
        "ratio_lower": "lower end of the 95 % interval of the ratio",
        "ratio_upper": "upper end; null also where there is none",
        "reference_value": "the metric of the group in the whole reference",
        "reference_ratio": "its ratio in the whole reference",
        "mature": "whether the labels that the metric needs are in",
        "reason": "why nothing is said of it, else null",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessResult(Result):
    """Measured fairness.

    `tracks` are metrics by group; `judged` the ids of those that were asked for by name, else those that are judged; `rows` and `labelled`
    (w,) are rows of each window and those with a label; `mature` (w,) whether the labels are in; `partial` (w,) windows cut short.
    """

    tracks: tuple[GapTrack, ...]
    windows: Windows
    own_windows: Windows
    rows: Ints
    labelled: Ints
    mature: Bools
    partial: Bools
    judged: frozenset[str]
    size: WindowSize
    task: Task
    timezone: str
    called: SideNames = PLAIN

    def ripe(self, metric: str) -> Bools:
        """Return the windows in which a metric need not wait for labels, (w,)."""
        return np.ones(len(self.mature), dtype=bool) if metric in UNLABELLED else self.mature
