"""Runs of a column told in types: what was measured of the pooled rows of a run, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.cells import CellPlace, PlaceKind, group_places
from monitor.judgement.column_evidence import ScreenEvidence
from monitor.judgement.column_runs import Candidate
from monitor.judgement.fact import INFINITE
from monitor.judgement.finding import EXACT, Direction, Finding, FindingKind, Measure
from monitor.judgement.level_runs import GONE, absent_levels, alone, level_shares, number_of_levels, share_of, vanished
from monitor.judgement.run_times import times
from monitor.judgement.swaps import swapped
from monitor.profile import ColumnCounts, Windows
from monitor.stats.counts.comparison import Layout
from monitor.stats.counts.grouping import group_counts
from monitor.stats.counts.quantiles import cell_quantiles
from monitor.stats.inference.questions import Ask
from monitor.stats.inference.runs import Run
from monitor.stats.inference.variety import Growth

Floats = NDArray[np.float64]

ALIKE = 0.5
"""Part of a new level's rows that a vanished level must have had to be called replaced by it."""
COMMON = 0.01
"""Share in the reference from which a level's end is told."""
FARTHER = 2.0
"""How many times as far as the mean the median has to move to be told in its place, where ranks moved."""
ALIVE = 0.5
"""Share of windows of a run that hold several values from which a constant column varies: one that became another constant has both in
one."""
ONE_VALUE = 0.8
"""Part of all rows that moved from which the one value that they left or came to tells a run: no more than a fifth moved elsewhere."""
SOME_MISSING = 0.01
"""Share of rows without a value, before or after, from which a share of the others is told as one."""


@dataclass(frozen=True, slots=True)
class Told:
    """What of a run is measured: which way, what, where, before and after."""

    direction: Direction = Direction.CHANGED
    measure: Measure = Measure.SHARE
    place: CellPlace | None = None
    before: float = float("nan")
    after: float = float("nan")


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of one column that findings are told from: the reference as one window, production by window, and the windows; `own` the
    reference by window, where it is cut as production is; `baseline` what each window of production is compared with, where that is not the
    whole reference."""

    reference: ColumnCounts
    production: ColumnCounts
    layout: Layout
    windows: Windows
    usable: Any
    own: ColumnCounts | None = None
    baseline: ColumnCounts | None = None

    def beside(self, run: Run) -> Counted:
        """Return the same with what the windows of a run are compared with as its reference."""
        return self if self.baseline is None else replace(self, reference=self.baseline.take([range(run.first, run.last + 1)]))

    def pooled(self, run: Run) -> ColumnCounts:
        """Return the windows of a run as one."""
        return self.production.take([range(run.first, run.last + 1)])

    def each(self, run: Run) -> ColumnCounts:
        """Return the windows of a run, each alone."""
        return self.production.take([[at] for at in range(run.first, run.last + 1)])


def tell(screen: ScreenEvidence, name: str, counted: Counted, one: Candidate, label: str) -> Finding:
    """Return the finding of a run, without its score and status."""
    counted, pooled = counted.beside(one.run), counted.pooled(one.run)
    told = _told(screen, name, counted, one, pooled)
    usable = counted.usable if one.kind not in EXACT else counted.production.rows > 0
    rows = int(one.fact.rows[one.run.first : one.run.last + 1].sum()) if one.fact is not None else int(pooled.rows[0])
    base = max(int(pooled.rows[0]), 1) if one.fact is not None else max(int(counted.production.rows.sum()), 1)
    finding = Finding(
        what=name,
        label=label,
        kind=one.kind,
        status="",
        first=one.run.first,
        last=one.run.last,
        judged=int(usable.sum()),
        direction=told.direction,
        measure=told.measure,
        place=told.place,
        before=told.before,
        after=told.after,
        rows=rows,
        share_rows=rows / base,
        some_missing=one.kind is not FindingKind.MISSING and max(_missing_share(c) for c in (counted.reference, pooled)) > SOME_MISSING,
        strength=one.strength,
        p_value=one.p_value,
        numeric=counted.production.cells.numeric,
        **times(counted.windows, usable & _telling(screen, name, one), one.run),
    )
    return _with_fact(finding, counted, one, pooled)


def _telling(screen: ScreenEvidence, name: str, one: Candidate) -> Any:
    """Say which windows can tell whether a run goes on: one that is cut short says nothing of rows that go by the calendar."""
    return screen.telling(name, one.question) if one.fact is None else True


def _told(screen: ScreenEvidence, name: str, counted: Counted, one: Candidate, pooled: ColumnCounts) -> Told:
    if one.kind is FindingKind.LEVEL:
        return _lost_levels(counted, one, pooled)
    if one.fact is not None and one.kind is not FindingKind.MISSING:
        share = float(one.fact.rows[one.run.first : one.run.last + 1].sum() / max(one.fact.of[one.run.first : one.run.last + 1].sum(), 1))
        size = counted.production.cells.size
        place = {side: counted.production.cells.place(at) for side, at in ((-1, 0), (1, size - 1), (INFINITE, size))}
        return Told(Direction.MORE, Measure.SHARE, place.get(one.fact.side), 0.0, share)  # the reference never had it
    if one.kind is FindingKind.MISSING:
        before, after = (_missing_share(c) for c in (counted.reference, pooled))
        return Told(_more(before, after), Measure.SHARE, CellPlace(PlaceKind.MISSING), before, after)
    return _asked(screen, name, counted, one, pooled)


def _asked(screen: ScreenEvidence, name: str, counted: Counted, one: Candidate, pooled: ColumnCounts) -> Told:
    """Tell what the question that speaks for a run of values asks."""
    questions = screen.things[name].questions
    ask = Ask.CELL if questions is None else questions.asks[one.question]
    if ask is Ask.LEVELS:
        return _variety(counted, one)
    if ask in (Ask.MEAN, Ask.LOCATION, Ask.SPREAD) and (told := _one_value(counted, pooled)) is not None:
        return told
    if ask in (Ask.MEAN, Ask.LOCATION):
        mean, median = _mean(counted, pooled), _median(counted, pooled)
        ranks = ask is Ask.LOCATION and abs(median.after - median.before) > FARTHER * abs(mean.after - mean.before)
        for told in (median, mean) if ranks else (mean, median):
            if told.direction is (Direction.HIGHER if one.up else Direction.LOWER):
                return told
    if ask is Ask.SPREAD:
        mean, before, after = _mean(counted, pooled), float(counted.reference.sd[0]), float(pooled.sd[0])
        if one.up and (mean.after - mean.before) ** 2 > abs(after**2 - before**2):
            return mean  # values lie farther from where they were since all of them moved
        if before != after and (after > before) == one.up:
            return Told(Direction.WIDER if one.up else Direction.NARROWER, Measure.SD, None, before, after)
    return _cell(screen, name, counted, one, pooled)


def _lost_levels(counted: Counted, one: Candidate, pooled: ColumnCounts) -> Told:
    names = absent_levels(counted.reference, counted.each(one.run), pooled)
    before, after = (share_of(counts, names) for counts in (counted.reference, pooled))
    return Told(Direction.FEWER, Measure.SHARE, None, before, after)


def _missing_share(counts: ColumnCounts) -> float:
    return float(counts.missing[0] / max(counts.rows[0], 1))


def _mean(counted: Counted, pooled: ColumnCounts) -> Told:
    before, after = float(counted.reference.mean[0]), float(pooled.mean[0])
    return Told(_higher(before, after), Measure.MEAN, None, before, after)


def _median(counted: Counted, pooled: ColumnCounts) -> Told:
    cells = pooled.cells
    before, after = (
        float(cell_quantiles(c.counts[:, : cells.size], cells.edges, c.low, c.high, [0.5])[0, 0]) for c in (counted.reference, pooled)
    )
    return Told(_higher(before, after), Measure.MEDIAN, None, before, after)


def _variety(counted: Counted, one: Candidate) -> Told:
    """Tell how many levels a usual window of the run has, beside what one of the reference with as many rows had."""
    own = counted.own if counted.own is not None else counted.reference
    each = counted.each(one.run)
    rows = [(side.rows - side.missing).astype(float) for side in (own, each)]
    growth = Growth.of(own.distinct.astype(float), rows[0], known=len(own.cells.known), total=int(rows[0].sum()))
    before, after = float(growth.expected(np.median(rows[1]))), float(np.median(each.distinct))
    agrees = (after > before) == one.up
    return Told(_more(before, after) if agrees else Direction.CHANGED, Measure.LEVELS, None, before, after)


def _higher(before: float, after: float) -> Direction:
    return Direction.HIGHER if after > before else Direction.LOWER if after < before else Direction.CHANGED


def _more(before: float, after: float) -> Direction:
    return Direction.MORE if after > before else Direction.FEWER if after < before else Direction.CHANGED


def _cell(screen: ScreenEvidence, name: str, counted: Counted, one: Candidate, pooled: ColumnCounts) -> Told:
    """Tell the coarse cell that the question asks for, or, where it asks for none, the one whose share moved most."""
    questions = screen.things[name].questions
    before, after = _group_shares(counted, pooled)
    asked = -1 if questions is None else int(questions.groups[one.question])
    group = asked if 0 <= asked < len(before) else int(np.argmax(np.abs(after - before)))
    return _share_of_group(counted, before, after, group)


def _one_value(counted: Counted, pooled: ColumnCounts) -> Told | None:
    """Tell the one value of several that (nearly) all rows that moved left or came to: a mean or a spread would hide it."""
    before, after = _group_shares(counted, pooled)
    if (before > 0).sum() <= 2:  # what one of two values lost the other won: the mean says it
        return None
    moved, places = np.abs(after - before), group_places(counted.production.cells, counted.layout.groups)
    most = max(
        (group for group in range(len(moved)) if places[group].kind is PlaceKind.VALUE), key=lambda group: moved[group], default=None
    )
    return None if most is None or moved[most] < ONE_VALUE * moved.sum() / 2 else _share_of_group(counted, before, after, most)


def _group_shares(counted: Counted, pooled: ColumnCounts) -> tuple[Floats, Floats]:
    """Return the share of rows with a value in each coarse cell, (g,), of the reference and of a run."""
    groups = counted.layout.groups
    own = [group_counts(counts.counts, groups)[0][:-1] for counts in (counted.reference, pooled)]
    before, after = (one / max(float(one.sum()), 1.0) for one in own)
    return before, after


def _share_of_group(counted: Counted, before: Floats, after: Floats, group: int) -> Told:
    place = group_places(counted.production.cells, counted.layout.groups)[group]
    return Told(_more(float(before[group]), float(after[group])), Measure.SHARE, place, float(before[group]), float(after[group]))


def _with_fact(finding: Finding, counted: Counted, one: Candidate, pooled: ColumnCounts) -> Finding:
    """Add what a fact names: new levels and those they replaced, the farthest value, a column that came alive."""
    cells = counted.production.cells
    if one.kind is FindingKind.UNSEEN and one.fact is not None:
        own = float(one.fact.own.mean()) if len(one.fact.own) else 0.0
        usual = own if one.fact.usual is None else max(own, one.fact.expected(one.run.first, one.run.last))
        finding = replace(finding, by_chance=usual)
        finding = replace(finding, levels=dict(pooled.new_levels[0]), levels_lost=_lost(counted, pooled, finding.after))
    if one.kind is FindingKind.LEVEL:
        return replace(finding, levels_lost=absent_levels(counted.reference, counted.each(one.run), pooled))
    side = one.fact.side if one.kind is FindingKind.RANGE and one.fact is not None else (1 if one.up else -1) if one.beyond else 0
    if abs(side) == 1:
        down = side < 0
        bound, own = (cells.low, np.nanmin(counted.reference.low)) if down else (cells.high, np.nanmax(counted.reference.high))
        far = float((pooled.low if down else pooled.high)[0])
        finding = replace(finding, extreme=far, bound=bound, of_all=not np.isclose(own, bound, rtol=1e-9))
    came_alive = _was_constant(counted.reference) and _varies(counted.each(one.run))
    if one.kind in (FindingKind.UNSEEN, FindingKind.RANGE) and came_alive:
        return replace(finding, kind=FindingKind.REVIVED, place=_own_value(counted.reference))
    if one.kind is FindingKind.VALUE and not cells.numeric:
        return _levels_together(finding, counted, one, pooled)
    if one.kind is FindingKind.CONSTANT:
        return replace(finding, place=_own_value(pooled))
    return finding


def stuck(finding: Finding, counted: Counted, run: Run) -> Finding:
    """Return a finding about values as one of a constant, where all rows of its run have one value and the reference had several."""
    before, pooled = counted.beside(run).reference, counted.pooled(run)
    levels = (pooled.counts[0, : pooled.cells.size] > 0).sum()
    one = pooled.low[0] == pooled.high[0] and not pooled.infinite[0] if pooled.cells.numeric else levels == 1 and not pooled.unseen[0]
    if finding.kind not in (FindingKind.VALUE, FindingKind.LEVEL) or not one or _was_constant(before):
        return finding
    found = replace(finding, kind=FindingKind.CONSTANT, place=_own_value(pooled), levels={}, levels_lost=())
    return replace(found, direction=Direction.MORE, measure=Measure.SHARE, before=0.0, after=1.0)


def _levels_together(finding: Finding, counted: Counted, one: Candidate, pooled: ColumnCounts) -> Finding:
    """Tell of fewer levels, of several that are gone, or of one that is or swapped, where those are what moved."""
    cells, kind = pooled.cells, None if finding.place is None else finding.place.kind
    gone = vanished(counted.reference, pooled)
    if finding.measure is Measure.LEVELS and not gone:
        return finding
    if len(cells.known) > len(cells.levels) if gone else kind in (PlaceKind.REST, PlaceKind.BUCKET):
        before, after = number_of_levels(counted.own, counted.each(one.run))
        if not np.isnan(after):
            return replace(finding, measure=Measure.LEVELS, direction=_more(before, after), before=before, after=after)
    if gone:
        before, after = (share_of(counts, gone) for counts in (counted.reference, pooled))
        told = replace(finding, kind=FindingKind.LEVEL, levels_lost=gone, place=None, before=before, after=after)
        return replace(told, direction=Direction.FEWER)
    if kind is PlaceKind.REST:
        return _one_of_rest(finding, counted, one.run, pooled)
    return _vanished_or_swapped(finding, counted, one.run, pooled) if kind is PlaceKind.LEVEL else finding


def _one_of_rest(finding: Finding, counted: Counted, run: Run, pooled: ColumnCounts) -> Finding:
    """Name the one rare level that moved, where one did."""
    at = alone(counted.reference, pooled, finding.after - finding.before)
    if at < 0:
        return finding
    before, after = (float(level_shares(counts)[at]) for counts in (counted.reference, pooled))
    told = replace(finding, place=pooled.cells.place(at), before=before, after=after, direction=_more(before, after))
    return _vanished_or_swapped(told, counted, run, pooled)


def _vanished_or_swapped(finding: Finding, counted: Counted, run: Run, pooled: ColumnCounts) -> Finding:
    lost = _lost(counted, pooled, finding.before)
    level = finding.place.level if finding.place is not None else None
    if level in lost:
        return replace(finding, kind=FindingKind.LEVEL, levels_lost=(str(level),))
    if level is not None and (other := swapped(level, counted.reference, counted.own, counted.each(run))) is not None:
        both = sorted((level, other))
        rows = {one: int(pooled.counts[0, counted.production.cells.levels.index(one)]) for one in both}
        return replace(finding, kind=FindingKind.LEVEL, levels=rows, levels_lost=tuple(both))
    return finding


def _lost(counted: Counted, pooled: ColumnCounts, share: float) -> tuple[str, ...]:
    """Return the common levels that are gone; where new ones took `share` of the rows, only those that could have been theirs."""
    levels = counted.production.cells.levels
    before, after = (level_shares(counts)[: len(levels)] for counts in (counted.reference, pooled))
    gone = (before >= COMMON) & (after <= GONE * before)
    lost = tuple(level for level, out in zip(levels, gone, strict=True) if out)
    return lost if before[gone].sum() >= ALIKE * share else ()


def _was_constant(reference: ColumnCounts) -> bool:
    if reference.cells.numeric:
        return bool(reference.low[0] == reference.high[0])
    return bool((reference.counts[0, :-1] > 0).sum() == 1)


def _varies(each: ColumnCounts) -> bool:
    """Say whether a half of the windows hold several values, at least: a constant may become another one, in the midst of a window."""
    kept = np.array([len(new) for new in each.new_levels]) + (each.counts[:, : len(each.cells.levels)] > 0).sum(axis=1)
    return bool((each.low < each.high if each.cells.numeric else kept > 1).mean() >= ALIVE)


def _own_value(constant: ColumnCounts) -> CellPlace:
    """Return the one value of a constant column."""
    low, cells = float(constant.low[0]), constant.cells
    return CellPlace(PlaceKind.VALUE, low, low) if cells.numeric else cells.place(int(np.argmax(constant.counts[0, : cells.size])))


def labels_of(found: Mapping[str, str], name: str) -> str:
    """Return the label of a thing."""
    return str(found.get(name, name))
