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
from monitor.engine.columns import EPOCHS, ColumnInfo, Measured, Schema, derive, family, local_time
from monitor.engine.counter import Counter
from monitor.engine.files import same, stamp
from monitor.engine.identifiers import literal, quote, translated
from monitor.engine.limits import limited, most_memory
from monitor.engine.reading import Reading, read_texts
from monitor.engine.roles import ColumnFacts, column_facts, epoch_of, guess_kind
from monitor.engine.selection import Selection
from monitor.engine.source import Part, Source
from monitor.engine.sources import files_of, open_source
from monitor.engine.store import Store, cache_folder, digest
from monitor.errors import CaseError, ColumnMissingError, SelectionError, nearest
from monitor.profile import Cells, Profile
from monitor.tables import Skipped
from monitor.vocabulary import Kind, Role, Task
from monitor.watch import Watch

SAMPLE_ROWS = 20_000
BLOCK_ROWS = 256
INPUTS = frozenset({Role.FEATURE, Role.SEGMENT, Role.PROTECTED})
UNMEASURED = frozenset({Role.TIMESTAMP, Role.ID, Role.IGNORE, Role.LABEL_TIMESTAMP})


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
        return Schema(self.columns, self.case.timezone, self.case.roles.timestamp)

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
        both = [f"coalesce(l.{quote(n)}, d.{quote(n)}) AS {quote(n)}" for n in late if n.lower() in own]
        replaced = f" REPLACE ({', '.join(both)})" if both else ""
        key = quote(str(roles.id))
        extra = "".join(f", {part}" for part in new)
        return f"(SELECT d.*{replaced}{extra} FROM {relation} AS d LEFT JOIN {self._latest_labels()} AS l ON d.{key} = l.{key})"

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
    notes = [*(note for source in sources.values() for note in source.notes), *read]
    workspace = Workspace(case, connection, sources, columns, facts["reference"], tuple(skipped), tuple(notes), store, readings)
    return replace(workspace, notes=(*notes, *notes_on_ids(workspace)))


def notes_on_ids(workspace: Workspace) -> tuple[Skipped, ...]:
    """Say which ids are repeated, and how many labels belong to no row."""
    return (*_repeated_ids(workspace), *_unknown_ids(workspace))


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
    if len(alike) < 2 or "labels" in sorts:
        return []
    was, is_ = info.types["reference"], info.types["production"]
    message = (
        f"'{info.name}' is {was} in the reference and {is_} in production; measured as {info.kind}, what does not fit counts as missing."
    )
    return [Skipped(info.name, "type_changed", message)]


def _repeated_ids(workspace: Workspace) -> list[Skipped]:
    name = workspace.case.roles.id
    notes = []
    for data, source in workspace.sources.items():
        if name is None or name not in source.types:
            continue
        repeated = _repeated(workspace, data, name)
        if repeated:
            use = "the latest label counts" if data == "labels" else "every row counts"
            notes.append(Skipped(name, "repeated_id", f"{data}: {repeated:,} rows repeat an id that another row has; {use}."))
    return notes


def _unknown_ids(workspace: Workspace) -> list[Skipped]:
    """Say how many labels have an id that no row has."""
    name = workspace.case.roles.id
    if name is None or "labels" not in workspace.sources:
        return []
    held = [source for data, source in workspace.sources.items() if data != "labels" and name in source.types]
    labels = workspace.source("labels")
    key = digest("unknown ids", labels.fingerprint, *(source.fingerprint for source in held), name)
    stored = workspace.store.load("ids", key)
    if stored is None:
        column = quote(name)
        known = " UNION ALL ".join(f"SELECT CAST({column} AS VARCHAR) AS i FROM {source.relation}" for source in held)
        with translated("looking for the rows of labels"), limited(workspace.connection, "looking for the rows of labels"):
            sql = f"SELECT count(*) FROM {labels.relation} AS l ANTI JOIN ({known}) AS d ON CAST(l.{column} AS VARCHAR) = d.i"
            row = workspace.connection.execute(sql).fetchone() if held else None
        stored = ({}, {"unknown": int(row[0]) if row else 0})
        workspace.store.save("ids", key, *stored)
    unknown = int(stored[1]["unknown"])
    message = f"labels: {unknown:,} rows have an id that is neither in the reference nor in production; they count for nothing."
    return [Skipped(name, "unknown_id", message)] if unknown else []


def _repeated(workspace: Workspace, data: str, name: str) -> int:
    source = workspace.source(data)
    key = digest("repeated ids", source.fingerprint, name)
    known = workspace.store.load("ids", key)
    if known is not None:
        return int(known[1]["repeated"])
    column = quote(name)
    with translated("counting repeated ids"), limited(workspace.connection, "counting repeated ids"):
        row = workspace.connection.execute(f"SELECT count({column}) - count(DISTINCT {column}) FROM {source.relation}").fetchone()
    repeated = int(row[0]) if row else 0
    workspace.store.save("ids", key, {}, {"repeated": repeated})
    return repeated
