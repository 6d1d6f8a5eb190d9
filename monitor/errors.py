"""The error tree: every class is also the builtin it resembles, every text says what is wrong,
what was seen and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches


class DriftscopeError(Exception):
    """Root of everything this package raises on purpose; its text is fit for a screen."""

    def __str__(self) -> str:
        """Return the message itself (KeyError would quote it)."""
        return brief(str(self.args[0])) if self.args else type(self).__name__


class CaseError(DriftscopeError, ValueError):
    """The case file is missing, malformed or contradicts itself or the data."""


class SourceError(DriftscopeError, OSError):
    """A data source cannot be found or read."""


class DatesUndecidedError(SourceError):
    """The dates of the timestamp can be read in two ways, or their zone is not certain; `choices` are both formats by column."""

    def __init__(self, message: str, choices: Mapping[str, tuple[str, str]]) -> None:
        """Keep the formats, of which a person has to choose one."""
        super().__init__(message)
        self.choices = dict(choices)


class ExtensionMissingError(SourceError):
    """A source needs a DuckDB extension or a package that is not installed."""


class ColumnMissingError(DriftscopeError, KeyError):
    """A table has no column of that name."""


class KindError(DriftscopeError, TypeError):
    """A column's values do not fit the kind it is declared to have."""


class SelectionError(DriftscopeError, ValueError):
    """A window, segment or selection cannot be understood or is empty."""


class MethodError(DriftscopeError, ValueError):
    """A method is unknown or does not serve the data it is given."""


class SettingError(DriftscopeError, ValueError):
    """A threshold or option has a name or value that is not allowed."""


class ModelError(DriftscopeError, ValueError):
    """A model cannot be loaded, does not fit the case, or cannot be explained as it should be."""


class ContractError(DriftscopeError, AssertionError):
    """A result table breaks its declared contract: a defect of Driftscope itself."""


class OutOfMemoryError(DriftscopeError, MemoryError):
    """The engine ran out of the memory it was allowed."""


class TimeLimitError(DriftscopeError, TimeoutError):
    """A query took longer than it may."""


class AccessError(DriftscopeError, RuntimeError):
    """Whoever signed in may not do it. No OSError: nothing is wrong with a file."""


class RowsGoneError(SelectionError):
    """A question needs rows that a profile store does not keep."""


class CancelledError(DriftscopeError, RuntimeError):
    """The work was cancelled by whoever asked for it."""


LONGEST_MESSAGE = 600
_KEPT_AT_THE_END = 200


def brief(text: str) -> str:
    """Return a message of at most 600 letters: what is wrong stands at its beginning, what to do at its end.

    >>> len(brief("a" * 10_000)), brief("short")
    (600, 'short')
    """
    if len(text) <= LONGEST_MESSAGE:
        return text
    gap = " … "
    return text[: LONGEST_MESSAGE - _KEPT_AT_THE_END - len(gap)] + gap + text[-_KEPT_AT_THE_END:]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint such as ``" Did you mean 'income'?"``, or an empty text.

    >>> nearest("incom", ["income", "age"])
    " Did you mean 'income'?"
    """
    match = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{match[0]}'?" if match else ""
