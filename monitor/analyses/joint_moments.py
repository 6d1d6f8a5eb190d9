"""Joint drift by sums and products of all rows: principal components, and the distance of means and covariances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from monitor.analyses.joint_series import Evidence, Floats, Series, by_baseline, by_window, series_of
from monitor.analyses.joint_sides import JointSides
from monitor.stats.inference.bands import Shape
from monitor.stats.multivariate.joint import distance_parts, gaussian_distance
from monitor.stats.multivariate.pca import Pca, fit_pca, pca_windows, project

EXPLAINED = 0.65
MAP_ROWS = 1_500


def measure_moments(sides: JointSides, wanted: frozenset[str], evidence: Evidence) -> Iterator[Series]:
    """Score windows by sums and products of all their rows: the principal components and the distance of means and covariances."""
    model = fit_pca(sides.line.take([range(sides.count)]), explained=EXPLAINED)
    w, columns = len(sides.line), len(sides.names)
    scores = {name: np.full(w, np.nan) for name in ("pca_reconstruction", "hotelling_t2", "gaussian_distance")}
    parts, shares = np.full((w, columns), np.nan), np.full((w, columns), np.nan)
    along = np.full((w, len(model.variance)), np.nan)
    for baseline, targets in by_baseline(sides):
        base, own = sides.line.take([baseline]), sides.line.take([[one] for one in targets])
        if base.rows[0] < 2:
            continue
        found = pca_windows(own, fit_pca(base, components=len(model.variance)), sides.encoder.owner)
        scores["pca_reconstruction"][targets], scores["hotelling_t2"][targets] = found.residual, found.shift
        parts[targets] = found.contributions
        along[targets, : found.component_shift.shape[1]] = found.component_shift
        if "gaussian_distance" in wanted:
            scores["gaussian_distance"][targets] = gaussian_distance(own, base)
            shares[targets] = distance_parts(own, base, sides.encoder.owner)
    evidence.tables["contributions"] = _by_column(sides, parts)
    if "gaussian_distance" in wanted:
        evidence.tables["distance_parts"] = _by_column(sides, shares)
    evidence.tables["component_shifts"] = _component_shifts(sides, along)
    evidence.tables["loadings"] = _loadings(sides, model)
    evidence.tables["map"] = _map(sides, model)
    shapes: Mapping[str, Shape] = {"pca_reconstruction": "level"}
    for name, score in scores.items():
        if name in wanted:
            yield series_of(sides, name, score, sides.line.rows, shape=shapes.get(name, "distance"), two_sided=name in shapes)


def _by_column(sides: JointSides, parts: Floats) -> pd.DataFrame:
    """Return the part of each column in a score by window, what it is in the reference's own windows, and how far it exceeds that."""
    labels, r = list(sides.names), sides.count
    table = by_window(sides, parts[r:], "label", labels)
    usual = np.array([np.nanmean(column) if np.isfinite(column).any() else np.nan for column in parts[:r].T])
    expected = np.tile(usual, len(sides.windows))
    columns = table["label"].map(dict(sides.names))
    return table.assign(column=columns, expected=expected, excess=table["value"] - expected)


def _component_shifts(sides: JointSides, along: Floats) -> pd.DataFrame:
    return by_window(sides, along[sides.count :], "component", [position + 1 for position in range(along.shape[1])])


def _loadings(sides: JointSides, model: Pca) -> pd.DataFrame:
    titles, k = list(sides.encoder.titles), len(model.variance)
    return pd.DataFrame(
        {
            "component": np.repeat(np.arange(1, k + 1), len(titles)),
            "explained": np.repeat(model.explained[:k], len(titles)),
            "label": titles * k,
            "value": model.components.ravel(),
        }
    )


def _map(sides: JointSides, model: Pca) -> pd.DataFrame:
    """Return the first two coordinates of at most 1,500 rows of the reference and of each production window."""
    rng = np.random.default_rng(0)
    side = np.where(sides.sampled.window < sides.count, -1, sides.sampled.window)
    order = rng.permutation(len(side))
    place = pd.Series(side[order]).groupby(side[order]).cumcount().to_numpy()
    chosen = np.sort(order[place < MAP_ROWS])
    points = project(sides.encoder.encode(sides.sampled.take(chosen)), model, components=min(2, len(model.variance)))
    ids = np.array([*sides.windows.ids, ""], dtype=object)
    position = np.where(side[chosen] < 0, -1, side[chosen] - sides.count)
    return pd.DataFrame(
        {
            "x": points[:, 0],
            "y": points[:, 1] if points.shape[1] > 1 else np.zeros(len(points)),
            "side": np.where(position < 0, "reference", "production"),
            "window": ids[position],
            "file": sides.place[chosen, 0],
            "row": sides.place[chosen, 1],
        }
    )
