"""Rows of analyses: the service, what feeds it and what was agreed."""

from __future__ import annotations

from monitor.analyses.contract import measure_contract
from monitor.analyses.operations import measure_operations
from monitor.analyses.pipelines import measure_pipelines
from monitor.contract.file import CONTRACT_FILE
from monitor.export.finding_pins import contract_pin, operation_pin, pipeline_pin
from monitor.judgement.contract import JUDGED as CONTRACT_TABLE
from monitor.judgement.contract import judge_contract
from monitor.judgement.data_answers import contract_answer, operations_answer, pipelines_answer
from monitor.judgement.operations import JUDGED as OPERATIONS_TABLE
from monitor.judgement.operations import judge_operations
from monitor.judgement.pipelines import JUDGED as PIPELINES_TABLE
from monitor.judgement.pipelines import judge_pipelines
from monitor.judgement.thresholds import contract_thresholds, operations_thresholds, pipeline_thresholds
from monitor.registry.analysis import Analysis, drawn

ROWS = (
    Analysis(
        name="pipelines",
        title="Pipelines",
        section="Operate",
        icon=":material/account_tree:",
        work="Reading runs of the pipelines",
        question="Did what fills the data run, in time and to the end?",
        measure=measure_pipelines,
        judge=judge_pipelines,
        thresholds=pipeline_thresholds,
        answer=pipelines_answer,
        pin=pipeline_pin,
        report=drawn("pipeline_section"),
        look=lambda one: {"pipelines_finding": one.id},
        table=PIPELINES_TABLE,
        section_of_case="pipeline",
        noun="job",
        rank=2,
    ),
    Analysis(
        name="contract",
        title="Contract",
        section="Operate",
        icon=":material/contract:",
        work="Holding the data against the contract",
        question="Does production keep what was agreed about each column?",
        measure=measure_contract,
        judge=judge_contract,
        thresholds=contract_thresholds,
        answer=contract_answer,
        pin=contract_pin,
        report=drawn("contract_section"),
        look=lambda one: {"contract_finding": one.id},
        table=CONTRACT_TABLE,
        beside=CONTRACT_FILE,
        noun="clause",
        rank=2,
    ),
    Analysis(
        name="operations",
        title="Operations",
        section="Operate",
        icon=":material/monitor_heart:",
        work="Counting requests, errors, latency and cost",
        question="Is the service up, fast, fresh and complete, and what does it cost?",
        measure=measure_operations,
        judge=judge_operations,
        thresholds=operations_thresholds,
        answer=operations_answer,
        pin=operation_pin,
        report=drawn("operation_section"),
        look=lambda one: {"operations_metric": one.what},
        table=OPERATIONS_TABLE,
        options=frozenset({"by", "as_of"}),
        noun="metric",
        rank=2,
    ),
)
