"""Does a burst of near-duplicates stand out, and is nothing named where rows only vary as they always did?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.adversary_kinds import alike, busiest, combinations
from monitor.analyses.adversary_levels import busiest_level
from monitor.analyses.adversary_scores import flips
from monitor.analyses.adversary_sides import Coded
from monitor.case import WindowSize
from monitor.case.thresholds import AdversaryThresholds
from monitor.engine import CodedRows, Cut, Measured, Transform
from monitor.engine.coded import quantile_edges
from monitor.judgement.adversaries import verdicts_of
from monitor.profile import Windows
from monitor.vocabulary import Kind, Role

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROWS, DAYS, BURST, HOURS = 10_000, 28, 200, 6
NOISE = 0.02
"""How far copies lie from each other, in standard deviations of each number."""
THRESHOLD = 0.5
HOUR = 3_600_000_000


@dataclass(frozen=True)
class Law:
    """How rows come about: `numbers` (moments (n,), generator) -> (n, p), `levels` the shares of the levels of each column."""

    numbers: Callable[[Ints, np.random.Generator], Floats]
    levels: tuple[Floats, ...]


def _zipf(many: int) -> Floats:
    share = 1 / np.arange(1, many + 1)
    return share / share.sum()


def _plain(moment: Ints, draw: np.random.Generator) -> Floats:
    n = len(moment)
    both = draw.normal(size=(n, 2))
    wave = np.sin(moment / HOUR / 24 * 2 * np.pi)
    columns = [both[:, 0], 0.7 * both[:, 0] + 0.7 * both[:, 1], draw.lognormal(0, 1, n).round(2), wave + draw.normal(size=n)]
    return np.column_stack([*columns, draw.poisson(1.5, n)])


def _by_hour(moment: Ints, draw: np.random.Generator) -> Floats:
    """Rows of an hour share their weather; the rest is their own."""
    hour = np.unique(moment // HOUR, return_inverse=True)[1]
    return np.column_stack([draw.normal(size=(hour.max() + 1, 3))[hour], _plain(moment, draw)[:, :2].round(1)])


def _two(moment: Ints, draw: np.random.Generator) -> Floats:
    return _plain(moment, draw)[:, [0, 2]]


def _none(moment: Ints, draw: np.random.Generator) -> Floats:
    return np.zeros((len(moment), 0))


LAWS: Mapping[str, Law] = {
    "independent rows, 5 numbers, 3 columns of levels": Law(_plain, (_zipf(50), _zipf(5), np.array([0.8, 0.2]))),
    "rows of an hour alike, 5 numbers, 2 columns of levels": Law(_by_hour, (_zipf(12), _zipf(4))),
    "2 numbers, nothing else": Law(_two, ()),
    "4 columns of levels, no numbers": Law(_none, (_zipf(2_000), _zipf(50), _zipf(12), _zipf(5))),
}


def report(repeats: int) -> None:
    """Print a table: how often a burst is found with nearly all of its rows, and how often anything is named without one."""
    print(f"{repeats} runs each; {ROWS:,} rows a side over {DAYS} days, of which the burst is {BURST} copies within {HOURS} hours\n")
    print("| rows | windows | bursts found, 90 % of their rows | something named without one |")
    print("|---|---|---|---|")
    for name, law in LAWS.items():
        for size in (WindowSize(1, "day"), WindowSize(1, "week")):
            found = np.mean([burst_found(law, size, seed) for seed in range(repeats)])
            false = np.mean([something_named(law, size, seed) for seed in range(10_000, 10_000 + repeats)])
            print(f"| {name} | {size} | {found:.1%} | {false:.1%} |", flush=True)


def burst_found(law: Law, size: WindowSize, seed: int) -> bool:
    """Say whether a burst is named with at least 90 % of its rows, and at most a tenth of others."""
    coded, planted = sides(law, size, seed, burst=True)
    named, rows = _judged(coded)
    if "near_duplicates" not in named:
        return False
    hits = [len(np.intersect1d(one, planted)) for one in rows]
    best = int(np.argmax(hits)) if hits else 0
    return bool(hits) and hits[best] >= 0.9 * BURST and len(rows[best]) <= 1.1 * BURST


def something_named(law: Law, size: WindowSize, seed: int) -> bool:
    """Say whether any kind is named where nothing happened."""
    coded, _ = sides(law, size, seed, burst=False)
    return bool(_judged(coded)[0])


def _judged(coded: Coded) -> tuple[frozenset[str], list[Ints]]:
    """Return which counts are named, as `judge_adversaries` does, and the rows of near-duplicates."""
    labels = [str(i) for i in coded.kept if not coded.cuts[i].numeric]
    ways = [alike(coded), combinations(coded, labels), busiest(coded), busiest_level(coded, frozenset(labels)), flips(coded, THRESHOLD)]
    usable = coded.production.rows >= AdversaryThresholds().min_rows
    found = verdicts_of([one for tracks, _ in ways for one in tracks], usable, AdversaryThresholds().q, 0)
    named = frozenset(name for name, one in found.items() if one.runs)
    return named, [one.rows for one in ways[0][1]]


def sides(law: Law, size: WindowSize, seed: int, *, burst: bool) -> tuple[Coded, Ints]:
    """Return both sides as coded rows, and the positions of the burst's."""
    draw = np.random.default_rng(seed)
    moments = [np.sort(draw.integers(0, DAYS * 24 * HOUR, ROWS)) + side * DAYS * 24 * HOUR for side in (0, 1)]
    numbers = [law.numbers(moment, draw) for moment in moments]
    levels = [np.column_stack([draw.choice(len(one), ROWS, p=one) for one in law.levels] or [np.zeros((ROWS, 0))]) for _ in moments]
    planted = np.zeros(0, dtype=np.int64)
    if burst:
        planted = draw.choice(ROWS, BURST, replace=False)
        model, start = int(draw.integers(ROWS)), int(draw.integers(0, (DAYS * 24 - HOURS) * HOUR))
        spread = NOISE * numbers[1].std(axis=0)
        copies = numbers[1][model] + spread * draw.normal(size=(BURST, numbers[1].shape[1]))
        whole = (numbers[0] == np.round(numbers[0])).all(axis=0)  # counts stay counts
        numbers[1][planted] = np.where(whole, np.round(copies), copies)
        levels[1][planted] = levels[1][model]
        moments[1][planted] = DAYS * 24 * HOUR + start + draw.integers(0, HOURS * HOUR, BURST)
    cuts = _cuts(numbers[0], levels[0])
    score = [draw.beta(2, 5, ROWS) for _ in moments]
    first, second = (_coded(*one, cuts, size, np.arange(ROWS)) for one in zip(moments, numbers, levels, score, strict=True))
    order = np.argsort(second.place[:, 1], kind="stable")
    return Coded(first, first.window, first.windows, second, cuts), order[planted]


def _cuts(numbers: Floats, levels: Ints) -> tuple[Cut, ...]:
    many, p = int(np.clip(np.ceil(ROWS ** (1 / max(numbers.shape[1], 1))), 10, 250)), numbers.shape[1]
    told = []
    for i in range(p):
        column = Measured(f"x{i}", f"x{i}", Kind.NUMERIC, Transform.NONE, Role.FEATURE)
        told.append(Cut(column, quantile_edges(numbers[:, i], many), ()))
    for i in range(levels.shape[1]):
        level, count = np.unique(levels[:, i], return_counts=True)
        known = [str(one) for one in level[np.argsort(-count, kind="stable")].tolist()]
        told.append(Cut(Measured(f"l{i}", f"l{i}", Kind.CATEGORICAL, Transform.NONE, Role.SEGMENT), np.zeros(0), tuple(known)))
    return tuple(told)


def _coded(moment: Ints, numbers: Floats, levels: Ints, score: Floats, cuts: tuple[Cut, ...], size: WindowSize, row: Ints) -> CodedRows:
    step = (24 if size.unit == "day" else 168) * HOUR
    keys, window = np.unique(moment // step, return_inverse=True)
    codes = [np.searchsorted(cut.edges, numbers[:, i], side="left") for i, cut in enumerate(cuts) if cut.numeric]
    for i, cut in enumerate(one for one in cuts if not one.numeric):
        place = {level: k for k, level in enumerate(cut.levels)}
        codes.append(np.array([place.get(str(one), len(cut.levels)) for one in levels[:, i].tolist()]))
    order = np.lexsort((moment, window))
    start = (keys * step).astype("datetime64[us]")
    found = Windows(tuple(f"w{key}" for key in keys.tolist()), start, start + np.timedelta64(step, "us"))
    return CodedRows(
        windows=found, rows=np.bincount(window), window=window[order], moment=moment[order],
        place=np.column_stack([np.zeros(len(row), dtype=np.int64), row])[order], codes=np.array(codes, dtype=np.int16)[:, order],
        score=score[order], identity=np.zeros(len(row), dtype=np.int64), excluded=(), sql="",
    )  # fmt: skip
