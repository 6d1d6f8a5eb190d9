"""Is the contract of the case kept? Clauses broken by window, with what the broken rows hold."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.apart import take_apart
from monitor.analyses.naming import SideNames, side_names
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question, cut_short
from monitor.case import WindowSize
from monitor.contract.clauses import Check, Clause, clauses_of
from monitor.contract.file import CONTRACT_FILE, load_contract
from monitor.contract.model import DataContract, RowRule
from monitor.engine import Cancel, Progress, Selection, Workspace
from monitor.engine.classifying import came
from monitor.engine.contract import Broken, BrokenCounts, Seen, count_broken, look_at
from monitor.engine.evidence import level_counts
from monitor.engine.selection import check_predicate
from monitor.errors import ColumnMissingError, MethodError, SelectionError, nearest
from monitor.profile import Windows
from monitor.stats.contract.bounds import breaks
from monitor.tables import Contract, Provenance, Result, Skipped
from monitor.units import SHARE
from monitor.vocabulary import Role

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ROWS = "Rows"
NOT_ASKED, NO_RULE = "not_asked", "no_rule"
"""Why a clause was not asked: the data lack a column that it needs; it is no condition, or names a column that no data of the case have."""
MEASURED = Contract(
    "contract",
    ("check", "window"),
    {
        "column": "the column, null: rules of rows",
        "check": "contract:ID, the clause",
        "window": "id of the production window",
        "value": "share that breaks it, 0..1, of what it is asked of (rows, or values); of shift the largest change of a level's share",
        "expected": "the same in the reference",
        "allowed": "the share that may",
        "n_rows": "rows that break it; null where no row does by itself",
    },
    {"value": SHARE, "expected": SHARE},
)
WHOLE = WindowSize(1, "whole")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One clause: `label` people read, `broken` by window (w,), its `share`, `hits` and `known` rows (w,), `before` that of the reference;
    `seen` what the broken rows of each window hold, by its position."""

    clause: Clause
    label: str
    broken: Bools
    share: NDArray[np.float64]
    hits: Ints
    known: Ints
    before: float
    before_broken: bool
    seen: Mapping[int, Seen]
    nowhere: bool = False
    """Whether it asks for a column that no data set has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractResult(Result):
    """A contract held against production: `asked` its clauses, `rows` (w,) of each window."""

    contract: DataContract
    asked: tuple[Asked, ...]
    windows: Windows
    own_windows: Windows
    rows: Ints
    partial: Bools
    size: WindowSize
    timezone: str
    called: SideNames


def measure_contract(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    contract: DataContract | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ContractResult:
    """Hold production against a contract, by window.

    Parameters
    ----------
    methods : ids of clauses, or "default" or "all".
    contract : default the one beside the case.

    Raises
    ------
    MethodError
        A clause is unknown, or there is no contract.
    CaseError
        The contract cannot be read.
    SelectionError, ColumnMissingError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    contract = contract or load_contract(workspace.case.root)
    if contract is None:
        raise MethodError(f"The case has no {CONTRACT_FILE}. Write a first one with 'driftscope contract infer', or on the page Contract.")
    question = take_apart(workspace, question or Question())
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    clauses = _wanted(_every(workspace, contract, question.production.data), methods)
    production = count_broken(workspace, question.production, size, clauses, progress=progress, cancel=cancel)
    reference = count_broken(workspace, question.reference, WHOLE, clauses, cancel=cancel)
    holder = _Holder(workspace, question, size, production, reference)
    asked = tuple(one for clause in clauses if (one := holder.ask(clause)) is not None)
    lost = {one.clause.column for one in asked if one.clause.check is Check.REQUIRED and one.broken.any()}
    told = {f"{column}.{check.value}" for column in lost for check in Check}  # that the column is lost says it all
    unread = {name: message for name, message in {**production.unread, **holder.unread}.items() if name not in told}
    return ContractResult(
        analysis="contract",
        case=workspace.case.name,
        table=MEASURED.check(_table(asked, production)),
        skipped=tuple(Skipped(name, _why(workspace, clauses, name), message) for name, message in unread.items()),
        provenance=_provenance(workspace, question, (reference, production), size, (began, time.perf_counter() - clock)),
        contract=contract,
        asked=asked,
        windows=production.windows,
        own_windows=reference.windows,
        rows=production.rows,
        partial=cut_short(size, production.rows),
        size=size,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
    )


def _why(workspace: Workspace, clauses: Sequence[Clause], name: str) -> str:
    """Say why a clause is not asked: data lack a column of it, or it is a rule that nobody could ask of any data of the case."""
    rule = next((one.rule for one in clauses if one.id == name), None)
    if not isinstance(rule, RowRule):
        return NOT_ASKED
    try:
        with workspace.cursor() as cursor:
            for part in (rule.holds, rule.when):
                if part:
                    check_predicate(cursor, part, list(workspace.columns))
    except (ColumnMissingError, SelectionError):
        return NO_RULE
    return NOT_ASKED


def _every(workspace: Workspace, contract: DataContract, data: str) -> tuple[Clause, ...]:
    """Return the clauses of a contract, and one for each column of the data that it does not name."""
    case = workspace.case
    known = {name for name, one in workspace.columns.items() if data in one.types and (one.role is not Role.IGNORE or came(case, one))}
    new = sorted(known - set(contract.columns)) if contract.complete and contract.columns else []
    return (*clauses_of(contract, data), *(Clause(column=name, check=Check.NEW_COLUMN) for name in new))


def _wanted(clauses: Sequence[Clause], methods: Sequence[str]) -> tuple[Clause, ...]:
    if {"default", "all"} & set(methods):
        return tuple(clauses)
    ids = [one.id for one in clauses]
    wanted = [name.removeprefix("contract:") for name in methods]
    wrong = next((name for name in wanted if name not in ids), None)
    if wrong is not None:
        raise MethodError(f"The contract has no clause '{wrong}'.{nearest(wrong, ids)} 'driftscope contract check' lists them.")
    return tuple(one for one in clauses if one.id in wanted)


class _Holder:
    """Both sides of one contract."""

    def __init__(
        self, workspace: Workspace, question: Question, size: WindowSize, production: BrokenCounts, reference: BrokenCounts
    ) -> None:
        self.workspace, self.question, self.size = workspace, question, size
        self.production, self.reference = production, reference
        self.unread: dict[str, str] = {}

    def ask(self, clause: Clause) -> Asked | None:
        """Return how a clause is kept; None where it cannot be asked, or another says that its column is not there."""
        found = self.production.counts.get(clause.id)
        empty = found is None or not found.hits.any()
        if clause.check in (Check.REQUIRED, Check.NEW_COLUMN) and empty:
            return self._of_schema(clause)
        if clause.check is Check.SHIFT:
            return self._shift(clause)
        if found is None:
            return None
        broken = breaks(found.hits, found.known, clause.outside)
        before = self.reference.counts.get(clause.id)
        seen = look_at(self.workspace, self.question.production, self.size, clause) if broken.any() else {}
        return self._asked(clause, broken, found, before, seen)

    def _asked(self, clause: Clause, broken: Bools, found: Broken, before: Broken | None, seen: Mapping[int, Seen]) -> Asked:
        whole = float("nan") if before is None or not before.known.sum() else float(before.hits.sum() / before.known.sum())
        with np.errstate(invalid="ignore", divide="ignore"):
            share = found.hits / found.known
        return Asked(
            clause=clause,
            label=self.workspace.case.label(clause.column) if clause.column else ROWS,
            broken=broken,
            share=share,
            hits=found.hits,
            known=found.known,
            before=whole,
            before_broken=before is not None and bool(breaks(before.hits, before.known, clause.outside).any()),
            seen=seen,
        )

    def _has(self, column: str, data: str) -> bool:
        info = self.workspace.columns.get(column)
        return column in self.workspace.sources[data].types or (info is not None and info.late)

    def _of_schema(self, clause: Clause) -> Asked:
        """Say whether a column is there, or is one that the contract does not name: of all windows alike."""
        new = clause.check is Check.NEW_COLUMN
        known, there = (self._has(clause.column, side.data) for side in (self.question.reference, self.question.production))
        broken, before = new or not there, new and known  # a column that the reference lacks too is not there, whatever was so
        rows, whole = self.production.rows, self.reference.rows
        asked = self._asked(clause, np.full(len(rows), broken), Broken(rows * broken, rows), Broken(whole * before, whole), {})
        return replace(asked, nowhere=not (new or known or there))

    def _shift(self, clause: Clause) -> Asked | None:
        """Compare the shares of levels in each window with those of the reference."""
        try:
            own = level_counts(self.workspace, self.question.reference, WHOLE, clause.column)
            now = level_counts(self.workspace, self.question.production, self.size, clause.column)
        except ColumnMissingError as error:
            self.unread[clause.id] = str(error)
            return None
        names = sorted({*own, *now})
        many = len(self.production.windows)
        p = np.array([float(own[name].sum()) if name in own else 0.0 for name in names])
        q = np.array([now[name] if name in now else np.zeros(many, dtype=np.int64) for name in names]).reshape(len(names), many)
        known = q.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            score = np.abs(q / known - (p / p.sum())[:, None]).max(axis=0, initial=0.0)
            noise = 1.0 / np.sqrt(np.maximum(known, 1))  # twice the largest standard error of a share
        return Asked(
            clause=clause,
            label=self.workspace.case.label(clause.column),
            broken=np.asarray((score - noise > clause.outside) & (known > 0)),
            share=score,
            hits=np.zeros(many, dtype=np.int64),
            known=known,
            before=0.0,
            before_broken=False,
            seen={},
        )


def _table(asked: Sequence[Asked], production: BrokenCounts) -> pd.DataFrame:
    if not asked:
        return pd.DataFrame(columns=list(MEASURED.columns))
    return pd.concat([_rows(one, production) for one in asked], ignore_index=True)


def _rows(one: Asked, production: BrokenCounts) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": one.clause.column or None,
            "check": f"contract:{one.clause.id}",
            "window": production.windows.ids,
            "value": one.share,
            "expected": one.before,
            "allowed": one.clause.outside,
            "n_rows": np.nan if one.clause.check is Check.SHIFT else one.hits.astype(float),
            "window_start": production.windows.start,
            "window_end": production.windows.end,
            "n_production": production.rows,
        }
    )


def _provenance(
    workspace: Workspace, question: Question, sides: tuple[BrokenCounts, BrokenCounts], size: WindowSize, timed: tuple[datetime, float]
) -> Provenance:
    chosen: Mapping[str, Selection] = {"reference": question.reference, "production": question.production}
    both = dict(zip(chosen, sides, strict=True))
    return Provenance(
        fingerprints={one.data: workspace.fingerprint(one.data) for one in chosen.values()},
        selections={side: one.describe() for side, one in chosen.items()},
        settings={"windows": str(size)},
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"hold the {side} against the contract", one.sql) for side, one in both.items()),
        rows={
            side: {"used": int(one.rows.sum()), "excluded": {left.reason: left.rows for left in one.excluded}} for side, one in both.items()
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
    )
