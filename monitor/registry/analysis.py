"""What a row of the registry says of an analysis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from monitor.analyses.predictions import without_output
from monitor.analyses.sides import Question
from monitor.case import Case
from monitor.engine import Progress, Workspace
from monitor.errors import ColumnMissingError, RowsGoneError
from monitor.export.pin import Pin
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.judgement.narration.answers import Answer
from monitor.tables import Contract, Result
from monitor.vocabulary import Role, Task

if TYPE_CHECKING:
    from monitor.export.report import Section


def drawn(function: str, module: str = "finding_sections") -> Callable[[Finding, Any], Section]:
    """Return a function of a module of `monitor.export` that is imported when it is called: what draws nothing does not wait for altair."""

    def section(finding: Finding, judged: Any) -> Section:
        found: Section = getattr(import_module(f"monitor.export.{module}"), function)(finding, judged)
        return found

    return section


def _as_measured(result: Any) -> Any:
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How what takes minutes is kept between processes.

    `key`: (workspace, question, case) -> of all that it depends on; `load`: (workspace, key) -> what was kept, or None; `keep`: (workspace,
    key, measured).
    """

    key: Callable[[Workspace, Question | None, Case | None], str]
    load: Callable[[Workspace, str], Any | None]
    keep: Callable[[Workspace, str, Any], None]


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
    without_wrong : whether rows that incidents made wrong are left out of it where incidents were looked for: `measure` takes them as
        `wrong` (`monitor.registry.wrong_rows`).
    counted : whether counts by window are all it needs, so that a cluster may make them (`--engine spark`).
    keeping : how its results are kept beside the case; None: the counts that it is made of are, and it is quick from these.
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
    keeping: Keeping | None = None
    counted: bool = False
    without_wrong: bool = False

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
        """Measure and judge; what is made of others needs what they found among its options (`judge_others`).

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
        measured = self.measure_kept(workspace, question, methods=methods, progress=progress, **options)
        return self.judge(self.assess(measured), judged_by)

    def measure_kept(self, workspace: Workspace, question: Question | None, **options: Any) -> Any:
        """Measure; of a profile store that lacks the rows which this needs, on its sample of whole rows, which is said of the result."""
        try:
            return self.measure(workspace, question, **options)
        except RowsGoneError:
            sampled = workspace.sampled()
            measured = self.measure(sampled, question, **options)
            said = sampled.source("production").notes
            return replace(measured, skipped=(*said, *measured.skipped)) if isinstance(measured, Result) else measured
