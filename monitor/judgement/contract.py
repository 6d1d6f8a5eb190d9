"""Verdicts on a contract: runs of windows that break a clause, defects that the reference has too, and what would have to change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.contract import MEASURED, NO_RULE, Asked, ContractResult
from monitor.case.thresholds import ContractThresholds
from monitor.contract.clauses import Check, contract_summary
from monitor.contract.model import DataContract
from monitor.contract.proposals import Change, change_for
from monitor.engine.contract import Seen
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
from monitor.judgement.judged import Judged
from monitor.judgement.run_times import times
from monitor.stats.inference.runs import Run
from monitor.tables import Contract
from monitor.vocabulary import Status

Bools = NDArray[np.bool_]

JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **MEASURED.columns,
        "defect": "whether the reference breaks it too",
        "status": "verdict: alert where the window breaks it; stable where it does not, or where the reference does too",
        "message": "what is said of it, null where nothing is",
        "run": "id of the finding that the window belongs to, null: none",
        "strength": "2 where the window breaks it, 0 where it does not",
    },
    MEASURED.units,
)
NOWHERE = "required, but in no data set"
"""How a column is that a contract asks for and that neither data set has."""
FILLED = "filled, though the contract does not name the column"
"""How a column is that only some windows have values of: it may be in all files."""
CERTAIN = 2.0
"""How strong a broken clause is: it is no matter of chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedContract(Judged):
    """A judged contract: `table` has one row per clause and window, `findings` what breaks now, then what the reference breaks too."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: ContractResult
    thresholds: ContractThresholds

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole."""
        broken = {one.clause.id for one in self.result.asked if one.broken.any()}
        figures = {"clauses": len(self.result.asked), "broken": len(broken), "no_rule": len(self.wrong)}
        return {**figures, "contract": contract_summary(self.result.contract)}

    @property
    def wrong(self) -> tuple[str, ...]:
        """Rules that cannot be asked of any data of the case, by id."""
        return tuple(one.what for one in self.skipped if one.reason == NO_RULE)

    @property
    def contract(self) -> DataContract:
        """The contract that was checked."""
        return self.result.contract

    def rows_of(self, finding: Finding) -> pd.DataFrame:
        """Return the rows of the clause that a finding is about, by window."""
        return self.table[self.table["check"].eq(f"contract:{finding.what}")]

    def asked_of(self, finding: Finding) -> Asked:
        """Return the clause that a finding is about, as it was measured."""
        return next(one for one in self.result.asked if one.clause.id == finding.what)

    def seen_of(self, finding: Finding) -> Seen | None:
        """Return what the broken rows of a finding hold; None where no row breaks its clause by itself. A level first came when the first
        row had it, be it in a window in which as few as may had one."""
        asked = self.asked_of(finding)
        found = seen_in(asked, finding.first, finding.last)
        if found is None or asked.clause.check is not Check.LEVELS:
            return found
        ever = reduce(lambda one, other: one + other, (one for at, one in asked.seen.items() if at <= finding.last)).since
        since = {value: ever[value] for value in found.values if value in ever}
        return replace(found, since=since, first=min(since.values(), default=found.first))

    def change_of(self, *findings: Finding, contract: DataContract | None = None) -> Change | None:
        """Return what the contract (or another that was made of it) would have to say so that the rows of findings, all of one clause,
        keep it; None where nothing would help."""
        one = self.asked_of(findings[0])
        parts = [part for finding in findings if (part := seen_in(one, finding.first, finding.last)) is not None]
        found = reduce(lambda a, b: a + b, parts) if parts else None
        seen = None if found is None else (tuple(found.values), found.low, found.high)
        worst = max(float(np.nanmax(one.share[finding.first : finding.last + 1])) for finding in findings)
        return change_for(one.clause, contract or self.contract, worst, seen)


def seen_in(asked: Asked, first: int, last: int) -> Seen | None:
    """Return what broken rows hold in broken windows from one position to another; None where there are none."""
    parts = [found for at, found in sorted(asked.seen.items()) if first <= at <= last and asked.broken[at]]
    return reduce(lambda one, other: one + other, parts) if parts else None


def judge_contract(result: ContractResult, thresholds: ContractThresholds | None = None) -> JudgedContract:
    """Judge a contract that was held against production.

    Notes
    -----
    A clause is an agreement, no estimate: a window breaks it when more rows do than may, and not by chance (one-sided 95 %). Consecutive
    broken windows are one finding, an alert. What the whole reference breaks too is a defect, and no alarm: the contract says something
    that was never so.
    """
    thresholds = thresholds or ContractThresholds()
    usable = np.asarray(result.rows >= thresholds.min_rows)
    changed = [one for asked in result.asked if not asked.before_broken for one in _findings(asked, result, usable)]
    defects = [one for asked in result.asked if asked.before_broken and asked.broken.any() for one in [_defect(asked, result)]]
    findings = (*sorted(changed, key=_order), *sorted(defects, key=lambda one: -one.after))
    parts = [_rows(asked, result, findings, usable) for asked in result.asked]
    table = pd.concat(parts, ignore_index=True) if parts else result.table.reindex(columns=list(JUDGED.columns))
    return JudgedContract(table=JUDGED.check(table), findings=findings, result=result, thresholds=thresholds)


def _order(finding: Finding) -> tuple[Any, ...]:
    """Order: whole columns first, then what goes on, columns that came after what broke, then by the share of rows."""
    whole = finding.method in (Check.REQUIRED.value, Check.TYPE.value)
    new = finding.method == Check.NEW_COLUMN.value
    return (not whole, not finding.ongoing, new, -(finding.after if math.isfinite(finding.after) else 0.0))


def _findings(asked: Asked, result: ContractResult, usable: Bools) -> list[Finding]:
    hits = asked.broken & usable
    runs = _runs(hits, usable)
    return [_finding(asked, result, usable, run) for run in runs]


def _runs(broken: Bools, usable: Bools) -> list[Run]:
    """Return runs of broken windows; windows with too few rows between two do not part them."""
    at = np.flatnonzero(broken)
    if not len(at):
        return []
    kept = np.cumsum(usable)
    apart = np.flatnonzero(np.diff(kept[at]) > 1)
    first, last = at[np.concatenate([[0], apart + 1])], at[np.concatenate([apart, [len(at) - 1]])]
    return [Run.known(int(a), int(b)) for a, b in zip(first, last, strict=True)]


def _finding(asked: Asked, result: ContractResult, usable: Bools, run: Run) -> Finding:
    part = slice(run.first, run.last + 1)
    hits, known = int(asked.hits[part].sum()), int(asked.known[part].sum())
    seen = seen_in(asked, run.first, run.last)
    after = float(np.nanmax(asked.share[part])) if asked.clause.check is Check.SHIFT else hits / max(known, 1)
    return Finding(
        what=asked.clause.id,
        label=asked.label,
        kind=FindingKind.CONTRACT,
        status=Status.ALERT.value,
        first=run.first,
        last=run.last,
        direction=Direction.MORE,
        measure=Measure.SHARE,
        before=asked.before,
        after=after,
        rows=hits,
        share_rows=float(hits / max(result.rows[part].sum(), 1)),
        method=asked.clause.check.value,
        score=after,
        limit=asked.clause.outside,
        bound=asked.clause.outside,
        strength=CERTAIN,
        worst=result.windows.ids[run.first + int(np.nanargmax(np.nan_to_num(asked.share[part])))],
        note=_note(asked, run, len(usable)),
        carried=() if seen is None else tuple(seen.values),
        note_share=float("nan") if seen is None else sum(seen.values.values()) / max(hits, 1),
        judged=int(usable.sum()),
        **times(result.windows, usable, run),
    )


def _note(asked: Asked, run: Run, windows: int) -> str:
    """Say how rows are that break a clause."""
    passing = asked.clause.check is Check.NEW_COLUMN and run.last < windows - 1
    return NOWHERE if asked.nowhere else FILLED if passing else asked.clause.told


def _defect(asked: Asked, result: ContractResult) -> Finding:
    every = Run.known(0, len(result.windows) - 1)
    usable = np.ones(len(result.windows), dtype=bool)
    found = _finding(asked, result, usable, every)
    return replace(
        found, kind=FindingKind.DEFECT, status=Status.STABLE.value, state=State.ONGOING, direction=Direction.CHANGED, strength=0.0
    )


def _rows(asked: Asked, result: ContractResult, findings: Sequence[Finding], usable: Bools) -> pd.DataFrame:
    many = len(result.windows)
    status = np.full(many, Status.STABLE.value, dtype=object)
    run, message, strength = np.full(many, None, dtype=object), np.full(many, None, dtype=object), np.zeros(many)
    for one in (one for one in findings if one.what == asked.clause.id):
        part = np.zeros(many, dtype=bool)
        part[one.first : one.last + 1] = asked.broken[one.first : one.last + 1]
        message[part] = one.note
        if one.kind is FindingKind.CONTRACT:
            status[part], run[part], strength[part] = one.status, one.id, one.strength
    status = np.where(usable, status, Status.TOO_FEW_ROWS.value)
    status = np.where(asked.known > 0, status, Status.NOT_APPLICABLE.value)
    mine = result.table[result.table["check"].eq(f"contract:{asked.clause.id}")]
    return mine.assign(defect=asked.before_broken, status=status, message=message, run=run, strength=strength)
