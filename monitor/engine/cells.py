"""Cells: where the reference is cut, so that both sides are always counted on the same cells."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb
import numpy as np

from monitor.engine.block_sample import sample_relation
from monitor.engine.columns import Measured, Transform, family
from monitor.engine.counter import Survey
from monitor.engine.cutting import cut_levels, cut_numbers
from monitor.engine.identifiers import quote
from monitor.engine.running import fetch
from monitor.engine.store import digest
from monitor.engine.workspace import INPUTS, Workspace
from monitor.profile import Cells, Floats
from monitor.vocabulary import Kind, Role

SAMPLE_ROWS = 50_000
SETS_AT_ONCE = 30


def build_cells(
    workspace: Workspace, columns: Iterable[str] | None = None, *, roles: Iterable[Role] = INPUTS, seed: int = 0
) -> Mapping[str, Cells]:
    """Cut every measured column by a deterministic sample of the reference (levels by all of it).

    The result depends on nothing but the reference, the columns and the seed; it is stored with the reference.

    Raises
    ------
    ColumnMissingError
        When a column of `columns` cannot be measured.
    """
    measured = workspace.measured(columns, roles=roles)
    key = digest("cells", workspace.fingerprint("reference"), [_identity(workspace, m) for m in measured], seed)
    stored = workspace.store.load("cells", key)
    if stored is not None:
        arrays, facts = stored
        return {fact["column"]: _thaw(fact, arrays[f"edges{i}"], arrays[f"atoms{i}"]) for i, fact in enumerate(facts)}
    numeric = [m for m in measured if m.kind is Kind.NUMERIC]
    levels = [m for m in measured if m.kind is not Kind.NUMERIC]
    counter = workspace.counter
    survey = counter.survey(workspace, measured) if counter is not None and counter.holds("reference") else None
    found = {**_numeric_cells(workspace, numeric, seed, survey), **_level_cells(workspace, levels, survey)}
    cells = {m.name: found[m.name] for m in measured}
    workspace.store.save("cells", key, _arrays(cells.values()), [_freeze(cell) for cell in cells.values()])
    return cells


def _identity(workspace: Workspace, measured: Measured) -> list[str]:
    info = workspace.schema.info(measured.column)
    return [
        measured.name,
        measured.kind,
        measured.transform,
        info.kind,
        info.encoding,
        json.dumps(dict(info.types)),
        workspace.case.timezone,
        str(workspace.schema.timestamp),
    ]


def cells_key(cells: Iterable[Cells]) -> list[object]:
    """Return all of some cells that counts on them depend on, for a digest."""
    return [
        (
            c.column,
            c.kind,
            c.edges.tobytes().hex(),
            c.levels,
            digest(sorted(c.known), sorted(c.once)),
            c.center,
            c.unit,
            c.buckets,
            c.signed,
        )
        for c in cells
    ]


def _arrays(cells: Iterable[Cells]) -> dict[str, Floats]:
    return {f"{part}{i}": getattr(cell, part) for i, cell in enumerate(cells) for part in ("edges", "atoms")}


def _freeze(cells: Cells) -> dict[str, object]:
    bounds = [None if math.isnan(value) else value for value in (cells.low, cells.high)]
    return {
        "column": cells.column,
        "kind": cells.kind.value,
        "levels": cells.levels,
        "rest": sorted(cells.known.difference(cells.levels)),
        "once": sorted(cells.once),
        "buckets": cells.buckets,
        "center": cells.center,
        "unit": cells.unit,
        "bounds": bounds,
        "signed": cells.signed,
    }


def _thaw(fact: Mapping[str, object], edges: Floats, atoms: Floats) -> Cells:
    text = json.loads(json.dumps(fact))
    low, high = (math.nan if value is None else float(value) for value in text["bounds"])
    levels = tuple(text["levels"])
    return Cells(
        column=str(text["column"]),
        kind=Kind(text["kind"]),
        edges=edges,
        levels=levels,
        known=frozenset(levels) | frozenset(text["rest"]),
        center=float(text["center"]),
        low=low,
        high=high,
        atoms=atoms,
        unit=float(text["unit"]),
        buckets=int(text["buckets"]),
        once=frozenset(text["once"]),
        signed=bool(text["signed"]),
    )


def _numeric_cells(workspace: Workspace, measured: Sequence[Measured], seed: int, survey: Survey | None) -> dict[str, Cells]:
    if not measured:
        return {}
    expressions = ", ".join(f"{workspace.schema.sql(m, 'reference')} AS x{i}" for i, m in enumerate(measured))
    names = [m.column for m in measured]
    late = any(workspace.columns[name].late for name in names)
    relation = workspace.relation("reference", names) if late else sample_relation(workspace.source("reference"), SAMPLE_ROWS, seed=seed)
    with workspace.cursor() as cursor:
        table = fetch(cursor, f"SELECT {expressions} FROM {relation}", text="sampling the reference")
    known = _ends(workspace, measured) if survey is None else survey
    found = {}
    for i, m in enumerate(measured):
        values = np.asarray(table.column(i).to_numpy(), dtype=np.float64)
        values = values[np.isfinite(values)]
        cells = cut_numbers(m.name, m.kind, values, *known.bounds[m.name])
        found[m.name] = replace(cells, signed=m.name in known.infinite)
    return found


def _ends(workspace: Workspace, measured: Sequence[Measured]) -> Survey:
    """Return the smallest and largest finite value of each, and which have infinite ones; Parquet answers from its statistics where it
    can."""
    relation = workspace.relation("reference", [m.column for m in measured])
    parts = [_bound_sql(workspace, m) for m in measured]
    with workspace.cursor() as cursor:
        pairs = _numbers(cursor, ", ".join(f"CAST(min({x}) AS DOUBLE), CAST(max({x}) AS DOUBLE)" for x in parts), relation, 2)
        infinite = []
        odd = [i for i, (low, high) in enumerate(pairs) if math.isinf(low) or not math.isfinite(high)]
        if odd:
            finite = ", ".join(_FINITE.format(x=f"x{i}") for i in odd)
            inner = ", ".join(f"{workspace.schema.sql(measured[i], 'reference')} AS x{i}" for i in odd)
            for i, (low, high, many) in zip(odd, _numbers(cursor, finite, f"(SELECT {inner} FROM {relation})", 3), strict=True):
                pairs[i] = (low, high)
                infinite += [measured[i].name] if many else []
    return Survey({m.name: (low, high) for m, (low, high) in zip(measured, pairs, strict=True)}, {}, frozenset(infinite))


_FINITE = "min({x}) FILTER (isfinite({x})), max({x}) FILTER (isfinite({x})), count(*) FILTER (isinf({x}))"


def _numbers(cursor: duckdb.DuckDBPyConnection, select: str, relation: str, each: int) -> list[tuple[float, ...]]:
    """Return what is selected of one row, `each` numbers of every column."""
    row = fetch(cursor, f"SELECT {select} FROM {relation}", text="finding the range of each column")
    # Parquet's statistics write a smallest zero as -0.0.
    values = [math.nan if column[0].as_py() is None else column[0].as_py() + 0.0 for column in row.columns]
    return list(zip(*(values[i::each] for i in range(each)), strict=True))


def _bound_sql(workspace: Workspace, measured: Measured) -> str:
    info = workspace.schema.info(measured.column)
    plain = measured.transform is Transform.NONE and family(info.types["reference"]) in ("integer", "float", "decimal")
    return quote(info.name) if plain else workspace.schema.sql(measured, "reference")


def _level_cells(workspace: Workspace, measured: Sequence[Measured], survey: Survey | None) -> dict[str, Cells]:
    if survey is not None:
        return {m.name: cut_levels(m.name, m.kind, survey.levels[m.name]) for m in measured}
    found: dict[str, Cells] = {}
    for start in range(0, len(measured), SETS_AT_ONCE):
        part = measured[start : start + SETS_AT_ONCE]
        for m, levels in zip(part, _count_levels(workspace, part), strict=True):
            found[m.name] = cut_levels(m.name, m.kind, levels)
    return found


def _count_levels(workspace: Workspace, measured: Sequence[Measured]) -> list[list[tuple[str, int]]]:
    """Return the levels of each column with their rows, the commonest first, equally common ones by name."""
    names = [f"x{i}" for i in range(len(measured))]
    inner = ", ".join(f"{workspace.schema.sql(m, 'reference')} AS {name}" for m, name in zip(measured, names, strict=True))
    sets = ", ".join(f"({name})" for name in names)
    level = f"coalesce({', '.join(names)}, NULL)"
    sql = (
        f"SELECT grouping({', '.join(names)}) AS s, {level} AS level, count(*) AS n FROM (SELECT {inner} FROM "
        f"{workspace.relation('reference', [m.column for m in measured])}) GROUP BY GROUPING SETS ({sets}) "
        f"HAVING {level} IS NOT NULL ORDER BY s, n DESC, level"
    )
    with workspace.cursor() as cursor:
        table = fetch(cursor, sql, text="listing the levels of the reference")
    levels: dict[int, list[tuple[str, int]]] = {}
    for mask, name, rows in zip(*(table.column(i).to_pylist() for i in range(3)), strict=True):
        levels.setdefault(int(mask), []).append((str(name), int(rows)))
    return [levels.get(set_mask(i, len(names)), []) for i in range(len(names))]


def set_mask(position: int, count: int) -> int:
    """Return what SQL's grouping() says of the grouping set that holds only the column at `position` of `count`.

    >>> [set_mask(i, 3) for i in range(3)]
    [3, 5, 6]
    """
    return (1 << count) - 1 - (1 << (count - 1 - position))
