"""Opening a store as the workspace of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from monitor.case import Case
from monitor.engine.cells import build_cells
from monitor.engine.classifying import columns_of
from monitor.engine.column_facts import ColumnFacts
from monitor.engine.files import same, short_names, stamp
from monitor.engine.ids import notes_on_ids
from monitor.engine.kept.holding import Holding
from monitor.engine.kept.manifest import FILE, Manifest, is_store, read_manifest, sharing
from monitor.engine.opening import check_roles, confine, connect, facts_of
from monitor.engine.source import Part, Source
from monitor.engine.sources import PARQUET, VIRTUAL, open_source
from monitor.engine.store import Store, digest
from monitor.engine.workspace import Workspace
from monitor.errors import SourceError
from monitor.tables import Skipped

__all__ = ["is_store", "open_store"]

STORED, OVERLAP = "profile_store", "shared_days"


def open_store(case: Case, store: Store, *, memory_limit: str | None, threads: int | None) -> Workspace:
    """Open a store. Its reference is at hand as rows; of production there are narrow rows, counts by day and a sample.

    Raises
    ------
    SourceError
        It is damaged, or holds nothing.
    """
    folder = case.root
    manifest = read_manifest(folder)
    stamped = stamp([folder / FILE])
    store = replace(store, unchanged=lambda: same(stamped))
    connection = connect(case, store, memory_limit=memory_limit, threads=threads)
    try:
        sources = {"reference": open_source(connection, "reference", _places("reference", manifest.references), root=folder, store=store)}
        sources["production"] = _source(folder, manifest, "rows")
        if manifest.labels:
            sources["labels"] = open_source(
                connection, "labels", _places("labels", [one.file for one in manifest.labels]), root=folder, store=store
            )
        sample = _source(folder, manifest, "sample")
        counted = [folder / part / one.file for part in ("counts", "checks") for one in manifest.partitions]
        confine(connection, [*sources.values(), replace(sample, files=(*sample.files, *counted))], store)
        check_roles(case, sources)
        facts = facts_of(case, connection, {name: one for name, one in sources.items() if name != "production"}, store)
        facts["production"] = {str(one["name"]): ColumnFacts(**one) for one in manifest.facts}
        columns, skipped = columns_of(case, sources, facts)
        notes = [Skipped(*one) for one in manifest.notes] + _notes(manifest)
        found = Workspace(case, connection, sources, columns, facts["reference"], tuple(skipped), tuple(notes), store)
        cells = build_cells(found)
        found = replace(found, kept=Holding(folder, manifest, cells, sample))
        return replace(found, notes=(*notes, *notes_on_ids(found)))
    except BaseException:
        connection.close()
        raise


def _places(folder: str, names: Sequence[str]) -> list[str]:
    return [f"{folder}/{name}" for name in names]


def _source(folder: Path, manifest: Manifest, part: str) -> Source:
    """Return the narrow rows, or the sample, as production; both have the types of all columns."""
    files = [(folder / part / one.file).resolve() for one in manifest.partitions]
    lost = next((file for file in files if not file.is_file()), None)
    if lost is not None or not files:
        raise SourceError(f"The store '{folder}' has lost '{part}/{lost.name if lost else ''}'. Write it again with 'driftscope profile'.")
    rows, sampled = manifest.rows, manifest.sampled
    told = (
        f"production: {sampled:,} of {rows:,} rows, each drawn with the same chance (seed {manifest.seed}); what is said is said of these."
    )
    names = short_names([Path(one.key) for one in manifest.partitions])
    return Source(
        data="production",
        relation=PARQUET.relation(files),
        order=VIRTUAL,
        fingerprint=digest(manifest.fingerprint, part),
        types=manifest.types,
        rows=rows if part == "rows" else sampled,
        files=tuple(files),
        notes=(Skipped("production", "sampled", told),) if part == "sample" else (),
        parts=tuple(Part(name, i) for i, name in enumerate(names)),
    )


def store_sentence(manifest: Manifest) -> str:
    """Say in words what a store is and what its answers rest on."""
    days = [day for one in manifest.partitions for day in (one.first, one.last) if day]
    many = len(manifest.partitions)
    return (
        f"A profile store: {manifest.rows:,} rows of {many} {'file' if many == 1 else 'files'}, {min(days)} to {max(days)}. "
        "Drift and quality by whole days, operations and performance rest on all of them; what needs whole rows rests on a sample of "
        f"{manifest.sampled:,} and says so, or is refused."
    )


def _notes(manifest: Manifest) -> list[Skipped]:
    """Say what the store is."""
    notes = [Skipped("production", STORED, store_sentence(manifest))]
    if manifest.deleted_until:
        notes.append(Skipped("production", "deleted", f"Partitions that end before {manifest.deleted_until} were deleted, as was asked."))
    shared = sharing(manifest.partitions)
    if shared:
        message = (
            f"{len(shared)} partitions have rows of days that others have too ({', '.join(shared[:3])}): counts are exact, but rows that "
            "repeat one of another partition and values stuck from one to the other are not seen."
        )
        notes.append(Skipped("production", OVERLAP, message))
    return notes
