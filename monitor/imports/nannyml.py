"""NannyML: what `results.to_df()` gives, with or without levels, as CSV or Parquet."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from monitor.errors import SourceError
from monitor.imports.reading import Draft, File, number, text
from monitor.stats.compat.nannyml import METHODS

TOOL = "nannyml"
CHUNK = "chunk"
Name = tuple[str, ...]
"""The levels of the name of a column."""
_METHODS = {one.id.partition(".")[2]: one.id for one in METHODS}
_FIELDS = {
    "value": "value",
    "upper_confidence_boundary": "upper",
    "lower_confidence_boundary": "lower",
    "upper_threshold": "threshold_upper",
    "lower_threshold": "threshold_lower",
    "alert": "alarm",
}
_LEFT_OUT = ("sampling_error", "realized")
_SHORTEST = pd.Timedelta(1, "ms")
"""NannyML ends a chunk a nanosecond before the next begins; what ends so near to a second is taken to end at it."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a column of the table is of: a column and a method of it, or a metric; and which number of that."""

    column: str | None
    called: str
    field: str


def is_nannyml(names: Iterable[Name]) -> bool:
    """Say whether the columns of a table are those of NannyML."""
    return {"key", "start_date"} <= set(_chunk_columns(names))


def _chunk_columns(names: Iterable[Name]) -> dict[str, Name]:
    """Return the columns that say what a chunk is, by what they hold."""
    return {
        name[-1].removeprefix("chunk_"): name for name in names if name[0] == CHUNK or (len(name) == 1 and name[0].startswith("chunk_"))
    }


def names_of(table: pd.DataFrame) -> list[Name]:
    """Return the names of the columns of a table that `table_in` read."""
    return list(table.columns)  # type: ignore[arg-type]


def table_in(file: File) -> pd.DataFrame:
    """Return a table with the names of its columns as tuples, of one level or several.

    Raises
    ------
    SourceError
        It is no table.
    """
    try:
        if file.path.suffix.lower() == ".parquet":
            table = pd.read_parquet(io.BytesIO(file.content))
            table.columns = pd.Index([_tuple(name) for name in table.columns], tupleize_cols=False)
            return table
        return _csv(file.content)
    except (ValueError, OSError, pd.errors.ParserError) as error:
        raise SourceError(f"'{file.path}' cannot be read as a table: {error}") from error


def _tuple(name: Any) -> Name:
    """Return the levels of a name; Parquet holds them as the text of a tuple."""
    if isinstance(name, str) and name.startswith("("):
        try:
            name = ast.literal_eval(name)
        except (ValueError, SyntaxError, RecursionError):
            return (str(name),)
    return tuple(str(one) for one in name) if isinstance(name, tuple) else (str(name),)


def _csv(content: bytes) -> pd.DataFrame:
    head = pd.read_csv(io.BytesIO(content), header=None, nrows=3, dtype=str, keep_default_na=False)
    first = [str(one) for one in head.iloc[0]]
    depth = 1 if CHUNK not in first else 3 if list(head.iloc[1]).count(CHUNK) else 2
    table = pd.read_csv(io.BytesIO(content), header=None, skiprows=depth)
    names = [tuple(str(head.iloc[level, position]) for level in range(depth)) for position in range(head.shape[1])]
    table.columns = pd.Index(names, tupleize_cols=False)
    index = [name for name in names if not any(name)]  # the row numbers of pandas
    return table.drop(columns=index)


def read_nannyml(file: File, draft: Draft) -> None:
    """Read results.

    Raises
    ------
    SourceError
        It is no table, or a chunk has no time.
    """
    table = table_in(file)
    names = names_of(table)
    chunk = _chunk_columns(names)
    places = {name: _place(name) for name in names if name not in chunk.values()}
    for name, place in places.items():
        if place is None:
            draft.note(f"The column '{'_'.join(name)}' was not understood; left out.")
    if any(place is not None and place.field in _LEFT_OUT for place in places.values()):
        draft.note("Sampling errors and realised values were left out; intervals, thresholds and alarms were read.")
    reference = 0
    for row in table.to_dict("records"):
        if str(row.get(chunk.get("period", ("",)))) == "reference":
            reference += 1
            continue
        _row(file, draft, {name: row[key] for name, key in chunk.items()}, _by_series(row, places))
    if reference:
        draft.note(f"{reference} chunks of the reference were left out.")


def _by_series(row: Mapping[Any, Any], places: Mapping[Any, Place | None]) -> dict[tuple[str | None, str], dict[str, Any]]:
    found: dict[tuple[str | None, str], dict[str, Any]] = {}
    for name, place in places.items():
        if place is not None and place.field in _FIELDS:
            found.setdefault((place.column, place.called), {})[_FIELDS[place.field]] = row[name]
    return found


def _place(name: Name) -> Place | None:
    """Return what a column is of; None where that is not plain."""
    known = (*_FIELDS, *_LEFT_OUT)
    if len(name) == 3:
        return Place(name[0], name[1], name[2]) if name[2] in known else None
    if len(name) == 2:
        return Place(None, name[0], name[1]) if name[1] in known else None
    field = next((one for one in sorted(known, key=len, reverse=True) if name[0].endswith(f"_{one}")), None)
    if field is None:
        return None
    rest = name[0].removesuffix(f"_{field}")
    method = next((one for one in sorted(_METHODS, key=len, reverse=True) if rest.endswith(f"_{one}")), None)
    return Place(None, rest, field) if method is None else Place(rest.removesuffix(f"_{method}"), method, field)


def _row(file: File, draft: Draft, chunk: Mapping[str, Any], series: Mapping[tuple[str | None, str], Mapping[str, Any]]) -> None:
    """Keep the numbers of a chunk."""
    start, end = file.moment(_text(chunk.get("start_date"))), _end(file, chunk.get("end_date"))
    if not start:
        raise SourceError(f"'{file.path}': the chunk {chunk.get('key')} has no start date. Give NannyML a timestamp_column_name.")
    for (column, called), found in series.items():
        numbers = {key: number(_plain(value)) for key, value in found.items() if key != "alarm"}
        draft.add(
            metric="univariate drift" if column else called, column=column, method=_METHODS.get(called, called) if column else None,
            window=text(chunk.get("key")), start=start, end=end, alarm=_alarm(found.get("alarm")), **numbers,
        )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value).replace("T", " ").partition(".")[0]


def _end(file: File, value: Any) -> str:
    """Return the end of a chunk, excluded: NannyML writes the last instant that belongs to it."""
    if pd.isna(value):
        return ""
    try:
        moment = pd.Timestamp(value)
    except ValueError as error:
        raise SourceError(f"'{file.path}': {str(value)[:60]!r} is no moment.") from error
    up = moment.ceil("s")
    return file.moment(str(up if up - moment < _SHORTEST else moment.floor("us")))


def _alarm(value: Any) -> bool | None:
    """Return whether it alarmed: CSV holds True and False as they are, or as text beside empty cells."""
    value = _plain(value)
    return value if isinstance(value, bool) else {"True": True, "False": False}.get(str(value))
