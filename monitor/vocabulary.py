"""The frozen words that every layer shares (see docs/architecture.md)."""

from __future__ import annotations

from enum import StrEnum

WHOLE = "whole"
"""Id of the window that is the whole selection."""

MISSING = "missing"
"""Name of the cell that holds rows without a value."""

OTHER = "other"
"""Name of the cell of the categorical tail and of levels the reference never had."""

INFINITE = "infinite"
"""Name of the `other` cell of a numeric column: rows whose value is plus or minus infinity."""


class Task(StrEnum):
    """What the monitored model predicts; `none`: there is no model, data alone are watched."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    NONE = "none"


class Role(StrEnum):
    """What a column is."""

    TIMESTAMP = "timestamp"
    ID = "id"
    FEATURE = "feature"
    PREDICTION = "prediction"
    SCORE = "score"
    LABEL = "label"
    LABEL_TIMESTAMP = "label_timestamp"
    LABEL_WEIGHT = "label_weight"
    SEGMENT = "segment"
    PROTECTED = "protected"
    MODEL_VERSION = "model_version"
    LATENCY_MS = "latency_ms"
    COST = "cost"
    CURRENCY = "currency"
    SATURATION = "saturation"
    STATUS = "status"
    CHALLENGER_PREDICTION = "challenger_prediction"
    CHALLENGER_SCORE = "challenger_score"
    VARIANT = "variant"
    IGNORE = "ignore"


class Kind(StrEnum):
    """How a column is measured."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"


class Status(StrEnum):
    """What judgement says of one row of a result."""

    STABLE = "stable"
    WARNING = "warning"
    ALERT = "alert"
    TOO_FEW_ROWS = "too_few_rows"
    NOT_APPLICABLE = "not_applicable"
    NOT_JUDGED = "not_judged"


SEVERITY: tuple[Status, ...] = (
    Status.ALERT,
    Status.WARNING,
    Status.TOO_FEW_ROWS,
    Status.NOT_JUDGED,
    Status.NOT_APPLICABLE,
    Status.STABLE,
)
"""Statuses, the most severe first."""


class Severity(StrEnum):
    """How much an incident matters."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Cause(StrEnum):
    """What an incident may come from, by the names that tables, files and rules use."""

    UNIT_CHANGE = "unit_change"
    """A known factor or affine map of units, cents for euro included."""
    SCALE_CHANGE = "scale_change"
    """Any other factor."""
    OFFSET = "offset"
    TIME_SHIFT = "time_shift"
    STUCK_VALUE = "stuck_value"
    DEFAULT_FILL = "default_fill"
    CLIPPED = "clipped"
    ROUNDED = "rounded"
    MISSING_VALUES = "missing_values"
    RECODE = "recode"
    """Old levels map one to one to new ones."""
    NEW_LEVELS = "new_levels"
    """Levels that were never seen, and no such map."""
    SWAPPED_COLUMNS = "swapped_columns"
    SCHEMA_CHANGE = "schema_change"
    """A column renamed or of another type."""
    LOST_COLUMN = "lost_column"
    """A column is gone, and no other took its place."""
    DUPLICATED_ROWS = "duplicated_rows"
    VOLUME_CHANGE = "volume_change"
    TRAFFIC_BURST = "traffic_burst"
    ADVERSARIAL_BURST = "adversarial_burst"
    LABEL_DELAY = "label_delay"
    LABEL_CHANGE = "label_change"
    """Labels move at unchanged inputs, whatever the columns."""
    CONCEPT_CHANGE = "concept_change"
    """How labels depend on columns moves."""
    THRESHOLD_CHANGE = "threshold_change"
    """Decisions follow the score by another threshold."""
    MIX_CHANGE = "mix_change"
    SLOW_DRIFT = "slow_drift"
    SEASON = "season"
    MODEL_VERSION = "model_version"
    LATENCY = "latency"
    ERRORS = "errors"
    COST = "cost"
    FRESHNESS = "freshness"
    PIPELINE_FAILURE = "pipeline_failure"
    """A job that brings the data failed or did not run. No rows prove it; people give it, and what it brought is told as coming from it."""
    UNKNOWN = "unknown"
