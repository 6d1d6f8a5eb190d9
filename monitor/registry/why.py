"""Rows of analyses: why the model answers as it does."""

from __future__ import annotations

from monitor.analyses.explanations import measure_explanations
from monitor.export.finding_pins import explanation_pin
from monitor.judgement.explanation_answer import explanations_answer
from monitor.judgement.explanations import JUDGED as EXPLANATIONS_TABLE
from monitor.judgement.explanations import judge_explanations
from monitor.judgement.thresholds import explanation_thresholds
from monitor.registry.analysis import Analysis, drawn
from monitor.vocabulary import Role

ROWS = (
    Analysis(
        name="explanations",
        title="Explanations",
        section="Why",
        icon=":material/lightbulb:",
        work="Explaining predictions",
        question="Which columns moved what the model says?",
        measure=measure_explanations,
        judge=judge_explanations,
        thresholds=explanation_thresholds,
        answer=explanations_answer,
        pin=explanation_pin,
        report=drawn("explanation_section"),
        look=lambda one: {"explanations_column": one.what.removesuffix(f" [{one.note}]") if one.note else one.what},
        table=EXPLANATIONS_TABLE,
        needs=((Role.PREDICTION, Role.SCORE),),
        options=frozenset({"rows"}),
        noun="column",
        rank=2,
    ),
)
