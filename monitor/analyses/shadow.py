"""Would a challenger be better? Shadow answers on the same rows, the arms of an experiment, with intervals, money and segments."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.apart import take_apart
from monitor.analyses.arms import Arms, measure_arms
from monitor.analyses.duel import Models, answered_by_challenger
from monitor.analyses.label_maturity import mature_windows
from monitor.analyses.labels import Known, arrival_of, clock_time, known_at, last_moment, moment_of
from monitor.analyses.left_out import WrongRows, leave_out
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.recording import versions
from monitor.analyses.shadow_rows import Reading, ripe_rows
from monitor.analyses.shadow_tables import MEASURED, METRICS_OF, Part, Shadow, arms_tables
from monitor.analyses.sides import Question, cut_short
from monitor.case import WindowSize
from monitor.engine import Cancel, OutcomeRows, Progress, Workspace
from monitor.errors import MethodError, nearest
from monitor.profile import Windows
from monitor.stats.performance.selective import hidden_decision
from monitor.tables import Provenance, Result, Skipped
from monitor.vocabulary import Task
from monitor.wording import plural

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowResult(Result):
    """Measured challengers.

    `judged` the metrics that are judged, the first decides; `rows` and `labelled` (w,) rows of each window and those with a label; `mature`
    (w,) whether the labels are in; `partial` (w,) windows cut short; `answered` rows that both models answered, `ripe` those of
    them whose labels are in;
    `arms` what an experiment says, None: there is none; `shadowed`: the case names what a challenger answers; `parts` the segments of the
    table by their conditions; `version` the column of the model's versions, `versions` those that answered rows whose labels are in, the
    most rows first, `in_charge` the one that answered last ("" where fewer than two answered); `wrong` what incidents say of these rows,
    None: nobody looked for incidents.
    """

    judged: tuple[str, ...]
    windows: Windows
    own_windows: Windows | None
    rows: Ints
    labelled: Ints
    mature: Bools
    partial: Bools
    ripe: int
    answered: int
    span: tuple[np.datetime64, np.datetime64]
    size: WindowSize
    task: Task
    timezone: str
    currency: str
    called: SideNames = PLAIN
    arms: Arms | None = None
    shadowed: bool = True
    parts: Mapping[str, Part] = field(default_factory=dict)
    version: str = ""
    versions: tuple[str, ...] = ()
    in_charge: str = ""
    wrong: WrongRows | None = None

    def is_version(self, segment: str) -> bool:
        """Say whether a segment of the table are the rows of a version."""
        return bool(self.version) and self.parts[segment].column == self.version


def measure_shadow(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    as_of: datetime | None = None,
    wrong: WrongRows | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ShadowResult:
    """Compare a challenger with the model in charge on the same rows, and the arms of an experiment with each other.

    Parameters
    ----------
    question : which rows; default all of production, by the case's windows.
    methods : ids of metrics that are judged, or "default" or "all".
    as_of : only labels that were known then count; default the last moment in the data.
    wrong : what incidents say of rows: those that they made wrong are left out.

    Raises
    ------
    ColumnMissingError
        The case names no label, or no answer of one of the models.
    MethodError
        There is no such metric.
    SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    workspace = workspace if as_of is None else workspace.known_at(clock_time(as_of, workspace.case.timezone))
    question, case = leave_out(take_apart(workspace, question or Question()), wrong), workspace.case
    judged = _judged(methods, case.task)
    size = case.windows if question.windows is None else WindowSize.parse(question.windows)
    shadowed = answered_by_challenger(case.roles)
    reading = Reading(workspace, question, size, Models.of(workspace) if shadowed else None, cancel)
    production = reading.production(progress)
    read = production.read
    windows = read.windows
    moment = last_moment(reading.answers, (read,)) if as_of is None else moment_of(as_of, case.timezone)
    reference = reading.reference()
    known = known_at(reading.answers, read, moment)
    before = None if reference is None else known_at(reading.answers, reference, moment)
    curve = arrival_of(tuple(one for one in (before, known) if one is not None))
    labelled = np.bincount(read.window[known.labelled], minlength=len(windows))
    mature = mature_windows(read, known, curve, labelled)
    ripe = ripe_rows(known, curve, mature)
    shadow = Shadow(workspace, reading, known, before, ripe, mature) if shadowed else None
    arms = measure_arms(workspace, known, ripe, judged) if case.roles.variant else None
    parts = [*(shadow.tables(judged) if shadow is not None else ()), *(arms_tables(arms) if arms is not None else ())]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(MEASURED.columns))
    return ShadowResult(
        analysis="shadow",
        case=case.name,
        table=MEASURED.check(table),
        skipped=tuple(_skipped(reading, known, shadow, ripe, arms)),
        provenance=_provenance(reading, read, reference, (began, time.perf_counter() - clock), moment),
        judged=tuple(name for name in judged if name in set(table["metric"])),
        windows=windows,
        own_windows=None,
        rows=read.rows,
        labelled=labelled,
        mature=mature,
        partial=cut_short(size, read.rows),
        answered=0 if shadow is None else int(shadow.answered.sum()),
        ripe=0 if shadow is None else int((ripe & known.labelled & shadow.answered).sum()),
        span=_span(known, ripe, windows),
        size=size,
        task=case.task,
        timezone=case.timezone,
        currency=case.value.currency if case.value is not None else "",
        called=side_names(question, case.timezone),
        arms=arms,
        shadowed=shadowed,
        parts={} if shadow is None else shadow.parts,
        version=reading.version,
        versions=() if shadow is None else shadow.versions,
        in_charge="" if shadow is None else shadow.in_charge,
        wrong=wrong,
    )


def _judged(methods: Sequence[str], task: Task) -> tuple[str, ...]:
    able, wanted = METRICS_OF[task], set()
    for name in methods:
        if name not in ("default", "all", *able):
            raise MethodError(f"There is no metric '{name}' that challengers are compared by.{nearest(name, able)} Use {', '.join(able)}.")
        wanted |= set(able) if name in ("default", "all") else {name}
    return tuple(name for name in able if name in wanted)


def _span(known: Known, ripe: Bools, windows: Windows) -> tuple[np.datetime64, np.datetime64]:
    """Return the bounds of the windows whose rows are told of together."""
    held = np.unique(known.read.window[ripe])
    none = np.datetime64("NaT")
    return (windows.start[held[0]], windows.end[held[-1]]) if len(held) else (none, none)


def _skipped(reading: Reading, known: Known, shadow: Shadow | None, ripe: Bools, arms: Arms | None) -> Iterator[Skipped]:
    """Yield what was not compared, and why."""
    if not known.labelled.any():
        yield Skipped("production", "no_labels", "No row of production has a label, so that nobody can say which model is right.")
    waiting = int((~ripe & (known.read.window >= 0)).sum())
    if waiting and known.labelled.any():
        text = f"{plural(waiting, 'row')} of production still wait for labels and are left out where all rows are told together."
        yield Skipped("production", "labels_missing", text)
    if shadow is not None:
        yield from _shadow_notes(reading, known, shadow)
    if arms is not None:
        yield from arms.skipped


def _shadow_notes(reading: Reading, known: Known, shadow: Shadow) -> Iterator[Skipped]:
    alone = int((~shadow.answered & (known.read.window >= 0)).sum())
    if alone:
        yield Skipped("production", "no_answer", f"{plural(alone, 'row')} lack an answer of one of the models and are left out.")
    if shadow.before is None:
        text = "The reference lacks answers of the challenger: whether it was better before cannot be said."
        yield Skipped("reference", "no_answer", text)
    if shadow.undecided:
        text = "Nobody says from which score the challenger says positive. Name a threshold or its predictions in [roles]."
        yield Skipped("challenger_score", "no_threshold", text)
    if reading.workspace.case.task is Task.BINARY and reading.workspace.case.value is None:
        text = "Money is not told: the case has no [value] with what decisions are worth."
        yield Skipped("value", "no_value", text)
    if reading.workspace.case.task is Task.BINARY and shadow.decided.both.any():
        both = shadow.decided.both
        if hidden_decision(known.labelled[both], shadow.decided.positive[both]) is not None:
            text = "Labels exist only where the model in charge decided one way: rows on which the challenger would have decided otherwise "
            yield Skipped("label", "labels_of_one_decision", text + "may have no label, and no comparison knows what came of them.")


def _provenance(
    reading: Reading, read: OutcomeRows, reference: OutcomeRows | None, timed: tuple[datetime, float], moment: int
) -> Provenance:
    question, workspace = reading.question, reading.workspace
    chosen = {"production": question.production} | ({} if reference is None else {"reference": question.reference})
    left = {} if not question.production.wrong else {"left_out": [one.describe() for one in question.production.wrong]}
    both = {"production": read} | ({} if reference is None else {"reference": reference})
    return Provenance(
        fingerprints={one.data: workspace.fingerprint(one.data) for one in chosen.values()},
        selections={side: one.describe() for side, one in chosen.items()},
        settings={"windows": str(reading.size), "as_of": str(np.datetime64(moment, "us")) if reading.answers.timestamp else None} | left,
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"read the {side}", one.sql) for side, one in both.items()),
        rows={side: {"used": int(one.rows.sum()), "excluded": {e.reason: e.rows for e in one.excluded}} for side, one in both.items()},
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
    )
