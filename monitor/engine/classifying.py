"""What each column of a case is: role, kind, types on both sides, and what is said of those that cannot be measured."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.case import Case
from monitor.engine.columns import EPOCHS, ColumnInfo, family
from monitor.engine.roles import ColumnFacts, epoch_of, guess_kind
from monitor.engine.source import Source
from monitor.errors import CaseError
from monitor.tables import Skipped
from monitor.vocabulary import Kind, Role, Task

UNMEASURED = frozenset({Role.TIMESTAMP, Role.ID, Role.IGNORE, Role.LABEL_TIMESTAMP})


def columns_of(
    case: Case, sources: Mapping[str, Source], facts: Mapping[str, Mapping[str, ColumnFacts]]
) -> tuple[dict[str, ColumnInfo], list[Skipped]]:
    """Return what every column is, and what is to be said of those that cannot be measured."""
    names = dict.fromkeys(name for data in ("reference", "production", "labels") if data in sources for name in sources[data].types)
    columns: dict[str, ColumnInfo] = {}
    skipped: list[Skipped] = []
    for name in names:
        info = _column(case, name, sources, facts)
        empty = frozenset(data for data, seen in facts.items() if name in seen and seen[name].rows and not seen[name].present)
        problem = [] if empty and _only_empty(info, empty) else _problem(info, case)
        skipped.extend(problem)
        if not any(skip.reason in ("nested_type", "unsupported_type") for skip in problem):
            columns[name] = info
    return columns, skipped


def _only_empty(info: ColumnInfo, empty: frozenset[str]) -> bool:
    """Say whether the types of a column differ only because one side has no value at all: a file of such has some type, which says
    nothing."""
    kept = {data: sql_type for data, sql_type in info.types.items() if data not in empty}
    sorts = {family(sql_type) for sql_type in kept.values()}
    return len(info.types) > 1 and len(kept) < len(info.types) and not sorts & {"nested", "other"} and info.role is not Role.TIMESTAMP


def _column(case: Case, name: str, sources: Mapping[str, Source], facts: Mapping[str, Mapping[str, ColumnFacts]]) -> ColumnInfo:
    late = (
        "labels" in sources
        and name in (case.roles.label, case.roles.label_timestamp, case.roles.label_weight)
        and name in sources["labels"].types
    )
    types = {data: sources[data].types[name] for data in ("reference", "production") if name in sources[data].types}
    if late:
        types = {data: types.get(data, sources["labels"].types[name]) for data in ("reference", "production")}
    elif not types:
        types = {"labels": sources["labels"].types[name]}
    fact = next((facts[data][name] for data in ("reference", "production", "labels") if name in facts.get(data, {})), None)
    role = case.role_of(name)
    kind, reason, encoding = guess_kind(fact) if fact else (Kind.CATEGORICAL, "nested values", "native")
    if role in (Role.TIMESTAMP, Role.LABEL_TIMESTAMP) and kind is Kind.NUMERIC and fact is not None:
        encoding = epoch_of(fact) or encoding
        kind, reason = (Kind.DATETIME, f"Unix time ({encoding})") if epoch_of(fact) else (kind, reason)
    kind, reason = _by_role(case, name, role, kind, reason)
    return ColumnInfo(name, role, kind, types, reason, encoding, _encodings(name, facts) if encoding in EPOCHS else {}, late=late)


def _encodings(name: str, facts: Mapping[str, Mapping[str, ColumnFacts]]) -> dict[str, str]:
    return {data: epoch for data, seen in facts.items() if name in seen and (epoch := epoch_of(seen[name])) is not None}


def _by_role(case: Case, name: str, role: Role, kind: Kind, reason: str) -> tuple[Kind, str]:
    if name in case.kinds:
        return case.kinds[name], "set in case.toml"
    if role in (Role.LABEL, Role.PREDICTION, Role.CHALLENGER_PREDICTION) and case.task is not Task.NONE:
        wanted = Kind.NUMERIC if case.task is Task.REGRESSION else Kind.BOOLEAN if kind is Kind.BOOLEAN else Kind.CATEGORICAL
        return wanted, f"{role} of a {case.task} task"
    if role in (Role.SCORE, Role.CHALLENGER_SCORE, Role.LATENCY_MS, Role.COST):
        return Kind.NUMERIC, f"its role is {role}"
    if role in (Role.MODEL_VERSION, Role.STATUS, Role.VARIANT):
        return Kind.CATEGORICAL, f"its role is {role}"
    return kind, reason


def _problem(info: ColumnInfo, case: Case) -> list[Skipped]:
    sorts = {data: family(sql_type) for data, sql_type in info.types.items()}
    if info.role is Role.TIMESTAMP and info.kind is not Kind.DATETIME:
        raise CaseError(
            f"The timestamp column '{info.name}' holds neither dates, times nor Unix time ({info.type}; {info.reason}). Name another "
            'column, or write how its dates are written under [formats], for example "%Y%m%d".'
        )
    if "nested" in sorts.values():
        return [Skipped(info.name, "nested_type", f"'{info.name}' holds lists or structures ({info.type}); unnest it into plain columns.")]
    if "other" in sorts.values():
        return [Skipped(info.name, "unsupported_type", f"'{info.name}' is of type {info.type}, which cannot be measured.")]
    if info.role in UNMEASURED and info.role is not Role.TIMESTAMP:
        return []
    if set(info.types) == {"reference"}:
        reason, message = "missing_in_production", f"'{info.name}' is in the reference but not in production."
        if info.role is Role.LABEL:
            reason, message = "no_labels", f"'{info.name}' is in the reference only: labels of production are not there yet."
        return [Skipped(info.name, reason, message)]
    if set(info.types) == {"production"}:
        return [Skipped(info.name, "missing_in_reference", f"'{info.name}' is in production but not in the reference.")]
    return [*_changed_type(info, sorts), *_changed_unit(info)]


def _changed_unit(info: ColumnInfo) -> list[Skipped]:
    if len(set(info.encodings.values())) < 2:
        return []
    said = " and ".join(f"{epoch} in the {data}" for data, epoch in info.encodings.items())
    return [Skipped(info.name, "unit_changed", f"'{info.name}' is Unix time, {said}; each is read as what it is.")]


_LIKE = {"integer": "number", "float": "number", "decimal": "number"}


def _changed_type(info: ColumnInfo, sorts: Mapping[str, str]) -> list[Skipped]:
    alike = {_LIKE.get(sort, sort) for sort in sorts.values() if sort != "null"}
    if len(alike) < 2 or (info.role is Role.LABEL and alike <= {"number", "boolean"}):
        return []  # a label of 1 is one of true: they are one level
    was, is_ = info.types["reference"], info.types["production"]
    message = (
        f"'{info.name}' is {was} in the reference and {is_} in production; measured as {info.kind}, what does not fit counts as missing."
    )
    return [Skipped(info.name, "type_changed", message)]
