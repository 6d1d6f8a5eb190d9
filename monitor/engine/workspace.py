"""The workspace of a case: its sources in DuckDB, its columns, and a folder of immutable computed files."""

from __future__ import annotations

import glob
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import duckdb

from monitor.case import Case, WindowSize
from monitor.engine.classifying import columns_of
from monitor.engine.columns import ColumnInfo, Measured, Schema, derive, family, local_time
from monitor.engine.counter import Counter
from monitor.engine.files import same, stamp
from monitor.engine.identifiers import literal, quote, translated
from monitor.engine.ids import notes_on_ids, same_id
from monitor.engine.label_writing import one_writing
from monitor.engine.limits import limited, most_memory
from monitor.engine.reading import Reading, read_texts
from monitor.engine.roles import ColumnFacts, column_facts
from monitor.engine.selection import Selection
from monitor.engine.source import Part, Source
from monitor.engine.sources import files_of, open_source
from monitor.engine.store import Store, cache_folder, digest
from monitor.errors import CaseError, ColumnMissingError, SelectionError, nearest
from monitor.profile import Cells, Profile
from monitor.tables import Skipped
from monitor.vocabulary import Role
from monitor.watch import Watch

SAMPLE_ROWS = 20_000
BLOCK_ROWS = 256
INPUTS = frozenset({Role.FEATURE, Role.SEGMENT, Role.PROTECTED})


class Kept(Protocol):
    """What a profile store keeps of production beside its narrow rows. What cannot be answered from it raises RowsGoneError."""

    @property
    def sampled(self) -> Source:
        """The whole rows that are kept, as a data set of their own."""
        ...

    def check_rows(self, columns: Iterable[str]) -> None:
        """Raise RowsGoneError unless the rows of all of these columns are kept."""
        ...

    def lacking(self, columns: Collection[str]) -> str | None:
        """Return SQL of how many of these columns lack a value in a narrow row; None where that is not known."""
        ...

    def profile(
        self, workspace: Workspace, selection: Selection, cells: Mapping[str, Cells], windows: WindowSize, watch: Watch
    ) -> Profile | None:
        """Return the counts of a selection; None where they can be counted on the narrow rows."""
        ...

    def checks(self, workspace: Workspace, selection: Selection, size: WindowSize, columns: Collection[str]) -> KeptChecks:
        """Return the failed checks of a selection."""
        ...


class KeptChecks(Protocol):
    """Failed checks by window as they were kept."""

    @property
    def counted(self) -> Profile:
        """The windows that have rows, their rows and what was left out."""
        ...

    @property
    def counts(self) -> Mapping[tuple[str, str], tuple[Any, Any]]:
        """Failing rows (w,) and rows asked (w,) by column and check, in the windows that have rows."""
        ...


@dataclass(frozen=True, slots=True)
class Workspace:
    """The data of a case, ready to be counted.

    `columns` are the columns that can be used; `skipped` says which cannot and why (and which changed type); `notes` what was
    done while reading (files with different columns, renamed columns, repeated ids). `labels_until`, a moment on the clock: of labels
    that were restated the latest one known then counts; None: the latest of all.
    """

    case: Case
    connection: duckdb.DuckDBPyConnection
    sources: Mapping[str, Source]
    columns: Mapping[str, ColumnInfo]
    facts: Mapping[str, ColumnFacts]
    skipped: tuple[Skipped, ...]
    notes: tuple[Skipped, ...]
    store: Store
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """How text is read, by column; those that are plainly what they are are not in it."""
    labels_until: datetime | None = None
    counter: Counter | None = None
    """What counts its rows; None: DuckDB."""
    kept: Kept | None = None
    """What is kept of production where its rows are gone: the source has the narrow columns only."""

    def __enter__(self) -> Self:
        """Return the workspace; leaving the block closes it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the workspace."""
        self.close()

    def close(self) -> None:
        """Close the connection; what was computed stays in the store."""
        self.connection.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor of one's own: a connection must not be shared by threads."""
        return self.connection.cursor()

    def fingerprint(self, data: str) -> str:
        """Return the sha256 hex fingerprint of a data set's content (labels, and how they are joined, included where they are); after it
        the version of the table that it is, or when it was read."""
        version = self.source(data).version
        return f"{self._content(data)} ({version})" if version else self._content(data)

    def _content(self, data: str) -> str:
        own, roles = self.source(data).fingerprint, self.case.roles
        if "labels" not in self.sources or data == "labels":
            return own
        return digest(own, self.sources["labels"].fingerprint, [roles.id, roles.label, roles.label_timestamp])

    def source(self, data: str) -> Source:
        """Return the source of "reference", "production" or "labels"."""
        if data not in self.sources:
            raise SelectionError(f"There is no data set '{data}'.{nearest(data, self.sources)}")
        return self.sources[data]

    def part(self, data: str, file: str) -> Part:
        """Return where the rows of a file of a data set are.

        Raises
        ------
        SelectionError
            The data set was not made of such a file.
        """
        parts = {part.name: part for part in self.source(data).parts}
        if file not in parts:
            known = f"Its files: {', '.join(list(parts)[:10])}." if parts else "It is not made of files that can be told apart."
            raise SelectionError(f"The {data} has no file '{file}'.{nearest(file, parts)} {known}")
        return parts[file]

    def rows(self, data: str) -> int:
        """Return the number of rows of a data set."""
        return self.source(data).rows

    @property
    def schema(self) -> Schema:
        """The columns with the clock they are read on."""
        refused = {one.what: one.message for one in self.skipped if one.what not in self.columns}
        return Schema(self.columns, self.case.timezone, self.case.roles.timestamp, refused)

    def measured(self, columns: Iterable[str] | None = None, *, roles: Iterable[Role] = INPUTS) -> tuple[Measured, ...]:
        """List what is measured: of the columns with one of the roles, or of the columns (or measured names) that are given.

        Raises
        ------
        ColumnMissingError
            When a given name is neither a usable column nor something measured of one.
        """
        wanted = frozenset(roles)
        every = {
            info.name: derive(info, self.case.roles.timestamp)
            for info in self.columns.values()
            if set(info.types) >= {"reference", "production"}
        }
        if columns is None:
            return tuple(m for name, parts in every.items() if self.columns[name].role in wanted for m in parts)
        single = {m.name: (m,) for parts in every.values() for m in parts}
        found: dict[str, Measured] = {}
        for name in columns:
            parts = every.get(name) or single.get(name)
            if parts is None:
                raise self._missing(name, [*every, *single])
            found.update((m.name, m) for m in parts)
        return tuple(found.values())

    def _missing(self, name: str, known: Sequence[str]) -> ColumnMissingError:
        why = next((f" {skip.message}" for skip in self.skipped if skip.what == name), nearest(name, known))
        return ColumnMissingError(f"No column '{name}' can be measured.{why}")

    def relation(self, data: str, columns: Iterable[str] = (), *, ordered: bool = False) -> str:
        """Return SQL of a data set to stand after FROM; joins late labels only when one of `columns` needs them.

        With `ordered` it has two more columns, "@driftscope.file" and "@driftscope.row", that give the file order.
        """
        source, columns = self.source(data), tuple(columns)
        if self.kept is not None and data == "production":
            self.kept.check_rows(columns)
        relation = source.relation
        if ordered:
            keys = (*source.order, "0", "0")[:2][::-1] if len(source.order) == 1 else source.order or ("0", "row_number() OVER ()")
            relation = f'(SELECT *, {keys[0]} AS "@driftscope.file", {keys[1]} AS "@driftscope.row" FROM {relation})'
        if not any(self.columns[name].late for name in columns if name in self.columns) or "labels" not in self.sources:
            return relation
        return self._with_labels(data, relation)

    def _with_labels(self, data: str, relation: str) -> str:
        roles = self.case.roles
        late = [name for name, info in self.columns.items() if info.late]
        own = {name.lower() for name in self.source(data).types}
        new = [f"l.{quote(n)} AS {quote(n)}" for n in late if n.lower() not in own]
        both = [f"{self._late_value(data, n)} AS {quote(n)}" for n in late if n.lower() in own]
        replaced = f" REPLACE ({', '.join(both)})" if both else ""
        key = quote(str(roles.id))
        extra = "".join(f", {part}" for part in new)
        own_type, other = (self.source(name).types[str(roles.id)] for name in (data, "labels"))
        joined = same_id((f"d.{key}", own_type), (f"l.{key}", other))
        return f"(SELECT d.*{replaced}{extra} FROM {relation} AS d LEFT JOIN {self._latest_labels()} AS l ON {joined})"

    def _late_value(self, data: str, name: str) -> str:
        """Return SQL of a late value, else that of the data; as text where one of both is."""
        sorts = {family(source.types[name]) for source in (self.source(data), self.source("labels")) if name in source.types}
        late, own = f"l.{quote(name)}", f"d.{quote(name)}"
        texts = name == self.case.roles.label and len(sorts) > 1 and "text" in sorts
        return f"coalesce(CAST({late} AS VARCHAR), CAST({own} AS VARCHAR))" if texts else f"coalesce({late}, {own})"

    def _latest_labels(self) -> str:
        roles, labels = self.case.roles, self.source("labels")
        stamp = roles.label_timestamp if roles.label_timestamp in labels.types else None
        order = [f"{quote(stamp)} DESC NULLS LAST"] if stamp else []
        order += [f"{name} DESC" for name in labels.order] or [f"{quote(str(roles.label))} DESC NULLS LAST"]
        until = self.labels_until
        known = (
            "" if stamp is None or until is None else f" WHERE {self._label_time(stamp)} <= TIMESTAMP {literal(until.isoformat(sep=' '))}"
        )
        window = f"row_number() OVER (PARTITION BY {quote(str(roles.id))} ORDER BY {', '.join(order)}) = 1"
        return f"(SELECT * FROM {labels.relation}{known} QUALIFY {window})"

    def _label_time(self, stamp: str) -> str:
        """Return SQL of when a label of the labels source was known, on the case's clock."""
        info = self.schema.info(stamp)
        return local_time(replace(info, types={"labels": self.source("labels").types[stamp]}), "labels", self.case.timezone)

    def sampled(self) -> Self:
        """Return the workspace as if production had only the whole rows that are kept of it: itself where all are at hand."""
        if self.kept is None:
            return self
        sample = self.kept.sampled
        return replace(self, sources={**self.sources, "production": sample}, notes=(*self.notes, *sample.notes), kept=None)

    def known_at(self, moment: datetime) -> Self:
        """Return the workspace as it was at a moment (naive, on the case's clock): labels that were restated later count as they were."""
        return replace(self, labels_until=moment)


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


def sample_relation(source: Source, rows: int, *, seed: int = 0) -> str:
    """Return SQL of about `rows` rows in whole blocks spread over the file: the same rows whatever the number of threads."""
    step = source.rows // rows
    if step <= 1:
        return source.relation
    if len(source.order) != 2:
        return f"(SELECT * FROM {source.relation} USING SAMPLE {rows} ROWS (reservoir, {int(seed)}))"
    file, row = source.order
    block = f"({row} // {BLOCK_ROWS})"
    # One block of each `step` consecutive ones, at a place that looks random: sorted files are covered evenly.
    chosen = f"{block} % {step} = hash({file}, {block} // {step}, {int(seed)}) % {step}"
    return f"(SELECT * FROM {source.relation} WHERE {chosen})"
