"""One pair of columns over a run of windows: the association of the run's rows as one, beside that of the rows they are compared with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.analyses.joint_sides import JointSides
from monitor.stats.multivariate.association import associations
from monitor.stats.multivariate.rows import Rows


def pooled_association(sides: JointSides, pair: tuple[str, str], first: int, last: int) -> tuple[float, float]:
    """Return the association of a pair in the rows that a run is compared with, and in the run's own rows, all of them together.

    Parameters
    ----------
    pair : labels of two columns.
    first, last : positions of the first and the last window of production in the run.

    Returns
    -------
    tuple[float, float]
        Before and after, -1..1 of two numbers, else 0..1; nan where too few rows carry it. Of the sampled rows.
    """
    run = range(sides.count + first, sides.count + last + 1)
    base = sorted({at for one in run for at in sides.baselines[one]} - set(run))
    rows = _only(sides.sampled, pair)
    mine, before = np.isin(rows.window, run), np.isin(rows.window, base)
    both = replace(rows, window=mine.astype(np.int64), windows=2).take(mine | before)
    value = associations(both).value[:, 0, 1]
    return float(value[0]), float(value[1])


def _only(rows: Rows, columns: tuple[str, ...]) -> Rows:
    """Return rows of these columns only."""
    numbers = [at for at, name in enumerate(rows.numeric_names) if name in columns]
    codes = [at for at, name in enumerate(rows.levels) if name in columns]
    return replace(
        rows,
        numeric=rows.numeric[:, numbers],
        numeric_names=tuple(rows.numeric_names[at] for at in numbers),
        categorical=rows.categorical[:, codes],
        levels={name: levels for name, levels in rows.levels.items() if name in columns},
    )
