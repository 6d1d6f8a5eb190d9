"""`driftscope check`: does anything of a case ask for somebody's attention?"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

from monitor.case import load_case
from monitor.cli.measuring import Options, judged_drift
from monitor.cli.progress import tell
from monitor.export.results import STANDARD_OUTPUT, as_result, write_result, writer_for
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.findings import find_drift, lost_columns
from monitor.judgement.sentences import answer, baseline_words, sentence
from monitor.tables import Result
from monitor.vocabulary import Status

NOTHING_FIRED, FIRED = 0, 1
RULE = "drift"
COLUMNS = (
    "rule",
    "fired",
    "column",
    "status",
    "since",
    "worst",
    "ongoing",
    "windows_alarmed",
    "windows_judged",
    "method",
    "score",
    "expected",
    "message",
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
        sys.stdout.writelines(f"{line.status}: {line.message}\n" for line in fired.itertuples())
    if fired.empty:
        tell(f"Nothing fired. {answer(judged)}", quiet=options.quiet)
    return NOTHING_FIRED if fired.empty else FIRED


def check_result(judged: JudgedDrift) -> Result:
    """Return one row per finding; the rule of a case without rules fires on a drift alert."""
    against = baseline_words(judged)
    rows = [
        {
            "rule": RULE,
            "fired": one.status == Status.ALERT,
            "column": one.column,
            "status": one.status,
            "since": one.onset,
            "worst": one.worst,
            "ongoing": one.ongoing,
            "windows_alarmed": one.windows_alarmed,
            "windows_judged": one.windows_judged,
            "method": one.method,
            "score": one.score,
            "expected": one.expected,
            "message": sentence(one, against=against),
        }
        for one in find_drift(judged)
    ]
    gone = [
        {"rule": RULE, "fired": True, "column": one.what, "status": Status.ALERT.value, "method": one.reason, "message": one.message}
        for one in lost_columns(judged)
    ]
    rows = [*gone, *rows]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"fired": bool})
    return replace(as_result(judged), analysis="check", table=table)
