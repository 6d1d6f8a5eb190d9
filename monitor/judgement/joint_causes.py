"""Which columns a score of joint drift comes from, as far as its method can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from monitor.analyses.multivariate import MultivariateResult

HALF = 0.5
"""Part of a score that the named columns explain together."""
MOST = 4
TOLD = 2
"""Columns that a sentence names."""
SURE = 0.001
"""p-value from which a pair of a window is named (of hundreds of pairs, a few would pass 5 %)."""

Tables = Mapping[str, pd.DataFrame]


def changed_columns(result: MultivariateResult, method: str, window: str) -> list[str]:
    """Return names of the columns that a score of a window comes from, the largest part first; empty where all of them may."""
    found = _CAUSES[method](result.evidence, window) if method in _CAUSES else []
    return [result.names.get(label, label) for label in dict.fromkeys(found)]


def carrying_labels(result: MultivariateResult, method: str, windows: Sequence[str]) -> tuple[str, ...]:
    """Return labels of the columns that the score of a run comes from, those of most windows first, at most TOLD; empty where all may."""
    if method not in _CAUSES:
        return ()
    found = Counter(label for window in windows for label in dict.fromkeys(_CAUSES[method](result.evidence, window)))
    return tuple(label for label, _ in found.most_common(TOLD))


@dataclass(frozen=True, slots=True)
class Breach:
    """How rows of a run break rules of two columns most beyond the reference (`text`), in which share of rows, and in which any is."""

    text: str = ""
    share: float = 0.0
    any_share: float = 0.0


def worst_breach(result: MultivariateResult, windows: Sequence[str]) -> Breach:
    """Say how rows of a run break rules of two columns, as people count them; without a text where none do."""
    rows = result.evidence["broken"].merge(result.evidence["rules"][["rule", "kind"]], on="rule")
    mine = rows[rows["window"].isin(windows) & (rows["kind"] != "range") & (rows["n"] > 0)]
    if mine.empty:
        return Breach()
    excess = mine["alike"] * (1 - mine["before"] / mine["value"])
    key = mine["rule"].astype(str) + " " + mine["breach"]
    most = mine[key == excess.groupby(key).sum().idxmax()]
    of = result.series["rules"].rows[np.isin(result.sides.windows.ids, windows)].sum()
    every = result.evidence["breaking"]
    together = float(every.loc[every["window"].isin(windows), "value"].sum())
    return Breach(str(most["breach"].iloc[0]), float(most["alike"].sum() / max(of, 1)), together / max(float(of), 1.0))


def _largest(name: str, by: str) -> Callable[[Tables, str], list[str]]:
    """Return the columns that together make HALF of the sum of `by` in the evidence table `name`."""

    def top(evidence: Tables, window: str) -> list[str]:
        rows = evidence[name]
        mine = rows[(rows["window"] == window) & (rows[by] > 0)].sort_values(by, ascending=False, kind="stable").head(MOST)
        share = mine[by].to_numpy(dtype=float)
        before = np.cumsum(share) - share
        total = max(float(rows.loc[(rows["window"] == window) & (rows[by] > 0), by].sum()), 1e-300)
        return [str(label) for label in mine["label"][before < HALF * total]]

    return top


def _component(evidence: Tables, window: str) -> list[str]:
    shifts, loadings = evidence["component_shifts"], evidence["loadings"]
    mine = shifts[(shifts["window"] == window) & shifts["value"].notna()]
    if mine.empty:
        return []
    most = mine.iloc[int(np.argmax(mine["value"].abs().to_numpy(dtype=float)))]
    made = loadings[loadings["component"] == most["component"]]
    return [str(label) for label in made.iloc[np.argsort(-made["value"].abs().to_numpy(dtype=float))]["label"].head(2)]


def _pairs(evidence: Tables, window: str) -> list[str]:
    rows = evidence["associations"]
    mine = rows[(rows["window"] == window) & (rows["p_value"] <= SURE)].sort_values("p_value", kind="stable").head(2)
    return [str(label) for pair in zip(mine["first_label"], mine["second_label"], strict=True) for label in pair]


def _rules(evidence: Tables, window: str) -> list[str]:
    rows = evidence["broken"].merge(evidence["rules"][["rule", "columns", "kind"]], on="rule")
    mine = rows[(rows["window"] == window) & (rows["kind"] != "range")]
    over = (mine["value"] - mine["before"]).to_numpy(dtype=float)
    best = mine.iloc[np.argsort(-over, kind="stable")].head(2)
    return [name.strip() for text, more in zip(best["columns"], np.sort(over)[::-1], strict=False) if more > 0 for name in text.split(",")]


_CAUSES: Mapping[str, Callable[[Tables, str], list[str]]] = {
    "pca_reconstruction": _largest("contributions", "excess"),
    "gaussian_distance": _largest("distance_parts", "excess"),
    "domain_classifier": _largest("importances", "value"),
    "hotelling_t2": _component,
    "correlation": _pairs,
    "rules": _rules,
}
