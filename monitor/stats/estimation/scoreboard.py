"""How good estimates without labels were: their past errors decide which is believed, and how wide its interval is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from monitor.stats.inference.intervals import LEVEL, Z
from monitor.stats.performance.labelled import Bools, Floats

BETTER = 0.9
"""Part of the first method's error that another's has to stay below to be preferred: small differences are luck."""
ENOUGH = 4
"""Windows with labels from which the scoreboard, not the back-test, says which method is best."""
FEWEST = 5
"""Past errors from which an interval is corrected by them."""
MANY = 39
"""Past errors from which the largest of them is not the only one that says where 95 % end."""


@dataclass(frozen=True, slots=True)
class Past:
    """Errors (estimate - realised) of a method in the windows of the reference, (r,), with the variance that labels alone explain."""

    error: Floats
    noise: Floats

    @property
    def square(self) -> float:
        """Mean squared error; nan without any."""
        known = self.error[np.isfinite(self.error)]
        return float(np.mean(known**2)) if len(known) else float("nan")

    @property
    def more(self) -> float:
        """Mean square that labels alone do not explain."""
        known = np.isfinite(self.error) & np.isfinite(self.noise)
        return max(float(np.mean(self.error[known] ** 2 - self.noise[known])), 0.0) if known.any() else 0.0


def best_method(errors: Mapping[str, Mapping[str, Floats]], first: str) -> str:
    """Return the method with the smallest mean absolute errors, each metric's in parts of those of `first`; that one unless another is
    clearly better.

    Parameters
    ----------
    errors : of each method, by metric, (w,) each; nan where nothing is known.

    >>> best_method({"a": {"x": np.array([1.0, -1.0])}, "b": {"x": np.array([0.1, 0.2])}}, "a")
    'b'
    """
    usual = {metric: _mean(one) for metric, one in errors[first].items()}
    relative: dict[str, float] = {}
    for method, found in errors.items():
        parts = [_mean(one) / usual[metric] for metric, one in found.items() if metric in usual and usual[metric] > 0]
        known = [one for one in parts if np.isfinite(one)]
        if known:
            relative[method] = float(np.mean(known))
    best = min(relative, key=lambda name: relative[name], default=first)
    return best if relative.get(best, np.inf) < BETTER else first


def _mean(error: Floats) -> float:
    known = np.abs(error[np.isfinite(error)])
    return float(known.mean()) if len(known) else float("nan")


def reach(variance: Floats, past: Past, error: Floats, known: Bools) -> Floats:
    """Return how far from the estimate the 95 % interval of each window goes, (w,).

    Parameters
    ----------
    variance : (w,) what is thought of the error's variance.
    past : of the reference.
    error : (w,) errors of the windows whose labels are in (`known`, in order of time): each corrects the windows after it.

    Notes
    -----
    Split conformal on errors in parts of their standard deviation: the interval reaches as far as 95 % of past errors did; while these are
    too few for that, as far as 95 % of a normal law with their mean square. It is never narrower than what is thought of the variance.
    """
    sd = np.sqrt(np.maximum(variance, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        before = np.abs(past.error) / np.sqrt(past.noise + past.more)
        now = np.abs(error) / sd
    seen = [one for one in before.tolist() if np.isfinite(one)]
    found = np.empty(len(sd))
    for i in range(len(sd)):
        found[i] = max(Z, _quantile(seen)) * sd[i]
        if known[i] and np.isfinite(now[i]):
            seen.append(float(now[i]))
    return found


def _quantile(seen: list[float]) -> float:
    """Return the error, in standard deviations, that 95 % of the next ones do not exceed."""
    if len(seen) < FEWEST:
        return 0.0
    place = int(np.ceil((len(seen) + 1) * LEVEL))
    if len(seen) < MANY:
        return Z * float(np.sqrt(np.mean(np.square(seen))))
    return sorted(seen)[place - 1]
