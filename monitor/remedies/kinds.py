"""Ways to deal with an incident, which of them takes away which cause, and why one was not tried."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from monitor.incidents.cause import Cause


class Remedy(StrEnum):
    """What could be done."""

    NOTHING = "nothing"
    PATCH = "patch"
    """Mend the input, and score again."""
    RESTORE = "restore"
    """Set the threshold back from which rows were decided."""
    RETHRESHOLD = "rethreshold"
    RECALIBRATE = "recalibrate"
    ROLLBACK = "rollback"
    RETRAIN = "retrain"


class Basis(StrEnum):
    """What the figures of an option rest on."""

    SIMULATED = "simulated"
    """The rows concerned, answered otherwise: the same rows twice."""
    ON_REFERENCE = "on the reference"
    """Rows of the reference, whose true values are known, with the damage done to them."""
    BESIDE = "beside other rows"
    """Other rows: what is compared are not the same."""
    NONE = "not tried"


class Why(StrEnum):
    """Why an option was not tried, or what its figures lack."""

    TRIED = ""
    NO_LABELS = "no_labels"
    FEW_LABELS = "few_labels"
    NO_MODEL = "no_model"
    NO_INVERSE = "no_inverse"
    NOT_INPUT = "not_of_the_input"
    NO_SCORE = "no_score"
    LABELS_IN_DOUBT = "labels_in_doubt"
    NOT_TO_LEARN = "not_to_be_learned_from"
    NOT_ANSWERS = "not_of_the_answers"
    NO_VERSION = "no_earlier_version"
    SAME_VERSION = "same_version"
    NO_OVERLAP = "no_overlap"
    FEW_ROWS = "few_rows"
    NO_THRESHOLD = "no_threshold"
    NO_OLD_THRESHOLD = "no_earlier_threshold"
    MANY_CLASSES = "many_classes"
    NOT_FITTED = "not_fitted"
    COPIES = "copies"


_DAMAGED = (
    Cause.UNIT_CHANGE, Cause.SCALE_CHANGE, Cause.OFFSET, Cause.TIME_SHIFT, Cause.STUCK_VALUE, Cause.DEFAULT_FILL, Cause.CLIPPED,
    Cause.ROUNDED, Cause.MISSING_VALUES, Cause.RECODE, Cause.SWAPPED_COLUMNS, Cause.SCHEMA_CHANGE, Cause.LOST_COLUMN,
    Cause.DUPLICATED_ROWS, Cause.SLOW_DRIFT,
)  # fmt: skip
SERVICE = frozenset({Cause.LATENCY, Cause.ERRORS, Cause.COST, Cause.FRESHNESS})
"""Causes in how answers are served, not in what they say."""
REMOVES: Mapping[Cause, Remedy] = {
    **dict.fromkeys(_DAMAGED, Remedy.PATCH),
    Cause.THRESHOLD_CHANGE: Remedy.RESTORE,
    **dict.fromkeys((Cause.CONCEPT_CHANGE, Cause.NEW_LEVELS), Remedy.RETRAIN),
    **dict.fromkeys((Cause.MODEL_VERSION, Cause.LATENCY, Cause.ERRORS, Cause.COST), Remedy.ROLLBACK),
}
"""The remedy that takes a cause away; any other treats what follows from it. Causes that are not named need none of model or input."""
MENDS = frozenset({Remedy.PATCH, Remedy.RESTORE})
"""Remedies that put right what somebody changed: preferred unless they are seen to hurt."""
DOUBTED = frozenset({Cause.LABEL_CHANGE, Cause.LABEL_DELAY})
"""Causes after which the labels of the rows say nothing of a model: what fits them best is not what is right."""
UNWANTED = frozenset({Cause.TRAFFIC_BURST, Cause.ADVERSARIAL_BURST})
"""Causes whose rows are no customers: a model that is fitted to them serves who sent them."""
