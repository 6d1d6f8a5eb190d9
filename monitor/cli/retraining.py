"""`driftscope retrain plan|build`: what a model would learn from now, and whether that would make it better."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.alerts.message import plain_line
from monitor.case import Case, load_case
from monitor.cli.alerting import looked
from monitor.cli.measuring import Options, judged, keep_sources
from monitor.cli.progress import shown_progress, tell
from monitor.engine import Selection, open_workspace
from monitor.errors import MethodError, ModelError, SettingError
from monitor.handover.records import list_handovers
from monitor.handover.results import list_all_trained
from monitor.handover.rules import check_triggers, delay_text, last_learned, needs_incidents, own_triggers, trigger_text
from monitor.handover.sets import remember_set
from monitor.handover.words import standing_lines
from monitor.registry import find_analysis
from monitor.retraining.backtest import Backtest, backtest
from monitor.retraining.found import wrong_rows
from monitor.retraining.plan import Plan, plan_training
from monitor.retraining.rows import Choice, read_history
from monitor.retraining.triggers import triggers
from monitor.retraining.words import backtest_text, plan_doubt, plan_headline
from monitor.retraining.writing import MANIFEST, TRAINING, manifest, write_plan, write_training

WEIGHTS = ("none", "density")
RETRAINED = 20
"""Runs that trained, the last ones, that a plan tells."""
LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for, as it was written."""

    weights: str
    left_out: tuple[str, ...]
    reference: bool
    test: bool
    seed: int
    incidents: bool = False
    quiet: bool

    @property
    def choice(self) -> Choice:
        """Return what the training set is mixed of.

        Raises
        ------
        SettingError
            There are no such weights, or a period is not written as START..END.
        """
        if self.weights not in WEIGHTS:
            raise SettingError(f"There are no weights '{self.weights}'. Choose one of: {', '.join(WEIGHTS)}.")
        periods = tuple(_period(one) for one in self.left_out)
        return Choice(
            reference=self.reference, production=Selection("production"), left_out=periods, weighted=self.weights != "none", seed=self.seed
        )


def _period(text: str) -> tuple[datetime, datetime]:
    first, _, last = text.partition("..")
    try:
        ends = datetime.fromisoformat(first), datetime.fromisoformat(last)
    except ValueError as error:
        raise SettingError(f"'{text}' is not a period. Write it as 2025-04-02..2025-04-07; the end is excluded.") from error
    if ends[0].tzinfo or ends[1].tzinfo or ends[0] >= ends[1]:
        raise SettingError(f"'{text}' is not a period: write times of the case's own clock, the earlier one first.")
    return ends


def retrain(place: Path, out: Path, asked: Asked, *, build: bool) -> None:
    """Plan a training set and test it on the past; write the plan, or (`build`) the rows with their manifest.

    Raises
    ------
    ColumnMissingError, MethodError
        The case has no labels, no features, or several classes.
    SettingError, SourceError
        What is asked for cannot be, or cannot be written there.
    """
    case, choice = load_case(place), asked.choice
    wide = Options(quiet=asked.quiet)
    for name in (TRAINING, MANIFEST, "plan.json"):
        keep_sources(case, out / name)
    check_triggers(case)
    with open_workspace(case) as workspace, shown_progress(quiet=asked.quiet) as progress:
        if asked.incidents:
            seen: Any = judged(find_analysis("incidents"), workspace, wide)
            choice = replace(choice, wrong=wrong_rows(seen.incidents, case.timezone))
        history = read_history(workspace, choice, progress=progress)
        plan = plan_training(history, choice, progress=progress)
        tested, why = _tested(plan, choice, progress) if asked.test else (None, "")
        found = looked(workspace, quiet=asked.quiet).happenings if needs_incidents(case) else None
        rules = (*triggers(history, tested), *own_triggers(history, tested, found))
        handovers, trained = list_handovers(case)[0], list_all_trained(case)
        told = {**manifest(plan, workspace, tested, rules), "retrained": [asdict(one) for one in trained[:RETRAINED]]}
    written = write_training(out, plan, told) if build else (write_plan(out, told),)
    if build:
        _remember(case, out)
    sentence = why if tested is None else backtest_text(tested)
    lines = [plan_headline(plan), plan_doubt(plan), *plan.cautions(), sentence]
    learned = last_learned(handovers, trained)
    lines += [trigger_text(one, learned) for one in rules]
    lines += [delay_text(history)] if any(one.own and one.fired for one in rules) else []
    lines += standing_lines(case, handovers, trained)
    sys.stdout.writelines(f"{plain_line(line, LONGEST_LINE)}\n" for line in lines if line)
    for file in written:
        tell(f"Written: {file}", quiet=asked.quiet)


def _remember(case: Case, out: Path) -> None:
    """Note where the set was built; one that cannot be noted is built all the same, and handed over by the name of its folder."""
    try:
        remember_set(case, out)
    except SettingError as error:
        tell(f"Note: {error} 'driftscope retrain send CASE {out}' finds the set all the same.", quiet=False)


def _tested(plan: Plan, choice: Choice, progress: object) -> tuple[Backtest | None, str]:
    try:
        return backtest(plan.history, choice, progress=progress), ""  # type: ignore[arg-type]
    except (MethodError, ModelError) as error:
        return None, f"Not tested: {error}"
