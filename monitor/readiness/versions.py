"""Versions of the model that answered rows."""

from __future__ import annotations

import numpy as np

from monitor.engine import Selection, Workspace, values


def versions_of(workspace: Workspace) -> dict[str, tuple[int, int]]:
    """Return rows of each model version, and the position of the last window that has it: -1, only the reference has."""
    column = workspace.case.roles.model_version
    if column is None or column not in workspace.columns:
        return {}
    found: dict[str, tuple[int, int]] = {}
    for data in ("reference", "production"):
        if data not in workspace.columns[column].types:
            continue
        seen = values(workspace, Selection(data), column, windows=workspace.case.windows)
        texts = seen.values.astype(str)
        for name in np.unique(texts):
            mine = texts == name
            last = int(seen.window[mine].max()) if data == "production" else -1
            rows, before = found.get(str(name), (0, -1))
            found[str(name)] = (rows + int(mine.sum()), max(before, last))
    return found
