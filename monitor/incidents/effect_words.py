"""What an incident did, in words: to the mean answer of its rows, to metrics, and in money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from monitor.incidents.cause import OF_LABELS, Cause
from monitor.incidents.effect import Effect, MetricEffect
from monitor.incidents.incident import Incident
from monitor.stats.performance.catalogue import METRICS
from monitor.wording import count_text, list_text, number_text, plural

SMALLEST = 0.0005
"""Effect on the mean answer of all rows below which it is not told."""
NO_ANSWERS = OF_LABELS | {Cause.LABEL_DELAY, Cause.LATENCY, Cause.COST, Cause.FRESHNESS}
"""Causes that change no input and no model, so that answers to the same rows are those of before."""
UNFELT = "The model hardly uses it: none of its answers follows from it."
OTHER_ROWS = frozenset({Cause.MIX_CHANGE, Cause.VOLUME_CHANGE})
"""Causes after which more or fewer rows of a place come: what is answered to each of these is none of their doing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What decisions cost (`least` to `most`), or brought where `gain`; amounts are positive."""

    value: float
    least: float
    most: float
    n: int
    gain: bool


def cost_of(effect: Effect | None) -> Cost | None:
    """Return what decisions on the rows concerned cost or brought beyond the value per row of before; None where nobody can tell which."""
    money = None if effect is None else effect.money
    if money is None or not money.lower * money.upper > 0:  # an interval over nothing says nothing
        return None
    least, most = sorted((abs(money.lower), abs(money.upper)))
    return Cost(value=abs(money.value), least=least, most=most, n=money.n, gain=money.value > 0)


def differs(one: MetricEffect) -> bool:
    """Say whether the interval of a metric now lies apart from that before."""
    return one.now.lower > one.before.upper or one.now.upper < one.before.lower


def effect_texts(one: Incident, labels: Mapping[str, str]) -> Iterator[str]:
    """Yield what was done to the rows; of each incident by itself where several are told as one."""
    for each in (one.alone or one, *one.absorbed):
        rows = 0 if each.cause is Cause.VOLUME_CHANGE else each.hypothesis.rows
        told = UNFELT if each.hypothesis.unfelt else _measured(_own(each), rows, labels)
        yield f"{each.brief or each.claim}: {told}" if told and one.absorbed else told


def _own(one: Incident) -> Effect | None:
    """Return what an incident did, without the answers of its rows where it leaves these alone: how they lie is none of its doing."""
    as_before = one.cause in NO_ANSWERS or (one.cause in OTHER_ROWS and bool(one.hypothesis.segment))
    return replace(one.effect, before=float("nan"), now=float("nan")) if as_before and one.effect is not None else one.effect


def _measured(effect: Effect | None, rows: int, labels: Mapping[str, str]) -> str:
    """Return what the rows of an incident's place and time did to the mean answer, to metrics and in money, as far as it is known.

    `rows` of them are concerned.
    """
    if effect is None:
        return ""
    parts = []
    all_of_them = effect.nearly_all(rows)
    if effect.answered and not effect.by_chance and abs(effect.part) >= SMALLEST:
        moved = f"{number_text(effect.now, 2)} against {number_text(effect.before, 2)} in the reference"
        whose = "Their mean answer is" if all_of_them else f"The mean answer of all {count_text(effect.rows)} rows there is"
        parts.append(f"{whose} {moved}, which moves that of all rows by {effect.part:+.2g}.")
    moved_metrics = [_metric(each) for each in effect.metrics if differs(each)]
    if moved_metrics:
        parts.append(f"In {'these' if all_of_them else 'all'} rows{'' if all_of_them else ' there'} {list_text(moved_metrics)}.")
    if waiting := _waiting(effect, there="" if all_of_them else " there"):
        parts.append(waiting)
    parts.append(_money(effect, labels))
    told = " ".join(filter(None, parts))
    return " ".join([*_apart(effect), told]) if told else ""


def _apart(effect: Effect) -> Iterator[str]:
    """Yield how many of the rows other incidents concern too, and whether what is told next counts them."""
    if effect.shared:
        yield f"{_both(effect.shared, effect, len(effect.without))}, and are left out of what follows."
    if effect.mixed:
        which = "that one" if effect.others == 1 else "these"
        yield f"{_both(effect.mixed, effect, effect.others)}, and what follows cannot be told apart from what {which} did."


def _both(count: int, effect: Effect, others: int) -> str:
    whose = "another incident" if others == 1 else f"{count_text(others)} other incidents"
    of_them = f"{count_text(count)} of the" if count < effect.rows else "All"
    return f"{of_them} {count_text(effect.rows)} rows there belong to {whose} too"


def _money(effect: Effect, labels: Mapping[str, str]) -> str:
    """Say what decisions brought less or more than at the value per row of the reference, or why that is not known."""
    if effect.unpriced:
        wrong = labels.get(effect.unpriced, effect.unpriced)
        return f"What that cost cannot be told: the worth of a decision is read from {wrong}, which is wrong."
    cost = cost_of(effect)
    if cost is None:
        return ""
    rows = f"Decisions on {count_text(cost.n)} labelled rows" if cost.n > 1 else "The decision on one labelled row"
    amount, than = f"{number_text(cost.value)} {effect.currency}".rstrip(), "more" if cost.gain else "less"
    span = f"{number_text(cost.least)} to {number_text(cost.most)}"
    return f"{rows} brought {amount} {than} than at the worth per row of the reference ({span})."


def _waiting(effect: Effect, there: str) -> str:
    """Say how many rows no metric is told of, because they are too young or have no label."""
    young = f"{plural(effect.waiting, 'row')}{there} {_are(effect.waiting)} too young for a label that counts" if effect.waiting else ""
    if not effect.unlabelled or not (young or effect.metrics):
        return f"{young}." if young else ""
    rest = f"{count_text(effect.unlabelled)} without a label {_are(effect.unlabelled)} old enough for one"
    have = "has" if effect.unlabelled == 1 else "have"
    return f"{young}, {rest}." if young else f"{plural(effect.unlabelled, 'row')}{there} {have} no label."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _metric(one: MetricEffect) -> str:
    now, before = number_text(one.now.value, 2), number_text(one.before.value, 2)
    title = METRICS[one.metric].title if one.metric in METRICS else one.metric
    return f"{title} is {now} against {before} in the reference ({count_text(one.now.n)} labelled rows)"
