"""Rows of analyses: whether the model is right."""

from __future__ import annotations

from monitor.analyses.concept import measure_concept
from monitor.analyses.estimate import measure_estimate
from monitor.analyses.fairness import measure_fairness
from monitor.analyses.performance import measure_performance
from monitor.analyses.segments import measure_segments
from monitor.export.finding_pins import concept_pin, estimate_pin, gap_pin, metric_pin, segment_pin
from monitor.judgement.answers import concept_answer, estimate_answer, fairness_answer, performance_answer, segments_answer
from monitor.judgement.concept import JUDGED as CONCEPT_TABLE
from monitor.judgement.concept import judge_concept
from monitor.judgement.estimate import GAP, judge_estimate
from monitor.judgement.estimate import JUDGED as ESTIMATE_TABLE
from monitor.judgement.fairness import JUDGED as FAIRNESS_TABLE
from monitor.judgement.fairness import group_text, judge_fairness
from monitor.judgement.performance import judge_performance
from monitor.judgement.performance_table import JUDGED as PERFORMANCE_TABLE
from monitor.judgement.segments import JUDGED as SEGMENTS_TABLE
from monitor.judgement.segments import judge_segments
from monitor.judgement.thresholds import concept_thresholds, fairness_thresholds, performance_thresholds, segment_thresholds
from monitor.registry.analysis import Analysis, drawn
from monitor.stats.performance.catalogue import METRICS
from monitor.vocabulary import Role

ROWS = (
    Analysis(
        name="performance",
        title="Performance",
        section="Performance",
        icon=":material/target:",
        work="Measuring the model against its labels",
        question="Is the model still right, since when not, and how much?",
        measure=measure_performance,
        judge=judge_performance,
        thresholds=performance_thresholds,
        answer=performance_answer,
        pin=metric_pin,
        report=drawn("metric_section"),
        look=lambda one: {"performance_metric": METRICS[one.method].title if one.method in METRICS else one.label},
        table=PERFORMANCE_TABLE,
        needs=((Role.LABEL,), (Role.PREDICTION, Role.SCORE)),
        options=frozenset({"by", "as_of"}),
        noun="metric",
        rank=0,
    ),
    Analysis(
        name="estimate",
        title="Estimated",
        section="Performance",
        icon=":material/query_stats:",
        work="Estimating performance without labels",
        question="How right is the model where labels are missing?",
        measure=measure_estimate,
        judge=judge_estimate,
        thresholds=performance_thresholds,
        answer=estimate_answer,
        pin=estimate_pin,
        report=drawn("estimate_section"),
        look=lambda one: {"estimate_metric": METRICS[one.what.removesuffix(GAP)].title},
        table=ESTIMATE_TABLE,
        needs=((Role.LABEL,), (Role.PREDICTION, Role.SCORE)),
        options=frozenset({"as_of"}),
        noun="estimate",
    ),
    Analysis(
        name="fairness",
        title="Fairness",
        section="Performance",
        icon=":material/balance:",
        work="Comparing groups",
        question="Does the model treat groups alike, and did it before?",
        measure=measure_fairness,
        judge=judge_fairness,
        thresholds=fairness_thresholds,
        answer=fairness_answer,
        pin=gap_pin,
        report=drawn("gap_section"),
        look=lambda one: {"fairness_metric": METRICS[one.method].title, "fairness_group": group_text(one.label, *one.carried)},
        table=FAIRNESS_TABLE,
        needs=((Role.PROTECTED,), (Role.PREDICTION, Role.SCORE)),
        options=frozenset({"by", "as_of"}),
        noun="gap",
        rank=1,
    ),
    Analysis(
        name="concept",
        title="Concept",
        section="Performance",
        icon=":material/schema:",
        work="Learning what labels inputs let expect",
        question="Do the same inputs still lead to the same labels?",
        measure=measure_concept,
        judge=judge_concept,
        thresholds=concept_thresholds,
        answer=concept_answer,
        pin=concept_pin,
        report=drawn("concept_section"),
        look=lambda one: {"concept_of": one.what},
        table=CONCEPT_TABLE,
        needs=((Role.LABEL,), (Role.PREDICTION, Role.SCORE)),
        options=frozenset({"as_of"}),
        noun="relation",
        rank=1,
    ),
    Analysis(
        name="segments",
        title="Segments",
        section="Performance",
        icon=":material/pie_chart:",
        work="Searching segments of one and two columns",
        question="Where did the model get worse than elsewhere?",
        measure=measure_segments,
        judge=judge_segments,
        thresholds=segment_thresholds,
        answer=segments_answer,
        pin=segment_pin,
        report=drawn("segment_section"),
        look=lambda one: {"segments_segment": one.label},
        table=SEGMENTS_TABLE,
        needs=((Role.LABEL,), (Role.PREDICTION, Role.SCORE)),
        options=frozenset({"as_of"}),
        noun="segment",
        rank=1,
    ),
)
