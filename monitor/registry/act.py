"""Rows of analyses: what to do."""

from __future__ import annotations

from monitor.analyses.shadow import measure_shadow
from monitor.export.finding_pins import shadow_pin
from monitor.judgement.challenger_answer import challengers_answer
from monitor.judgement.finding import FindingKind
from monitor.judgement.judged_shadow import JUDGED as SHADOW_TABLE
from monitor.judgement.shadow import judge_shadow
from monitor.judgement.thresholds import shadow_thresholds
from monitor.registry.analysis import Analysis, drawn
from monitor.vocabulary import Role

ROWS = (
    Analysis(
        name="shadow",
        title="Challengers",
        section="Act",
        icon=":material/compare_arrows:",
        work="Comparing models on the same rows",
        question="Would another model be better, where, and what would that be worth?",
        measure=measure_shadow,
        judge=judge_shadow,
        thresholds=shadow_thresholds,
        answer=challengers_answer,
        pin=shadow_pin,
        report=drawn("shadow_section"),
        look=lambda one: {"shadow_metric": one.method if one.kind is FindingKind.CHALLENGER and not one.where else None},
        table=SHADOW_TABLE,
        needs=(
            (Role.LABEL,),
            (Role.PREDICTION, Role.SCORE),
            (Role.CHALLENGER_PREDICTION, Role.CHALLENGER_SCORE, Role.VARIANT),
        ),
        options=frozenset({"as_of"}),
        noun="difference",
        without_wrong=True,
        rank=3,
    ),
)
