"""Rows of analyses: what data and predictions look like."""

from __future__ import annotations

from monitor.analyses.adversaries import measure_adversaries
from monitor.analyses.drift import measure_drift
from monitor.analyses.multivariate import measure_multivariate
from monitor.analyses.outliers import measure_outliers
from monitor.analyses.predictions import measure_predictions
from monitor.analyses.quality import measure_quality
from monitor.case.model import OUTPUTS
from monitor.export.finding_pins import adversary_pin, drift_pin, joint_pin, outlier_pin, quality_pin
from monitor.judgement.adversaries import judge_adversaries
from monitor.judgement.answers import inputs_answer, joint_answer, outputs_answer
from monitor.judgement.assessment import assess_drift
from monitor.judgement.data_answers import adversaries_answer, outliers_answer, quality_answer
from monitor.judgement.drift import judge_drift
from monitor.judgement.drift_table import JUDGED as DRIFT_TABLE
from monitor.judgement.finding import Finding
from monitor.judgement.joint_table import JUDGED as JOINT_TABLE
from monitor.judgement.judged_adversaries import JUDGED as ADVERSARIES_TABLE
from monitor.judgement.judged_outliers import JUDGED as OUTLIERS_TABLE
from monitor.judgement.multivariate import judge_multivariate
from monitor.judgement.outliers import judge_outliers
from monitor.judgement.quality import JUDGED as QUALITY_TABLE
from monitor.judgement.quality import assess_quality, judge_quality
from monitor.judgement.thresholds import (
    adversary_thresholds,
    drift_thresholds,
    multivariate_thresholds,
    outlier_thresholds,
    quality_thresholds,
)
from monitor.registry.analysis import Analysis, drawn
from monitor.stats.adversaries.catalogue import COUNTED
from monitor.stats.multivariate.catalogue import JOINT


def _cell(finding: Finding) -> str:
    return f"{finding.what}~{finding.worst or finding.window}"


ROWS = (
    Analysis(
        name="drift",
        title="Drift",
        section="Explore",
        icon=":material/grid_view:",
        work="Measuring every column",
        question="Which columns changed, since when and how much?",
        measure=measure_drift,
        assess=assess_drift,
        judge=judge_drift,
        counted=True,
        thresholds=drift_thresholds,
        answer=inputs_answer,
        pin=drift_pin,
        report=drawn("drift_section", "report"),
        look=lambda one: {"cell": _cell(one), "run": one.id},
        table=DRIFT_TABLE,
        rank=2,
        weighed=True,
    ),
    Analysis(
        name="predictions",
        title="Predictions",
        section="Explore",
        icon=":material/online_prediction:",
        work="Measuring predictions and scores",
        question="Does the model answer differently than before?",
        measure=measure_predictions,
        assess=assess_drift,
        judge=judge_drift,
        thresholds=drift_thresholds,
        answer=outputs_answer,
        pin=drift_pin,
        report=drawn("drift_section", "report"),
        look=lambda one: {"predictions_cell": _cell(one), "predictions_run": one.id},
        table=DRIFT_TABLE,
        needs=(OUTPUTS,),
        options=frozenset({"by"}),
        noun="output",
        rank=1,
        weighed=True,
    ),
    Analysis(
        name="multivariate",
        title="Joint drift",
        section="Explore",
        icon=":material/scatter_plot:",
        work="Looking at all columns together",
        question="Do columns still belong together as they did?",
        measure=measure_multivariate,
        judge=judge_multivariate,
        thresholds=multivariate_thresholds,
        answer=joint_answer,
        pin=joint_pin,
        report=drawn("joint_section"),
        look=lambda one: {"multivariate_method": JOINT[one.method].title, "window": one.worst or one.window},
        table=JOINT_TABLE,
        noun="relation",
    ),
    Analysis(
        name="quality",
        title="Quality",
        section="Explore",
        icon=":material/rule:",
        work="Checking every column",
        question="Is the data what it was: complete, in range, of the right type, each row once?",
        measure=measure_quality,
        assess=assess_quality,
        judge=judge_quality,
        thresholds=quality_thresholds,
        answer=quality_answer,
        pin=quality_pin,
        report=drawn("quality_section"),
        look=lambda one: {"quality_finding": one.id},
        table=QUALITY_TABLE,
        noun="check",
        rank=2,
        weighed=True,
    ),
    Analysis(
        name="adversaries",
        title="Adversaries",
        section="Explore",
        icon=":material/security:",
        work="Looking for rows that belong together",
        question="Does somebody play against the model?",
        measure=measure_adversaries,
        judge=judge_adversaries,
        thresholds=adversary_thresholds,
        answer=adversaries_answer,
        pin=adversary_pin,
        report=drawn("adversary_section"),
        look=lambda one: {"adversaries_sign": COUNTED[one.what.partition("#")[0]][0], "adversaries_rows": one.id},
        table=ADVERSARIES_TABLE,
        noun="sign",
    ),
    Analysis(
        name="outliers",
        title="Outliers",
        section="Explore",
        icon=":material/blur_on:",
        work="Looking for rows unlike the others",
        question="Which rows are unlike anything before, and why?",
        measure=measure_outliers,
        judge=judge_outliers,
        thresholds=outlier_thresholds,
        answer=outliers_answer,
        pin=outlier_pin,
        report=drawn("outlier_section"),
        look=lambda one: {"outliers_of": one.what, "outliers_window": one.worst or one.window},
        table=OUTLIERS_TABLE,
        noun="share",
    ),
)
