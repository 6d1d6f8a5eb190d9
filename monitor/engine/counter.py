"""What counts rows elsewhere than in DuckDB, as the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from monitor.case import WindowSize
from monitor.engine.columns import Measured
from monitor.engine.selection import Selection
from monitor.profile import Cells, Profile
from monitor.watch import Watch

if TYPE_CHECKING:
    from monitor.engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Survey:
    """What cells need to know of all values: `bounds` smallest and largest finite number (nan if none) by what is measured, `levels` with
    their rows, the commonest first, equally common ones by name, and what has `infinite` numbers."""

    bounds: Mapping[str, tuple[float, float]]
    levels: Mapping[str, list[tuple[str, int]]]
    infinite: frozenset[str] = frozenset()


class Counter(Protocol):
    """What counts selections elsewhere than in DuckDB: the same integers, told apart by nothing but their provenance."""

    @property
    def described(self) -> str:
        """What counts, for people."""
        ...

    def holds(self, data: str) -> bool:
        """Say whether a data set's rows are nowhere else: DuckDB has a sample of them."""
        ...

    def survey(self, workspace: Workspace, measured: Sequence[Measured]) -> Survey:
        """Look at all values of a reference that it holds."""
        ...

    def count(self, workspace: Workspace, selection: Selection, cells: Mapping[str, Cells], windows: WindowSize, watch: Watch) -> Profile:
        """Count a selection on `cells` by window."""
        ...
