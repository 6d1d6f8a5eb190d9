"""What an incident did: to the rows concerned, to the mean answer, to the metrics, and in money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.performance_metrics import Outcome
from monitor.case.goals import ValueSection
from monitor.incidents.cause import Hypothesis
from monitor.incidents.effect_rows import HARMLESS, Concerned, Concerns, Extent
from monitor.incidents.scene import Scene
from monitor.stats.performance.concept import leaves, split_mix
from monitor.stats.performance.estimates import Estimate, mean
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.losses import binary_losses, class_losses, regression_losses
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TOLD: Mapping[Task, tuple[str, ...]] = {
    Task.BINARY: ("precision", "recall", "false_positive_rate", "roc_auc", "brier", "base_rate"),
    Task.REGRESSION: ("mae", "bias"),
    Task.MULTICLASS: ("accuracy", "log_loss"),
}
"""Metrics that are told of an incident."""
SPLIT = ("brier", "mae", "accuracy")
"""Losses that add up over rows, the first that a case has is split into mix and behaviour."""
NEARLY_ALL = 0.95
"""Part of the rows of an incident's place and time that are concerned from which these are told as all of them."""
FEWEST = 200
"""Labelled rows of a side from which a change is split."""
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its 95 % interval and the rows that it rests on; nan where it is not known, and the `reason`."""

    value: float
    lower: float
    upper: float
    n: int
    reason: str = ""


NOT_KNOWN = Figure(float("nan"), float("nan"), float("nan"), 0, "not_measured")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricEffect:
    """A metric of the rows concerned (`now`), of the same segment in the reference (`before`; without levels that it never
    had), and of all other rows of that time (`elsewhere`)."""

    metric: str
    now: Figure
    before: Figure
    elsewhere: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an incident did.

    Parameters
    ----------
    rows, share_rows : rows of its segment in [start, end), and as a share of all rows then.
    change : of the mean answer (score, or predicted number; of decisions their share that is positive) of all rows then against the
        reference; `part` : what the rows concerned add to it, their share times how far their mean lies from that of the same segment
        before; `before`, `now` : these means. nan where there are no answers. `by_chance` : whether `part` lies within its own 95 %
        interval, rows of an hour or a day counted as they hang together, or rests on too few rows to have one (None: nobody looked).
    metrics : of rows old enough for their labels to count; `waiting`: rows concerned that are too young, `unlabelled`: that are old enough
        and have none.
    loss : what `mix` and `behaviour` split: the change of its mean in the rows concerned against the same segment before, because other
        rows came, and because the same rows are answered worse; nan where labels or columns are too few.
    shared : rows that other incidents concern too (`without`), which nothing but `rows`, `share_rows`, `waiting` and `unlabelled` counts;
        `mixed` : rows that are counted though `others` further incidents concern them, as too few would be left.
    money : what decisions on labelled rows concerned brought less (negative) or more than they would at the value per row of before;
        `currency` "" where the case does not name one. None where it says nothing of values, or they lie in a column that is wrong
        (`unpriced`; "": in none).
    """

    rows: int
    share_rows: float
    change: float = float("nan")
    part: float = float("nan")
    before: float = float("nan")
    now: float = float("nan")
    by_chance: bool | None = None
    metrics: tuple[MetricEffect, ...] = ()
    waiting: int = 0
    unlabelled: int = 0
    loss: str = ""
    mix: float = float("nan")
    behaviour: float = float("nan")
    money: Figure | None = None
    currency: str = ""
    unpriced: str = ""
    shared: int = 0
    without: tuple[Extent, ...] = ()
    mixed: int = 0
    others: int = 0

    @property
    def answered(self) -> bool:
        """Whether the mean answer of its rows is known, now and before."""
        return isfinite(self.before) and isfinite(self.now)

    def nearly_all(self, rows: int) -> bool:
        """Say whether so many rows are all of its place and time, or nearly: what is measured of all is told as theirs."""
        return rows >= NEARLY_ALL * self.rows


Found = Mapping[tuple[str, str], Estimate]


def measure_effects(
    scene: Scene, hypotheses: Sequence[Hypothesis], *, moment: int | None = None, others: Sequence[Extent] = ()
) -> tuple[Effect, ...]:
    """Return what each of some incidents did, without the rows of all others as far as that can be; their rows are read once.

    Parameters
    ----------
    moment : up to which labels could arrive, microseconds; default the last that the data know of.
    others : rows that further incidents concern.
    """
    places = [*(one.segment for one in hypotheses), *(one.segment for one in others)]
    concerns = Concerns.of(scene, [name for segment in places for name in segment], moment=moment)
    told = [(one, Extent.of(one)) for one in hypotheses if one.cause not in HARMLESS and not one.unfelt]
    return tuple(_effect(concerns, one, [*(extent for each, extent in told if each is not one), *others]) for one in hypotheses)


def _effect(concerns: Concerns, hypothesis: Hypothesis, others: Sequence[Extent]) -> Effect:
    reference, production = concerns.of_incident(hypothesis)
    rows, all_of_them = int(production.kept.sum()), int((production.kept | production.others).sum())
    apart = concerns.apart(production.kept, others)
    effect = Effect(
        rows=rows, share_rows=rows / max(all_of_them, 1), shared=int((production.kept & apart.out).sum()), without=apart.without,
        mixed=apart.mixed, others=apart.others,
    )  # fmt: skip
    if concerns.outcome is not None:
        effect = replace(effect, waiting=production.waiting, unlabelled=production.unlabelled)
    return _figured(effect, concerns, hypothesis, (reference, production.outside(apart.out)))


def _figured(effect: Effect, concerns: Concerns, hypothesis: Hypothesis, sides: tuple[Concerned, Concerned]) -> Effect:
    """Return an effect with what is measured of its rows."""
    reference, production = sides
    then = production.kept | production.others
    usual, now = concerns.answer(reference), concerns.answer(production)
    if usual is not None and now is not None:
        before, after = _mean(usual[reference.kept]), _mean(now[production.kept])
        change, reach = _mean(now[then]) - _mean(usual), Z * sqrt(_variance(usual, reference) + _variance(now, production))
        effect = replace(effect, before=before, now=after, change=change, part=effect.share_rows * (after - before))
        effect = replace(effect, by_chance=not abs(after - before) > reach)
    if concerns.outcome is None:
        return effect
    effect = _with_metrics(effect, concerns.outcome, (reference, production))
    effect = _priced(effect, concerns.workspace.case.value, hypothesis)
    columns = [one for one in concerns.places if one not in hypothesis.columns and one not in hypothesis.segment]
    return _with_split(effect, concerns.outcome, (reference, production), columns)


def _priced(effect: Effect, value: ValueSection | None, hypothesis: Hypothesis) -> Effect:
    """Return an effect with its money where the case says what decisions are worth, in columns that are right."""
    wrong = () if value is None else sorted(set(value.columns()) & set(hypothesis.columns))
    if value is None or wrong or effect.money is None:  # what is wrong says nothing of its own worth
        return replace(effect, money=None, unpriced=wrong[0] if wrong and effect.money is not None else "")
    return replace(effect, currency=value.currency or "")


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _variance(values: Floats, rows: Concerned) -> float:
    """Return the variance of the mean of what rows hold, (n,); nan of too few."""
    block = rows.side.known.read.block[rows.kept]
    labelled = Labelled.weighed(np.zeros(len(block), dtype=np.int64), 1, block, None)
    return float(mean(labelled, values[rows.kept], lambda value, sd: (value - Z * sd, value + Z * sd), why="no_answers").variance[0])


def _with_metrics(effect: Effect, outcome: Outcome, rows: tuple[Concerned, Concerned]) -> Effect:
    reference, production = rows
    now, elsewhere = (outcome.found(production.side, kept) for kept in (production.kept, production.others))
    before = outcome.found(reference.side, reference.kept)
    metrics = tuple(
        MetricEffect(metric=name, now=_figure(now, name), before=_figure(before, name), elsewhere=_figure(elsewhere, name))
        for name in TOLD[outcome.task]
        if (name, "") in now or (name, "") in before
    )
    return replace(effect, metrics=metrics, money=_money(now, before))


def _figure(found: Found, name: str) -> Figure:
    one = found.get((name, ""))
    if one is None:
        return NOT_KNOWN
    return Figure(float(one.value[0]), float(one.lower[0]), float(one.upper[0]), int(one.n[0]), str(one.reason[0]))


def _money(now: Found, before: Found) -> Figure | None:
    """Return what labelled rows brought beyond what they would have brought at the value per row of before."""
    if ("value", "") not in now or ("value", "") not in before:
        return None
    one, other = now["value", ""], before["value", ""]
    n = int(one.n[0])
    value, reach = float(n * (one.value[0] - other.value[0])), n * Z * sqrt(max(float(one.variance[0] + other.variance[0]), 0.0))
    return Figure(value, value - reach, value + reach, n, str(one.reason[0] or other.reason[0])) if np.isfinite(value) else None


def _with_split(effect: Effect, outcome: Outcome, rows: tuple[Concerned, Concerned], columns: Sequence[str]) -> Effect:
    losses = [_losses(outcome, one) for one in rows]
    name = next((one for one in SPLIT if all(one in part for part, _ in losses)), "")
    if not name or not columns or min(int(at.sum()) for _, at in losses) < FEWEST:
        return effect
    (usual, usual_at), (now, now_at) = losses
    before, after = rows
    groups = leaves((before.coded(columns, usual_at), after.coded(columns, now_at)), usual[name])
    found = split_mix(groups, (usual[name], now[name]), np.zeros(len(now[name]), dtype=np.int64), 1)
    return replace(effect, loss=name, mix=float(found.mix[0]), behaviour=float(found.behaviour[0]))


def _losses(outcome: Outcome, rows: Concerned) -> tuple[dict[str, Floats], Bools]:
    """Return the losses of the labelled rows concerned, and which rows of the side they are."""
    read = rows.side.known.read
    if outcome.task is Task.BINARY:
        found, at = outcome.binary(rows.side, rows.kept)
        return binary_losses(found.label, found.score, found.decision), at
    if outcome.task is Task.REGRESSION:
        labelled, at = rows.side.of(rows.kept & np.isfinite(read.numbers[str(outcome.answers.prediction)]))
        numbers = outcome.numbers_of(labelled, at, read)
        return regression_losses(numbers.label, numbers.prediction), at
    labelled, at = rows.side.of(rows.kept)
    classes = outcome.classes_of(labelled, at, read)
    losses = class_losses(classes.label, classes.decision, None)
    return {name: loss for name, loss in losses.items() if np.isfinite(loss).all()}, at
