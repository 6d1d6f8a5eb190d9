"""The one place where a name or a path becomes SQL text, and where DuckDB's complaints become ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from monitor.errors import CancelledError, DriftscopeError, KindError, OutOfMemoryError, SelectionError, SourceError

LONGEST_NAME = 1000
OWN_NAMES = "@driftscope."
"""Columns that queries add begin so, and those of data do not."""


def quote(name: str) -> str:
    """Return a column, view or schema name as a quoted SQL identifier.

    Raises
    ------
    SourceError
        When the name is empty, longer than 1000 characters, holds a NUL character or is one of our own.

    >>> quote('a"; DROP TABLE t; --')
    '"a""; DROP TABLE t; --"'
    """
    if not name or len(name) > LONGEST_NAME or "\x00" in name or name.startswith(OWN_NAMES):
        seen = f"{name[:40]!r} ({len(name)} characters)"
        raise SourceError(
            f"A column cannot be called {seen}: give it a name of 1 to {LONGEST_NAME} characters without NUL, "
            f"not beginning with '{OWN_NAMES}'."
        )
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a path or address as a quoted SQL text, where DuckDB takes no parameter (views, ATTACH, COPY).

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """Return what DuckDB says is wrong, without its class, its hints and its copy of the SQL."""
    text = str(error).strip().splitlines()
    return re.sub(r"^[A-Za-z ]+ Error: ", "", text[0]) if text else type(error).__name__


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what DuckDB raises while `doing` something into an error of our own tree."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise CancelledError(f"Cancelled while {doing}.") from error
    except duckdb.OutOfMemoryException as error:
        raise OutOfMemoryError(
            f"Out of memory while {doing}: {first_line(error)}. Raise memory_limit, choose larger windows or fewer columns."
        ) from error
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise KindError(f"A value does not fit while {doing}: {first_line(error)}. Set the column's kind in [kinds].") from error
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise SelectionError(f"The query does not fit the data while {doing}: {first_line(error)}.") from error
    except duckdb.Error as error:
        raise SourceError(f"Failed while {doing}: {first_line(error)}. Write the data again if they are damaged.") from error


def refuse(condition: bool, error: DriftscopeError) -> None:
    """Raise the error when the condition holds."""
    if condition:
        raise error
