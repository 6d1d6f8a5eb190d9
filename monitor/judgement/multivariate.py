"""Verdicts on joint drift: a window must leave what the reference's own windows do, survive all looks at the method, and matter."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from monitor.analyses.joint_methods import Series
from monitor.analyses.multivariate import MultivariateResult
from monitor.errors import SettingError, nearest
from monitor.judgement.findings import ALARMS
from monitor.stats.bands import Band, band, p_two_sided, p_upper
from monitor.tables import Contract, Provenance, Skipped
from monitor.vocabulary import Status

Floats = NDArray[np.float64]

JUDGED = Contract(
    "multivariate",
    ("window", "method"),
    {name: name for name in ("window", "method", "score", "lower", "upper", "n_production", "status")},
)
VERDICT = ("window", "method", "lower", "upper", "center", "p_value", "q_value", "strength", "status")
LEVELS: Mapping[str, float] = {"pca_reconstruction": 0.01, "correlation": 0.01}
"""False-alarm levels of methods that alarm too often at 5 % (benchmarks/multivariate.py); the others are judged at `q`."""
FLOORS: Mapping[str, float] = {
    "hotelling_t2": 0.01,
    "gaussian_distance": 0.02,
    "correlation": 0.02,
    "cell_shares": 0.002,
    "rules": 0.02,
    "domain_classifier": 0.55,
    "sliced_wasserstein": 0.03,
}
"""Smallest score worth a look, in the method's unit: about a tenth of a standard deviation, or a few points of the rows."""
CEILING: Mapping[str, float] = {"domain_classifier": 1.0}
"""Methods whose score ends there, near the band: half of the way from its edge makes an alert."""
LEAST_REACH: Mapping[str, float] = {"rules": 0.02}
"""Smallest reach of the band of methods that hardly vary in the reference: what is less is novelty, not yet a break."""
LEAST_ROWS: Mapping[str, int] = {"rules": 200}
"""Rows below which a method says nothing (where that is more than for all methods): a handful of neighbours would decide."""
PAIRS_Q = 0.05


@dataclass(frozen=True, slots=True)
class MultivariateThresholds:
    """How joint drift is judged: `q` the false-discovery rate over the windows of a method, `levels` that of single methods, `floors` the
    smallest score that matters by method, `alert` how many times the reach of its band a score must be away for an alert, `min_rows`
    below which a window is not judged."""

    q: float = 0.05
    alert: float = 2.0
    min_rows: int = 50
    levels: Mapping[str, float] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> MultivariateThresholds:
        """Read the `[thresholds]` of a case (its `multivariate` part).

        Raises
        ------
        SettingError
            A name is unknown or a value out of range.
        """
        given = settings.get("multivariate", {})
        known = [one.name for one in dataclasses.fields(cls)]
        for name in given:
            if name not in known:
                raise SettingError(f"There is no threshold 'multivariate.{name}'.{nearest(name, known)} Known are: {', '.join(known)}.")
        found = cls(**given)
        found._check()
        return found

    def _check(self) -> None:
        for name, value in {"q": self.q, **{f"levels.{k}": v for k, v in self.levels.items()}}.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
                raise SettingError(f"Threshold 'multivariate.{name}' is {value!r}; give a share between 0 and 1, such as 0.05.")
        for name, value in {"alert": self.alert, **{f"floors.{k}": v for k, v in self.floors.items()}}.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise SettingError(f"Threshold 'multivariate.{name}' is {value!r}; give a number of 0 or more.")
        if not isinstance(self.min_rows, int) or self.min_rows < 1:
            raise SettingError(f"Threshold 'multivariate.min_rows' is {self.min_rows!r}; give a number of rows, such as 50.")

    def level_of(self, method: str) -> float:
        """Return the false-discovery rate that a method is judged at."""
        return float(self.levels.get(method, min(self.q, LEVELS.get(method, self.q))))

    def floor_of(self, method: str) -> float:
        """Return the smallest score of a method that matters (0 where none is customary)."""
        return float(self.floors.get(method, FLOORS.get(method, 0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedMultivariate:
    """Judged joint drift. `table` has the documented columns and `center`, `p_value`, `q_value`, `strength` (distance from the centre in
    reaches of the band: 1 at its edge); `pairs` the associations with their q-values; `expected_false_alarms` how many of the alarms
    chance alone would give at most."""

    table: pd.DataFrame
    pairs: pd.DataFrame
    result: MultivariateResult
    thresholds: MultivariateThresholds
    expected_false_alarms: float

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was not run and why."""
        return self.result.skipped

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        return self.result.provenance

    def of(self, method: str) -> pd.DataFrame:
        """Return the rows of one method, in time order."""
        return self.table[self.table["method"] == method]


def judge_multivariate(result: MultivariateResult, thresholds: MultivariateThresholds | None = None) -> JudgedMultivariate:
    """Judge measured joint drift.

    Notes
    -----
    A window alarms when its score lies outside the band that the reference's own windows (each compared with the others) give for a
    window of as many rows, its Benjamini-Hochberg value over the windows of the method is at most the method's level, and the score
    reaches the floor of its method. Twice the reach of the band makes an alert. Rows of another tool's profile carry that tool's own
    limits and verdict.
    """
    thresholds = thresholds or MultivariateThresholds()
    parts = [_judged(result, series, thresholds) for series in result.series.values()] or [pd.DataFrame(columns=list(VERDICT))]
    table = result.table.merge(pd.concat(parts, ignore_index=True), on=["window", "method"], how="left", validate="one_to_one")
    alarms = table[table["status"].isin(ALARMS) & table["q_value"].notna()]
    levels = alarms["method"].map(thresholds.level_of).to_numpy(dtype=float)
    return JudgedMultivariate(
        table=JUDGED.check(table),
        pairs=_pairs(result),
        result=result,
        thresholds=thresholds,
        expected_false_alarms=float(levels.sum()),
    )


def _judged(result: MultivariateResult, series: Series, thresholds: MultivariateThresholds) -> pd.DataFrame:
    ids = result.sides.windows.ids
    if series.limits is not None and series.verdict is not None:
        return _profile_rows(series, ids)
    level = thresholds.level_of(series.method)
    limits, p = expectation(series, level)
    q = _q_values(p)
    away = strength(series, limits)
    side = away if series.two_sided else np.where(series.score > limits.center, away, 0.0)
    alarmed = (q <= level) & (side > 1) & (series.score >= thresholds.floor_of(series.method))
    rules = [
        (result.sides.production.rows < max(thresholds.min_rows, LEAST_ROWS.get(series.method, 0)), Status.TOO_FEW_ROWS),
        (~np.isfinite(series.score), Status.NOT_APPLICABLE),
        (~np.isfinite(p), Status.NOT_JUDGED),
        (alarmed & (side >= thresholds.alert), Status.ALERT),
        (alarmed, Status.WARNING),
    ]
    status = np.select([rule for rule, _ in rules], [one.value for _, one in rules], Status.STABLE.value)
    found = {"lower": limits.lower, "upper": limits.upper, "center": limits.center, "p_value": p, "q_value": q, "strength": away}
    return pd.DataFrame({"window": ids, "method": series.method, **found, "status": status})


def expectation(series: Series, level: float) -> tuple[Band, Floats]:
    """Return the band whose edge is the level (one-sided methods: its upper edge), and the p-values (the larger where there are two)."""
    reference = (series.reference, series.reference_rows)
    coverage = 1 - level if series.two_sided else 1 - 2 * level
    limits = band(*reference, series.rows, coverage=coverage, shape=series.shape, row_variance=series.row_variance)
    test = p_two_sided if series.two_sided else p_upper
    p = test(series.score, series.rows, *reference, shape=series.shape, row_variance=series.row_variance)
    return limits, p if series.p_value is None else np.maximum(p, series.p_value)


def strength(series: Series, limits: Band) -> Floats:
    """Return the distance from the centre in reaches of the band, (w,); on the logarithmic scale for distances."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if series.method in CEILING:
            beyond = 1 + 2 * (series.score - limits.upper) / (CEILING[series.method] - limits.upper)
            return np.where(series.score > limits.upper, beyond, (series.score - limits.center) / (limits.upper - limits.center))
        if series.shape == "distance":
            return np.asarray(np.abs(np.log(series.score / limits.center)) / np.log(limits.upper / limits.center))
        reach = np.maximum(limits.upper - limits.center, LEAST_REACH.get(series.method, 0.0))
        return np.asarray(np.abs(series.score - limits.center) / reach)


def _q_values(p: Floats) -> Floats:
    q = np.full(len(p), np.nan)
    known = np.isfinite(p)
    if known.any():
        q[known] = stats.false_discovery_control(p[known])
    return q


def _profile_rows(series: Series, ids: tuple[str, ...]) -> pd.DataFrame:
    limits, verdict = np.asarray(series.limits), np.asarray(series.verdict)
    center = limits.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = np.abs(series.score - center) / (limits[:, 1] - center)
    unknown = np.full(len(ids), np.nan)
    return pd.DataFrame(
        {
            "window": ids,
            "method": series.method,
            "lower": limits[:, 0],
            "upper": limits[:, 1],
            "center": center,
            "p_value": unknown,
            "q_value": unknown,
            "strength": strength,
            "status": np.where(verdict, Status.ALERT.value, Status.STABLE.value),
        }
    )


def _pairs(result: MultivariateResult) -> pd.DataFrame:
    """Return the associations with Benjamini-Hochberg values over all pairs and windows, and whether they changed."""
    pairs = result.evidence.get("associations", pd.DataFrame(columns=["p_value", "change"]))
    q = _q_values(pairs["p_value"].to_numpy(dtype=float))
    return pairs.assign(q_value=q, changed=q <= PAIRS_Q)
