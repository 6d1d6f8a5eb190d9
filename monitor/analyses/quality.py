"""Is the data what it should be? Facts of every column and rows that fail checks, by window; stable defects are told apart."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.apart import take_apart
from monitor.analyses.drift import measure_drift
from monitor.analyses.drift_result import DriftResult
from monitor.analyses.far_values import FarValues, find_far_values
from monitor.analyses.gaps import OFTEN, Gap, find_gaps
from monitor.analyses.leaks import find_leaks
from monitor.analyses.naming import SideNames
from monitor.analyses.new_levels import NewLevels, find_new_levels
from monitor.analyses.odd_rows import OddRow, find_odd_rows
from monitor.analyses.outages import SELDOM, Outage, find_outages
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question, stretch_size, usual_windows
from monitor.analyses.stuck import Stuck, find_stuck
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Selection, Workspace
from monitor.engine.check_kernel import Counted
from monitor.engine.checks import ALL_ROWS, CheckCounts, count_checks, stand_ins
from monitor.errors import MethodError, SelectionError, nearest
from monitor.profile import Windows
from monitor.stats.counts.checks import CHECKS
from monitor.stats.inference.intervals import Z, wilson
from monitor.tables import Contract, Provenance, Result
from monitor.units import SHARE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STAND_IN, DATE = "default_value", "date"
BY_NATURE = 0.01
"""Share of the reference's dates before 1971 or after 2099 from which the column is of such dates (of birth, of ends far off)."""
UNREADABLE = "unreadable"
"""The check that a column kept as numbers or times cannot fail."""
ROWS = "Rows"
"""What people read for checks of whole rows."""
FACTS: Mapping[str, str] = {
    "missing_share": "missing",
    "new_levels": "new_levels",
    "lost_levels": "lost_levels",
    "out_of_range": "out_of_range",
    "constant": "constant",
    "type_change": "type_change",
    "lost_column": "lost_column",
    "new_column": "new_column",
}
"""What drift counts that is a matter of quality, and what it is called here."""
MEASURED = Contract(
    "quality",
    ("column", "check", "window"),
    {
        "column": "the column, null: whole rows",
        "check": "id of the check",
        "window": "id of the production window",
        "value": "share of rows that fail it, 0..1; of lost levels the share of the reference's rows that had them",
        "expected": "the same in the reference; of facts the upper end of what windows without change show",
        "n_rows": "rows of the window that fail",
    },
    {"value": SHARE, "expected": SHARE},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One check of one column (ALL_ROWS: of whole rows): failing rows and rows that it is asked of, in the reference's own windows (r,) and
    in production's (w,). Where it is judged by different values, `rows` has both sides by rows, None where nobody counted these."""

    column: str
    label: str
    check: str
    own: tuple[Ints, Ints]
    production: tuple[Ints, Ints]
    rows: tuple[tuple[Ints, Ints], tuple[Ints, Ints]] | None = None

    @property
    def said(self) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
        """Both sides as they are told: by rows where these are known."""
        return self.rows or (self.own, self.production)

    @property
    def name(self) -> str:
        """Its name among the others."""
        return f"{self.check}~{self.column}" if self.column else self.check

    def share(self, side: tuple[Ints, Ints]) -> tuple[Floats, Floats]:
        """Return the share of failing rows by window and its variance, that of an interval as wide; nan without rows."""
        hits, known = (part.astype(float) for part in side)
        low, high = wilson(hits, known)
        with np.errstate(invalid="ignore", divide="ignore"):
            return hits / known, ((high - low) / (2 * Z)) ** 2

    def whole(self, side: tuple[Ints, Ints]) -> float:
        """Return the share over all windows, nan without rows."""
        return float(side[0].sum() / side[1].sum()) if side[1].sum() else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityResult(Result):
    """Measured quality: `drift` has the facts of the columns, `checks` the others that any row fails; `gaps` where
    columns lack values that often do, `outages` whole hours in which columns do that seldom do, `new_levels` what the reference never had,
    `odd` rows that have a new level and a number out of range, `leaks` columns that alone tell the label, with their AUC, `stand_ins`
    rows of each stand-in for a missing value by column and window, `far` numbers that the reference does not let expect, `stuck` columns
    that keep one value in a segment; `rows` (w,) of each window."""

    drift: DriftResult
    checks: tuple[Checked, ...]
    asked: frozenset[str]
    gaps: Mapping[str, Gap]
    outages: tuple[Outage, ...]
    new_levels: tuple[NewLevels, ...]
    odd: tuple[OddRow, ...]
    leaks: tuple[tuple[str, float], ...]
    stand_ins: Mapping[str, Mapping[str, Mapping[str, int]]]
    far: tuple[FarValues, ...]
    stuck: tuple[Stuck, ...]
    windows: Windows
    own_windows: Windows
    rows: Ints
    partial: Bools
    size: WindowSize
    timezone: str

    @property
    def called(self) -> SideNames:
        """How the sides are called."""
        return self.drift.called


def measure_quality(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> QualityResult:
    """Measure the quality of every column in every window.

    Parameters
    ----------
    question : what is compared; default all of production, by the case's windows, with the reference.
    methods : ids of checks, or "default" or "all".

    Raises
    ------
    MethodError
        A check is unknown.
    SelectionError, ColumnMissingError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    asked = _asked(methods)
    question = question or Question()
    drift = measure_drift(workspace, question, progress=progress, cancel=cancel)
    question = take_apart(workspace, question)
    size = drift.sides.size
    of = {one.name: one.column for one in workspace.measured(roles=question.roles)}
    named = (drift.sides.part(name).column for name in drift.sides.production.columns)
    columns = list(dict.fromkeys(of.get(name, name) for name in named))  # of a column of times its hour and weekday are measured
    production = count_checks(workspace, question.production, size, columns, progress=progress, cancel=cancel)
    own = _own(workspace, question, size, columns, cancel)
    checks = tuple(one for one in _checked(workspace, own, production) if one.check in asked)
    return QualityResult(
        analysis="quality",
        case=workspace.case.name,
        table=MEASURED.check(_table(drift, checks, production, asked)),
        skipped=drift.skipped,
        provenance=_provenance(drift, (own, production), asked, (began, time.perf_counter() - clock)),
        drift=drift,
        checks=checks,
        asked=asked,
        gaps=find_gaps(workspace, question.production, _often_missing(drift)),
        leaks=find_leaks(workspace, question.reference),
        far=find_far_values(workspace, drift),
        stuck=_stuck(workspace, (question.reference, question.production), drift, own) if "stuck" in asked else (),
        stand_ins=_stand_ins(workspace, question.production, size, checks),
        new_levels=find_new_levels(workspace, question.production, drift) if "new_levels" in asked else (),
        odd=find_odd_rows(workspace, question.production, drift),
        outages=find_outages(workspace, question.production, question.reference, _seldom_missing(drift, workspace.columns)),
        windows=production.windows,
        own_windows=own.windows,
        rows=production.rows,
        partial=drift.sides.partial,
        size=size,
        timezone=workspace.case.timezone,
    )


def _often_missing(drift: DriftResult) -> list[str]:
    """Return the columns of which a hundredth and more is missing in production."""
    counted = drift.sides.production.columns
    shares = {name: float(one.missing.sum() / max(one.rows.sum(), 1)) for name, one in counted.items()}
    return [name for name, share in shares.items() if share >= OFTEN and drift.sides.part(name).column == name]


def _seldom_missing(drift: DriftResult, known: Collection[str]) -> list[str]:
    """Return the columns of which few values, and not none, are missing in production, and few in the reference; those with most first."""
    counted = drift.sides.production.columns, drift.sides.blocks.columns
    missing = {name: int(one.missing.sum()) for name, one in counted[0].items() if name in known and drift.sides.part(name).column == name}
    shares = {name: max(float(side[name].missing.sum() / max(side[name].rows.sum(), 1)) for side in counted) for name in missing}
    return sorted((name for name in missing if missing[name] and shares[name] <= SELDOM), key=lambda name: -missing[name])


def _asked(methods: Sequence[str]) -> frozenset[str]:
    every = (*FACTS.values(), *CHECKS)
    found: set[str] = set()
    for name in methods:
        if name in ("default", "all"):
            found.update(every)
        elif name in every:
            found.add(name)
        else:
            raise MethodError(f"There is no check '{name}'.{nearest(name, every)} Use default or {', '.join(every)}.")
    return frozenset(found)


def _own(workspace: Workspace, question: Question, size: WindowSize, columns: Sequence[str], cancel: Cancel | None) -> CheckCounts:
    """Count the reference in windows of the size, where these are few in shorter ones."""
    size = usual_windows(workspace) if size.unit == "whole" else size
    usual = count_checks(workspace, question.reference, size, columns, cancel=cancel)
    shorter = stretch_size(size, len(usual.windows))
    if shorter is None:
        return usual
    try:
        return count_checks(workspace, question.reference, shorter, columns, cancel=cancel)
    except SelectionError:  # more windows than anybody can look at
        return usual


def _checked(workspace: Workspace, own: CheckCounts, production: CheckCounts) -> Iterator[Checked]:
    """Yield the checks that some row fails on either side, of columns that both have."""
    for key, counted in production.counts.items():
        before = own.counts.get(key) or (_none_unreadable(own) if key[1] == UNREADABLE else None)
        if before is None or not (counted.hits.any() or before.hits.any()):
            continue
        column, check = key
        if check == "mixed_types" and _all_numbers(before.hits, before.known) and _all_numbers(counted.hits, counted.known):
            continue  # a text column of numbers only is a matter of its type
        if check == DATE and before.hits.sum() >= BY_NATURE * before.known.sum() > 0:
            continue
        label = workspace.case.label(column) if column != ALL_ROWS else ROWS
        sides, rows = ((before.hits, before.known), (counted.hits, counted.known)), None
        if before.rows is not None and counted.rows is not None:
            rows = before.rows, counted.rows
        yield Checked(column=column, label=label, check=check, own=sides[0], production=sides[1], rows=rows)


def _stuck(workspace: Workspace, sides: tuple[Selection, Selection], drift: DriftResult, own: CheckCounts) -> tuple[Stuck, ...]:
    counted = {column: one for (column, check), one in own.counts.items() if check == "stuck"}
    return find_stuck(workspace, sides, drift, {name: float(one.hits.sum() / max(one.known.sum(), 1)) for name, one in counted.items()})


def _stand_ins(
    workspace: Workspace, production: Selection, size: WindowSize, checks: Sequence[Checked]
) -> dict[str, Mapping[str, Mapping[str, int]]]:
    """Return the stand-ins of columns in which some window has as many as matter; none where rows are not at hand."""
    if workspace.kept is not None or (workspace.counter is not None and workspace.counter.holds(production.data)):
        return {}
    shares = {one.column: np.nan_to_num(one.share(one.production)[0]) for one in checks if one.check == STAND_IN}
    often = [name for name, share in shares.items() if share.max() >= CHECKS[STAND_IN].floor]
    return {name: stand_ins(workspace, production, size, name) for name in often}


def _none_unreadable(own: CheckCounts) -> Counted:
    """Return that no value is a text where a number or a time is due, of a reference that keeps these as what they are."""
    return Counted(np.zeros_like(own.rows), own.rows)


def _all_numbers(hits: Ints, known: Ints) -> bool:
    return bool((hits == known).all())


def _table(drift: DriftResult, checks: Sequence[Checked], production: CheckCounts, asked: frozenset[str]) -> pd.DataFrame:
    facts = drift.table[drift.table["method"].isin([name for name, check in FACTS.items() if check in asked])]
    rows = [
        pd.DataFrame(
            {
                "column": facts["column"],
                "check": facts["method"].map(FACTS),
                "window": facts["window"],
                "value": failing_share(facts),
                "expected": facts["missing_share_reference"].where(facts["method"] == "missing_share"),
                "n_rows": (failing_share(facts) * facts["n_production"]).where(facts["method"] != "lost_levels").round(),
                "window_start": facts["window_start"],
                "window_end": facts["window_end"],
                "n_production": facts["n_production"],
            }
        )
    ]
    rows += [_rows(one, production) for one in checks]
    return pd.concat([one for one in rows if len(one)] or rows, ignore_index=True)


def failing_share(facts: pd.DataFrame) -> pd.Series[float]:
    """Return the share of rows that facts of drift are about; the score of missing values is how much more of them are missing."""
    return facts["missing_share_production"].where(facts["method"] == "missing_share", facts["score"]).astype(float)


def _rows(checked: Checked, production: CheckCounts) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": checked.column or None,
            "check": checked.check,
            "window": production.windows.ids,
            "value": checked.share(checked.said[1])[0],
            "expected": checked.whole(checked.said[0]),
            "n_rows": checked.said[1][0].astype(float),
            "window_start": production.windows.start,
            "window_end": production.windows.end,
            "n_production": production.rows,
        }
    )


def _provenance(
    drift: DriftResult, sides: tuple[CheckCounts, CheckCounts], asked: frozenset[str], timed: tuple[datetime, float]
) -> Provenance:
    """Write down where the numbers come from: what drift says, and the queries of the checks."""
    said = zip(("reference", "production"), sides, strict=True)
    return replace(
        drift.provenance,
        settings={**drift.provenance.settings, "checks": sorted(asked)},
        versions=versions(),
        sql=(*drift.provenance.sql, *((f"check the {side}", one.sql) for side, one in said)),
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
    )
