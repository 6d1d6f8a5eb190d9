"""Where a model got worse: the segments whose loss moved beside all other rows and beside their own past.

Every segment is scanned over runs of 1, 2, 4 ... windows; its noise is the sampling of rows times how much more the reference's own windows
vary than that. The farthest segment is taken out with its rows and what is left is searched again, so that no neighbour is named for the
rows that it shares ("remove what was found and repeat").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.stats.inference.multiplicity import benjamini_hochberg
from monitor.stats.inference.null import Tail
from monitor.stats.performance.cube import NOTHING, Cells, Cube, build_cube
from monitor.stats.performance.farthest import PRIOR, farthest, looks_of, over_run
from monitor.stats.performance.segments import Contrast, Part, Segment, Sides, Sums, by_window, contrasts, of_loss

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FEWEST = 100
"""Labelled rows of a segment on each side below which nothing is said of it."""
LEAST_OWN = 4
"""Windows of the reference that have rows of a segment at least: of fewer, as of one weekday in nine days, nothing is known of how its loss
varies."""
LEAST_ELSEWHERE = 0.1
"""Share of all rows that other rows are at least: fewer, or what is left of them when segments were taken out, are no elsewhere."""
NEARLY = 0.9
"""Part of the evidence of the farthest segment from which another says nearly as much."""
SCANNED_AGAIN = 400
"""Farthest segments whose columns are looked at again when one was taken out: what hid behind it was far as well."""
HOLDS = 0.85
"""Part of the loss that a segment adds which a pair within it holds, to be told instead."""
SAME_ROWS = 0.9
"""Part of the rows of one column's part that a pair holds from which the other column says nothing."""
RESTS, RESTS_PART = 3.0, 0.4
"""Standard errors that the rest of a column's part has to have moved, and by what part of the segment's own move, to be named."""
FEWEST_LOOKS, FEWEST_SEGMENTS = 12, 200
"""Runs of the reference, and segments, from which they say how wild windows are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A segment that was picked, on one of the losses; `z` is that of its farthest run, `p_value` allows for all its runs, `q_value` for
    all segments (Benjamini and Hochberg 1995); `without` are those whose rows were taken out before."""

    loss: int
    segment: Segment
    without: tuple[Segment, ...] = ()
    z: float
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was found: `picks`, what was named first, and how many segments of one (`singles`) and two columns (`pairs`) were looked at."""

    picks: tuple[Pick, ...]
    singles: int
    pairs: int


@dataclass(frozen=True, slots=True)
class _Scores:
    """Scanned segments (s,): `loss`, `columns` and `parts` (s, 2), `z` of the run that lies farthest and its `mass`, the loss that it adds;
    `own` how far the reference's own farthest run lies from its mean."""

    loss: Ints
    columns: Ints
    parts: Ints
    z: Floats
    mass: Floats
    own: Floats

    @property
    def paired(self) -> Bools:
        """Which are of two columns."""
        return np.asarray(self.columns[:, 1] != NOTHING)

    def p_values(self, design: _Design) -> Floats:
        """Return the p-value of each: the larger one of Student's law, and of how far the farthest runs of all segments lie within the
        reference, where rows that hang together (a storm at one airport) make single windows wild."""
        student = 2 * special.stdtr(design.df, -np.abs(self.z)) * design.looks
        if design.own_looks < FEWEST_LOOKS or len(self.z) < FEWEST_SEGMENTS:
            return np.minimum(student, 1.0)
        wild = Tail.fit(np.abs(self.own)).p_value(np.abs(self.z)) * max(design.looks / design.own_looks, 1.0)
        return np.asarray(np.minimum(np.maximum(student, wild), 1.0))

    def pick(self, at: int, p_values: Floats, q_values: Floats) -> Pick:
        """Return one of them."""
        pairs = zip(self.columns[at].tolist(), self.parts[at].tolist(), strict=True)
        segment = Segment(tuple(Part(column, part) for column, part in pairs if column != NOTHING))
        found = float(self.z[at]), float(p_values[at]), float(q_values[at])
        return Pick(loss=int(self.loss[at]), segment=segment, z=found[0], p_value=found[1], q_value=found[2])

    def lead(self) -> frozenset[tuple[int, ...]]:
        """Return loss and columns of the farthest segments: what is scanned again when one of them is taken out."""
        first = np.argsort(-np.abs(self.z), kind="stable")[:SCANNED_AGAIN]
        return frozenset(map(tuple, np.column_stack([self.loss, self.columns])[first].tolist()))


@dataclass(frozen=True, slots=True)
class _Design:
    """In how many runs of production, and of the reference, the farthest was looked for, and the degrees of freedom that noise is known
    with."""

    looks: int
    own_looks: int
    df: float

    @classmethod
    def of(cls, sides: Sides) -> _Design:
        own = sides.reference.windows
        return cls(looks_of(int(sides.usable.sum())), looks_of(own), own - 1 + PRIOR)


def search(sides: Sides, *, most: int, rounds: int, q: float, always: Sequence[Segment] = ()) -> Search:
    """Search the segments whose loss moved most.

    Parameters
    ----------
    most : segments that are picked at most: those that a search names at `q`, then what comes next.
    rounds : searches at most, each without the rows of what was named before.
    always : segments that are picked in any case, if they have rows enough.
    """
    left, design = list(sides.both), _Design.of(sides)
    cubes = [build_cube(cells, sides.axes) for cells in left]
    scores = _scan(sides, cubes, None)
    p_values = scores.p_values(design)
    q_values = benjamini_hochberg(p_values)
    counted, asked = (int((~scores.paired).sum()), int(scores.paired.sum())), _asked(scores, always, (p_values, q_values))
    lead, cut = scores.lead(), _cut_at(p_values, q_values, q)
    picks: list[Pick] = []
    while len(picks) < min(rounds, most) and len(scores.z):
        p_values = scores.p_values(design)
        at = _best(scores)
        if p_values[at] > cut:
            break
        named = scores.pick(at, p_values, np.minimum(p_values * q / max(cut, 1e-300), 1.0))
        picks.append(replace(_shorter(sides, left, named), without=tuple(one.segment for one in picks)))
        for i, cells in enumerate(left):
            inside = sides.inside(picks[-1].segment, cells)
            cubes[i] = cubes[i].without(build_cube(cells.take(inside), sides.axes))
            left[i] = cells.take(~inside)
        scores = _scan(sides, cubes, lead)
    p_values = scores.p_values(design)
    every = {one.segment: one for one in (*_next(scores, most - len(picks), (p_values, benjamini_hochberg(p_values))), *asked, *picks)}
    taken = tuple(one.segment for one in picks)
    rest = [replace(one, without=taken) for segment, one in every.items() if segment not in taken]
    return Search(picks=(*picks, *rest), singles=counted[0], pairs=counted[1])


def _shorter(sides: Sides, left: Sequence[Cells], pick: Pick) -> Pick:
    """Return the pick, or one of its columns alone where the rest of that column's part moved as well, or hardly is there: then the other
    says nothing."""
    if not pick.segment.paired:
        return pick
    found = []
    for one in pick.segment.parts:
        alone = sides.alone(one)
        whole, both = ([sides.inside(segment, cells) for cells in left] for segment in (alone, pick.segment))
        rest = [one & ~two for one, two in zip(whole, both, strict=True)]
        if both[1].sum() >= SAME_ROWS * whole[1].sum():
            found.append((np.inf, alone))
            continue
        pair, other = (
            _compared(sides, [cells.take(kept) for cells, kept in zip(left, held, strict=True)], left, pick.loss) for held in (both, rest)
        )
        run = farthest(*pair).run(0)
        (_, inside), (moved, shift) = (over_run(*one, run) for one in (pair, other))
        if moved * np.sign(pick.z) >= RESTS and abs(shift) >= RESTS_PART * abs(inside):
            found.append((abs(moved), alone))
    return replace(pick, segment=max(found, key=lambda one: one[0])[1]) if found else pick


def _compared(sides: Sides, rows: Sequence[Cells], left: Sequence[Cells], loss: int) -> tuple[Contrast, Contrast]:
    """Return a loss of some rows beside all others, in the reference and in the judged windows, as one segment (1, w)."""
    sums = [Sums(of_loss(by_window(one), loss)[:, None], of_loss(by_window(every), loss)) for one, every in zip(rows, left, strict=True)]
    judged = Sums(sums[1].inside[..., sides.usable], sums[1].whole[..., sides.usable])
    return contrasts(sums[0], judged, np.ones(judged.whole.shape[-1], dtype=bool))


def _cut_at(p_values: Floats, q_values: Floats, q: float) -> float:
    """Return the largest p-value that is named at a false discovery rate; 0 where none is."""
    return float(np.max(p_values[q_values <= q], initial=0.0)) if len(p_values) else 0.0


def _asked(scores: _Scores, always: Sequence[Segment], values: tuple[Floats, Floats]) -> list[Pick]:
    """Return the segments that are picked in any case, each on the loss that moved most."""
    found = []
    for segment in always:
        wanted = [*((one.column, one.part) for one in segment.parts), (NOTHING, NOTHING)][:2]
        columns, parts = (np.array(one) for one in zip(*wanted, strict=True))
        here = np.flatnonzero((scores.columns == columns).all(axis=1) & (scores.parts == parts).all(axis=1))
        if len(here):
            found.append(scores.pick(int(here[np.argmax(np.abs(scores.z[here]))]), *values))
    return found


def _best(scores: _Scores) -> int:
    """Return the segment that says most: of those whose evidence is nearly that of the farthest the one that adds most loss; or a pair of
    its column's part with another, where that says more and holds nearly all of the loss."""
    size, mass = np.abs(scores.z), np.abs(scores.mass)
    near = np.flatnonzero(size >= NEARLY * size.max())
    lead = int(near[np.argmax(mass[near])])
    if scores.paired[lead]:
        return lead
    column, part = int(scores.columns[lead, 0]), int(scores.parts[lead, 0])
    held = ((scores.columns[near] == column) & (scores.parts[near] == part)).any(axis=1) & scores.paired[near]
    inner = near[held & (scores.loss[near] == scores.loss[lead]) & (size[near] >= size[lead]) & (mass[near] >= HOLDS * mass[lead])]
    return int(inner[np.argmax(size[inner])]) if len(inner) else lead


def _next(scores: _Scores, many: int, values: tuple[Floats, Floats]) -> list[Pick]:
    """Return the farthest segment of each set of columns, farthest first."""
    seen: set[tuple[int, ...]] = set()
    found: list[Pick] = []
    for at in np.argsort(-np.abs(scores.z), kind="stable").tolist():
        columns = tuple(scores.columns[at].tolist())
        if len(found) >= many:
            break
        if columns not in seen:
            seen.add(columns)
            found.append(scores.pick(at, *values))
    return found


def _scan(sides: Sides, cubes: list[Cube], only: frozenset[tuple[int, ...]] | None) -> _Scores:
    """Scan every segment, or those of some losses and columns."""
    parts = [one for loss in range(sides.losses) for one in _scanned(sides, cubes, loss, only)]
    columns = [np.concatenate([getattr(one, name) for one in parts]) for name in ("loss", "columns", "parts", "z", "mass", "own")]
    return _Scores(*columns)


def _scanned(sides: Sides, cubes: list[Cube], loss: int, only: frozenset[tuple[int, ...]] | None) -> Iterator[_Scores]:
    """Yield the scores of a loss, of each column and of each pair of columns."""
    whole = [of_loss(cube.whole, loss) for cube in cubes]
    yield _no_scores()
    for i, axis in enumerate(sides.axes):
        if only is None or (loss, i, NOTHING) in only:
            inside = [axis.single @ of_loss(cube.single[i], loss) for cube in cubes]
            ends = np.arange(len(axis.single)), np.full(len(axis.single), NOTHING)
            yield _score(inside, whole, sides, (loss, (i, NOTHING), ends))
    for i, j in cubes[0].pairs:
        if only is None or (loss, i, j) in only:
            first, second = sides.axes[i].paired, sides.axes[j].paired
            inside = [_met(first, of_loss(cube.pairs[i, j], loss), second) for cube in cubes]
            ends = np.repeat(np.arange(len(first)), len(second)), np.tile(np.arange(len(second)), len(first))
            yield _score(inside, whole, sides, (loss, (i, j), ends))


def _no_scores() -> _Scores:
    none, places, numbers = np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    return _Scores(none, places, places, numbers, numbers, numbers)


def _met(first: Floats, sums: Floats, second: Floats) -> Floats:
    """Add up the cells (3, s, t, w) of two columns in their parts (p, s) and (q, t), (3, p * q, w)."""
    s, t, w = sums.shape[1:]
    rows = (first @ sums.reshape(3, s, t * w)).reshape(3, len(first), t, w)
    return np.asarray((second @ rows).reshape(3, len(first) * len(second), w))


def _score(inside: list[Floats], whole: list[Floats], sides: Sides, what: tuple[int, tuple[int, int], tuple[Ints, Ints]]) -> _Scores:
    """Score the segments (s,) of a column or a pair whose sums are `inside` (3, s, w) of each side; too small and too large ones are left
    out."""
    loss, columns, (first, second) = what
    judged, usable = inside[1][:, :, sides.usable], sides.usable
    rows = [inside[0][0].sum(axis=1), judged[0].sum(axis=1)]
    left = [whole[0][0].sum(), whole[1][0, usable].sum()]
    seen = (inside[0][0] > 0).sum(axis=1) >= min(LEAST_OWN, inside[0].shape[-1])
    enough = [(n >= FEWEST) & (of - n >= LEAST_ELSEWHERE * every) for n, of, every in zip(rows, left, sides.rows, strict=True)]
    kept = seen & np.all(enough, axis=0)
    reference, production = contrasts(Sums(inside[0][:, kept], whole[0]), Sums(judged[:, kept], whole[1][:, usable]), usable[usable])
    found, many = farthest(reference, production), int(kept.sum())
    at = np.column_stack([first[kept], second[kept]])
    return _Scores(np.full(many, loss), np.tile(columns, (many, 1)), at, found.z, found.mass, found.own)
