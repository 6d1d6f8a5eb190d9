"""Goals as a tree: whether each is met, which way it goes, which goal below it is missed with it, and what a miss costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.case.goals import KpiSection
from monitor.case.model import Case
from monitor.judgement.narration.challengers import money
from monitor.judgement.narration.clauses import MOST_WORDS
from monitor.stats.operations.catalogue import OPERATIONS
from monitor.stats.performance.catalogue import METRICS
from monitor.wording import count_text, list_text, number_text, share_text, window_text

Floats = NDArray[np.float64]

WORTH = "value"
LATEST = 4
"""Windows that are compared with as many before them, to say which way a goal goes."""
MOST_DIGITS = 4
ENOUGH = 3
"""Windows that met, and that missed, a goal from which the two are compared in money."""


class State(StrEnum):
    """How a goal stands in a window."""

    MET = "met"
    CLOSE = "close"
    MISSED = "missed"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal by window: `windows` (w,) ids, `values` (w,) (nan: not known), `state` of each; `rows` (w,) that it rests on."""

    section: KpiSection
    windows: tuple[str, ...]
    values: Floats
    rows: Floats
    states: tuple[State, ...]
    title: str
    share: bool
    unit: str = ""

    @property
    def latest(self) -> int | None:
        """Position of the last window in which it is known."""
        known = np.flatnonzero(np.isfinite(self.values))
        return int(known[-1]) if len(known) else None

    @property
    def state(self) -> State:
        """How it stands now."""
        return State.UNKNOWN if self.latest is None else self.states[self.latest]

    @property
    def missed(self) -> frozenset[str]:
        """Windows in which it was missed."""
        return frozenset(window for window, state in zip(self.windows, self.states, strict=True) if state is State.MISSED)

    @property
    def trend(self) -> str:
        """Which way it goes: better, worse or steady; empty where too few windows say."""
        known = self.values[np.isfinite(self.values)]
        if len(known) < 2 * LATEST:
            return ""
        now, before = known[-LATEST:], known[-2 * LATEST : -LATEST]
        moved, spread = float(now.mean() - before.mean()), float(np.std(known, ddof=1)) / np.sqrt(LATEST / 2)
        if abs(moved) <= spread:
            return "steady"
        return "better" if _distance(self.section, float(now.mean())) < _distance(self.section, float(before.mean())) else "worse"

    @property
    def edge(self) -> float:
        """The value from which on it is missed."""
        return self.section.target + (-self.section.tolerance if better_of(self.section) == "more" else self.section.tolerance)

    @property
    def digits(self) -> int:
        """Further digits in which what is missed by little does not read as its own bound."""
        if self.latest is None or self.state is not State.MISSED:
            return 0
        value = float(self.values[self.latest])
        return next((more for more in range(MOST_DIGITS) if self._written(value, more) != self._written(self.edge, more)), 0)

    def write(self, value: float) -> str:
        """Write a value as people read it."""
        return self._written(value, self.digits)

    def _written(self, value: float, more: int) -> str:
        return share_text(value, 2 + more) if self.share else f"{number_text(value, 3 + more)} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Tree:
    """The goals of a case, those at the top first, each with its `depth`; `currency` of money."""

    goals: tuple[Goal, ...]
    depth: Mapping[str, int]
    currency: str
    worth: Mapping[str, float]
    """What the decisions of each window are worth in all; empty where the case does not say."""

    def below(self, goal: Goal) -> tuple[Goal, ...]:
        """Return the goals that serve a goal."""
        return tuple(one for one in self.goals if one.section.parent == goal.section.name)

    def goal(self, name: str) -> Goal:
        """Return a goal by its name."""
        return next(one for one in self.goals if one.section.name == name)

    @property
    def missed(self) -> tuple[Goal, ...]:
        """The goals that are missed now."""
        return tuple(one for one in self.goals if one.state is State.MISSED)

    def contribution(self, goal: Goal) -> str:
        """Say in how many windows a goal was missed, and which goals below with it; empty where it never was."""
        below, missed = self.below(goal), goal.missed
        if not missed:
            return ""
        last = next(window for window in reversed(goal.windows) if window in missed)
        told = f"Missed in {count_text(len(missed))} of {_times(int(np.isfinite(goal.values).sum()))}, last in {_when(last)}"
        if not below:
            return f"{told}."
        both = sorted(((len(missed & one.missed), one.section.name) for one in below), key=lambda one: -one[0])
        parts = [f"'{name}' in {n}" for n, name in both if n]
        return f"{told}; {f'with it {list_text(parts)}' if parts else 'no goal below it was missed with it'}."

    def cost(self, goal: Goal) -> str:
        """Say what its misses cost: of money itself what lacked, of anything else how much less decisions were worth in such windows."""
        if not goal.missed:
            return ""
        if goal.section.metric == WORTH:
            lacked = sum(
                (goal.section.target - value) * rows
                for window, value, rows in zip(goal.windows, goal.values, goal.rows, strict=True)
                if window in goal.missed
            )
            return f"{money(lacked)}{self._unit} short of the target in {_times(len(goal.missed))}."
        if not self._in_money(goal):
            return ""
        told = [(window, state) for window, state in zip(goal.windows, goal.states, strict=True) if window in self.worth]
        groups = [
            [self.worth[window] for window, state in told if (state is State.MISSED) is bad and state is not State.UNKNOWN]
            for bad in (True, False)
        ]
        if min(map(len, groups)) < ENOUGH:
            return ""
        less = float(np.median(groups[1]) - np.median(groups[0]))
        way = "less" if less > 0 else "more"
        return (
            f"Decisions were worth {money(abs(less))}{self._unit} {way} in a usual window that missed it than in one that did not. "
            "That went together; it need not be the cause."
        )

    def _in_money(self, goal: Goal) -> bool:
        """Say whether a goal serves, by way of others, one that is set in money."""
        while goal.section.parent:
            goal = self.goal(goal.section.parent)
            if goal.section.metric == WORTH:
                return True
        return False

    @property
    def _unit(self) -> str:
        return f" {self.currency}" if self.currency else ""

    def asked(self, goal: Goal) -> str:
        """Say what a goal asks for."""
        better, section = better_of(goal.section), goal.section
        side = {"more": "at least ", "less": "at most ", "": "about "}[better]
        nearly = (
            "" if not section.tolerance else f" (nearly met: {goal.write(goal.edge)})" if better else f" ± {goal.write(section.tolerance)}"
        )
        return f"the goal is {side}{goal.write(section.target)}{nearly}"

    def sentence(self, goal: Goal) -> str:
        """Say how a goal stands, in words that need no statistics."""
        at, section = goal.latest, goal.section
        if at is None:
            return f"{section.name}: not known yet."
        word = {State.MET: "is met", State.CLOSE: "is nearly met", State.MISSED: "is missed", State.UNKNOWN: ""}[goal.state]
        trend = {"better": ", and getting better", "worse": ", and getting worse", "steady": ", and steady", "": ""}[goal.trend]
        of = f"{_inside(goal.title)}, {count_text(int(goal.rows[at]))} rows" if np.isfinite(goal.rows[at]) else _inside(goal.title)
        told = f"{goal.write(goal.values[at])} ({of}) in {_when(goal.windows[at])}, {self.asked(goal)}"
        return f"{section.name} {word}: {told}{trend}."


def _inside(title: str) -> str:
    """Write a title within a sentence: "Recall" as "recall", "AUC" as it is."""
    first, _, rest = title.partition(" ")
    return f"{first.lower()} {rest}".rstrip() if first[1:].islower() else title


def _unit_of(case: Case, metric: str) -> str:
    """Return the unit of a number that is no share: money, or that of a metric of operations."""
    currency = case.value.currency if case.value is not None else ""
    if metric == WORTH:
        return f"{currency} a row".strip()
    unit = OPERATIONS[metric].unit if metric in OPERATIONS else ""
    return {"cost": "", "index": "", "share": ""}.get(unit, unit)


def _times(n: int) -> str:
    return "one window" if n == 1 else f"{n} windows"


def _when(window: str) -> str:
    return f"the {window_text(window)}" if window_text(window).startswith("week") else window_text(window)


def better_of(section: KpiSection) -> str:
    """Say whether more or less of a metric is good; empty where neither is known."""
    if section.better:
        return section.better
    if section.metric in METRICS:
        metric = METRICS[section.metric]
        return "" if metric.best is None else "less" if metric.worse(0.5, 0.9) else "more"
    if section.metric in OPERATIONS:
        more = OPERATIONS[section.metric].more
        return "" if more is None else "less" if more else "more"
    return "less" if section.metric.startswith("missing:") else ""


def _distance(section: KpiSection, value: float) -> float:
    """Return how far a value lies on the bad side of the target; negative on the good side."""
    away = value - section.target
    return {"more": -away, "less": away, "": abs(away)}[better_of(section)]


def _state(section: KpiSection, value: float) -> State:
    if not np.isfinite(value):
        return State.UNKNOWN
    far = _distance(section, value)
    return State.MET if far <= 0 else State.CLOSE if far <= section.tolerance else State.MISSED


def kpi_tree(case: Case, table: pd.DataFrame) -> Tree:
    """Return the goals of a case, the top ones first, each followed by those that serve it.

    Parameters
    ----------
    table : what each metric is by window, of all rows: `window, metric, value, n, mature`; windows that wait for labels are not known
    """
    depth: dict[str, int] = {}
    goals = []
    for section, level in _ordered(case.kpis, "", 0):
        depth[section.name] = level
        goals.append(_goal(case, section, table))
    worth = table[table["metric"].eq(WORTH) & table["mature"].astype(bool) & table["value"].notna()]
    total = {str(window): float(value * n) for window, value, n in zip(worth["window"], worth["value"], worth["n"], strict=True)}
    return Tree(tuple(goals), depth, case.value.currency if case.value is not None else "", total)


def _ordered(sections: Sequence[KpiSection], parent: str, level: int) -> Iterator[tuple[KpiSection, int]]:
    for one in sections:
        if one.parent == parent:
            yield one, level
            yield from _ordered(sections, one.name, level + 1)


def _goal(case: Case, section: KpiSection, table: pd.DataFrame) -> Goal:
    rows = table[table["metric"].eq(section.metric)]
    values = np.where(rows["mature"].to_numpy(dtype=bool), rows["value"].to_numpy(dtype=float), np.nan)
    known = METRICS.get(section.metric)
    operation = OPERATIONS.get(section.metric)
    own = next((one.title for one in case.metrics if one.id == section.metric), "")
    name = section.metric.partition(":")[2]
    plain = {"column": f"mean of {case.label(name)}", "missing": f"rows without {case.label(name)}"}.get(
        section.metric.partition(":")[0], ""
    )
    return Goal(
        section=section,
        windows=tuple(rows["window"].astype(str)),
        values=values,
        rows=rows["n"].to_numpy(dtype=float),
        states=tuple(_state(section, float(value)) for value in values),
        title=known.title if known else operation.title if operation else own or plain or section.metric,
        share=bool((known and known.is_share) or (operation and operation.is_share) or section.metric.startswith("missing:")),
        unit=_unit_of(case, section.metric),
    )


def kpi_headline(tree: Tree) -> str:
    """Say in a sentence how the goals stand and when: the top one that is missed, and what is missed below it; what is met now and was
    missed most before."""
    known = [one for one in tree.goals if one.state is not State.UNKNOWN]
    if not known:
        return "No goal can be read yet: no window is complete."
    if not tree.missed:
        when = _last(known)
        close = [one.section.name for one in known if one.state is State.CLOSE]
        told = f"All goals are met{when}, {list_text(close)} only nearly" if close else f"All goals are met{when}"
        forms = [f"{told}{before}." for before in (_before(known), "") if len(f"{told}{before}".split()) <= MOST_WORDS]
        return forms[0] if forms else f"All goals are met{when}."
    first = tree.missed[0]
    rest = len(tree.missed) - 1
    more = "" if not rest else f"; so {'is one' if rest == 1 else f'are {rest}'} more of {len(tree.goals)} goals"
    return f"The goal '{first.section.name}' is missed{_last([first])}{more}."


def _last(goals: Sequence[Goal]) -> str:
    """Say of which window goals are told; empty where it is not one."""
    windows = {one.windows[one.latest] for one in goals if one.latest is not None}
    return f" in {_when(next(iter(windows)))}" if len(windows) == 1 else " in the last window of each"


def _before(goals: Sequence[Goal]) -> str:
    """Say how often the goal was missed that was missed most often; empty where none ever was."""
    worst = max(goals, key=lambda one: len(one.missed))
    times = int(np.isfinite(worst.values).sum())
    return f"; '{worst.section.name}' was missed in {count_text(len(worst.missed))} of {_times(times)}" if worst.missed else ""
