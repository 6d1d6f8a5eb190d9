"""whylogs 1.x: profiles (.bin), and the table of `view.to_pandas()` as JSON or CSV."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from google.protobuf.message import DecodeError

from monitor.errors import SourceError
from monitor.imports.nannyml import table_in
from monitor.imports.reading import Draft, File, number, of_milliseconds
from monitor.imports.whylogs_messages import message

TOOL = "whylogs"
MAGIC = b"WHY1"
COUNT = "counts/n"
_OF_A_COLUMN = 2
_MEAN, _SPREAD = "distribution/mean", "distribution/m2"
_NUMBERS = ("types/fractional", "types/integral")
"""Counts of the values that mean and spread are of."""
_DAMAGED = "is damaged, or no profile of whylogs 1.x"


def is_profile(content: bytes) -> bool:
    """Say whether bytes are a profile."""
    return content.startswith(MAGIC)


def is_view(content: Any) -> bool:
    """Say whether JSON is the table of a profile: by its metric, or by its column."""
    if not isinstance(content, Mapping) or not content:
        return False
    inner = next(iter(content.values()))
    return isinstance(content.get(COUNT), Mapping) or (isinstance(inner, Mapping) and COUNT in inner)


def read_profile(file: File, draft: Draft) -> None:
    """Read a profile: counts, types, means and the like, which it holds as numbers; what it holds as sketches is said.

    Raises
    ------
    SourceError
        It is damaged.
    """
    try:
        header, offset = _header(file)
        start = of_milliseconds(header.properties.dataset_timestamp)
        draft.version = next((one.value for one in header.properties.metadata if one.key == "whylogs.version"), "")
        paths = {one.key: one.value for one in header.paths}
        for column in header.columns:
            _column(draft, column.key, _components(file, [offset + one for one in column.value.offsets], paths), start)
    except DecodeError as error:
        raise SourceError(f"'{file.path}' {_DAMAGED}: {error}.") from error
    draft.timeless = not start


def _header(file: File) -> tuple[Any, int]:
    """Return the header of a profile, and where its columns begin."""
    segments, at = _delimited(file, len(MAGIC), "Segments")
    if segments.has_segments:
        raise SourceError(f"'{file.path}' holds several segments. Write each as a profile of its own, then import these.")
    return _delimited(file, at, "Header")


def _delimited(file: File, at: int, name: str) -> tuple[Any, int]:
    """Return a message before which its length stands, and where it ends."""
    length, shift = 0, 0
    for position in range(at, min(at + 5, len(file.content))):
        byte = file.content[position]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return _parsed(file, position + 1, length, name), position + 1 + length
    raise SourceError(f"'{file.path}' {_DAMAGED}: it ends in the middle.")


def _parsed(file: File, at: int, length: int, name: str) -> Any:
    part = file.content[at : at + length]
    if len(part) != length:
        raise SourceError(f"'{file.path}' {_DAMAGED}: it ends in the middle.")
    found = message(name)()
    found.ParseFromString(part)
    return found


def _components(file: File, offsets: list[int], paths: Mapping[int, str]) -> dict[str, Any]:
    """Return what is known of a column, by path."""
    found: dict[str, Any] = {}
    for at in offsets:
        head, start = _delimited(file, at, "ChunkHeader")
        if head.type != _OF_A_COLUMN:
            raise SourceError(f"'{file.path}' {_DAMAGED}: a column lies where none should be.")
        chunk = _parsed(file, start, head.length, "Chunk")
        found |= {paths.get(one.key, str(one.key)): one.value for one in chunk.components}
    return found


def _column(draft: Draft, column: str, components: Mapping[str, Any], start: str) -> None:
    values = {path: float(getattr(one, name)) for path, one in components.items() for name in ("n", "d") if one.HasField(name)}
    for path in sorted(set(components) - set(values)):
        draft.note(f"{path}: a sketch, which only whylogs can read; write view.to_pandas() as JSON to bring its quantiles along.")
    counted = [values[path] for path in _NUMBERS if path in values]
    if not sum(counted):  # whylogs writes a mean of 0 where there was no number
        values = {path: value for path, value in values.items() if path not in (_MEAN, _SPREAD)}
    elif _SPREAD in values and sum(counted) > 1:
        values["distribution/stddev"] = math.sqrt(max(values[_SPREAD], 0.0) / (sum(counted) - 1))
    for path, value in sorted(values.items()):
        if path != _SPREAD:
            draft.add(metric=path, column=column, value=number(value), start=start)


def read_view(file: File, draft: Draft) -> None:
    """Read the table of a profile as JSON.

    Raises
    ------
    SourceError
        It is no such table.
    """
    content = file.json()
    by_metric = COUNT in content
    columns = content[COUNT] if by_metric else content
    for column in columns:
        found = {path: one.get(column) for path, one in content.items() if isinstance(one, Mapping)} if by_metric else content[column]
        _view_column(draft, str(column), found)
    draft.timeless = True


def read_table(file: File, draft: Draft) -> None:
    """Read the table of a profile as CSV or Parquet, its first column the name of the column.

    Raises
    ------
    SourceError
        It is no such table.
    """
    table = table_in(file)
    names = ["/".join(name) for name in table.columns]
    key = names.index("column") if "column" in names else 0
    for _, row in table.iterrows():
        found = {name: None if pd.isna(value) else value for name, value in zip(names, row, strict=True) if name != names[key]}
        _view_column(draft, str(row.iloc[key]), found)
    draft.timeless = True


def _view_column(draft: Draft, column: str, found: Mapping[str, Any]) -> None:
    for path, value in found.items():
        if number(value) is not None and "/" in path:
            draft.add(metric=path, column=column, value=number(value))
        elif value is not None and path != "type":
            draft.note(f"{path}: no number; left out.")
