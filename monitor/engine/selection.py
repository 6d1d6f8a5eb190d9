"""A selection: a named set of rows. An analyst's predicate is checked before it meets the data."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from monitor.case.windows import FIRST_YEAR, LAST_YEAR
from monitor.errors import ColumnMissingError, SelectionError, nearest
from monitor.wording import plural

DATA = ("reference", "production")
_ALLOWED = frozenset(
    {"COMPARISON", "CONJUNCTION", "CONSTANT", "COLUMN_REF", "OPERATOR", "FUNCTION", "CAST", "BETWEEN", "CASE", "COLLATE", "TYPE"}
)
_REFUSED_OPERATORS = frozenset({"OPERATOR_UNPACK", "OPERATOR_TRY"})
_CALLED = """
+ - * / // % ^ ** || ~~ !~~ ~~* !~~* ~~~ abs ceil ceiling floor round trunc sqrt ln log log2 log10 exp pow power sign greatest
least mod isnan isinf isfinite lower upper trim ltrim rtrim length len strlen left right substring substr replace contains
starts_with ends_with prefix suffix strpos instr regexp_matches regexp_full_match concat like_escape not_like_escape ilike_escape
not_ilike_escape year month day hour minute second quarter week isoweek dayofweek isodow dayofyear weekday weekofyear date_part
datepart date_trunc datetrunc date_diff datediff date_add epoch epoch_ms make_date make_timestamp strftime strptime try_strptime
to_days to_hours to_minutes to_seconds to_weeks to_months to_years timezone nullif coalesce ifnull if list_value list_contains
dayname epoch_us to_timestamp regexp_extract_all md5_number_lower
"""
FUNCTIONS = frozenset(_CALLED.split())

LONGEST_PREDICATE = 50_000
LONGEST_REPLACEMENT = 100
DEEPEST = 240
"""A condition that is parsed may be nested so deep: each function or operator is three levels."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A set of rows: data set, half-open time interval in UTC, predicate of a segment, model version, file of the data set by its name,
    `without`: rows of another selection that are left out, and `wrong`: selections of rows that are left out because they are known to be
    wrong."""

    data: str = "production"
    start: datetime | None = None
    end: datetime | None = None
    where: str | None = None
    model_version: str | None = None
    file: str | None = None
    without: Selection | None = None
    wrong: tuple[Selection, ...] = ()

    def __post_init__(self) -> None:
        """Check what can be checked without the data."""
        if self.data not in DATA:
            raise SelectionError(f"There is no data set '{self.data}'. Use 'reference' or 'production'.{nearest(self.data, DATA)}")
        for bound in (self.start, self.end):
            if bound is not None and bound.tzinfo is None:
                raise SelectionError(f"The bound {bound} of a selection has no time zone. Give it in UTC.")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise SelectionError(f"The selection starts at {self.start} and ends at {self.end}: it holds no time. Swap the bounds.")
        other = next((one.data for one in self.left_out if one.data != self.data), None)
        if other is not None:
            raise SelectionError(f"Rows of '{other}' cannot be left out of '{self.data}': they are other rows.")

    @property
    def left_out(self) -> tuple[Selection, ...]:
        """Selections whose rows are left out."""
        return self.wrong if self.without is None else (self.without, *self.wrong)

    @classmethod
    def parse(cls, text: str, *, data: str = "production", timezone: str = "UTC", where: str | None = None) -> Selection:
        """Read "START..END" (END excluded; either may be left out) or one day, ISO week or month; local to `timezone`.

        >>> Selection.parse("2013-07", data="production").describe()
        'production from 2013-07-01 00:00 to 2013-08-01 00:00 UTC'
        """
        zone = ZoneInfo(timezone)
        if ".." in text:
            first, _, last = text.partition("..")
            start = _instant(first, zone)[0] if first.strip() else None
            end = _instant(last, zone)[0] if last.strip() else None
        else:
            start, end = _instant(text, zone)
        return cls(data, start, end, where)

    def describe(self) -> str:
        """Return the selection as people read it."""
        parts = [self.data]
        if self.start is not None:
            parts.append(f"from {self.start.astimezone(UTC):%Y-%m-%d %H:%M}")
        if self.end is not None:
            parts.append(f"to {self.end.astimezone(UTC):%Y-%m-%d %H:%M}")
        if self.start is not None or self.end is not None:
            parts.append("UTC")
        if self.model_version is not None:
            parts.append(f"of model version {self.model_version}")
        if self.file is not None:
            parts.append(f"in the file {self.file}")
        said = " ".join(parts) + (f", where {self.where}" if self.where else "")
        said = said if self.without is None else f"{said}, without the rows of: {self.without.describe()}"
        return f"{said}, without rows that {plural(len(self.wrong), 'incident')} made wrong" if self.wrong else said


def _instant(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of what is written and the first instant after it."""
    word = text.strip()
    try:
        if len(word) == 7:
            first = datetime.strptime(word + "-01", "%Y-%m-%d")  # noqa: DTZ007 - local wall time, the zone is put on below
            last = (first + timedelta(days=32)).replace(day=1)
        elif "-W" in word:
            first = datetime.fromisoformat(f"{word}-1")
            last = first + timedelta(days=7)
        elif len(word) <= 10:
            first = datetime.combine(date.fromisoformat(word), datetime.min.time())
            last = first + timedelta(days=1)
        else:
            first = last = datetime.fromisoformat(word)
        if not FIRST_YEAR <= first.year <= LAST_YEAR:
            raise ValueError
    except (ValueError, OverflowError) as error:
        raise SelectionError(
            f"'{text[:80]}' is not a time between {FIRST_YEAR} and {LAST_YEAR}. "
            "Write START..END with times such as 2013-07-01, 2013-07-01T15:00 or 2013-07."
        ) from error
    return _utc(first, zone), _utc(last, zone)


def _utc(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def moment_utc(text: str, timezone: str) -> datetime:
    """Read a moment, local to `timezone` unless it says otherwise; of a day, week or month its beginning.

    >>> moment_utc("2013-07-01T15:00", "America/New_York").isoformat()
    '2013-07-01T19:00:00+00:00'

    Raises
    ------
    SelectionError
        It is no time.
    """
    return _instant(text, ZoneInfo(timezone))[0]


def check_predicate(connection: duckdb.DuckDBPyConnection, predicate: str, columns: Collection[str]) -> frozenset[str]:
    """Check that an analyst's predicate is one plain condition on known columns; return the columns it names.

    Raises
    ------
    SelectionError
        When it is anything else: several statements, a subquery, a function that is not on the list.
    ColumnMissingError
        When it names a column that the data set does not have.
    """
    inner = _one_condition(connection, predicate)
    growing = sum(_grows(node) for node in _walk(inner, predicate))
    if growing > 1:
        raise SelectionError(
            f"'{predicate}' makes texts longer {growing} times over, which may fill the memory. Replace by something longer once at most."
        )
    known = {name.lower(): name for name in columns}
    return frozenset(_column(node, known) for node in _walk(inner, predicate) if node["class"] == "COLUMN_REF")


@lru_cache(maxsize=256)
def both_conditions(first: str, second: str) -> str:
    """Return one condition that holds where two hold.

    Raises
    ------
    SelectionError
        One of them is not a condition by itself.
    """
    with duckdb.connect(":memory:") as connection:
        for one in (first, second):
            _one_condition(connection, one)
    return f"({first}\n)\nAND ({second}\n)"


def _one_condition(connection: duckdb.DuckDBPyConnection, predicate: str) -> Any:
    if len(predicate) > LONGEST_PREDICATE:
        raise SelectionError(
            f"A condition of {len(predicate):,} letters ('{predicate[:60]} ...') is too long: {LONGEST_PREDICATE:,} may be. "
            "Put what is meant into a column of the data."
        )
    # Parsed with and without brackets: text such as "a) OR (b" is a condition only when the brackets are ours.
    inner = _condition(connection, f"SELECT * FROM t WHERE ({predicate}\n)", predicate)
    if _condition(connection, f"SELECT * FROM t WHERE {predicate}\n", predicate) != inner:
        raise SelectionError(f"'{predicate}' is not one condition. Write one such as: COLUMN = 'level' AND OTHER > 500.")
    return inner


def _condition(connection: duckdb.DuckDBPyConnection, sql: str, predicate: str) -> Any:
    row = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    text = str(row[0]) if row else '{"error": true}'
    if _depth(text) > DEEPEST:
        raise SelectionError(f"'{predicate}' has too many brackets or operators within each other. Write it in several shorter parts.")
    parsed: dict[str, Any] = json.loads(text)
    if parsed["error"]:
        why = parsed.get("error_message", "it cannot be read")
        raise SelectionError(f"'{predicate}' is not a condition ({why}). Write one such as: COLUMN = 'level' AND OTHER > 500.")
    statements = parsed["statements"]
    node = statements[0]["node"]
    plain = json.loads(_EMPTY_NODE)
    rest = {key: node.get(key) for key in plain}
    if len(statements) != 1 or rest != plain:
        raise SelectionError(f"'{predicate}' is more than one condition. Write one such as: COLUMN = 'level' AND OTHER > 500.")
    return _without_places(node["where_clause"])


def _depth(text: str) -> int:
    """Return how deep the objects of a JSON text are nested.

    >>> _depth('{"a": [{"b": "{["}]}')
    3
    """
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _grows(node: dict[str, Any]) -> bool:
    """Say whether a text may become longer by as much as one likes: by replacing something short by something longer."""
    if node["class"] != "FUNCTION" or str(node.get("function_name", "")).lower() != "replace":
        return False
    _, old, new = [_text(one["expression"]) for one in node["arguments"]] if len(node["arguments"]) == 3 else (None, None, None)
    if old is None or new is None or len(new) > LONGEST_REPLACEMENT:
        raise SelectionError(
            f"replace() takes two texts, the second of at most {LONGEST_REPLACEMENT} letters: replace(name, 'old', 'new')."
        )
    return len(new) > len(old)


def _text(node: dict[str, Any]) -> str | None:
    """Return the text that a node writes out; None if it is anything else."""
    literal = node.get("literal") if node["class"] == "CONSTANT" else None
    return str(literal["text"]) if literal is not None and literal["kind"] == "STRING" else None


_EMPTY_NODE = (
    '{"type": "SELECT_NODE", "modifiers": [], "cte_map": {"map": []}, "group_expressions": [], "group_sets": [], '
    '"having": null, "sample": null, "qualify": null}'
)


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_places(item) for key, item in value.items() if not key.startswith("query_location")}
    return [_without_places(item) for item in value] if isinstance(value, list) else value


def _walk(value: Any, predicate: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, predicate)
    elif isinstance(value, dict):
        if "class" in value:
            _permit(value, predicate)
            yield value
        for key, item in value.items():
            if key != "literal":
                yield from _walk(item, predicate)


def _permit(node: dict[str, Any], predicate: str) -> None:
    kind = str(node["class"])
    if kind not in _ALLOWED or node.get("type") in _REFUSED_OPERATORS:
        raise SelectionError(f"'{predicate}' uses a {kind.lower()}, which a condition may not. Compare columns with values only.")
    name = str(node.get("function_name", ""))
    if kind == "FUNCTION" and name.lower() not in FUNCTIONS:
        raise SelectionError(f"'{predicate}' uses the function '{name}', which a condition may not.{nearest(name, FUNCTIONS)}")


def _column(node: dict[str, Any], known: dict[str, str]) -> str:
    name = ".".join(node["column_names"])
    if len(node["column_names"]) != 1 or name.lower() not in known:
        raise ColumnMissingError(f"The data have no column '{name}'.{nearest(name, known.values())} Columns are written \"{name}\".")
    return known[name.lower()]
