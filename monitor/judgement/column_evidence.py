"""What speaks for a change of each column of a screen: its questions as series of one panel, and its facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.sides import Sides, cut_short
from monitor.analyses.turning import TURNING, coming
from monitor.judgement.fact import Fact
from monitor.judgement.facts import column_facts
from monitor.judgement.window_seasons import window_seasons
from monitor.profile import UNKNOWN, ColumnCounts
from monitor.stats.counts.comparison import Layout
from monitor.stats.inference.curvature import straightened
from monitor.stats.inference.evidence import Evidence, gather_evidence
from monitor.stats.inference.panel import Panel, Traits
from monitor.stats.inference.questions import FACTS, Answers, Ask, Questions, answer, ask
from monitor.stats.inference.variety import variety

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_WHOLE = 3
"""Whole reference windows without which those that are cut short have to say how windows vary as well: fewer leave no memory to learn."""


@dataclass(frozen=True, slots=True)
class ColumnEvidence:
    """One thing of a screen: its `questions` are the series from `first` on, each with its share of the error probability (`budget`) and
    the `usual` rows of a window; `facts`.

    `layout`, `reference` (a window for each of the reference's own) and `production` are the counts behind them; things that are no
    columns of cells (words of a text, methods of joint drift) have none.
    """

    name: str
    first: int
    budget: Floats
    usual: Floats
    facts: tuple[Fact, ...] = ()
    questions: Questions | None = None
    layout: Layout | None = None

    @property
    def fact_budget(self) -> float:
        """Share of the error probability that each fact may spend."""
        return FACTS / max(len(self.facts), 1)

    @property
    def series(self) -> range:
        """Rows of the panel."""
        return range(self.first, self.first + len(self.budget))


@dataclass(frozen=True, slots=True)
class ScreenEvidence:
    """Evidence on all things of a screen, and `p_value` of each: its best run over its questions and facts (weighted Bonferroni)."""

    evidence: Evidence
    things: Mapping[str, ColumnEvidence]

    def p_value(self, name: str) -> float:
        """Return the p-value that anything of a thing changed anywhere."""
        thing = self.things[name]
        asked = self.evidence.p_value[thing.first : thing.first + len(thing.budget)] / thing.budget
        facts = [fact.least / thing.fact_budget for fact in thing.facts]
        return float(min([1.0, *asked.tolist(), *facts]))

    def telling(self, name: str, question: int | None = None) -> NDArray[np.bool_]:
        """Say in which judged windows a question of a thing (None: any) says anything, (w,)."""
        panel, series = self.evidence.panel, self.things[name].series
        rows = slice(series.start, series.stop) if question is None else slice(series.start + question, series.start + question + 1)
        return np.asarray(np.isfinite(panel.variance[rows, panel.reference :]).any(axis=0))


def screen_evidence(sides: Sides, extra: Mapping[str, tuple[Answers, Floats]] | None = None, *, seed: int = 0) -> ScreenEvidence:
    """Ask every counted column of a screen.

    Parameters
    ----------
    extra : further things that come as series already: answers (j, r + w) and budget (j,) by name.
    seed : of the simulated null distributions.
    """
    things: dict[str, ColumnEvidence] = {}
    answers: list[Answers] = []
    first = 0
    for name, production in sides.production.columns.items():
        thing, found = _column(sides, name, production, first)
        things[name], first = thing, first + len(thing.budget)
        answers.append(found)
    for name, (found, budget) in (extra or {}).items():
        things[name] = ColumnEvidence(name, first, budget, found.usual)
        first += len(budget)
        answers.append(found)
    r, w = len(sides.blocks.windows), len(sides.production.windows)
    x = np.concatenate([one.x for one in answers]) if answers else np.zeros((0, r + w))
    variance = np.concatenate([one.variance for one in answers]) if answers else np.ones((0, r + w))
    panel = Panel(
        x,
        _cut_short(variance, sides),
        r,
        sides.spans * _blocks_in_window(sides),
        _seasons(sides),
        _traits(things, answers),
        against=_against(sides),
    )
    return ScreenEvidence(gather_evidence(panel, seed=seed), things)


def _traits(things: Mapping[str, ColumnEvidence], answers: Sequence[Answers]) -> Traits | None:
    if not answers:
        return None
    asks = [thing.questions.asks if thing.questions is not None else (Ask.LOCATION,) * len(thing.budget) for thing in things.values()]
    return Traits(
        column=np.repeat(np.arange(len(asks)), [len(one) for one in asks]),
        rows=np.concatenate([one.usual for one in answers]),
        share=np.concatenate([one.share for one in answers]),
        bent=~np.isin(np.concatenate(asks), [Ask.LOCATION, Ask.MEAN]),
    )


def _blocks_in_window(sides: Sides) -> float:
    return float(np.mean([len(group) for group in sides.groups])) if sides.groups else 1.0


def _column(sides: Sides, name: str, production: ColumnCounts, first: int) -> tuple[ColumnEvidence, Answers]:
    blocks = sides.blocks.columns[name]
    total = blocks.counts.sum(axis=0).astype(float)
    layout = Layout.of(production.cells, total)
    questions = ask(total, layout.groups, layout.positions if layout.ordered else None)
    asked = answer(questions, blocks.counts.astype(float), production.counts.astype(float))
    cells = None if layout.widths is None else (layout.positions, layout.widths)
    found = straightened(questions, asked, total, cells, len(blocks.counts))
    if sides.baseline.weights is None:
        questions, found = _with_variety(questions, found, blocks, production)
    found = _turning(found, questions, blocks)
    facts = column_facts(blocks, production) if sides.baseline.weights is None else ()
    return ColumnEvidence(name, first, questions.budget, found.usual, facts, questions, layout), found


def _turning(found: Answers, questions: Questions, blocks: ColumnCounts) -> Answers:
    """Ask nothing of the shares of levels that come and go in the reference itself: what is new or gone beyond that is a fact."""
    turnover = coming(blocks)
    if turnover is None or turnover.share[-1] < TURNING:
        return found
    asked = np.array([one is Ask.MISSING for one in questions.asks])
    return replace(found, variance=np.where(asked[:, None], found.variance, np.inf))


def _with_variety(questions: Questions, found: Answers, blocks: ColumnCounts, production: ColumnCounts) -> tuple[Questions, Answers]:
    """Ask for the number of levels as well, where some of them are too rare to have a name."""
    cells = production.cells
    distinct = [one.distinct for one in (blocks, production)]
    if cells.numeric or len(cells.known) <= len(cells.levels) or any((one == UNKNOWN).any() for one in distinct):
        return questions, found
    sides = [(one.distinct.astype(float), (one.rows - one.missing).astype(float)) for one in (blocks, production)]
    more = variety(*sides, known=len(cells.known), total=int(sides[0][1].sum()))
    return (questions, found) if more is None else (questions.with_variety(), found.followed_by(more))


def _cut_short(variance: Floats, sides: Sides) -> Floats:
    """Return the variance of series, (s, r + w), without windows that were cut short, of either side: they are not asked.

    A Saturday and a Sunday are no small week, nor is a morning a small day: what their days or hours have in common is no change.
    """
    own = cut_short(sides.block_size, sides.blocks.rows)
    own &= (~own).sum() >= FEWEST_WHOLE
    return np.where(np.concatenate([own, sides.partial]), np.inf, variance)


def _against(sides: Sides) -> NDArray[np.bool_] | None:
    """Return the windows that each judged one is compared with, (w, r + w) with the reference's by block; None: the whole reference."""
    weights = sides.baseline.weights
    if weights is None:
        return None
    windows = len(sides.groups)
    member = np.zeros((windows, len(sides.blocks.windows)), dtype=bool)
    for position, group in enumerate(sides.groups):
        member[position, list(group)] = True
    return np.concatenate([weights[:, :windows] @ member, weights[:, windows:]], axis=1)


def _seasons(sides: Sides) -> Ints | None:
    """Return the weekday or hour of the day of each window, reference first; None where windows have none."""
    own = window_seasons(sides.blocks.windows, sides.block_size, sides.timezone)
    if own is None:
        return None
    judged = window_seasons(sides.production.windows, sides.size, sides.timezone)
    if judged is None or sides.size.hours != sides.block_size.hours:
        judged = np.full(len(sides.production.windows), -1)
    return np.concatenate([own, judged])
