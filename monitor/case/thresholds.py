"""Thresholds of the verdicts: what [thresholds] of case.toml and `--set` may say, and the defaults with their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from fnmatch import fnmatchcase

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from monitor.case.values import Count, Share, Size

PRIMARY = "js"
JUDGED_BY = (
    PRIMARY, "wasserstein_sd", "missing_share", "out_of_range", "new_levels", "lost_levels", "vocabulary_classifier", "new_words",
)  # fmt: skip
"""What speaks for a column: a divergence that sees every change, a distance without a ceiling, what went missing or is new; for texts how
well their words tell them apart."""
FLOORS: Mapping[str, float] = {
    "js": 0.05,
    "psi": 0.02,
    "kl": 0.01,
    "kl_reverse": 0.01,
    "symmetric_kl": 0.02,
    "hellinger": 0.05,
    "tv": 0.05,
    "l_infinity": 0.03,
    "ks": 0.05,
    "kuiper": 0.05,
    "wasserstein_sd": 0.1,
    "mean_shift": 0.1,
    "quantile_shift": 0.1,
    "cramers_v": 0.05,
    "entropy_change": 0.05,
    "top_share": 0.03,
    "missing_share": 0.01,
    "new_levels": 0.001,
    "out_of_range": 0.001,
    "revived": 0.001,
    "constant": 0.5,
    "lost_levels": 1.0,
    "cardinality_change": 1.0,
    "vocabulary_classifier": 0.05,
    "new_words": 0.02,
}
"""Smallest score worth a look, in the method's unit: about a tenth of a standard deviation, or five points of a distribution's mass."""
JOINT_FLOORS: Mapping[str, float] = {
    "hotelling_t2": 0.01,
    "gaussian_distance": 0.02,
    "correlation": 0.02,
    "cell_shares": 0.002,
    "rules": 0.02,
    "domain_classifier": 0.55,
    "sliced_wasserstein": 0.03,
}
"""The same of methods of joint drift: about a tenth of a standard deviation, or a few points of the rows."""
LEAST_ROWS: Mapping[str, int] = {"rules": 200}
"""Rows below which a method says nothing (where that is more than for all methods): a handful of neighbours would decide."""

_CLOSED = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, config=_CLOSED)
class DriftThresholds:
    """How drift is judged.

    `floor` is the smallest score of the primary method that matters; `alert` how many floors make an alert (see `alert_of`); `q` the
    share of screens without change on which any column may be named; `min_rows` below which a window is not judged; `method` maps a
    column (or a glob) to the one method that judges it; `floors` a method to its floor; `fixed` maps "column" or "column:method" (globs)
    to a score that alone makes an alert, whatever chance does.

    Raises
    ------
    pydantic.ValidationError
        A ValueError: a value is out of range. (Of case.toml and `--set` it becomes a CaseError or SettingError.)
    """

    floor: Size | None = None
    alert: Size = 2.5
    q: Share = 0.05
    min_rows: Count = 30
    method: Mapping[str, str] = field(default_factory=dict)
    floors: Mapping[str, Size] = field(default_factory=dict)
    fixed: Mapping[str, Size] = field(default_factory=dict)

    def methods_of(self, column: str) -> tuple[str, ...]:
        """Return the ids of the methods that the column is judged by: the one that was set for it, else JUDGED_BY."""
        return next(((method,) for pattern, method in self.method.items() if fnmatchcase(column, pattern)), JUDGED_BY)

    def with_floors(self, floors: Mapping[str, float]) -> DriftThresholds:
        """Return thresholds that know more floors, such as those of a case's own methods; those that were set win."""
        return replace(self, floors={**floors, **self.floors}) if floors else self

    def floor_of(self, method: str) -> float:
        """Return the smallest score of a method that matters (0 where none is customary)."""
        if method in self.floors:
            return float(self.floors[method])
        if method == PRIMARY and self.floor is not None:
            return float(self.floor)
        return FLOORS.get(method, 0.0)

    def alert_of(self, method: str, farthest: float) -> float:
        """Return the score that makes an alert, where scores reach `farthest` at most: `alert` floors, but no more than halfway from the
        floor to the farthest, so that no ceiling makes an alert impossible.

        >>> DriftThresholds().alert_of("constant", 1.0), round(DriftThresholds().alert_of("js", 1.0), 3)
        (0.75, 0.125)
        """
        floor = self.floor_of(method)
        return min(self.alert * floor, (floor + farthest) / 2) if floor < farthest else self.alert * floor

    def fixed_of(self, column: str, method: str) -> float | None:
        """Return the analyst's fixed threshold of a method on a column, if there is one."""
        for pattern, value in self.fixed.items():
            alone = method == self.methods_of(column)[0] and _names(pattern, column)
            if alone or (pattern.endswith(f":{method}") and _names(pattern.removesuffix(f":{method}"), column)):
                return float(value)
        return None

    def is_fixed(self, column: str) -> bool:
        """Say whether a column is judged by what the analyst set, and by nothing else."""
        return any(self.fixed_of(column, one) is not None for one in self.methods_of(column))


def _names(pattern: str, column: str) -> bool:
    return column == pattern or fnmatchcase(column, pattern)


@dataclass(frozen=True, slots=True, config=_CLOSED)
class MultivariateThresholds:
    """How joint drift is judged: `q` the share of screens without change on which anything may be named, `floors` the smallest score that
    matters by method, `alert` how many times as far as it has to be a run must be for an alert, `min_rows` below which a window is not
    judged."""

    q: Share = 0.05
    alert: Size = 1.5
    min_rows: Count = 50
    floors: Mapping[str, Size] = field(default_factory=dict)

    def floor_of(self, method: str) -> float:
        """Return the smallest score of a method that matters (0 where none is customary)."""
        return float(self.floors.get(method, JOINT_FLOORS.get(method, 0.0)))

    def least_rows(self, method: str) -> int:
        """Return the rows below which a method says nothing, where that is more than for all methods."""
        return LEAST_ROWS.get(method, 0)


@dataclass(frozen=True, slots=True, config=_CLOSED)
class PerformanceThresholds:
    """How performance is judged: `q` the share of screens without change on which anything may be named, `alert` how many times as far as
    it has to be a run for the worse must be for an alert (a better one is a warning), `min_rows` labelled rows below which a window is not
    judged, `floors` the smallest change of a metric that matters, in its unit."""

    q: Share = 0.05
    alert: Size = 1.25
    min_rows: Count = 30
    floors: Mapping[str, Size] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, config=_CLOSED)
class FairnessThresholds:
    """How fairness is judged: `q` the share of screens without change on which anything may be named, `band` the ratio of a group to all
    others below which it is unfair (four fifths; above its inverse likewise)."""

    q: Share = 0.05
    band: Share = 0.8

    def __post_init__(self) -> None:
        """Check that there is a band."""
        if not 0 < self.band < 1:
            raise ValueError(f"band is a ratio between 0 and 1, such as 0.8, not {self.band:g}")


@dataclass(frozen=True, slots=True, config=_CLOSED)
class SegmentThresholds:
    """How segments are judged: `q` the share of screens without change on which any segment may be named, `alert` and `floors` as of
    performance, `min_rows` labelled rows of a segment below which a window is not judged."""

    q: Share = 0.05
    alert: Size = 1.25
    min_rows: Count = 10
    floors: Mapping[str, Size] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, config=_CLOSED)
class ConceptThresholds:
    """How concept drift is judged: as performance is; `floors` by method."""

    q: Share = 0.05
    alert: Size = 1.25
    min_rows: Count = 50
    floors: Mapping[str, Size] = field(default_factory=dict)


OUTLIER_SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
"""Shares of reference rows that may be flagged as outliers: rows are counted for each of them while they are read."""


@dataclass(frozen=True, slots=True, config=_CLOSED)
class OutlierThresholds:
    """How outliers are judged: `share` of the rows of a reference without change that are flagged (one of OUTLIER_SHARES), `q` the share of
    screens without change on which anything may be named, `floor` how many times the usual share of flagged rows matters, `alert` how many
    times as far as it has to be a run must be for an alert, `min_rows` below which a window is not judged."""

    share: Share = 0.01
    q: Share = 0.05
    floor: Size = 1.5
    alert: Size = 1.5
    min_rows: Count = 50

    def __post_init__(self) -> None:
        """Check that rows are counted for the share."""
        if self.share not in OUTLIER_SHARES:
            raise ValueError(f"share is one of {', '.join(f'{one:g}' for one in OUTLIER_SHARES)}, not {self.share:g}")


@dataclass(frozen=True, slots=True, config=_CLOSED)
class OperationsThresholds:
    """How operations are judged: as performance is; `floors` by metric; `apdex_ms` the latency in milliseconds that satisfies (four times
    as much is tolerated), without which there is no Apdex; `monthly_budget` what a calendar month may cost."""

    q: Share = 0.05
    alert: Size = 1.25
    min_rows: Count = 30
    floors: Mapping[str, Size] = field(default_factory=dict)
    apdex_ms: Size | None = None
    monthly_budget: Size | None = None


@dataclass(frozen=True, slots=True, config=_CLOSED)
class QualityThresholds:
    """How checks of data quality are judged: as performance is; `floors` the smallest change of a share by check, `defect` the share of
    rows from which what the reference has too is told as a defect. Facts of columns are judged as drift is."""

    q: Share = 0.05
    alert: Size = 1.25
    min_rows: Count = 30
    floors: Mapping[str, Size] = field(default_factory=dict)
    defect: Share = 0.01


@dataclass(frozen=True, slots=True, config=_CLOSED)
class PipelineThresholds:
    """How durations and rows of pipelines are judged: as performance is; `floor` the smallest change that matters, in parts of what was
    usual. That a job failed needs no threshold."""

    q: Share = 0.05
    alert: Size = 1.25
    floor: Size = 0.25


@dataclass(frozen=True, slots=True, config=_CLOSED)
class ContractThresholds:
    """How a contract is judged: `min_rows` below which a window is not judged. What may break a clause is written in the contract."""

    min_rows: Count = 1


@dataclass(frozen=True, slots=True, config=_CLOSED)
class AdversaryThresholds:
    """How signs of concerted behaviour are judged: `q` the share of screens without any on which some are named, `alert` how many times as
    far as it has to be one must be for an alert, `min_rows` below which a window is not judged."""

    q: Share = 0.01
    alert: Size = 1.25
    min_rows: Count = 30


@dataclass(frozen=True, slots=True, config=_CLOSED)
class ExplanationThresholds:
    """How attributions are judged: `q` the share of screens without change on which any column may be named, `alert` as of performance,
    `min_rows` explained rows below which a window is not judged, `floor` the smallest change of a column's mean attribution that matters,
    in standard deviations of the reference's predictions."""

    q: Share = 0.05
    alert: Size = 1.25
    min_rows: Count = 20
    floor: Size = 0.05


@dataclass(frozen=True, slots=True, config=_CLOSED)
class IncidentThresholds:
    """How severe incidents are: `much` the share of rows from which one concerns many, `most` from which nearly all."""

    much: Share = 0.1
    most: Share = 0.5


@dataclass(frozen=True, slots=True, config=_CLOSED)
class ShadowThresholds:
    """How challengers are judged: `q` the share of screens without a difference on which any metric may be named, `floors` the smallest
    difference that matters by metric; `split` the planned share of each arm of an experiment."""

    q: Share = 0.05
    floors: Mapping[str, Size] = field(default_factory=dict)
    split: Mapping[str, Size] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that every arm has a part."""
        if self.split and (len(self.split) < 2 or min(self.split.values()) <= 0):
            raise ValueError("split names at least two arms, each with a share above 0, such as { control = 0.8, treatment = 0.2 }")


@dataclass(frozen=True, slots=True, config=_CLOSED)
class Thresholds:
    """The groups of [thresholds], one per analysis that judges."""

    drift: DriftThresholds = DriftThresholds()
    multivariate: MultivariateThresholds = MultivariateThresholds()
    performance: PerformanceThresholds = PerformanceThresholds()
    fairness: FairnessThresholds = FairnessThresholds()
    segments: SegmentThresholds = SegmentThresholds()
    concept: ConceptThresholds = ConceptThresholds()
    operations: OperationsThresholds = OperationsThresholds()
    quality: QualityThresholds = QualityThresholds()
    contract: ContractThresholds = ContractThresholds()
    pipelines: PipelineThresholds = PipelineThresholds()
    adversaries: AdversaryThresholds = AdversaryThresholds()
    outliers: OutlierThresholds = OutlierThresholds()
    shadow: ShadowThresholds = ShadowThresholds()
    explanations: ExplanationThresholds = ExplanationThresholds()
    incidents: IncidentThresholds = IncidentThresholds()
