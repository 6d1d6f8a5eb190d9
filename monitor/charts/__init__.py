"""Result tables -> Vega-Lite charts. Nothing here queries or judges; a chart draws only columns of its table."""

from monitor.charts.challengers import difference_chart, segment_difference_chart
from monitor.charts.chart import Chart, Names
from monitor.charts.concept import level_chart, parts_chart
from monitor.charts.coverage import coverage_chart
from monitor.charts.daily import daily_chart
from monitor.charts.distribution import decile_chart, distribution_chart, score_distribution_chart
from monitor.charts.estimate import estimated_chart
from monitor.charts.fairness import gap_chart, groups_chart
from monitor.charts.heatmap import drift_heatmap_chart
from monitor.charts.level import label_share_chart, said_chart
from monitor.charts.output import decile_windows_chart, quantile_chart
from monitor.charts.performance import (
    calibration_chart,
    lift_chart,
    money,
    precision_chart,
    residual_chart,
    roc_chart,
    threshold_chart,
    value_chart,
)
from monitor.charts.proof import proof_chart
from monitor.charts.relations import contribution_bar_chart, matrix_chart, scatter_chart
from monitor.charts.remedies import remedies_chart
from monitor.charts.segments import beside_chart, contribution_chart
from monitor.charts.statistic import statistic_timeline_chart
from monitor.charts.stored import stored_chart
from monitor.charts.stretches import stretches_chart
from monitor.charts.theme import Theme
from monitor.charts.timeline import objective_chart, on_one_scale, range_chart, series_chart, series_title, target_chart, volume_chart

__all__ = [
    "Chart",
    "Names",
    "Theme",
    "beside_chart",
    "calibration_chart",
    "contribution_bar_chart",
    "contribution_chart",
    "coverage_chart",
    "daily_chart",
    "decile_chart",
    "decile_windows_chart",
    "difference_chart",
    "distribution_chart",
    "drift_heatmap_chart",
    "estimated_chart",
    "gap_chart",
    "groups_chart",
    "label_share_chart",
    "level_chart",
    "lift_chart",
    "matrix_chart",
    "money",
    "objective_chart",
    "on_one_scale",
    "parts_chart",
    "precision_chart",
    "proof_chart",
    "quantile_chart",
    "range_chart",
    "remedies_chart",
    "residual_chart",
    "roc_chart",
    "said_chart",
    "scatter_chart",
    "score_distribution_chart",
    "segment_difference_chart",
    "series_chart",
    "series_title",
    "statistic_timeline_chart",
    "stored_chart",
    "stretches_chart",
    "target_chart",
    "threshold_chart",
    "value_chart",
    "volume_chart",
]
