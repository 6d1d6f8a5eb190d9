"""`driftscope check`: does anything of a case ask for somebody's attention?"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

from monitor.case import load_case
from monitor.cli.measuring import Options, answer_text, judged_drift
from monitor.cli.progress import tell
from monitor.export.results import STANDARD_OUTPUT, as_result, findings_of, write_result, writer_for
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import State
from monitor.tables import Result
from monitor.vocabulary import Status

NOTHING_FIRED, FIRED = 0, 1
RULE = "drift"
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
    """Judge a case, print what fired, and return the exit code."""
    if out is not None:
        writer_for(out)
    judged = judged_drift(load_case(place), options)
    checked = check_result(judged)
    if out is not None:
        write_result(checked, out)
    fired = checked.table[checked.table["fired"]]
    if out != STANDARD_OUTPUT:
        sys.stdout.writelines(f"{line.status}: {line.sentence}\n" for line in fired.itertuples())
    if fired.empty:
        tell(f"Nothing fired. {answer_text(judged)}", quiet=options.quiet)
    return NOTHING_FIRED if fired.empty else FIRED


def check_result(judged: JudgedDrift) -> Result:
    """Return one row per finding; the rule of a case without rules fires on an alert that is new or goes on."""
    findings = findings_of(judged)
    fired = (findings["status"] == Status.ALERT) & (findings["state"] != State.OVER)
    table = pd.DataFrame(findings.assign(rule=RULE, fired=fired.astype(bool)), columns=list(COLUMNS))
    return replace(as_result(judged), analysis="check", table=table)
