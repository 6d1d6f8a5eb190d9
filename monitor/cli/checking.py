"""`driftscope check`: does anything of a case ask for somebody's attention?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pandas as pd

from monitor.alerts.happening import happenings_of
from monitor.alerts.rules import check_rule, fires
from monitor.case import Case, load_case
from monitor.cli.measuring import Options, answer_text, judge_everything, keep_sources
from monitor.cli.progress import tell
from monitor.engine import open_workspace
from monitor.export.results import STANDARD_OUTPUT, as_result, findings_of, write_result, writer_for
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.finding import State
from monitor.judgement.judged import Judged
from monitor.tables import Result, Skipped
from monitor.vocabulary import Status

NOTHING_FIRED, FIRED = 0, 1
INCIDENTS = "incidents"
"""The analysis of which only what is open fires."""
COLUMNS = (
    "rule",
    "fired",
    "what",
    "kind",
    "status",
    "start",
    "end",
    "sentence",
    "state",
    "window",
    "last_window",
    "windows",
    "score",
    "limit",
)


def check_case(place: Path, out: str | None, options: Options) -> int:
    """Judge a case by every analysis that it has the roles for, print what fired, and return the exit code."""
    if out is not None:
        writer_for(out)
    case = load_case(place)
    if out is not None:
        keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        every = judge_everything(workspace, options)
        columns = tuple(workspace.columns)
    for rule in case.alerts:
        check_rule(rule, case, columns)
    checked = check_result(every.judged, every.skipped, case)
    if out is not None:
        write_result(checked, out)
    fired = checked.table[checked.table["fired"]]
    if out != STANDARD_OUTPUT:
        sys.stdout.writelines(f"{line.status}: {line.sentence}\n" for line in fired.itertuples())
    for message in dict.fromkeys(skip.message for skip in every.skipped):
        tell(f"Not judged: {message}", quiet=options.quiet)
    if fired.empty:
        tell(f"Nothing fired. {' '.join(answer_text(one) for one in every.judged)}", quiet=options.quiet)
    return NOTHING_FIRED if fired.empty else FIRED


def check_result(found: Sequence[Judged], skipped: Sequence[Skipped] = (), case: Case | None = None) -> Result:
    """Return one row per finding, of all analyses, and one for each rule of the case and incident that it fires on.

    The rule of a case without rules fires on an incident with an alert that is new or goes on, where incidents were looked for, else on any
    such finding: what follows from one cause asks for attention once. What two analyses find alike (a fact of a column, which drift and
    quality both tell) stands once.
    """
    results = [as_result(one) for one in found]
    told = [findings_of(one).assign(rule=one.analysis) for one in found]
    findings = pd.concat([one for one in told if len(one)] or told[:1], ignore_index=True)
    findings = findings.drop_duplicates(["what", "kind", "run"], ignore_index=True)
    grouped = any(one.analysis == INCIDENTS for one in found)
    fired = (findings["status"] == Status.ALERT) & (findings["state"] != State.OVER) & (findings["rule"].eq(INCIDENTS) | (not grouped))
    if case is not None and case.alerts:
        findings = pd.concat([_fired(found, findings, case), findings.assign(fired=False)], ignore_index=True)
    else:
        findings = findings.assign(fired=fired.astype(bool))
    table = pd.DataFrame(findings, columns=list(COLUMNS))
    every = tuple(dict.fromkeys([*skipped, *(one for result in results for one in result.skipped)]))
    return replace(results[0], analysis="check", table=table, skipped=every)


def _fired(found: Sequence[Judged], findings: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Return the findings of incidents that a rule of the case fires on, one for each rule."""
    happenings = [each for one in found if isinstance(one, JudgedIncidents) for each in happenings_of(one, case)]
    told = {rule.name: {one.id for one in happenings if fires(rule.when, one)} for rule in case.alerts}
    of_incidents = findings[findings["rule"].eq(INCIDENTS)]
    return pd.concat([of_incidents[of_incidents["what"].isin(ids)].assign(rule=name, fired=True) for name, ids in told.items()])
