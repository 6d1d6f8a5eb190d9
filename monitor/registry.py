"""The registry of analyses: one row each. Command line, API, pages, navigation, export and reports read it; nothing else lists them.

A new analysis is its files and one row (docs/add-an-analysis.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from monitor.analyses.adversaries import measure_adversaries
from monitor.analyses.concept import measure_concept
from monitor.analyses.contract import measure_contract
from monitor.analyses.drift import measure_drift
from monitor.analyses.estimate import measure_estimate
from monitor.analyses.explanations import measure_explanations
from monitor.analyses.fairness import measure_fairness
from monitor.analyses.multivariate import measure_multivariate
from monitor.analyses.operations import measure_operations
from monitor.analyses.outliers import measure_outliers
from monitor.analyses.performance import measure_performance
from monitor.analyses.pipelines import measure_pipelines
from monitor.analyses.predictions import measure_predictions, without_output
from monitor.analyses.quality import measure_quality
from monitor.analyses.segments import measure_segments
from monitor.analyses.shadow import measure_shadow
from monitor.analyses.sides import Question
from monitor.case import Case
from monitor.case.model import OUTPUTS
from monitor.contract.file import CONTRACT_FILE
from monitor.engine import Progress, Workspace
from monitor.errors import (
    CaseError,
    ColumnMissingError,
    DriftscopeError,
    ExtensionMissingError,
    KindError,
    MethodError,
    ModelError,
    SelectionError,
    nearest,
)
from monitor.export.incident_records import list_incidents
from monitor.export.pins import (
    Pin,
    adversary_pin,
    concept_pin,
    contract_pin,
    drift_pin,
    estimate_pin,
    explanation_pin,
    gap_pin,
    incident_pin,
    joint_pin,
    metric_pin,
    operation_pin,
    outlier_pin,
    pipeline_pin,
    quality_pin,
    segment_pin,
    shadow_pin,
)
from monitor.incidents.answer import incidents_answer
from monitor.incidents.judged import JUDGED as INCIDENTS_TABLE
from monitor.incidents.judged import judge_incidents
from monitor.judgement.adversaries import JUDGED as ADVERSARIES_TABLE
from monitor.judgement.adversaries import judge_adversaries
from monitor.judgement.answers import (
    concept_answer,
    estimate_answer,
    fairness_answer,
    inputs_answer,
    joint_answer,
    outputs_answer,
    performance_answer,
    segments_answer,
)
from monitor.judgement.assessment import assess_drift
from monitor.judgement.challenger_answer import challengers_answer
from monitor.judgement.concept import JUDGED as CONCEPT_TABLE
from monitor.judgement.concept import judge_concept
from monitor.judgement.contract import JUDGED as CONTRACT_TABLE
from monitor.judgement.contract import judge_contract
from monitor.judgement.data_answers import (
    adversaries_answer,
    contract_answer,
    operations_answer,
    outliers_answer,
    pipelines_answer,
    quality_answer,
)
from monitor.judgement.drift import judge_drift
from monitor.judgement.drift_table import JUDGED as DRIFT_TABLE
from monitor.judgement.estimate import GAP, judge_estimate
from monitor.judgement.estimate import JUDGED as ESTIMATE_TABLE
from monitor.judgement.explanation_answer import explanations_answer
from monitor.judgement.explanations import JUDGED as EXPLANATIONS_TABLE
from monitor.judgement.explanations import judge_explanations
from monitor.judgement.fairness import JUDGED as FAIRNESS_TABLE
from monitor.judgement.fairness import group_text, judge_fairness
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.joint_table import JUDGED as JOINT_TABLE
from monitor.judgement.judged import Judged
from monitor.judgement.multivariate import judge_multivariate
from monitor.judgement.narration.answers import Answer
from monitor.judgement.operations import JUDGED as OPERATIONS_TABLE
from monitor.judgement.operations import judge_operations
from monitor.judgement.outliers import JUDGED as OUTLIERS_TABLE
from monitor.judgement.outliers import judge_outliers
from monitor.judgement.performance import JUDGED as PERFORMANCE_TABLE
from monitor.judgement.performance import judge_performance
from monitor.judgement.pipelines import JUDGED as PIPELINES_TABLE
from monitor.judgement.pipelines import judge_pipelines
from monitor.judgement.quality import JUDGED as QUALITY_TABLE
from monitor.judgement.quality import assess_quality, judge_quality
from monitor.judgement.segments import JUDGED as SEGMENTS_TABLE
from monitor.judgement.segments import judge_segments
from monitor.judgement.shadow import JUDGED as SHADOW_TABLE
from monitor.judgement.shadow import judge_shadow
from monitor.judgement.thresholds import (
    adversary_thresholds,
    concept_thresholds,
    contract_thresholds,
    drift_thresholds,
    explanation_thresholds,
    fairness_thresholds,
    multivariate_thresholds,
    operations_thresholds,
    outlier_thresholds,
    performance_thresholds,
    pipeline_thresholds,
    quality_thresholds,
    segment_thresholds,
    shadow_thresholds,
)
from monitor.stats.adversaries.catalogue import COUNTED
from monitor.stats.multivariate.catalogue import JOINT
from monitor.stats.performance.catalogue import METRICS
from monitor.tables import Contract, Skipped
from monitor.vocabulary import Role, Task

if TYPE_CHECKING:
    from monitor.export.report import Report, Section


def _drawn(function: str) -> Callable[[Finding, Any], Section]:
    """Return a function of `monitor.export.case_report` that is imported when it is called: what draws nothing does not wait for altair."""

    def section(finding: Finding, judged: Any) -> Section:
        found: Section = getattr(import_module("monitor.export.case_report"), function)(finding, judged)
        return found

    return section


def _looking_for_causes(workspace: Workspace, question: Question | None = None, **options: Any) -> Any:
    """Measure incidents; what looks for causes learns models, which nothing else waits for."""
    return import_module("monitor.incidents.measure").measure_incidents(workspace, question, **options)


def _as_measured(result: Any) -> Any:
    return result


if TYPE_CHECKING:
    from monitor.export.report import Report, Section


def _cell(finding: Finding) -> str:
    return f"{finding.what}~{finding.worst or finding.window}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One analysis, and all that the product knows of it.

    Parameters
    ----------
    name : on the command line, in addresses and in files.
    title, section, icon, work : what its page is called, where it stands, its picture, and what is said while it is measured.
    question : that it answers.
    measure : (workspace, question, *, methods, progress, cancel, **options) -> what was measured.
    assess : measured -> assessed, the slow part of judging that no threshold changes.
    judge : (assessed, thresholds) -> Judged.
    thresholds : case -> how it is judged.
    answer : judged -> its state in a headline and a doubt.
    pin : (finding, judged, *, view, comment, charts) -> a pin.
    report : (finding, judged) -> its section of a report.
    look : finding -> what its page's address says to look at it.
    table : the contract of the judged table.
    needs : groups of roles, of each of which the case has to name one; none: it can always be asked.
    beside : a file beside case.toml without which it cannot be asked.
    section_of_case : a section of case.toml without which it cannot be asked.
    options : further options that `measure` takes.
    noun : what its findings are about.
    rank : where it stands in a report: the lower, the nearer to whether the model is right.
    of_others : whether it is made of what all other analyses found: `measure` takes them as `judged`, and as `skipped` those that could not
        be asked.
    weighed : whether its findings carry what they do to the mean prediction (`monitor.judgement.impact`).
    """

    name: str
    title: str
    section: str
    icon: str
    work: str
    question: str
    measure: Callable[..., Any]
    judge: Callable[[Any, Any], Judged]
    thresholds: Callable[[Case], Any]
    answer: Callable[[Any], Answer]
    pin: Callable[..., Pin]
    report: Callable[[Finding, Any], Section]
    look: Callable[[Finding], Mapping[str, str | None]]
    table: Contract
    assess: Callable[[Any], Any] = _as_measured
    needs: tuple[tuple[Role, ...], ...] = ()
    options: frozenset[str] = field(default_factory=frozenset)
    beside: str = ""
    section_of_case: str = ""
    noun: str = "column"
    rank: int = 3
    weighed: bool = False
    of_others: bool = False

    def lacks(self, case: Case) -> str:
        """Say what a case lacks to be asked; empty if nothing."""
        given = {role for role, _ in case.roles.singles()} | ({Role.PROTECTED} if case.roles.protected else set())
        lacking = next((roles for roles in self.needs if not given & set(roles)), None)
        if lacking is None and self.beside and not (case.root / self.beside).is_file():
            return f"{self.title} needs a {self.beside} beside case.toml. 'driftscope {self.name} infer CASE' writes a first one."
        if lacking is None and self.section_of_case and getattr(case, self.section_of_case) is None:
            return f"{self.title} needs [{self.section_of_case}] in case.toml; docs/case.md says what stands there."
        if lacking is None:
            return ""
        if case.task is Task.NONE:
            return without_output(case)
        *first, last = (role.value for role in lacking)
        return f"{self.title} needs a column with the role {' or '.join(filter(None, (', '.join(first), last)))}. Name one in [roles]."

    def run(
        self,
        workspace: Workspace,
        question: Question | None = None,
        *,
        case: Case | None = None,
        methods: Sequence[str] = ("default",),
        progress: Progress | None = None,
        **options: Any,
    ) -> Judged:
        """Measure and judge.

        Parameters
        ----------
        case : whose thresholds it is judged by; default that of the workspace.

        Raises
        ------
        ColumnMissingError
            The case lacks a role that it needs.
        MethodError, SelectionError, SettingError
            What is asked for cannot be.
        """
        by_hand = options.get("by") is not None  # measuring says itself what the named column lacks
        if not by_hand and (lacking := self.lacks(workspace.case)):
            raise ColumnMissingError(lacking)
        judged_by = self.thresholds(workspace.case if case is None else case)
        if self.of_others and "judged" not in options:
            options |= judge_others(workspace, question, case=case, progress=progress).given
        measured = self.measure(workspace, question, methods=methods, progress=progress, **options)
        return self.judge(self.assess(measured), judged_by)


REGISTRY: Mapping[str, Analysis] = {
    row.name: row
    for row in (
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
            thresholds=drift_thresholds,
            answer=inputs_answer,
            pin=drift_pin,
            report=_drawn("drift_section"),
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
            report=_drawn("drift_section"),
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
            report=_drawn("joint_section"),
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
            report=_drawn("quality_section"),
            look=lambda one: {"quality_finding": one.id},
            table=QUALITY_TABLE,
            noun="check",
            rank=2,
            weighed=True,
        ),
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
            report=_drawn("pipeline_section"),
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
            report=_drawn("contract_section"),
            look=lambda one: {"contract_finding": one.id},
            table=CONTRACT_TABLE,
            beside=CONTRACT_FILE,
            noun="clause",
            rank=2,
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
            report=_drawn("adversary_section"),
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
            report=_drawn("outlier_section"),
            look=lambda one: {"outliers_of": one.what, "outliers_window": one.worst or one.window},
            table=OUTLIERS_TABLE,
            noun="share",
        ),
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
            report=_drawn("metric_section"),
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
            report=_drawn("estimate_section"),
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
            report=_drawn("gap_section"),
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
            question="Do labels depend on inputs as they did?",
            measure=measure_concept,
            judge=judge_concept,
            thresholds=concept_thresholds,
            answer=concept_answer,
            pin=concept_pin,
            report=_drawn("concept_section"),
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
            report=_drawn("segment_section"),
            look=lambda one: {"segments_segment": one.label},
            table=SEGMENTS_TABLE,
            needs=((Role.LABEL,), (Role.PREDICTION, Role.SCORE)),
            options=frozenset({"as_of"}),
            noun="segment",
            rank=1,
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
            report=_drawn("operation_section"),
            look=lambda one: {"operations_metric": one.what},
            table=OPERATIONS_TABLE,
            options=frozenset({"by", "as_of"}),
            noun="metric",
            rank=2,
        ),
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
            report=_drawn("explanation_section"),
            look=lambda one: {"explanations_column": one.what.removesuffix(f" [{one.note}]") if one.note else one.what},
            table=EXPLANATIONS_TABLE,
            needs=((Role.PREDICTION, Role.SCORE),),
            options=frozenset({"rows"}),
            noun="column",
            rank=2,
        ),
        Analysis(
            name="incidents",
            title="Incidents",
            section="Investigate",
            icon=":material/crisis_alert:",
            work="Looking for causes",
            question="What happened, where, since when, and what did it do?",
            measure=_looking_for_causes,
            judge=judge_incidents,
            thresholds=lambda case: (case.thresholds.incidents, list_incidents(case).records),
            answer=incidents_answer,
            pin=incident_pin,
            report=_drawn("incident_section"),
            look=lambda one: {"incident": one.what},
            table=INCIDENTS_TABLE,
            noun="incident",
            rank=0,
            of_others=True,
        ),
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
            report=_drawn("shadow_section"),
            look=lambda one: {"shadow_metric": one.method if one.kind is FindingKind.CHALLENGER and not one.where else None},
            table=SHADOW_TABLE,
            needs=(
                (Role.LABEL,),
                (Role.PREDICTION, Role.SCORE),
                (Role.CHALLENGER_PREDICTION, Role.CHALLENGER_SCORE, Role.VARIANT),
            ),
            options=frozenset({"as_of"}),
            noun="difference",
            rank=3,
        ),
    )
}
"""The analyses, by name, in the order in which they are offered."""
REFUSALS = (MethodError, SelectionError, ColumnMissingError, KindError, ModelError, ExtensionMissingError, CaseError)
"""Why an analysis may not be able to look at these data, which leaves the others as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """What came out of several analyses: those that could be asked, and which could not, with the reason."""

    judged: tuple[Judged, ...]
    skipped: tuple[Skipped, ...]

    @property
    def given(self) -> dict[str, Any]:
        """What an analysis of others takes."""
        return {"judged": {one.analysis: one for one in self.judged}, "skipped": self.skipped}


def judge_others(
    workspace: Workspace, question: Question | None = None, *, case: Case | None = None, progress: Progress | None = None
) -> Everything:
    """Ask every analysis that is not made of others and that the case has the roles for."""
    rows = [row for row in REGISTRY.values() if not row.of_others and not row.lacks(workspace.case)]
    return judge_each(rows, lambda row: row.run(workspace, question, case=case, progress=progress))


def judge_each(rows: Sequence[Analysis], run: Callable[..., Judged]) -> Everything:
    """Ask analyses one after the other, those that are made of others with what these found. One that these data are not enough for (joint
    drift of one column) is said and skipped.

    Parameters
    ----------
    run : (analysis, **options) -> what was judged.

    Raises
    ------
    DriftscopeError
        No analysis could be asked: that of the first.
    """
    found: list[Judged] = []
    refused: dict[str, DriftscopeError] = {}
    for row in sorted(rows, key=lambda one: one.of_others):
        so_far = Everything(judged=tuple(found), skipped=tuple(Skipped(t, "not_applicable", str(e)) for t, e in refused.items()))
        try:
            found.append(run(row, **(so_far.given if row.of_others else {})))
        except REFUSALS as error:
            refused[row.title] = error
    if not found and refused:
        raise next(iter(refused.values()))
    return Everything(judged=tuple(found), skipped=tuple(Skipped(title, "not_applicable", str(error)) for title, error in refused.items()))


def find_analysis(name: str, *, known: Collection[Analysis] = tuple(REGISTRY.values())) -> Analysis:
    """Return an analysis by its name.

    Raises
    ------
    MethodError
        None has it.

    Examples
    --------
    >>> find_analysis("drift").title
    'Drift'
    """
    found = next((one for one in known if one.name == name), None)
    if found is None:
        names = [one.name for one in known]
        raise MethodError(f"There is no analysis '{name}'.{nearest(name, names)} Use {', '.join(names)}.")
    return found


def screen_answer(judged: Judged) -> Answer:
    """Say the state of a judged analysis: one headline, and the doubt about it."""
    return find_analysis(judged.analysis).answer(judged)


def report_of(found: Sequence[Judged], case: Case, pins: Sequence[Pin] = (), skipped: Sequence[Skipped] = ()) -> Report:
    """Return the report of what was judged: analyses that say whether the model is right lead, then those with findings; `skipped` are
    analyses that could not be asked."""
    reporting = import_module("monitor.export.case_report")
    order = sorted(found, key=lambda one: (find_analysis(one.analysis).rank, not one.findings))
    parts = []
    for one in order:
        row = find_analysis(one.analysis)
        parts.append(reporting.Part(title=row.title, judged=one, answer=row.answer(one), section=row.report, look=row.look))
    report: Report = reporting.case_report(parts, case, pins, skipped)
    return report
