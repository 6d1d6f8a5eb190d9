"""`driftscope run`: what a schedule calls. Judges what is new, tells whom rules name, writes what others read; twice does no harm."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from monitor.alerts.happening import Happening, as_known, happenings_of, keep_happenings, kept_happenings, kept_key
from monitor.alerts.oncall import owner_of
from monitor.alerts.rules import check_rule, fires
from monitor.case import Case, load_case
from monitor.case.trust import sends
from monitor.cli.alerting import Found, send
from monitor.cli.checking import check_result
from monitor.cli.measuring import Options, judge_everything
from monitor.cli.progress import tell
from monitor.cli.run_exports import Exports, files_asked
from monitor.engine import Workspace, open_workspace
from monitor.engine.store import digest
from monitor.errors import DriftscopeError
from monitor.export.files import moment_iso, to_json, write_whole
from monitor.export.incident_records import list_incidents
from monitor.export.openmetrics import families_of
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.record import Record, to_text
from monitor.judgement.finding import State
from monitor.judgement.judged import Judged
from monitor.judgement.performance import JudgedPerformance
from monitor.registry import Everything, screen_answer
from monitor.runs.lease import Held, held
from monitor.runs.own_files import read_own
from monitor.runs.stored import FINDINGS, Stored, case_hash, keep_run, numbers_of, open_incidents, stored_run
from monitor.tables import Result
from monitor.vocabulary import Status
from monitor.wording import plural

NOTHING_FIRED, FIRED, COULD_NOT_RUN = 0, 1, 2
FORMAT = 1
STATE_OF = ("performance", "estimate", "predictions", "drift")
"""Analyses whose answer is the state of a model: the first of them that could be asked, as on the page Overview."""


@dataclass(kw_only=True)
class Line:
    """The line on standard output. Keys stay; new ones may come, and then `format` does not change.

    status : judged, unchanged (nothing is new since the last run, which judged it) or failed; `exit` as the command ends, `error` why.
    fired, open, new : rules that fired, incidents that go on, and those of them that are new.
    sent, not_sent : messages; `alerts` why none is sent where rules are not trusted.
    written : files that were written; one that holds the same already is not written again.
    """

    format: int = FORMAT
    case: str = ""
    folder: str = ""
    status: str = "failed"
    exit: int = COULD_NOT_RUN
    error: str = ""
    started: str = ""
    seconds: float = 0.0
    fired: int = 0
    open: int = 0
    new: int = 0
    findings: int = 0
    not_judged: int = 0
    sent: int = 0
    not_sent: int = 0
    alerts: str = ""
    written: list[str] = field(default_factory=list)


def run_case(place: Path, out: Path | None, report: str, *, quiet: bool) -> int:
    """Run a case, print one line of JSON, and return the exit code.

    Parameters
    ----------
    out : folder of the exports; None: none are written.
    report : ending of a report that is written too, such as ".html"; "" for none.

    Raises
    ------
    DriftscopeError
        It could not be judged; the line says so too.
    """
    began = time.monotonic()
    line = Line(folder=str(place), started=_now())
    try:
        _run(place, out, report, line, quiet=quiet)
    except DriftscopeError as error:
        line.error, line.exit, line.status = str(error), COULD_NOT_RUN, "failed"
        raise
    finally:
        line.seconds = round(time.monotonic() - began, 3)
        sys.stdout.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return line.exit


def _run(place: Path, out: Path | None, report: str, line: Line, *, quiet: bool) -> None:
    case = load_case(place)
    line.case, line.folder = case.name, str(case.root)
    files = files_asked(case, out, report)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr), held(workspace.store.folder) as lease:
        exports = Exports(files, workspace.store.folder)
        try:
            _looked(workspace, exports, lease, line, quiet=quiet)
        except DriftscopeError as error:
            if not lease.lost:
                _note_failure(workspace, str(error))
            raise


def _note_failure(workspace: Workspace, why: str) -> None:
    before = stored_run(workspace.case.root, numbers=True) or Stored(case=workspace.case.name, owner=owner_of(workspace.case))
    keep_run(workspace.store.folder, replace(before, error=why[:1000], failed=_now()))


def _looked(workspace: Workspace, exports: Exports, lease: Held, line: Line, *, quiet: bool) -> None:
    case, records, options = workspace.case, list_incidents(workspace.case).records, Options(quiet=quiet)
    for rule in case.alerts:
        check_rule(rule, case, tuple(workspace.columns))
    key = _key(workspace, records)
    known, every = _known(workspace, records, key), None
    line.status = "judged" if known is None else "unchanged"
    if known is None:
        every = judge_everything(workspace, options)
        known = _judged(workspace, every, records, key, lease, line)
    elif exports.report_is_old(case, key):
        every = judge_everything(workspace, options)
    found = as_known(workspace, known.happenings, records)
    fired = _fired(case, found) if case.alerts else known.stored.fired
    stored = replace(known.stored, looked=_now(), error="", failed="", untold=_untold(case), incidents=open_incidents(found), fired=fired)
    lease.check()
    keep_run(workspace.store.folder, stored)
    _count(stored, line)
    line.written = [str(path) for path in exports.write(workspace, stored, known.findings, every, key)]
    _alert(Found(case=case, happenings=found, columns=tuple(workspace.columns), provenance=None), line, quiet=quiet)
    line.exit = COULD_NOT_RUN if line.not_sent or line.alerts else FIRED if line.fired else NOTHING_FIRED
    _say(stored, line, quiet=quiet)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a case as it is now: in short, its incidents, and all findings as JSON."""

    stored: Stored
    happenings: tuple[Happening, ...]
    findings: bytes


def _known(workspace: Workspace, records: Sequence[Record], key: str) -> Known | None:
    """Return what the last run judged, if nothing changed since that it depends on and all of it is there."""
    stored = stored_run(workspace.case.root, numbers=True)
    if stored is None or stored.key != key or not stored.numbers:
        return None
    found = kept_happenings(workspace, kept_key(workspace, records)) if stored.grouped else ()
    findings = read_own(workspace.store.folder / FINDINGS)
    return None if found is None or findings is None else Known(stored=stored, happenings=found, findings=findings)


def _key(workspace: Workspace, records: Sequence[Record]) -> str:
    """Return what a judgement depends on: what incidents depend on, and every byte of the case.toml."""
    return digest("run", FORMAT, kept_key(workspace, records), case_hash(workspace.case.root))


def _judged(workspace: Workspace, every: Everything, records: Sequence[Record], key: str, lease: Held, line: Line) -> Known:
    """Return what was judged; incidents and findings are kept."""
    case = workspace.case
    checked = check_result(every.judged, every.skipped, case)
    incidents = next((one for one in every.judged if isinstance(one, JudgedIncidents)), None)
    found, findings = () if incidents is None else happenings_of(incidents, case), to_json(checked)
    lease.check()
    if incidents is not None:
        keep_happenings(workspace, kept_key(workspace, records), found)
    write_whole(workspace.store.folder / FINDINGS, findings)
    stored = _stored(case, every.judged, checked, key, line.started)
    seconds = (datetime.now(UTC) - datetime.fromisoformat(line.started)).total_seconds()
    return Known(stored=replace(stored, grouped=incidents is not None, seconds=seconds), happenings=found, findings=findings)


def _stored(case: Case, judged: Sequence[Judged], checked: Result, key: str, started: str) -> Stored:
    by_name = {one.analysis: one for one in judged}
    right = by_name.get("performance")
    share, until = _labels(right)
    first = next((by_name[name] for name in STATE_OF if name in by_name and (name != "performance" or share)), None)
    said = None if first is None else screen_answer(first)
    open_findings = {one.status for each in judged for one in each.findings if one.state is not State.OVER}
    return Stored(
        key=key,
        case=case.name,
        owner=owner_of(case),
        case_hash=case_hash(case.root),
        judged=started,
        status=next((one for one in (Status.ALERT, Status.WARNING) if one in open_findings), Status.STABLE),
        answer="" if said is None else said.headline,
        doubt="" if said is None else said.doubt,
        fired=int(checked.table["fired"].sum()),
        findings=int((~checked.table["fired"]).sum()) if case.alerts else len(checked.table),
        not_judged=tuple(dict.fromkeys(skip.message for skip in checked.skipped)),
        label_share=share,
        labels_until=until,
        numbers=numbers_of(families_of(judged, case.name)),
    )


def _labels(right: Judged | None) -> tuple[float | None, str]:
    """Return the share of rows that have a label, and the end of the last window whose labels are in."""
    if not isinstance(right, JudgedPerformance):
        return None, ""
    rows = int(np.sum(right.result.rows))
    mature = np.flatnonzero(right.result.mature)
    return float(np.sum(right.result.labelled) / rows) if rows else None, to_text(right.windows.end[mature[-1]]) if len(mature) else ""


def _fired(case: Case, found: Sequence[Happening]) -> int:
    return sum(fires(rule.when, one) for rule in case.alerts for one in found)


def _count(stored: Stored, line: Line) -> None:
    line.fired, line.open, line.new = stored.fired, len(stored.incidents), len(stored.new)
    line.findings, line.not_judged = stored.findings, len(stored.not_judged)


def _untold(case: Case) -> str:
    """Say why nobody is told, though a rule names somebody."""
    return sends(case) if any(rule.target for rule in case.alerts) else ""


def _alert(found: Found, line: Line, *, quiet: bool) -> None:
    """Tell whom the rules name, where they name somebody and the receiver of the case trusts them."""
    if why := _untold(found.case):
        line.alerts = f"Nothing is sent: {why}."
        tell(f"{line.alerts} Look at the rules with 'driftscope trust CASE --list', then trust.", quiet=quiet)
        return
    if not any(rule.target for rule in found.case.alerts):
        return
    outcomes = send(found, quiet=quiet)
    line.sent, line.not_sent = sum(one.sent for one in outcomes), sum(bool(one.error) for one in outcomes)


def _say(stored: Stored, line: Line, *, quiet: bool) -> None:
    new = "Nothing is new since the last run." if line.status == "unchanged" else "Judged."
    tell(f"{new} {stored.answer} {plural(line.open, 'open incident')}, {line.new} new.", quiet=quiet)


def _now() -> str:
    return moment_iso(datetime.now(UTC).replace(microsecond=0))


def line_keys() -> tuple[str, ...]:
    """Return the keys of the line, in their order."""
    return tuple(asdict(Line()))
