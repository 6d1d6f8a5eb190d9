"""Whether labels and estimate as one beat labels alone: `python -m benchmarks blend CASE... [--draws N] [--windows SIZE]`.

Of each window that has all its labels some are drawn at random and taken for all that is known; the error is that against all of them. The
estimate's own past error is that of the reference's windows, so nothing of the window is known but the labels drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from monitor.analyses.estimate_blend import blended, metric_sums
from monitor.analyses.estimate_choice import Chosen
from monitor.analyses.estimate_methods import Estimators
from monitor.analyses.estimate_rows import Estimated, gather_estimated
from monitor.analyses.label_maturity import mature_windows
from monitor.analyses.sides import Question
from monitor.case import WindowSize, load_case
from monitor.engine import Watch, open_workspace
from monitor.errors import SelectionError
from monitor.vocabulary import Task

METRICS = {Task.BINARY: ("accuracy", "recall", "precision"), Task.REGRESSION: ("mae",)}
LABELS = (100, 300)
SEED = 20261126


def errors(place: Path, draws: int, windows: str | None) -> Iterator[dict[str, object]]:
    """Yield, by number of labels and metric, the root mean squared errors of labels alone and of the blend."""
    case = load_case(place)
    with open_workspace(case) as workspace:
        found = gather_estimated(
            workspace, Question(), case.windows if windows is None else WindowSize.parse(windows), None, progress=None, cancel=None
        )
    work = Estimators(found, 0, Watch())
    method = next(name for name, why in work.able.items() if not why)
    believed = {method: work.run(method)}
    labelled = np.bincount(found.production.rows.window[found.production.labelled], minlength=found.production.rows.windows)
    mature = mature_windows(found.reads.production, found.known[1], found.curve, labelled)
    chosen = Chosen(found, believed, mature)
    lines = {name: one for name, one in chosen.lines().items() if name in METRICS[found.task]}
    rng = np.random.default_rng(SEED)
    for labels in LABELS:
        whole = mature & (labelled > labels)
        if not whole.any():
            raise SelectionError(f"No window of '{case.name}' has more than {labels} labels. Name larger ones with --windows.")
        away: dict[str, list[tuple[float, float]]] = {name: [] for name in lines}
        for _ in range(-(-draws // max(int(whole.sum()), 1))):
            few = drawn(found, whole, labels, rng)
            mixed = blended(few, believed[method], lines, ~whole, believed[method].trusted)
            alone = metric_sums(few, believed[method], lines)
            for name, line in lines.items():
                now = line.realised[whole]
                away[name] += list(zip((alone[name][whole] - now).tolist(), (mixed[name].value[whole] - now).tolist(), strict=True))
        for name, pairs in away.items():
            told = np.array(pairs)
            told = told[np.isfinite(told).all(axis=1)]
            rmse = np.sqrt(np.mean(told**2, axis=0))
            yield {
                "case": case.name, "labels": labels, "metric": name, "windows": int(whole.sum()), "draws": len(told),
                "labels alone": rmse[0], "blend": rmse[1], "ratio": rmse[1] / rmse[0], "worth": (rmse[0] / rmse[1]) ** 2,
            }  # fmt: skip


def drawn(found: Estimated, whole: np.ndarray, labels: int, rng: np.random.Generator) -> Estimated:
    """Return the case with so many labels of each window, drawn at random; windows that are not `whole` keep none."""
    side = found.production
    kept = np.zeros(side.rows.size, dtype=bool)
    for window in np.flatnonzero(whole).tolist():
        at = np.flatnonzero((side.rows.window == window) & side.labelled)
        kept[rng.choice(at, labels, replace=False)] = True
    return replace(found, production=replace(side, labelled=kept), curve=replace(found.curve, delay=np.zeros(0), share=np.zeros(0)))


def report(cases: Sequence[Path], draws: int, windows: str | None = None) -> None:
    """Print the table."""
    table = pd.DataFrame([row for place in cases for row in errors(place, draws, windows)])
    print(
        "| case | labels | metric | windows | draws | labels alone | blend | ratio | worth |\n|---|---:|---|---:|---:|---:|---:|---:|---:|"
    )
    for row in table.to_dict("records"):
        figures = " | ".join(f"{row[name]:.4g}" for name in ("labels alone", "blend", "ratio", "worth"))
        print(f"| {row['case']} | {row['labels']} | {row['metric']} | {row['windows']} | {row['draws']} | {figures} |")
    wins, usual = int((table["ratio"] <= 1).sum()), table["worth"].median()
    print(f"\nAt most labels alone in {wins} of {len(table)}; labels are worth {usual:.2f} times as many.")
