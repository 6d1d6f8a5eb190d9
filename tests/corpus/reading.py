"""What becomes of an input: its values as they are read, or the words with which it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.case import case_from
from monitor.engine import Workspace, open_workspace
from monitor.errors import LONGEST_MESSAGE, DriftscopeError


@dataclass(frozen=True, slots=True)
class Refused:
    """An error of our own tree, by its class and what its text has to hold."""

    kind: type[DriftscopeError]
    words: str


def values_of(workspace: Workspace, data: str = "reference", limit: int = 3) -> list[tuple[Any, ...]]:
    """Return the first rows of a data set as they are read."""
    return list(workspace.connection.execute(f"SELECT * FROM {workspace.source(data).relation} LIMIT {limit}").fetchall())


def opened(root: Path, place: str, *, encoding: str = "", **sections: Any) -> Workspace:
    """Open a case of data alone in which one place stands for both data sets."""
    data = {"reference": place, "production": place} | ({"encoding": encoding} if encoding else {})
    return open_workspace(case_from({"case": {"name": "c", "task": "none"}, "data": data, **sections}, root=root))


def check_refused(work: Callable[[], Any], expected: Refused) -> None:
    """Fail unless the work is refused as expected, in at most 600 letters of one line and with a full stop."""
    with pytest.raises(DriftscopeError) as refused:
        work()
    told = str(refused.value)
    assert refused.type is expected.kind, told
    assert expected.words in told, told
    assert len(told) <= LONGEST_MESSAGE
