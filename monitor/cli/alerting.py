"""`driftscope alert test|run|backtest|log|ack`: who is told of what, and what rules would have told."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from monitor.alerts.backtest import CAUTION, Backtest, backtest
from monitor.alerts.deciding import Situation, Step, decide, situation
from monitor.alerts.delivery import KINDS, shown
from monitor.alerts.happening import Happening, as_known, happenings_of, keep_happenings, kept_happenings, kept_key
from monitor.alerts.log import Told, take, told_of
from monitor.alerts.message import message_of
from monitor.alerts.notices import Act, list_notices
from monitor.alerts.rules import about, check_rule, named_rules
from monitor.alerts.sending import Outcome, check_trusted, tell
from monitor.alerts.targets import Target, checked_kind, read_targets, target_of
from monitor.alerts.words import act_text, step_text, workflow_text
from monitor.case import Case, load_case
from monitor.case.alerting import AlertSection
from monitor.case.complaints import complaints
from monitor.case.trust import sends
from monitor.cli.measuring import Options, judged, keep_sources
from monitor.cli.progress import tell as say
from monitor.engine import Workspace, open_workspace
from monitor.errors import SettingError
from monitor.export.incident_records import list_incidents
from monitor.export.results import STANDARD_OUTPUT, write_result, writer_for
from monitor.export.turns import one_at_a_time
from monitor.registry import find_analysis
from monitor.tables import Provenance, Result

NOTHING, SENT, COULD_NOT = 0, 1, 2
INCIDENTS = "incidents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Incidents of a case as rules see them, the columns that rules may name, and what they come from."""

    case: Case
    happenings: tuple[Happening, ...]
    columns: tuple[str, ...]
    provenance: Provenance | None


def look(place: Path, *, quiet: bool) -> Found:
    """Return the incidents of a case: kept ones while nothing changed that they depend on, else measured now (minutes)."""
    with open_workspace(load_case(place)) as workspace, redirect_stdout(sys.stderr):
        return looked(workspace, quiet=quiet)


def looked(workspace: Workspace, *, quiet: bool) -> Found:
    """Return the incidents of a case that is open, as `look` does."""
    case, records = workspace.case, list_incidents(workspace.case).records
    key, provenance = kept_key(workspace, records), None
    found = kept_happenings(workspace, key)
    if found is None:
        measured: Any = judged(find_analysis(INCIDENTS), workspace, Options(quiet=quiet))
        found, provenance = happenings_of(measured, case), measured.provenance
        keep_happenings(workspace, key, found)
    return Found(case=case, happenings=as_known(workspace, found, records), columns=tuple(workspace.columns), provenance=provenance)


def situation_now(found: Found) -> Situation:
    """Return what is decided on now."""
    notices, unreadable = list_notices(found.case)
    for one in unreadable:
        say(f"Note: {one.message} What it says was told may be told again.", quiet=False)
    return situation(found.case, found.happenings, notices, list_incidents(found.case).records, datetime.now(UTC))


def test_alerts(place: Path, name: str | None, *, quiet: bool) -> int:
    """Show the messages that would be sent now, and return the exit code.

    Raises
    ------
    SettingError
        There is no such rule, or the targets cannot be read.
    """
    rules = named_rules(load_case(place), name)
    targets = read_targets()
    found = look(place, quiet=quiet)
    for rule in rules:
        check_rule(rule, found.case, found.columns)
    given = situation_now(found)
    steps = decide(rules, given)
    sending = [one for one in steps if one.act is not None]
    problems = [_show(one, given, targets) for one in sending]
    for one in steps:
        if one.act is None:
            say(step_text(one, found.case), quiet=quiet)
    if not sending:
        _example(rules, given, targets)
    if sending and (why := sends(found.case)):
        say(f"Note: 'driftscope alert run' would send nothing: {why}.", quiet=False)
    return COULD_NOT if any(problems) else SENT if sending else NOTHING


def _show(step: Step, given: Situation, targets: Any, *, act: Act | None = None) -> bool:
    """Print a message as it would be sent; return whether its target is unknown."""
    problem, target = "", None
    try:
        target = checked_kind(step.target, target_of(step.target, targets), KINDS, "messages")
    except SettingError as error:
        problem = str(error)
    said = act_text(act or step.act or Act.OPENED)
    sys.stdout.write(f"# '{step.rule.name}' {said} '{step.target}'{_place(target)}\n")
    message = message_of(step, given.case, given.now, act=act, app=target.app if target else "")
    sys.stdout.write(f"{shown(message, target)}\n")
    if problem:
        say(problem, quiet=False)
    return bool(problem)


def _place(target: Target | None) -> str:
    return "" if target is None else f" ({target.place})"


def _example(rules: Iterable[AlertSection], given: Situation, targets: Any) -> None:
    """Print what the first rule that was ever about anything would have said of the last such incident."""
    for rule in rules:
        past = [one for one in given.happenings if about(rule.when, one)]
        if past and rule.target:
            last = max(past, key=lambda one: one.seen)
            sys.stdout.write("Nothing to send now. As an example, what would have been said of the last incident that a rule is about:\n")
            _show(Step(rule=rule, happening=last, target=rule.target), given, targets, act=Act.OPENED)
            return
    sys.stdout.write("Nothing to send now, and no incident of the past that a rule with a target is about.\n")


def run_alerts(place: Path, *, quiet: bool) -> int:
    """Tell everybody who is to be told now, say what was done, and return the exit code.

    Raises
    ------
    SettingError
        The rules are not trusted, or name what is not there. Nothing was sent.
    SourceError
        What is told cannot be written down.
    """
    case = load_case(place)
    if not case.alerts:
        say(f"The case '{case.name}' has no alert rules: nobody is told.", quiet=quiet)
        return NOTHING
    check_trusted(case)
    found = look(place, quiet=quiet)
    for rule in case.alerts:
        check_rule(rule, found.case, found.columns)
    outcomes = send(found, quiet=quiet)
    if any(one.error for one in outcomes):
        return COULD_NOT
    return SENT if any(one.sent for one in outcomes) else NOTHING


def send(found: Found, *, quiet: bool) -> tuple[Outcome, ...]:
    """Tell everybody who is to be told now of these incidents, and say what was done.

    Raises
    ------
    SettingError
        The rules are not trusted, or the targets cannot be read. Nothing was sent.
    SourceError
        What is told cannot be written down.
    """
    with one_at_a_time(found.case, "alerts", "nothing is sent"):
        outcomes = tell(situation_now(found))
    for one in outcomes:
        if one.error:
            sys.stdout.write(f"not sent: {step_text(one.step, found.case)} {one.error.rstrip('.')}. It is tried again by the next run.\n")
        elif one.sent:
            sys.stdout.write(f"sent: {step_text(one.step, found.case)}\n")
        else:
            say(step_text(one.step, found.case), quiet=quiet)
    return outcomes


def backtest_alerts(place: Path, out: str | None, when: str | None, *, quiet: bool) -> None:
    """Print what each rule would have done; write each message as a row where asked.

    Raises
    ------
    SettingError
        A rule names what is not there, or the file is of a form that is not written.
    """
    if out is not None:
        writer_for(out)
    case = load_case(place)
    if out is not None:
        keep_sources(case, out)
    rules = named_rules(case, None) if when is None else (tried_rule(when),)
    found = look(place, quiet=quiet)
    for rule in rules:
        check_rule(rule, found.case, found.columns)
    tested = [backtest(rule, found.happenings, found.case) for rule in rules]
    if out != STANDARD_OUTPUT:
        sys.stdout.writelines(f"{one.rule.name}: {one.sentence}\n" for one in tested)
    if out is not None:
        write_result(_result(tested, found), out)
    say(CAUTION, quiet=quiet)


def tried_rule(when: str) -> AlertSection:
    """Return a rule of a condition that is only tried.

    Raises
    ------
    SettingError
        The condition is not understood.
    """
    try:
        return AlertSection.model_validate({"name": "tried", "when": when})
    except ValidationError as error:
        raise SettingError("; ".join(complaints(error, AlertSection))) from error


def _result(tested: Iterable[Backtest], found: Found) -> Result:
    table = pd.concat([one.table.assign(rule=one.rule.name) for one in tested], ignore_index=True)
    empty = Provenance(fingerprints={}, selections={}, settings={}, seed=0, versions={}, sql=(), rows={}, started="", seconds=0.0)
    provenance = found.provenance or empty
    return Result(
        analysis="alerts",
        case=found.case.name,
        table=table[["rule", *(name for name in table.columns if name != "rule")]],
        skipped=(),
        provenance=replace(
            provenance, settings={**provenance.settings, "rules": [one.model_dump(mode="json") for one in found.case.alerts]}
        ),
    )


def log_alerts(place: Path) -> None:
    """Print who was told of what, when, and who took it."""
    case = load_case(place)
    told = told_of(list_notices(case)[0], list_incidents(case).records)
    sys.stdout.writelines(_line(_told_text(one)) for one in told)
    if not told:
        sys.stdout.write("Nobody was told of anything yet.\n")


def _told_text(one: Told) -> str:
    telling = one.telling
    failed = "" if telling.done else f" - not sent: {telling.error or 'cut off'}"
    taken = f"{workflow_text(one.workflow, one.taken_by)}{f' at {one.taken_at}' if one.taken_at else ''}"
    return f"{telling.at} {act_text(telling.act)} '{telling.target}': {one.title} ({one.incident}); {taken}{failed}"


def acknowledge(place: Path, incident: str, who: str) -> None:
    """Let somebody take an incident.

    Raises
    ------
    SelectionError
        There is none with that id, it is settled, or no name is given.
    """
    case = load_case(place)
    record = take(case, list_incidents(case).records, incident, who)
    sys.stdout.write(_line(f"{who} takes the incident {record.id}: it is told no more until it is over."))


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()) + "\n"
