"""Expected metrics of several classes: each one-vs-rest, then together; the labels of a row exclude one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitor.stats.estimation.expected import Beliefs, Expected, Part, Ratio, auc_part, mean_of, ratio_part
from monitor.stats.performance.binary import SMALLEST_CHANCE
from monitor.stats.performance.labelled import Floats, Ints, Labelled


@dataclass(frozen=True, slots=True)
class ClassBeliefs:
    """Rows with what is believed of their labels: `chance` (n, c) of each class, `decision` (n,) the position of the class that the model
    said (-1: none), `score` (n, c) its scores or None."""

    rows: Labelled
    chance: Floats
    decision: Ints
    score: Floats | None


def expected_of_classes(found: ClassBeliefs) -> Iterator[tuple[str, Expected]]:
    """Yield every expected metric of all classes together, by its id."""
    alone = [_alone(found, i) for i in range(found.chance.shape[1])]
    yield "accuracy", _told(found, [one["hit"] for one in alone], total=True)
    yield "balanced_accuracy", _told(found, [one["recall"] for one in alone])
    for name in ("precision", "recall", "f1"):
        yield f"macro_{name}", _told(found, [one[name] for one in alone])
    if found.score is not None:
        yield "roc_auc_ovr_macro", _told(found, [one["roc_auc"] for one in alone])
        yield "log_loss", _told(found, [one["loss"] for one in alone], total=True)


def _alone(found: ClassBeliefs, i: int) -> dict[str, Part]:
    """Return the parts of one class against the rest."""
    d = (found.decision == i).astype(float)
    one, zero = np.ones_like(d), np.zeros_like(d)
    score = None if found.score is None else found.score[:, i]
    beliefs = Beliefs(found.rows, found.chance[:, i], None, score)
    forms = {
        "hit": Ratio(d, zero, one, one),
        "precision": Ratio(d, zero, d, d),
        "recall": Ratio(d, zero, one, zero),
        "f1": Ratio(2 * d, zero, d + 1, d),
    }
    if score is not None:
        forms["loss"] = Ratio(-np.log(np.clip(score, SMALLEST_CHANCE, 1.0)), zero, one, one)
    parts = {name: ratio_part(beliefs, form) for name, form in forms.items()}
    return parts if score is None else {**parts, "roc_auc": auc_part(beliefs)}


def _told(found: ClassBeliefs, parts: list[Part], *, total: bool = False) -> Expected:
    """Return the mean (or the sum) over classes; the label of a row is one of them, so its influences are weighed by their chances."""
    many = 1 if total else len(parts)
    whole = mean_of(parts)
    scale = len(parts) / many
    influence = np.column_stack([one.outcome for one in parts]) / many
    mean = (found.chance * influence).sum(axis=1)
    noise = (found.chance * influence**2).sum(axis=1) - mean**2
    return Expected(whole.value * scale, found.rows.total(np.maximum(noise, 0.0)), found.rows.variance(whole.taken * scale), whole.n)
