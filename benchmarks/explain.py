"""What explaining costs beside the target, and how near the explainers come to all coalitions: ``python -m benchmarks explain``.

2,000 + 2,000 flights of data/flights against 50 rows of its reference, 150 trees: own exact explainer, and shap's on the same rows with how
far its sums are off. Wall seconds are those of a shared machine; processor seconds are what counts.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from monitor.case import load_case
from monitor.models import Model, explain, load_model

CASE = Path("data/flights")
ROWS, BACKGROUND = 2_000, 50
SHAP_ROWS = 200
Rows = tuple[pd.DataFrame, pd.DataFrame]


def report(repeats: int) -> None:
    """Print a table of what each way costs."""
    model = load_model(load_case(CASE))
    rows, background = _rows()
    print("| explainer | rows x background x trees | processor s | wall s | ns for each | sums off by (log-odds) |")
    print("|---|---|---|---|---|---|")
    for held in (BACKGROUND, ROWS):
        _line("ours, exact interventional", model, (rows, background.iloc[:held]), lambda one, two: _ours(model, one, two), repeats)
    few = rows.groupby("@side", group_keys=False).head(SHAP_ROWS // 2)
    for kind in ("interventional", "tree_path_dependent"):
        _line(f"shap, {kind}", model, (few, background.iloc[:BACKGROUND]), _by_shap(model, kind), repeats)


def _rows() -> Rows:
    """Return 2,000 rows of the reference and 2,000 of July, and those of the reference as background."""
    reference = pd.read_parquet(CASE / "reference.parquet").sample(2 * ROWS, random_state=0)
    july = pd.read_parquet(CASE / "production" / "2013-07.parquet").sample(ROWS, random_state=0)
    rows = pd.concat([reference.iloc[:ROWS].assign(**{"@side": "a"}), july.assign(**{"@side": "b"})], ignore_index=True)
    return rows, reference.iloc[ROWS:].reset_index(drop=True)


def _ours(model: Model, rows: pd.DataFrame, background: pd.DataFrame) -> float:
    return explain(model, rows, background).additivity_error


def _by_shap(model: Model, kind: str) -> Callable[[pd.DataFrame, pd.DataFrame], float]:
    """Return what explains with shap and says how far its sums are off."""
    import shap
    from skops.io import get_untrusted_types, load

    path = CASE / "model.skops"
    final = load(path, trusted=get_untrusted_types(file=path))[-1]
    assert model.encoding is not None
    encode = model.encoding.encode

    def work(rows: pd.DataFrame, background: pd.DataFrame) -> float:
        here, there = encode(model.rows(rows)), encode(model.rows(background))
        data = there if kind == "interventional" else None
        with contextlib.redirect_stderr(io.StringIO()):
            explainer = shap.TreeExplainer(final, data=data, feature_perturbation=kind)
            values = explainer.shap_values(here, check_additivity=False)
        return float(np.abs(explainer.expected_value + values.sum(axis=1) - final.decision_function(here)).max())

    return work


def _line(name: str, model: Model, both: Rows, work: Callable[[pd.DataFrame, pd.DataFrame], float], repeats: int) -> None:
    trees = 0 if model.trees is None else len(model.trees.trees)
    times = []
    with threadpool_limits(limits=1):
        for _ in range(repeats):
            began, clock = process_time(), perf_counter()
            error = work(*both)
            times.append((process_time() - began, perf_counter() - clock))
    cpu, wall = np.median(np.array(times), axis=0)
    pairs = len(both[0]) * len(both[1]) * trees
    print(f"| {name} | {len(both[0]):,} x {len(both[1]):,} x {trees} | {cpu:.1f} | {wall:.1f} | {1e9 * cpu / pairs:.1f} | {error:.1e} |")
