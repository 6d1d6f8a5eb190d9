"""Cells: where the reference is cut, so that both sides are always counted on the same cells."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray

from monitor.engine.columns import Measured, Transform, family
from monitor.engine.identifiers import quote
from monitor.engine.running import fetch
from monitor.engine.store import digest
from monitor.engine.workspace import INPUTS, Workspace, sample_relation
from monitor.profile import Cells, Floats, Ints
from monitor.vocabulary import Kind, Role

MOST_CELLS = 254
FEW_VALUES = 64
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
        return {fact["column"]: _thaw(fact, arrays[f"edges{i}"]) for i, fact in enumerate(facts)}
    numeric = [m for m in measured if m.kind is Kind.NUMERIC]
    levels = [m for m in measured if m.kind is not Kind.NUMERIC]
    found = {**_numeric_cells(workspace, numeric, seed), **_level_cells(workspace, levels)}
    cells = {m.name: found[m.name] for m in measured}
    edges = {f"edges{i}": cell.edges for i, cell in enumerate(cells.values())}
    workspace.store.save("cells", key, edges, [_freeze(cell) for cell in cells.values()])
    return cells


def _identity(workspace: Workspace, measured: Measured) -> list[str]:
    info = workspace.schema.info(measured.column)
    return [
        measured.name,
        measured.kind,
        measured.transform,
        info.kind,
        info.encoding,
        workspace.case.timezone,
        str(workspace.schema.timestamp),
    ]


def _freeze(cells: Cells) -> dict[str, object]:
    bounds = [None if math.isnan(value) else value for value in (cells.low, cells.high)]
    rest = sorted(cells.known.difference(cells.levels))
    return {
        "column": cells.column,
        "kind": cells.kind.value,
        "levels": cells.levels,
        "rest": rest,
        "center": cells.center,
        "bounds": bounds,
    }


def _thaw(fact: Mapping[str, object], edges: Floats) -> Cells:
    text = json.loads(json.dumps(fact))
    low, high = (math.nan if value is None else float(value) for value in text["bounds"])
    levels = tuple(text["levels"])
    known = frozenset(levels) | frozenset(text["rest"])
    return Cells(str(text["column"]), Kind(text["kind"]), edges, levels, known, float(text["center"]), low, high)


def _numeric_cells(workspace: Workspace, measured: Sequence[Measured], seed: int) -> dict[str, Cells]:
    if not measured:
        return {}
    expressions = ", ".join(f"{workspace.schema.sql(m, 'reference')} AS x{i}" for i, m in enumerate(measured))
    names = [m.column for m in measured]
    late = any(workspace.columns[name].late for name in names)
    relation = workspace.relation("reference", names) if late else sample_relation(workspace.source("reference"), SAMPLE_ROWS, seed=seed)
    with workspace.cursor() as cursor:
        table = fetch(cursor, f"SELECT {expressions} FROM {relation}", text="sampling the reference")
    bounds = _bounds(workspace, measured)
    found = {}
    for i, m in enumerate(measured):
        values = np.asarray(table.column(i).to_numpy(), dtype=np.float64)
        values = values[np.isfinite(values)]
        found[m.name] = Cells(m.name, m.kind, cut(values), (), center=center_of(values), low=bounds[i][0], high=bounds[i][1])
    return found


def _bounds(workspace: Workspace, measured: Sequence[Measured]) -> list[tuple[float, float]]:
    """Return the smallest and largest finite value of each; Parquet answers from its statistics where it can."""
    relation = workspace.relation("reference", [m.column for m in measured])
    parts = [_bound_sql(workspace, m) for m in measured]
    with workspace.cursor() as cursor:
        pairs = _ranges(cursor, ", ".join(f"CAST(min({x}) AS DOUBLE), CAST(max({x}) AS DOUBLE)" for x in parts), relation)
        odd = [i for i, (low, high) in enumerate(pairs) if math.isinf(low) or not math.isfinite(high)]
        if odd:
            finite = ", ".join(f"min(x{i}) FILTER (isfinite(x{i})), max(x{i}) FILTER (isfinite(x{i}))" for i in odd)
            inner = ", ".join(f"{workspace.schema.sql(measured[i], 'reference')} AS x{i}" for i in odd)
            for i, pair in zip(odd, _ranges(cursor, finite, f"(SELECT {inner} FROM {relation})"), strict=True):
                pairs[i] = pair
    return pairs


def _ranges(cursor: duckdb.DuckDBPyConnection, select: str, relation: str) -> list[tuple[float, float]]:
    row = fetch(cursor, f"SELECT {select} FROM {relation}", text="finding the range of each column")
    # Parquet's statistics write a smallest zero as -0.0.
    values = [math.nan if column[0].as_py() is None else column[0].as_py() + 0.0 for column in row.columns]
    return list(zip(values[::2], values[1::2], strict=True))


def _bound_sql(workspace: Workspace, measured: Measured) -> str:
    info = workspace.schema.info(measured.column)
    plain = measured.transform is Transform.NONE and family(info.types["reference"]) in ("integer", "float", "decimal")
    return quote(info.name) if plain else workspace.schema.sql(measured, "reference")


def center_of(values: Floats) -> float:
    """Return a typical value with few significant bits, so that sums around it stay exact where the values allow it.

    >>> center_of(np.array([99.9, 100.1, 100.3])), center_of(np.array([]))
    (100.0, 0.0)
    """
    if not len(values):
        return 0.0
    middle = float(np.quantile(values, 0.5, method="inverted_cdf"))
    spread = float(values.max()) - float(values.min()) or abs(middle) or 1.0
    if not math.isfinite(spread) or spread < 1e-300:
        return 0.0
    step = 2.0 ** math.floor(math.log2(spread))
    return float(round(middle / step) * step)


def cut(values: Floats) -> Floats:
    """Return ascending upper edges of at most 254 cells for finite values (n,).

    Few values get one cell each. Otherwise the edges are quantiles, and a value that 1 in 254 rows repeats has a cell of its own.
    """
    distinct, counts = np.unique(values + 0.0, return_counts=True)
    if len(distinct) <= FEW_VALUES:
        return distinct
    repeated = counts * MOST_CELLS >= len(values)
    repeated &= counts > 1
    edges = _atom_edges(distinct, counts, repeated)
    rest = np.repeat(distinct[~repeated], counts[~repeated])
    room = MOST_CELLS - 1 - len(edges)
    if room > 0 and len(rest):
        shares = np.linspace(0.0, 1.0, room + 2)[1:-1]
        edges = np.union1d(edges, np.quantile(rest, shares, method="inverted_cdf"))
    return edges[np.isfinite(edges)]


def _atom_edges(distinct: Floats, counts: Ints, repeated: NDArray[np.bool_]) -> Floats:
    """Return v and the number just below it for each repeated v; neighbours share an edge; the rarest are dropped when room is short."""
    while True:
        places = np.flatnonzero(repeated)
        apart = places[(places == 0) | ~repeated[places - 1]]
        edges = np.union1d(distinct[places], np.nextafter(distinct[apart], -np.inf))
        if len(edges) < MOST_CELLS:
            return np.asarray(edges, dtype=np.float64)
        repeated[places[np.argmin(counts[places])]] = False


def _level_cells(workspace: Workspace, measured: Sequence[Measured]) -> dict[str, Cells]:
    found: dict[str, Cells] = {}
    for start in range(0, len(measured), SETS_AT_ONCE):
        part = measured[start : start + SETS_AT_ONCE]
        for m, levels in zip(part, _count_levels(workspace, part), strict=True):
            found[m.name] = Cells(m.name, m.kind, np.array([]), tuple(levels[:MOST_CELLS]), frozenset(levels))
    return found


def _count_levels(workspace: Workspace, measured: Sequence[Measured]) -> list[list[str]]:
    """Return the levels of each column, the commonest first, equally common ones by name."""
    names = [f"x{i}" for i in range(len(measured))]
    inner = ", ".join(f"{workspace.schema.sql(m, 'reference')} AS {name}" for m, name in zip(measured, names, strict=True))
    sets = ", ".join(f"({name})" for name in names)
    level = f"coalesce({', '.join(names)}, NULL)"
    sql = (
        f"SELECT grouping({', '.join(names)}) AS s, {level} AS level FROM (SELECT {inner} FROM "
        f"{workspace.relation('reference', [m.column for m in measured])}) GROUP BY GROUPING SETS ({sets}) "
        f"HAVING {level} IS NOT NULL ORDER BY s, count(*) DESC, level"
    )
    with workspace.cursor() as cursor:
        table = fetch(cursor, sql, text="listing the levels of the reference")
    levels: dict[int, list[str]] = {}
    for mask, name in zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True):
        levels.setdefault(int(mask), []).append(str(name))
    return [levels.get(set_mask(i, len(names)), []) for i in range(len(names))]


def set_mask(position: int, count: int) -> int:
    """Return what SQL's grouping() says of the grouping set that holds only the column at `position` of `count`.

    >>> [set_mask(i, 3) for i in range(3)]
    [3, 5, 6]
    """
    return (1 << count) - 1 - (1 << (count - 1 - position))
