"""What an incident did, measured on the slices of a capsule and read out of its manifest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.analyses.sides import Question
from monitor.engine import Workspace
from monitor.errors import DriftscopeError
from monitor.incidents.cause import Hypothesis, Proof
from monitor.incidents.effect import Effect, Figure, MetricEffect, measure_effects
from monitor.incidents.effect_rows import Concerns, Extent
from monitor.incidents.record import to_moment
from monitor.incidents.scene import Scene

NUMBERS = ("share_rows", "change", "part", "before", "now", "mix", "behaviour")
COUNTS = ("shared", "mixed", "others")
CLOSE = 1e-9
"""How far a number may lie off (relative to it, at least to 1): sums of floats depend on their order."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured on the slices of a capsule: what an incident did (None: it cannot be measured), up to which moment labels could
    arrive in the whole data, and how many rows it concerns (None: not known)."""

    effect: Effect | None
    moment: int | None
    rows: int | None


def measured_on(capsule: Workspace, cause: Hypothesis, moment: int | None, others: tuple[Extent, ...]) -> Effect | None:
    """Measure what an incident did on the slices of a capsule, without rows that others concern; None where they do not give it."""
    scene = Scene(workspace=capsule, question=Question(), judged={})
    try:
        return measure_effects(scene, [cause], moment=moment, others=others)[0]
    except (DriftscopeError, ArithmeticError, LookupError, ValueError):
        return None


def moment_of(workspace: Workspace) -> int | None:
    """Return up to which moment labels could arrive in the data of a case, microseconds; None where that cannot be said."""
    try:
        return Concerns.of(Scene(workspace=workspace, question=Question(), judged={}), ()).moment
    except DriftscopeError:
        return None


def effect_of(facts: Mapping[str, Any]) -> Effect:
    """Return what an incident did, of the facts of a manifest.

    Raises
    ------
    KeyError, TypeError, ValueError
        They are none.
    """
    metrics = tuple(
        MetricEffect(metric=str(each["metric"]), **{side: _figure(each[side]) for side in ("now", "before", "elsewhere")})
        for each in facts["metrics"]
    )
    money = None if facts["money"] is None else _figure(facts["money"])
    share, change, part, before, now, mix, behaviour = (_number(facts[name]) for name in NUMBERS)
    return Effect(
        rows=int(facts["rows"]), share_rows=share, change=change, part=part, before=before, now=now, metrics=metrics,
        by_chance=None if facts.get("by_chance") is None else bool(facts["by_chance"]),
        waiting=int(facts["waiting"]), unlabelled=int(facts["unlabelled"]),
        loss=str(facts["loss"]), mix=mix, behaviour=behaviour, money=money, currency=str(facts["currency"]),
        unpriced=str(facts.get("unpriced", "")), without=tuple(map(_extent, facts.get("without", ()))),
        **{name: int(facts.get(name, 0)) for name in COUNTS},
    )  # fmt: skip


def _extent(facts: Mapping[str, Any]) -> Extent:
    segment = {str(name): str(level) for name, level in facts["segment"].items()}
    start, end = (to_moment(str(facts[name] or "")) for name in ("start", "end"))
    return Extent(segment=segment, beside=tuple(map(str, facts["beside"])), start=start, end=end)


def proof_of(facts: Mapping[str, Any]) -> Proof:
    """Return what proves a cause, of the facts of a manifest.

    Raises
    ------
    KeyError, TypeError, ValueError
        They are none.
    """
    ends = {name: _number(facts.get(name)) for name in ("before", "after", "share")}
    return Proof(measure=str(facts["measure"]), rows=int(facts["rows"]), **ends)


def _figure(facts: Mapping[str, Any]) -> Figure:
    ends = {name: _number(facts[name]) for name in ("value", "lower", "upper")}
    return Figure(**ends, n=int(facts["n"]), reason=str(facts["reason"]))


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def alike(one: Effect, other: Effect) -> bool:
    """Say whether two effects are the same in all that is told: sums of floats depend on their order."""
    looked = None not in (one.by_chance, other.by_chance)  # which capsules of earlier versions do not hold
    if looked and one.by_chance != other.by_chance:
        return False
    return _names(one) == _names(other) and all(_same(*pair) for pair in zip(_figures(one), _figures(other), strict=True))


def _names(one: Effect) -> tuple[object, ...]:
    counts = ((each.metric, each.now.n, each.before.n) for each in one.metrics)
    return (one.rows, one.waiting, one.unlabelled, one.currency, one.unpriced, one.money is None, one.shared, one.mixed, *counts)


def _figures(one: Effect) -> list[float]:
    told = [figure for each in one.metrics for figure in (each.now, each.before)] + ([] if one.money is None else [one.money])
    return [one.part, one.before, one.now, *(value for figure in told for value in (figure.value, figure.lower, figure.upper))]


def _same(first: float, second: float) -> bool:
    return (math.isnan(first) and math.isnan(second)) or abs(first - second) <= CLOSE * max(1.0, abs(first))
