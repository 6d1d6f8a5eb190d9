"""How right the model is where labels are missing: estimates by window beside what was realised, the blend, and which of them hold."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.apart import take_apart
from monitor.analyses.baselines import not_compared
from monitor.analyses.estimate_blend import blended
from monitor.analyses.estimate_choice import METHODS, Chosen, Line
from monitor.analyses.estimate_fine import FineGaps, fine_gaps
from monitor.analyses.estimate_methods import Belief, Estimators, expected_of
from monitor.analyses.estimate_peer import PEER, peer_rows
from monitor.analyses.estimate_rows import Estimated, gather_estimated
from monitor.analyses.estimate_tables import tables, with_moments
from monitor.analyses.label_doubts import label_doubts
from monitor.analyses.label_maturity import mature_windows
from monitor.analyses.labels import moment_of
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question, cut_short
from monitor.analyses.version_parts import OtherVersions, version_column, without_each
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Watch, Workspace
from monitor.errors import MethodError, nearest
from monitor.profile import Windows
from monitor.stats.estimation.learning import unfamiliar_rows
from monitor.stats.estimation.shifted import LEAST_SHARE, MOST_AUC
from monitor.stats.performance.catalogue import METRICS
from monitor.tables import Contract, Provenance, Result, Skipped
from monitor.units import SHARE
from monitor.vocabulary import Task
from monitor.wording import number_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DEFAULT = ("cbpe", "nanny", "dle")
"""Methods that run unless others are asked for: `pape` takes a minute where these take seconds."""
MEASURED = Contract(
    "estimate",
    ("window", "metric", "method"),
    {
        "window": "id of the production window",
        "metric": "id of the metric, or a cell of the confusion matrix (true_positive ..., in rows)",
        "method": "cbpe, pape, nanny, dle, blend (labels so far and the default estimate as one), or nannyml.cbpe, nannyml.dle",
        "estimated": "the metric, null where it cannot be stood behind",
        "lower": "lower end of its 95 % interval (nannyml: 3 sampling errors)",
        "upper": "upper end of its 95 % interval",
        "realised": "the metric by the labels of a window whose labels are in, of at least half its rows; else null",
        "n": "rows that were looked at",
        "weight": "share of the labels in the blend, else null",
        "trusted": "whether the reference says anything of such rows",
        "default": "whether this is the case's own choice: the blend where labels are coming in or few, else the method that was best",
        "reason": "why there is no estimate, else null",
        "labels_only": "the metric by the labels of a window whose labels are not all in, or of less than half its rows; else null",
        "reference_value": "the metric of the whole reference by its labels",
    },
    {"weight": SHARE},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateResult(Result):
    """Measured estimates.

    `lines` the default's by metric; `method` the default and `chosen_by` what it was chosen by; `scoreboard` (method, metric, windows,
    error of production, error of the reference); `fine` what labels say beyond the default in shorter windows, where these say
    more, and `others` without the rows of each version of the model; `unfamiliar` (w,) share of rows with inputs that the reference does
    not know; `trusted`, `mature`, `complete` (mature, and its labels no sample), `rows`, `labelled` (w,).
    """

    lines: Mapping[str, Line]
    method: str
    chosen_by: str
    scoreboard: pd.DataFrame
    trusted: Bools
    mature: Bools
    complete: Bools
    rows: Ints
    labelled: Ints
    partial: Bools
    windows: Windows
    own_windows: Windows
    judged: frozenset[str]
    fine: FineGaps | None
    others: tuple[OtherVersions, ...]
    unfamiliar: Floats
    size: WindowSize
    task: Task
    timezone: str
    called: SideNames = PLAIN


def measure_estimate(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    as_of: datetime | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> EstimateResult:
    """Estimate every metric of a model's answers in every window, whether or not labels are there.

    Parameters
    ----------
    question : what is compared; default all of production, by the case's windows, with the reference, whose labels are learned from.
    methods : ids of methods, "default" (those that are fast), "all", or "nannyml".
    as_of : only labels that were known then count; default the last moment in the data.

    Raises
    ------
    ColumnMissingError
        The case names no label or answer, or the reference has no labels.
    MethodError
        A method is unknown, or none can be used.
    SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    question = take_apart(workspace, (question or Question()).until(as_of))
    wanted = _methods(methods)
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    moment = None if as_of is None else moment_of(as_of, workspace.case.timezone)
    column = version_column(workspace)
    also = () if column is None else (column,)
    found = gather_estimated(workspace, question, size, moment, also=also, progress=_part(progress, 0.0, 0.3), cancel=cancel)
    work = Estimators(found, question.seed, Watch(_part(progress, 0.3, 1.0), cancel))
    able, skipped = _able(work, wanted)
    believed = {name: work.run(name) for name in able}
    windows = found.production.rows.windows
    labelled = np.bincount(found.production.rows.window[found.production.labelled], minlength=windows)
    mature = mature_windows(found.reads.production, found.known[1], found.curve, labelled) & (labelled > 0)
    chosen = Chosen(found, believed, mature)
    trusted = believed[chosen.method].trusted
    lines = chosen.lines()
    called = side_names(question, workspace.case.timezone)
    judged = frozenset(name for name in lines if METRICS[name].leads)
    mixed = blended(found, believed[chosen.method], lines, chosen.complete, trusted)
    table = pd.concat([*tables(chosen, mixed), *peer_rows(found, wanted)], ignore_index=True)
    return EstimateResult(
        analysis="estimate",
        case=workspace.case.name,
        table=MEASURED.check(with_moments(table, found)),
        skipped=(
            *skipped,
            *label_doubts(found.outcome, (found.reference.side, found.production.side), mature, called.a),
            *not_compared(question.against, "The estimate"),
        ),
        provenance=_provenance(workspace, question, found, (size, chosen), (began, time.perf_counter() - clock)),
        lines=lines,
        method=chosen.method,
        chosen_by=chosen.by,
        scoreboard=chosen.scoreboard(),
        trusted=trusted,
        mature=mature,
        complete=chosen.complete,
        rows=found.production.count,
        labelled=labelled,
        partial=cut_short(size, found.reads.production.rows),
        windows=found.reads.production.windows,
        own_windows=found.reads.own,
        judged=judged,
        fine=fine_gaps(found, believed[chosen.method], size, workspace.case.timezone, judged),
        others=_others(found, column, believed[chosen.method].rows),
        unfamiliar=_unfamiliar(found),
        size=size,
        task=found.task,
        timezone=workspace.case.timezone,
        called=called,
    )


def _part(progress: Progress | None, first: float, last: float) -> Progress | None:
    """Return what tells a part of the progress."""
    if progress is None:
        return None
    return lambda share, text: progress(first + (last - first) * share, text)


def _others(found: Estimated, column: str | None, belief: Belief) -> tuple[OtherVersions, ...]:
    """Return what labels say beyond the estimate in the labelled rows without those of each version of the model."""
    side, made = found.production, []
    read, labelled = side.side.known.read, side.at & side.side.known.labelled
    for name, began, kept in without_each(read, column, labelled):
        expected = expected_of(side, belief, kept[side.at])
        realised = found.outcome.found(side.side, kept)
        gaps = {metric: realised[metric, ""].value - one.value for metric, one in expected.items() if (metric, "") in realised}
        made.append(OtherVersions(name, began, gaps, np.bincount(read.window[kept], minlength=side.side.windows)))
    return tuple(made)


def _unfamiliar(found: Estimated) -> Floats:
    """Return the share of rows by window with inputs that the reference does not know, (w,)."""
    strange = unfamiliar_rows(found.reference.seen, found.production.seen)
    rows = found.production.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.bincount(rows.window, strange, rows.windows) / found.production.count)


def _methods(names: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        chosen = {"default": DEFAULT, "all": (*METHODS, *PEER), "nannyml": PEER, "nannyml.all": PEER}.get(name, (name,))
        unknown = next((one for one in chosen if one not in METHODS and one not in PEER), None)
        if unknown is not None:
            known = (*METHODS, *PEER, "default", "all", "nannyml")
            raise MethodError(f"There is no method '{unknown}' of estimates.{nearest(unknown, known)} Use {', '.join(known)}.")
        found.update(dict.fromkeys(chosen))
    return tuple(found)


def _able(work: Estimators, wanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[Skipped, ...]]:
    """Return the methods that are run, at least one, and why others are not."""
    able = work.able
    asked = [name for name in wanted if name in able] or [next(name for name, why in able.items() if not why)]
    run = tuple(name for name in asked if not able[name])
    if not run:
        raise MethodError(" ".join(f"'{name}' {able[name]}" for name in asked))
    same_kind = [name for name in asked if able[name] and not able[name].startswith("is for")]
    return run, tuple(Skipped(name, "not_applicable", f"'{name}' {able[name]}") for name in same_kind)


def _provenance(
    workspace: Workspace, question: Question, found: Estimated, told: tuple[WindowSize, Chosen], timed: tuple[datetime, float]
) -> Provenance:
    size, chosen = told
    both = {"reference": found.reads.reference, "production": found.reads.production}
    sides = {"reference": found.reference, "production": found.production}
    selections = {"reference": question.reference, "production": question.production}
    return Provenance(
        fingerprints={one.data: workspace.fingerprint(one.data) for one in selections.values()},
        selections={side: one.describe() for side, one in selections.items()},
        settings={
            "windows": str(size),
            "learned from": "the labels of the reference",
            "default": chosen.method,
            "chosen by": chosen.by,
            "columns": list(found.columns),
            "trusted": f"told from the reference with an AUC of at most {number_text(MOST_AUC)}, "
            f"at least {number_text(LEAST_SHARE)} of whose rows count",
            "as_of": str(np.datetime64(found.moment, "us")) if found.known[1].read.moments else None,
        },
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"read the {side}", read.sql) for side, read in both.items()),
        rows={
            side: {
                "used": int(sides[side].rows.size),
                "excluded": {
                    **{one.reason: one.rows for one in read.excluded},
                    **({"no answer of the model": many} if (many := len(read.window) - sides[side].rows.size) else {}),
                },
            }
            for side, read in both.items()
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
    )
