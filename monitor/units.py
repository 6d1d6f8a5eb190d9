"""Units of columns of results, by names that mean one thing in every table; a table says what is otherwise there (`tables.Contract`)."""

from __future__ import annotations

from collections.abc import Mapping

TEXT = "text"
SHARE = "share, 0..1"
FLAG = "true or false"
METRIC = "that of the metric"
METHOD = "that of the method"
RAW = "that of the raw prediction"
MEASURED_AS = "that of `measure`"

_NAMES: Mapping[str, str] = {
    TEXT: "assumes attribute basis case_kind cause cell check class column comparison currency direction does file finding group id "
    "import incident job key kind label last_window levels levels_lost measure message method metric model_type monitor moved "
    "moved_cell of owner page place question reason remedy run segment sentence severity source state status title tool track "
    "unit verdict version what why window workflow",
    "JSON": "causes columns evidence ids",
    "time, UTC": "detected end known_until onset_lower onset_upper start timestamp window_end window_start",
    FLAG: "alarm alone already blocks default defect failed fired flagged mature pays primary removes required rescored seen "
    "trusted unfair",
    "rows": "beside_n n n_labelled n_production n_reference n_rows n_used rows",
    "windows": "windows",
    "seconds": "seconds",
    "position, from 0": "number row",
    "rank, 1 first": "rank rank_production rank_reference",
    "probability, 0..1": "p_value q_value",
    SHARE: "allowed differing explained label_share missing_share_production missing_share_reference moved_from moved_to objective "
    "share_production share_reference share_rows size",
    "share of the budget, at most 1": "budget_left",
    "times the limit": "strength",
    "rank correlation, -1..1": "sign_production sign_reference",
    "ratio": "ratio ratio_lower ratio_upper reference_ratio",
    "probability, -1..1": "contribution_probability",
    METHOD: "expected limit run_limit run_score score",
    METRIC: "after_lower after_upper beside beside_lower beside_upper beyond beyond_lower beyond_upper challenger_value contribution "
    "difference difference_lower "
    "difference_upper elsewhere estimated gain labels_only limit_lower limit_upper lower now others realised reference_difference "
    "reference_high reference_low reference_value then threshold_lower threshold_upper upper value",
    RAW: "mean_abs_production mean_abs_reference mean_production mean_reference",
    MEASURED_AS: "after before",
    "squared error": "brier_gain brier_lower brier_upper",
    "that of `currency`": "money money_lower money_upper",
    "that of the prediction": "effect",
    "that of the prediction or the metric": "impact",
    "that of `of`": "figure",
}
UNITS: Mapping[str, str] = {name: unit for unit, names in _NAMES.items() for name in names.split()}
"""Unit by name of a column."""
