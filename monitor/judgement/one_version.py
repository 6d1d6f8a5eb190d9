"""Whether a change is that of one version of the model: others are as before, or it began with the version."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.version_parts import OtherVersions
from monitor.judgement.versions import EXPLAINED
from monitor.stats.inference.runs import Run

Floats = NDArray[np.float64]

LEAST = 0.1
"""Part of the rows of a run that other versions answered, from which these say how the model is without the version."""


def version_behind(others: Sequence[OtherVersions], name: str, run: Run, whole: tuple[Floats, Floats], usual: float) -> str:
    """Return the version that a run of a number comes with, "" where with none: of the rows of the others the number lies at most half as
    far from what is usual; or hardly any other answered, and its first rows came with the run.

    Parameters
    ----------
    whole : the number of all rows by window and the rows that it rests on, (w,) each.
    """
    part = slice(run.first, run.last + 1)
    value, n = (one[part] for one in whole)
    shift = _mean(value, n) - usual
    for one in others:
        rows = one.rows[part].astype(float)
        rest = (_mean(one.value[name][part], rows) - usual) * np.sign(shift) if name in one.value else float("nan")
        many = rows.sum() >= LEAST * n.sum() and rest == rest
        with_it = min(run.first - 1, run.first_from) <= one.began <= run.first_to and one.began > 0
        if rest <= EXPLAINED * abs(shift) if many else with_it:
            return one.name
    return ""


def _mean(value: Floats, rows: Floats) -> float:
    known = np.isfinite(value) & (rows > 0)
    return float(value[known] @ rows[known] / rows[known].sum()) if known.any() else float("nan")
