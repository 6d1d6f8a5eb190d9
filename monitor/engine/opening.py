"""Opening a workspace: sources into DuckDB, nothing else within reach of SQL, and what every column is."""

from __future__ import annotations

import glob
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb

from monitor.case import Case
from monitor.engine.block_sample import SAMPLE_ROWS, sample_relation
from monitor.engine.classifying import columns_of
from monitor.engine.column_facts import ColumnFacts, column_facts
from monitor.engine.columns import family
from monitor.engine.files import same, stamp
from monitor.engine.identifiers import literal, translated
from monitor.engine.ids import notes_on_ids
from monitor.engine.label_writing import one_writing
from monitor.engine.limits import limited, most_memory
from monitor.engine.reading import read_texts
from monitor.engine.source import Source
from monitor.engine.sources import files_of, open_source
from monitor.engine.store import Store, cache_folder, digest
from monitor.engine.workspace import Workspace
from monitor.errors import CaseError, nearest


def open_workspace(
    case: Case,
    *,
    memory_limit: str | None = None,
    cache: Path | None = None,
    threads: int | None = None,
    opener: Callable[..., Source] = open_source,
) -> Workspace:
    """Open the data of a case.

    Parquet is read where it is; CSV, JSON lines and Arrow files are imported once into the store beside the case. `opener` opens what is no
    source of DuckDB's, with the arguments of `open_source`.

    Raises
    ------
    SourceError, CaseError
        When a source cannot be read, or a role names a column that is nowhere.
    """
    from monitor.engine.kept.opening import is_store, open_store  # it opens what this module assembles

    store = Store(cache_folder(case.root, cache))
    store.clean()
    if is_store(case.root):
        return open_store(case, store, memory_limit=memory_limit, threads=threads)
    stamped = stamp(sorted(files_of(case)))
    store = replace(store, unchanged=lambda: same(stamped))
    connection = connect(case, store, memory_limit=memory_limit, threads=threads)
    try:
        places = {"reference": case.data.reference, "production": case.data.production, "labels": case.data.labels}
        sources = {
            data: opener(connection, data, named, root=case.root, store=store, partitions=case.data.partitions, encoding=case.data.encoding)
            for data, named in places.items()
            if named is not None
        }
        confine(connection, sources.values(), store)
        return assemble(case, connection, sources, store)
    except BaseException:
        connection.close()
        raise


def connect(case: Case, store: Store, *, memory_limit: str | None, threads: int | None) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database that spills into the store and reads times on the case's clock."""
    # Nothing is fetched from the network on its own; a database source installs its extension by name.
    spill = store.folder / "spill"
    if spill.is_symlink():
        spill.unlink()  # it came with the case: nobody else chooses where this machine writes
    config: dict[str, Any] = {"temp_directory": str(spill), "autoinstall_known_extensions": "false"}
    memory = memory_limit or most_memory()
    if memory is not None:
        config["memory_limit"] = memory
    if threads is not None:
        config["threads"] = str(threads)
    with translated("opening the workspace"):
        connection = duckdb.connect(":memory:", config=config)
        connection.execute(f"SET GLOBAL TimeZone = {literal(case.timezone)}")  # of its cursors too
        connection.execute("SET python_enable_replacements = false")
    return connection


def confine(connection: duckdb.DuckDBPyConnection, sources: Iterable[Source], store: Store) -> None:
    """From here on nothing but the sources' own files and the store can be reached from SQL."""
    files = [path for source in sources for file in source.files for path in {str(file), glob.escape(str(file))}]
    connection.execute(f"SET allowed_directories = [{literal(str(store.folder) + '/')}]")
    connection.execute(f"SET allowed_paths = [{', '.join(literal(file) for file in files)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def assemble(case: Case, connection: duckdb.DuckDBPyConnection, sources: Mapping[str, Source], store: Store) -> Workspace:
    """Decide what every column is and return the workspace."""
    check_roles(case, sources)
    sources, readings, read = read_texts(case, connection, sources, store)
    facts = facts_of(case, connection, sources, store)
    columns, skipped = columns_of(case, sources, facts)
    columns, skipped = one_writing(case, connection, sources, columns, skipped)
    notes = [*(note for source in sources.values() for note in source.notes), *read]
    workspace = Workspace(case, connection, sources, columns, facts["reference"], tuple(skipped), tuple(notes), store, readings)
    return replace(workspace, notes=(*notes, *notes_on_ids(workspace)))


def facts_of(
    case: Case, connection: duckdb.DuckDBPyConnection, sources: Mapping[str, Source], store: Store
) -> dict[str, dict[str, ColumnFacts]]:
    """Look at a sample of the columns of every data set."""
    return _facts(connection, sources, store, {str(case.roles.timestamp), str(case.roles.label_timestamp)})


def check_roles(case: Case, sources: Mapping[str, Source]) -> None:
    """Refuse a case that names columns which are nowhere."""
    known = {name for source in sources.values() for name in source.types}
    of_value = case.value.columns() if case.value else ()
    named = [*case.roles.by_column(), *case.kinds, *case.labels_text, *case.formats, *of_value]
    for column in named:
        name = str(column)
        if name not in known:
            raise CaseError(f"The case names the column '{name}', which is in none of its data.{nearest(name, known)}")
    if "labels" in sources:
        for role, wanted in (("id", case.roles.id), ("label", case.roles.label)):
            if wanted is None or wanted not in sources["labels"].types:
                raise CaseError(
                    f"The labels source needs the column of the role '{role}'. Name it in [roles]; it has {list(sources['labels'].types)}."
                )


def _facts(
    connection: duckdb.DuckDBPyConnection, sources: Mapping[str, Source], store: Store, times: Collection[str]
) -> dict[str, dict[str, ColumnFacts]]:
    """Look at a sample of each column, in the first data set that has it; of `times` in each, for their units may differ, and where another
    data set has another type, for a type without values says nothing."""
    found: dict[str, dict[str, ColumnFacts]] = {}
    first: dict[str, str] = {}
    for data, source in sources.items():
        types = {
            name: sql_type
            for name, sql_type in source.types.items()
            if name in times
            or family(first.setdefault(name, sql_type)) != family(sql_type)
            or not any(name in one for one in found.values())
        }
        key = digest("facts", source.fingerprint, sorted(types))
        stored = store.load("facts", key)
        if stored is not None:
            found[data] = {fact["name"]: ColumnFacts(**fact) for fact in stored[1]}
            continue
        with translated("looking at the columns"), limited(connection, "looking at the columns"):
            found[data] = column_facts(connection, sample_relation(source, SAMPLE_ROWS), types)
        store.save("facts", key, {}, [asdict(fact) for fact in found[data].values()])
    return found
