"""Rows that SageMaker logged (data capture, ground truth; JSON lines): decoded, as tables that a case can name."""

from __future__ import annotations

import base64
import binascii
import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from monitor.errors import SourceError
from monitor.imports.reading import File
from monitor.wording import plural

TIME, ID, LABEL = "event_time", "event_id", "label"
INPUT, OUTPUT = "input", "output"
_WRAPPERS = ("instances", "inputs", "predictions", "outputs", "data")
"""Keys under which requests and answers of many rows stand by convention (TensorFlow Serving, SageMaker's own algorithms)."""
_FEATURES = "features"
_MOST_REASONS = 10
Row = dict[str, Any]


class _NotUnderstoodError(Exception):
    """A payload that is none of the known forms; its text says what was seen."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What was logged: a row an answer, a row a label (none where no ground truth was given), and what was not understood."""

    rows: pd.DataFrame
    labels: pd.DataFrame
    notes: Sequence[str]


@dataclass(slots=True)
class _Pile:
    rows: list[Row] = field(default_factory=list)
    labels: list[Row] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    seen: dict[str, str] = field(default_factory=dict)
    """Where each reason was met first."""


def is_capture(content: bytes) -> bool:
    """Say whether bytes look like lines that SageMaker logged."""
    head = content[:4096].lstrip()
    return head.startswith(b"{") and (b'"captureData"' in head or b'"groundTruthData"' in head)


def read_captures(files: Sequence[File], columns: Sequence[str] = (), outputs: Sequence[str] = ()) -> Captured:
    """Decode what was logged.

    Parameters
    ----------
    columns, outputs : names of what requests and answers hold, in their order; default the names in them, else numbers.

    Raises
    ------
    SourceError
        No line was understood.
    """
    pile = _Pile()
    for file in files:
        for where, line in _lines(file):
            try:
                _event(file, line, pile, columns, outputs)
            except _NotUnderstoodError as error:
                pile.refused[str(error)] += 1
                pile.seen.setdefault(str(error), where)
    if not pile.rows and not pile.labels:
        why = "; ".join(f"{reason} ({count})" for reason, count in pile.refused.most_common(3)) or "there are no lines"
        raise SourceError(f"Nothing that SageMaker logged was understood in {plural(len(files), 'file')}: {why}.")
    notes = [
        f"{plural(count, 'event')} left out: {reason} (first {pile.seen[reason]})."
        for reason, count in pile.refused.most_common(_MOST_REASONS)
    ]
    rows, double = _once(pile.rows, (ID, TIME))
    labels, again = _once(pile.labels, (ID,))
    notes += [f"{plural(double, 'row')} that the files hold twice {'was' if double == 1 else 'were'} taken once."] if double else []
    notes += [f"Of {plural(again, 'label')} of rows that have several, the last was taken."] if again else []
    return Captured(rows, labels, notes)


def _once(rows: Sequence[Row], keys: Sequence[str]) -> tuple[pd.DataFrame, int]:
    table = pd.DataFrame(list(rows))
    if table.empty:
        return table, 0
    kept = table.drop_duplicates(list(keys), keep="last").reset_index(drop=True)
    typed = pd.DataFrame({name: kept[name] if name in (ID, TIME) else _typed(kept[name]) for name in kept.columns})
    return typed, len(table) - len(kept)


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as numbers where every text in it is written as a plain number; codes such as 007 stay text."""
    values = [None if one == "" or pd.isna(one) else one for one in column]
    given = [one for one in values if one is not None]
    if all(_plain_number(one) if isinstance(one, str) else isinstance(one, (int, float)) and not isinstance(one, bool) for one in given):
        numbers = pd.Series([float("nan") if one is None else float(one) for one in values], index=column.index)
        return numbers.astype("int64") if len(given) == len(values) and all(str(one).lstrip("+-").isdecimal() for one in given) else numbers
    if any(isinstance(one, str) for one in given):
        return pd.Series(
            [one if one is None or isinstance(one, str) else json.dumps(one) for one in values], index=column.index, dtype="str"
        )
    return pd.Series(values, index=column.index, dtype=object)


def _plain_number(word: str) -> bool:
    digits = word.strip().lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return False
    try:
        float(word)
    except ValueError:
        return False
    return digits[:1].isdigit() or digits[:1] == "."


def _lines(file: File) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(file.content.decode("utf-8-sig", errors="replace").splitlines(), start=1):
        if line.strip():
            try:
                yield f"{file.path}:{number}", json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                raise SourceError(f"'{file.path}', line {number}, is not JSON: {error}. Captures are JSON lines.") from error


def _event(file: File, line: Any, pile: _Pile, columns: Sequence[str], outputs: Sequence[str]) -> None:
    """Decode one line: a request with its answer, a label, or (merged) both."""
    if not isinstance(line, Mapping) or not isinstance(line.get("eventMetadata"), Mapping):
        raise _NotUnderstoodError("a line without eventMetadata")
    about = line["eventMetadata"]
    known = str(about.get("inferenceId") or about.get("eventId") or "")
    if not known:
        raise _NotUnderstoodError("an event without an id")
    found = False
    if isinstance(line.get("groundTruthData"), Mapping):
        labels = _named(_rows(line["groundTruthData"]), (), LABEL)
        pile.labels += [{ID: name, **row} for name, row in zip(_ids(known, len(labels)), labels, strict=True)]
        found = True
    if isinstance(line.get("captureData"), Mapping):
        rows = _answers(line["captureData"], columns, outputs)
        at = file.moment(about.get("inferenceTime"))
        if not at:
            raise _NotUnderstoodError("an event without inferenceTime")
        pile.rows += [
            {ID: name, TIME: pd.Timestamp(at).tz_localize(None), **row} for name, row in zip(_ids(known, len(rows)), rows, strict=True)
        ]
        found = True
    if not found:
        raise _NotUnderstoodError("a line with neither captureData nor groundTruthData")


def _ids(known: str, rows: int) -> list[str]:
    """Return an id a row: the event's own, with a number where it has several rows."""
    return [known] if rows == 1 else [f"{known}-{place}" for place in range(1, rows + 1)]


def _answers(data: Mapping[str, Any], columns: Sequence[str], outputs: Sequence[str]) -> list[Row]:
    asked, told = data.get("endpointInput"), data.get("endpointOutput")
    if not isinstance(asked, Mapping):
        raise _NotUnderstoodError("an event without its request (only answers were captured)")
    rows = _named(_rows(asked), columns, INPUT)
    if not isinstance(told, Mapping):
        return rows
    answers = _named(_rows(told, len(rows)), outputs, OUTPUT)
    if len(answers) != len(rows):
        raise _NotUnderstoodError(f"a request of {plural(len(rows), 'row')} with an answer of {plural(len(answers), 'row')}")
    return [
        {**row, **{name if name not in row else f"{OUTPUT}_{name}": value for name, value in answer.items()}}
        for row, answer in zip(rows, answers, strict=True)
    ]


def _named(rows: Sequence[Row | list[Any]], names: Sequence[str], what: str) -> list[Row]:
    """Return rows with names: their own, those that were given, or the place of each value."""
    return [row if isinstance(row, dict) else _by_place(row, names, what) for row in rows]


def _by_place(row: Sequence[Any], names: Sequence[str], what: str) -> Row:
    if names and len(names) != len(row):
        raise _NotUnderstoodError(
            f"an {what} of {plural(len(row), 'value')}, for which {plural(len(names), 'name')} {'was' if len(names) == 1 else 'were'} given"
        )
    if not names:
        names = [what] if len(row) == 1 and what != INPUT else [f"{what}_{place}" for place in range(1, len(row) + 1)]
    return dict(zip(names, row, strict=True))


def _rows(part: Mapping[str, Any], expected: int = 0) -> list[Row | list[Any]]:
    """Return the rows of a payload."""
    sort, encoding = str(part.get("observedContentType") or "").lower(), str(part.get("encoding") or "").upper()
    data = part.get("data")
    if not isinstance(data, str):
        raise _NotUnderstoodError("an event without data")
    if encoding == "BASE64":
        data, encoding = _decoded(data), "CSV" if "csv" in sort else "JSON" if "json" in sort else "BASE64"
    if encoding == "CSV":
        return _of_csv(data, header="header=present" in sort)
    if encoding == "JSON":
        return _of_json(data, expected)
    raise _NotUnderstoodError(f"a payload of {sort or 'no content type'} in {encoding or 'no encoding'}, which is neither CSV nor JSON")


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _NotUnderstoodError("a payload in base64 that is no text") from error


def _of_csv(data: str, *, header: bool) -> list[Row | list[Any]]:
    rows = [row for row in csv.reader(data.strip("\r\n").splitlines()) if row]
    if not rows:
        raise _NotUnderstoodError("an empty payload")
    if header:
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if len(row) == len(rows[0])]
    return list(rows)


def _of_json(data: str, expected: int) -> list[Row | list[Any]]:
    try:
        found = [json.loads(data)]
    except (json.JSONDecodeError, RecursionError):
        try:
            found = [json.loads(line) for line in data.splitlines() if line.strip()]
        except (json.JSONDecodeError, RecursionError) as error:
            raise _NotUnderstoodError("a payload that is not the JSON it says to be") from error
    if len(found) != 1:
        return [_flat(one) for one in found]
    return _of_payload(found[0], expected)


def _of_payload(found: Any, expected: int) -> list[Row | list[Any]]:
    """Return the rows of one JSON value: one row, or a list of them, wrapped or not."""
    if isinstance(found, dict):
        wrapper = next((name for name in _WRAPPERS if isinstance(found.get(name), list)), None)
        if len(found) == 1 and wrapper is not None:
            return _of_payload(found[wrapper], expected)
        lists = [one for one in found.values() if isinstance(one, list)]
        if len(lists) == len(found) and lists and len({len(one) for one in lists}) == 1 and len(lists[0]) == expected:
            return [_flat(dict(zip(found, row, strict=True))) for row in zip(*lists, strict=True)]
    if isinstance(found, list) and found and (len(found) == expected or all(isinstance(one, (dict, list)) for one in found)):
        return [_flat(one) for one in found]
    return [_flat(found)]


def _flat(one: Any) -> Row | list[Any]:
    """Return one row: an object of plain values, or values by place."""
    if isinstance(one, dict) and set(one) == {_FEATURES} and isinstance(one[_FEATURES], list):
        one = one[_FEATURES]
    if isinstance(one, dict):
        row: Row = {}
        for name, value in one.items():
            _into(row, str(name), value)
        return row
    if isinstance(one, list):
        if any(isinstance(value, (dict, list)) for value in one):
            raise _NotUnderstoodError("a row of JSON that holds lists or objects within lists")
        return one
    return [one]


def _into(row: Row, name: str, value: Any) -> None:
    """Put a value into a row; what lies within it has the names of the way there."""
    if isinstance(value, dict):
        for inner, one in value.items():
            _into(row, f"{name}.{inner}", one)
    elif isinstance(value, list):
        for place, one in enumerate(value, start=1):
            _into(row, name if len(value) == 1 else f"{name}_{place}", one)
    else:
        row[name] = value
