"""How often 95 % intervals of metrics hold the truth: `python -m benchmarks intervals [--draws N]`.

Rows are drawn from a model of scores, independent or in hours that share their luck; the truth is the value on a million rows.
The denominator of a metric (positives for recall) decides in which row of the table a setting stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from monitor.stats.performance.binary import decision_metrics
from monitor.stats.performance.estimates import Estimate
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.ranking import roc_auc

METRICS = ("accuracy", "precision", "recall", "f1", "roc_auc")
WINDOWS = 40
"""Windows of one draw: how much rows hang together is learned from all of them."""
SEED = 20261126


@dataclass(frozen=True)
class Setting:
    """Rows of a window, the share of positives, how far scores of positives lie above those of negatives (sd), how much hours differ (sd of
    log-odds; 0: rows are independent) and how many rows an hour has."""

    rows: int
    positives: float
    apart: float
    hours: float
    in_hour: int


def settings() -> Iterator[Setting]:
    """Yield the grid."""
    for rows in (30, 100, 300, 1_000, 5_000):
        for positives in (0.02, 0.1, 0.3):
            for apart in (0.5, 1.5, 2.5):
                yield Setting(rows, positives, apart, 0.0, 1)
    for rows in (300, 1_000, 5_000):
        for positives in (0.1, 0.3):
            for apart in (0.5, 1.5):
                yield Setting(rows, positives, apart, 0.8, max(rows // 40, 1))


def measured(one: Setting, windows: int, rng: np.random.Generator) -> dict[str, Estimate]:
    """Draw windows of a setting and measure them."""
    n = one.rows * windows
    block = np.arange(n) // one.in_hour if one.hours else np.arange(n)
    window = np.arange(n) // one.rows
    block = window * (int(block.max()) + 1) + block
    luck = rng.normal(0.0, one.hours, int(block.max()) + 1)[block] if one.hours else np.zeros(n)
    label = rng.random(n) < special.expit(special.logit(one.positives) + luck)
    score = rng.normal(np.where(label, one.apart, 0.0) + 0.5 * luck, 1.0)
    rows = Labelled(window, windows, block)
    return {**dict(decision_metrics(rows, label, score > 1.0)), "roc_auc": roc_auc(rows, label, score)}


def held(one: Setting, draws: int, rng: np.random.Generator) -> dict[str, tuple[float, int, int]]:
    """Return, by metric, its usual denominator, how many intervals hold the truth, and of how many."""
    large = measured(replace(one, rows=1_000_000), 1, rng)
    truth = {name: float(large[name].value[0]) for name in METRICS}
    hits, of, n = defaultdict(int), defaultdict(int), defaultdict(list)
    for _ in range(draws):
        told = measured(one, WINDOWS, rng)
        for name in METRICS:
            found = told[name]
            known = np.isfinite(found.value)
            hits[name] += int(((found.lower <= truth[name]) & (truth[name] <= found.upper))[known].sum())
            of[name] += int(known.sum())
            n[name].append(float(np.median(found.n)))
    return {name: (float(np.median(n[name])), hits[name], of[name]) for name in METRICS if of[name]}


def report(draws: int) -> None:
    """Print the table."""
    rng = np.random.default_rng(SEED)
    pooled: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for one in settings():
        for name, (n, hits, of) in held(one, draws, rng).items():
            size = "10 to 19" if n < 20 else "20 to 99" if n < 100 else "100 and more"
            pooled["in hours" if one.hours else "independent", name, size].append(hits / of)
    print("| rows | metric | denominator | settings | mean coverage | lowest |\n|---|---|---|---:|---:|---:|")
    for (kind, name, size), shares in sorted(pooled.items()):
        print(f"| {kind} | {name} | {size} | {len(shares)} | {100 * np.mean(shares):.1f} % | {100 * min(shares):.1f} % |")
