"""What each column of a case is: role, kind, types on both sides, and what is said of those that cannot be measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitor.case import Case
from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import EPOCHS, SEVERAL_EPOCHS, ZONED, ZONED_NS, ColumnInfo, family
from monitor.engine.role_names import plain_name
from monitor.engine.roles import epoch_of, guess_kind
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
    alike = _alike(sources)
    for name in names:
        info = _column(case, name, sources, facts)
        empty = frozenset(data for data, seen in facts.items() if name in seen and seen[name].rows and not seen[name].present)
        problem = [] if empty and _only_empty(info, empty) else _problem(info, case, alike.get(name, ""))
        skipped.extend((*problem, *_powers(case, info, facts)))
        if not any(skip.reason in ("nested_type", "unsupported_type") for skip in problem):
            columns[name] = info
    return columns, skipped


def _alike(sources: Mapping[str, Source]) -> dict[str, str]:
    """Return what is said of a column that only one data set has while the other has one whose name reads the same (Age, AGE)."""
    types = [sources[data].types if data in sources else {} for data in ("reference", "production")]
    found: dict[str, str] = {}
    for own, other in (types, reversed(types)):
        read = {plain_name(name): name for name in other if name not in own}
        twins = {name: read[plain_name(name)] for name in own if name not in other and plain_name(name) in read}
        found |= {name: f" There it is '{twin}': if that is the same, give both one name." for name, twin in twins.items()}
    return found


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
    told = role in (Role.TIMESTAMP, Role.LABEL_TIMESTAMP)
    epochs = _encodings(name, facts, told=told)
    epoch = _epoch(fact, told=told) if fact is not None and kind is Kind.NUMERIC else None
    if epoch is not None and (told or _partly_dates(types, epochs)):
        kind, reason, encoding = Kind.DATETIME, f"Unix time ({epoch})", epoch
    kind, reason = _by_role(case, name, role, kind, reason)
    timed = encoding in (*EPOCHS, SEVERAL_EPOCHS) or (kind is Kind.DATETIME and _partly_dates(types, epochs))
    return ColumnInfo(name, role, kind, types, reason, encoding, epochs if timed else {}, late=late)


def _partly_dates(types: Mapping[str, str], epochs: Mapping[str, str]) -> bool:
    """Say whether some data sets hold dates and all others Unix time: it is the same, written in two ways."""
    return len({family(sql_type) for sql_type in types.values()}) > 1 and all(
        family(sql_type) == "datetime" or data in epochs for data, sql_type in types.items()
    )


def _encodings(name: str, facts: Mapping[str, Mapping[str, ColumnFacts]], *, told: bool) -> dict[str, str]:
    return {data: epoch for data, seen in facts.items() if name in seen and (epoch := _epoch(seen[name], told=told)) is not None}


def _epoch(fact: ColumnFacts, *, told: bool) -> str | None:
    """Return the unit of Unix time; several only where the case says that the column is a time (`told`)."""
    if not told or epoch_of(fact) is not None:
        return epoch_of(fact)
    ends = [epoch_of(replace(fact, low=end, high=end)) for end in (fact.low, fact.high)]
    return SEVERAL_EPOCHS if None not in ends else None


def _by_role(case: Case, name: str, role: Role, kind: Kind, reason: str) -> tuple[Kind, str]:
    if name in case.kinds:
        return case.kinds[name], "set in case.toml"
    if role in (Role.LABEL, Role.PREDICTION, Role.CHALLENGER_PREDICTION) and case.task is not Task.NONE:
        wanted = Kind.NUMERIC if case.task is Task.REGRESSION else Kind.BOOLEAN if kind is Kind.BOOLEAN else Kind.CATEGORICAL
        return wanted, f"{role} of a {case.task} task"
    if role in (Role.SCORE, Role.CHALLENGER_SCORE, Role.LATENCY_MS, Role.COST, Role.SATURATION):
        return Kind.NUMERIC, f"its role is {role}"
    if role in (Role.MODEL_VERSION, Role.STATUS, Role.VARIANT, Role.CURRENCY):
        return Kind.CATEGORICAL, f"its role is {role}"
    return kind, reason


def _problem(info: ColumnInfo, case: Case, twin: str) -> list[Skipped]:
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
    if info.role in UNMEASURED and info.role is not Role.TIMESTAMP and not came(case, info):
        return []
    if set(info.types) == {"reference"}:
        reason, message = "missing_in_production", f"'{info.name}' is in the reference but not in production.{twin}"
        if info.role is Role.LABEL and not twin:
            reason, message = "no_labels", f"'{info.name}' is in the reference only: labels of production are not there yet."
        return [Skipped(info.name, reason, message)]
    if set(info.types) == {"production"}:
        return [Skipped(info.name, "missing_in_reference", f"'{info.name}' is in production but not in the reference.{twin}")]
    return [*_changed_type(info, sorts), *_changed_unit(info), *_changed_zone(info, case)]


def came(case: Case, info: ColumnInfo) -> bool:
    """Say whether a column came with production and nobody said that it is no matter: one that `features` leave out was left out of what
    the reference had."""
    if case.model is not None and case.model.explained(info.name):
        return False
    return set(info.types) == {"production"} and case.roles.of(info.name) is Role.IGNORE and info.name not in case.roles.ignore


def _powers(case: Case, info: ColumnInfo, facts: Mapping[str, Mapping[str, ColumnFacts]]) -> list[Skipped]:
    """Say of values such as 12E5 what they are taken for."""
    power = next((seen[info.name].power for seen in facts.values() if info.name in seen and seen[info.name].power), "")
    if not power or info.name in case.kinds or info.role in (Role.ID, Role.IGNORE):
        return []
    told = f"powers of ten ({power} as {float(power):.6g})"
    if info.kind is Kind.NUMERIC:
        message = f'read as {told}. If they are codes, write {info.name} = "categorical" under [kinds].'
    else:
        message = f'read as codes. If they are {told}, write {info.name} = "numeric" under [kinds].'
    return [Skipped(info.name, "powers_of_ten", f"'{info.name}' has values such as {power}, which are {message}")]


def _changed_unit(info: ColumnInfo) -> list[Skipped]:
    ways = {
        data: info.encodings.get(data, "dates" if family(one) in ("datetime", "text") else "numbers") for data, one in info.types.items()
    }
    if not info.encodings or (len(set(ways.values())) < 2 and SEVERAL_EPOCHS not in ways.values()):
        return []
    told = [f"{_WAYS.get(way, f'Unix time ({way})')} in {_DATA.get(data, data)}" for data, way in ways.items()]
    read = (
        "each is read as what it is"
        if "numbers" not in ways.values()
        else "numbers that are no Unix time of our days lie outside all windows"
    )
    return [Skipped(info.name, "unit_changed", f"'{info.name}' is {' and '.join(told)}; {read}.")]


def _changed_zone(info: ColumnInfo, case: Case) -> list[Skipped]:
    """Say where times have an offset in one data set and none in another, which are then read on the case's clock."""
    moments = {data: one for data, one in info.types.items() if family(one) == "datetime" and one != "DATE"}
    aware = [_DATA.get(data, data) for data, one in moments.items() if one in (ZONED, ZONED_NS)]
    naive = [_DATA.get(data, data) for data, one in moments.items() if one not in (ZONED, ZONED_NS)]
    if not aware or not naive:
        return []
    message = (
        f"the times of '{info.name}' have an offset in {' and '.join(aware)} and none in {' and '.join(naive)}, where they are read as "
        f"times of {case.timezone}. If they were written on another clock, name it as timezone under [windows]."
    )
    return [Skipped(info.name, "zone_changed", message)]


_WAYS = {"dates": "dates", "numbers": "numbers of no one unit", SEVERAL_EPOCHS: "Unix time in several units, each row by its size,"}
_DATA = {"reference": "the reference"}
_LIKE = {"integer": "number", "float": "number", "decimal": "number"}


def _changed_type(info: ColumnInfo, sorts: Mapping[str, str]) -> list[Skipped]:
    alike = {_LIKE.get(sort, sort) for sort in sorts.values() if sort != "null"}
    if len(alike) < 2 or (info.encodings and "datetime" in alike) or (info.role is Role.LABEL and alike <= {"number", "boolean"}):
        return []  # a label of 1 is one of true: they are one level
    was, is_ = info.types["reference"], info.types["production"]
    fits = "what does not fit counts as missing" if info.kind in (Kind.NUMERIC, Kind.DATETIME) else "values written otherwise are others"
    message = f"'{info.name}' is {was} in the reference and {is_} in production; measured as {info.kind}, {fits}."
    return [Skipped(info.name, "type_changed", message)]
