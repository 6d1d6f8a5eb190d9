"""What a training set would hold: rows by source and window, what is left out and why, weights, and columns that know too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.engine import Progress, Watch
from monitor.models.training import Likeness, encoder, likeness
from monitor.retraining.rows import REASONS, Choice, History
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.ranking import roc_auc
from monitor.vocabulary import Task

Floats = NDArray[np.float64]

LATEST = 4
"""Windows at the end of production whose inputs weights lead to; their labels need not be in."""
ALIKE = 0.55
"""AUC of telling training rows from the latest below which they are alike, and weights would only add noise."""
LEAKS = 0.98
"""AUC of a single column from which it knows the label."""
SAMPLED = 20_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training set holds: `history` its rows, `weight` (n,) of each row that is used (0 of the others), `likeness` to the latest
    windows (None: not asked, or nothing to lead to), `leaks` columns that alone tell the label, with their AUC."""

    history: History
    choice: Choice
    weight: Floats
    likeness: Likeness | None
    leaks: Mapping[str, float]

    @property
    def rows(self) -> int:
        """Rows that are used."""
        return int(self.history.used.sum())

    @property
    def weighted(self) -> bool:
        """Whether rows count differently."""
        return self.likeness is not None and self.likeness.auc >= ALIKE

    @property
    def by_window(self) -> pd.DataFrame:
        """Rows by source and window: `source, window, rows, used`, and why others are not."""
        one = self.history
        frame = pd.DataFrame({"source": np.where(one.production, "production", "reference"), "window": one.window, "reason": one.reason})
        frame["used"] = one.used
        grouped = frame.groupby(["source", "window"], sort=True)
        table = grouped.agg(rows=("used", "size"), used=("used", "sum")).reset_index()
        why = frame[frame["reason"] != ""].groupby(["source", "window"])["reason"].agg(lambda part: part.value_counts().index[0])
        table["why"] = [REASONS.get(why.get((a, b), ""), "") for a, b in zip(table["source"], table["window"], strict=True)]
        return table.sort_values(["source", "window"], ascending=[False, True], ignore_index=True)

    def counts(self) -> dict[str, Any]:
        """Return rows by source: how many, how many used, how many left out by reason."""
        found: dict[str, Any] = {}
        for name, part in (("reference", ~self.history.production), ("production", self.history.production)):
            reasons = pd.Series(self.history.reason[part & ~self.history.used]).value_counts()
            found[name] = {"rows": int(part.sum()), "used": int((part & self.history.used).sum()), "left_out": reasons.to_dict()}
        return found

    def cautions(self) -> Iterator[str]:
        """Yield what has to be known before anybody learns from it."""
        for name, auc in self.leaks.items():
            yield f"'{name}' alone tells the label (AUC {auc:.3f}): it may be known only afterwards. Take it out, or make sure."
        if not (self.history.used & self.history.production).any():
            yield "No row of production can be used: a model would learn nothing that it did not know."
        if self.likeness is not None and not self.weighted:
            yield f"Training rows are like the latest ones (AUC {self.likeness.auc:.2f} of telling them apart): all count alike."
        if self.weighted and self.likeness is not None and self.likeness.worth < 0.3 * self.rows:
            yield f"Weights are uneven: {self.rows:,d} rows count as {self.likeness.worth:,.0f}."


def plan_training(history: History, choice: Choice, *, progress: Progress | None = None) -> Plan:
    """Return what a training set holds."""
    watch, used = Watch(progress, None), history.used
    weight = used.astype(float)
    watch.tell(0.4, "weighing rows")
    like = _likeness(history, choice) if choice.weighted and used.any() else None
    if like is not None and like.auc >= ALIKE:
        weight[used] = like.weight
    watch.tell(0.8, "looking for columns that know the label")
    return Plan(history, choice, weight, like, dict(_leaks(history)) if used.any() else {})


def _likeness(history: History, choice: Choice) -> Likeness | None:
    """Compare the rows that are used with those of the latest windows, with or without a label."""
    latest = history.production & np.isin(history.window, history.windows[-LATEST:])
    if latest.sum() < 100 or history.used.sum() < 100:
        return None
    columns = list(history.features)
    draw = np.random.default_rng(choice.seed)
    toward = draw.permutation(np.flatnonzero(latest))[:SAMPLED]
    return likeness(history.frame.loc[history.used, columns], history.frame.loc[toward, columns])


def _leaks(history: History) -> Iterator[tuple[str, float]]:
    """Yield columns that tell the label of a binary task nearly alone: their values, or whether they are missing."""
    if history.case.task is not Task.BINARY:
        return
    at = np.flatnonzero(history.used)[:: max(int(history.used.sum()) // SAMPLED, 1)]
    label = history.label[at] == 1
    if min(label.sum(), (~label).sum()) < 10:
        return
    part = history.frame.iloc[at]
    encoded = encoder(part[list(history.features)])(part)
    rows = Labelled(np.zeros(len(at), dtype=np.int64), 1, np.arange(len(at)))
    for place, name in enumerate(history.features):
        values = encoded[:, place]
        for told in (np.where(np.isfinite(values), values, -np.inf), np.isnan(values).astype(float)):
            auc = float(roc_auc(rows, label, told).raw[0])
            if max(auc, 1 - auc) >= LEAKS:
                yield name, max(auc, 1 - auc)
                break
