"""The workspace of a case: its sources in DuckDB, its columns, and a folder of immutable computed files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

import duckdb

from monitor.case import Case, WindowSize
from monitor.engine.check_kernel import Counted
from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import ColumnInfo, Measured, Schema, derive, family, local_time
from monitor.engine.counter import Counter
from monitor.engine.identifiers import literal, quote
from monitor.engine.ids import same_id
from monitor.engine.readings import Reading
from monitor.engine.selection import Selection
from monitor.engine.source import Part, Source
from monitor.engine.store import Store, digest
from monitor.errors import ColumnMissingError, SelectionError, nearest
from monitor.profile import Cells, Profile
from monitor.tables import Skipped
from monitor.vocabulary import Role
from monitor.watch import Watch

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
    def counts(self) -> Mapping[tuple[str, str], Counted]:
        """What fails by column and check, in the windows that have rows."""
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
