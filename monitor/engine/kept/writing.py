"""Writing a store: what is new or replaced is read once, partition by partition, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from monitor.case import Case
from monitor.engine.cell_predicate import missing_sql
from monitor.engine.cells import build_cells, cells_key
from monitor.engine.classifying import UNMEASURED
from monitor.engine.columns import Measured, Transform, family
from monitor.engine.files import find, stamp
from monitor.engine.held import time_span
from monitor.engine.identifiers import literal, quote
from monitor.engine.kept.checks import check_partition
from monitor.engine.kept.copying import copy_labels, copy_reference, save_table, write_rows
from monitor.engine.kept.counting import count_partition
from monitor.engine.kept.fitting import alone, open_file, place_of
from monitor.engine.kept.holding import LACKING
from monitor.engine.kept.manifest import (
    DRAW,
    PARTS,
    SHARE_STEPS,
    LabelFile,
    Manifest,
    Partition,
    drawn,
    file_name,
    is_store,
    read_manifest,
    remove_unnamed,
    write_manifest,
)
from monitor.engine.opening import facts_of, open_workspace
from monitor.engine.partial import ROWS
from monitor.engine.source import Source
from monitor.engine.store import digest
from monitor.engine.workspace import INPUTS, Workspace
from monitor.errors import SourceError
from monitor.profile import Cells
from monitor.vocabulary import Kind, Role
from monitor.watch import Watch

SAMPLE_ROWS = 2_000
"""Whole rows that are kept of a usual partition, unless another number is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How a store is written: rows before the day `since` are left alone (ISO, "": none); whole rows that the `sample` has of a usual
    partition; days that are kept before the newest one (None: all); `seed` of the sample."""

    since: str = ""
    sample: int = SAMPLE_ROWS
    keep_days: int | None = None
    seed: int = 0


@dataclass(slots=True)
class Report:
    """What was done, by the names of partitions; `kept` were not looked at again, `gone` are kept though their file is gone."""

    counted: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


def storable(case: Case) -> str:
    """Say why a case cannot be kept as a store; empty if it can."""
    if case.roles.timestamp is None:
        return "no column has the role timestamp, and partitions are counted by day"
    if case.windows.unit not in ("day", "week", "month", "whole"):
        return f"its windows ({case.windows}) are not made of whole days"
    if any("::" in place or "://" in place for place in case.data.production):
        return "its production is a table, not files that are partitions"
    return ""


def keep(case: Case, folder: Path, how: Keeping, watch: Watch) -> tuple[Manifest, Report]:
    """Write or renew the store of a case.

    Raises
    ------
    SourceError
        A file cannot be read; or the reference or its columns changed while rows that were counted are gone.
    """
    for name in (*PARTS, "reference", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with open_workspace(alone(case)) as reference:
        cells = build_cells(reference, _inputs(reference))
        old = read_manifest(folder) if is_store(folder) else None
        manifest = _begun(case, reference, cells, old, how)
        if old is None or old.reference != manifest.reference or len(list((folder / "reference").glob("*.parquet"))) != len(old.references):
            manifest = replace(manifest, references=copy_reference(reference, folder / "reference"))
    report = Report()
    manifest = _partitions(case, folder, manifest, how, cells, report, watch)
    manifest = _labels(case, folder, manifest, report)
    manifest = _retained(manifest, how, report)
    if not manifest.partitions:
        raise SourceError(f"{case.name}: no partition of production is left to keep. Widen --since or --keep-days.")
    write_manifest(folder, manifest)
    remove_unnamed(folder, manifest)
    return manifest, report


def _inputs(workspace: Workspace) -> list[str]:
    return [name for name, info in workspace.columns.items() if info.role in INPUTS]


def _begun(case: Case, reference: Workspace, cells: Mapping[str, Cells], old: Manifest | None, how: Keeping) -> Manifest:
    """Return a store without what is not counted on these cells."""
    measured = reference.measured(_inputs(reference))
    names = [[one.name for one in measured if (one.kind is Kind.NUMERIC) is numeric] for numeric in (True, False)]
    narrow = [*dict.fromkeys(_narrow(case))]
    inputs = _inputs(reference)
    kinds = [(one.name, one.kind, one.transform) for one in measured]
    counted = digest(cells_key(cells.values()), kinds, case.timezone, case.roles.timestamp, sorted(narrow), sorted(inputs), case.roles.id)
    begun = Manifest(
        name=case.name,
        reference=reference.fingerprint("reference"),
        counted=counted,
        timezone=case.timezone,
        numbers=tuple(names[0]),
        levels=tuple(names[1]),
        narrow=tuple(narrow),
        inputs=tuple(inputs),
        share=old.share if old else 0.0,
        seed=old.seed if old else how.seed,
    )
    if old is None:
        return begun
    return replace(
        begun,
        partitions=old.partitions,
        labels=old.labels,
        facts=old.facts,
        notes=old.notes,
        deleted_until=old.deleted_until,
        references=old.references,
    )


def _narrow(case: Case) -> Iterator[str]:
    """Yield the columns of which every row is kept."""
    for name, role in case.roles.by_column().items():
        if role not in (Role.FEATURE, Role.IGNORE):
            yield name
    yield from (*case.roles.segments, *case.roles.protected)
    yield from case.value.columns() if case.value else ()


def _files(case: Case) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for place in case.data.production:
        with suppress(SourceError):
            for file in find("production", place, case.root):
                found.setdefault(_key(case, file), file)
    return found


def _key(case: Case, file: Path) -> str:
    root = case.root.resolve()
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)


def _partitions(
    case: Case, folder: Path, manifest: Manifest, how: Keeping, cells: Mapping[str, Cells], report: Report, watch: Watch
) -> Manifest:
    files, held = _files(case), {one.key: one for one in manifest.partitions}
    report.gone += sorted(key for key in held if key not in files)
    stale = sorted(key for key in report.gone if held[key].counted != manifest.counted)
    if stale:
        raise SourceError(
            f"The reference, or how its columns are read, is no longer what {len(stale)} partitions were counted on, and the rows of "
            f"'{stale[0]}' are gone. Put the reference back, or write a new store into another folder."
        )
    for i, (key, file) in enumerate(sorted(files.items())):
        stamped = digest(stamp([file]))
        known = held.get(key)
        if known is not None and (known.stamp, known.counted) == (stamped, manifest.counted):
            report.kept.append(key)
            continue
        part = watch.part(i / len(files), (i + 1) / len(files))
        part.tell(0.0, f"counting {os.path.basename(key)}")
        begins = max(how.since, manifest.deleted_until) if known is None else ""
        found = _counted(case, folder, manifest, replace(how, since=begins), (key, file, stamped), cells, part)
        if found is None:
            report.before.append(key)
            continue
        one, manifest = found
        held[key] = one
        (report.counted if known is None else report.replaced).append(key)
        manifest = manifest.with_partitions(held)
        write_manifest(folder, manifest)  # what is counted stays counted when the next one fails or the command is stopped
    return manifest.with_partitions(held)


def _counted(
    case: Case, folder: Path, manifest: Manifest, how: Keeping, found: tuple[str, Path, str], cells: Mapping[str, Cells], watch: Watch
) -> tuple[Partition, Manifest] | None:
    """Read one file and write what is kept of it; None where all of its rows are older than what is kept."""
    key, file, stamped = found
    place = place_of(case, file)
    with open_file(case, place) as workspace:
        source = workspace.source("production")
        if _last_day(workspace, key) < how.since:
            return None
        share = manifest.share or min(1.0, how.sample / source.rows)
        facts, notes = _read(case, workspace)
        manifest = replace(manifest, share=share, facts=facts, notes=notes)
        name = file_name(key, stamped)
        write_rows(workspace, _narrow_sql(workspace, manifest), folder / "rows" / name)
        order = (*manifest.numbers, *manifest.levels)
        save_table(count_partition(workspace, cells, order, watch), folder / "counts" / name)
        columns = [one for one in manifest.inputs if one in workspace.columns and "production" in workspace.columns[one].types]
        save_table(check_partition(workspace, columns), folder / "checks" / name)
        write_rows(workspace, _sample_sql(workspace, manifest, key), folder / "sample" / name)
        types = {name: kind for name, kind in source.types.items() if case.role_of(name) is not Role.IGNORE}
        rows = source.rows
    counts = pq.read_table(folder / "counts" / name, columns=["column", "window", "n"], filters=[("column", "=", ROWS)])
    days = [date(2000, 1, 3) + timedelta(days=day) for day in counts["window"].to_pylist()]
    sampled = pq.read_metadata(folder / "sample" / name).num_rows
    untimed = rows - sum(counts["n"].to_pylist())
    return Partition(
        key, stamped, manifest.counted, name, rows, sampled, untimed, min(days).isoformat(), max(days).isoformat(), types
    ), manifest


def _last_day(workspace: Workspace, key: str) -> str:
    """Return the last day of a file."""
    span = time_span(workspace, "production")
    if span is None:
        raise SourceError(
            f"'{key}' has no row with a time, and rows are counted by day. Take it away, or fill '{workspace.case.roles.timestamp}'."
        )
    return span[1].date().isoformat()


def _read(case: Case, workspace: Workspace) -> tuple[tuple[Mapping[str, Any], ...], tuple[tuple[str, str, str], ...]]:
    """Return what a look at values of production says of its columns (of times, in which unit they are), and how they were read."""
    sources: dict[str, Source] = dict(workspace.sources)
    facts = facts_of(case, workspace.connection, sources, workspace.store).get("production", {})
    read = [(one.what, one.reason, one.message) for one in workspace.notes if one.reason not in ("repeated_id", "unknown_id")]
    return tuple(asdict(one) for one in facts.values()), tuple(read)


def _narrow_sql(workspace: Workspace, manifest: Manifest) -> str:
    """Return SQL of the narrow rows, in their order."""
    types = workspace.source("production").types
    names = [quote(name) for name in manifest.narrow if name in types]
    parts = [_lacks(workspace, name) for name in manifest.inputs]
    lacking = " + ".join(f"CAST(({part}) AS SMALLINT)" for part in parts) or "0"
    listed = ", ".join([*names, f'{lacking} AS "{LACKING}"'])
    return f"SELECT {listed} FROM {workspace.source('production').relation}"


def _lacks(workspace: Workspace, name: str) -> str:
    info = workspace.columns.get(name)
    if info is None or "production" not in info.types or info.role in UNMEASURED or name not in workspace.source("production").types:
        return "true"
    value = workspace.schema.sql(Measured(name, name, info.kind, Transform.NONE, info.role), "production")
    whole = family(info.types["production"]) in ("integer", "boolean")
    return missing_sql(value, may_be_nan=info.kind is Kind.NUMERIC and not whole)


def _sample_sql(workspace: Workspace, manifest: Manifest, key: str) -> str:
    """Return SQL of the sample: each row has the same chance, whichever partition it lies in, and always the same fate."""
    source = workspace.source("production")
    names = ", ".join(quote(name) for name in source.types if workspace.case.role_of(name) is not Role.IGNORE)
    row = source.order[1] if len(source.order) == 2 else "row_number() OVER ()"
    draw = f"CAST(hash({literal(key)}, {row}, {int(manifest.seed)}) % {SHARE_STEPS} AS INTEGER)"
    return f'SELECT {names}, {draw} AS "{DRAW}" FROM {source.relation} WHERE {draw} < {drawn(manifest.share)}'


def _labels(case: Case, folder: Path, manifest: Manifest, report: Report) -> Manifest:
    """Copy files of labels that are new or changed; those that are gone are kept."""
    held = {one.key: one for one in manifest.labels}
    for place in case.data.labels or ():
        if "::" in place or "://" in place:
            raise SourceError(f"The labels are the table '{place}', of which a store keeps no copy. Write them as files first.")
        with suppress(SourceError):
            for file in find("labels", place, case.root):
                key, stamped = _key(case, file), digest(stamp([file]))
                if key not in held or held[key].stamp != stamped:
                    held[key] = LabelFile(key, stamped, file_name(key, stamped))
                    copy_labels(case, file, folder / "labels" / held[key].file)
                    report.labels.append(key)
    kept = tuple(held[key] for key in sorted(held))
    for path in (folder / "labels").glob("*.parquet"):
        if path.name not in {one.file for one in kept}:
            path.unlink()
    return replace(manifest, labels=kept)


def _retained(manifest: Manifest, how: Keeping, report: Report) -> Manifest:
    """Delete partitions of which every row is older than what is kept."""
    # A row that says it is of next century would delete everything else.
    today = datetime.now(UTC).date().isoformat()
    newest = max((one.last for one in manifest.partitions if one.last <= today), default="")
    if how.keep_days is None or not newest:
        return manifest
    begin = (date.fromisoformat(newest) - timedelta(days=how.keep_days - 1)).isoformat()
    kept = {one.key: one for one in manifest.partitions if one.last >= begin}
    report.deleted += [one.key for one in manifest.partitions if one.key not in kept]
    return replace(manifest.with_partitions(kept), deleted_until=max(begin, manifest.deleted_until))
