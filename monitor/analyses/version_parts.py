"""Numbers of the rows that other versions of the model answered, beside those of all rows: these say whether a change is one version's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.engine import OutcomeRows, Workspace

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST = 5
"""Versions that are looked at, those with the most rows: each costs as much as all rows do."""


@dataclass(frozen=True, slots=True)
class OtherVersions:
    """What is known without the rows of version `name`, whose first are in window `began`: numbers by name, (w,) each, and the labelled
    `rows` (w,) that these rest on."""

    name: str
    began: int
    value: Mapping[str, Floats]
    rows: Ints


def version_column(workspace: Workspace) -> str | None:
    """Return the column that says which version answered, where both sides have it."""
    name = workspace.case.roles.model_version
    return name if name is not None and name in workspace.columns and len(workspace.columns[name].types) > 1 else None


def without_each(read: OutcomeRows, column: str | None, kept: Bools) -> Iterator[tuple[str, int, Bools]]:
    """Yield each version that answered rows of production: its name, its first window, and which of the kept rows (n,) others answered."""
    if column is None:
        return
    levels = read.levels[column]
    inside = (levels.code >= 0) & (read.window >= 0)
    count = np.bincount(levels.code[inside & kept], minlength=len(levels.names))
    for at in np.argsort(-count, kind="stable")[:MOST].tolist():
        mine = levels.code == at
        if count[at]:
            yield levels.names[at], int(read.window[inside & mine].min()), kept & ~mine
