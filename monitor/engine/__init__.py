"""The engine: the only place that knows DuckDB. Rows go in, counts, arrays and samples come out."""

from monitor.engine.cells import build_cells
from monitor.engine.columns import ColumnInfo, Measured, Transform
from monitor.engine.counting import profile
from monitor.engine.roles import ColumnFacts, Guess, guess_roles
from monitor.engine.selection import Selection
from monitor.engine.workspace import Workspace, open_workspace

__all__ = [
    "ColumnFacts",
    "ColumnInfo",
    "Guess",
    "Measured",
    "Selection",
    "Transform",
    "Workspace",
    "build_cells",
    "guess_roles",
    "open_workspace",
    "profile",
]
