"""What a store answers of production: exactly from counts by day and narrow rows, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.case import WindowSize
from monitor.engine.kept.checks import Summed, sum_checks
from monitor.engine.kept.counting import add_up, days_of, made_of_days
from monitor.engine.kept.manifest import Manifest, Partition, sharing
from monitor.engine.rows import left_out, select_rows
from monitor.engine.running import Watch
from monitor.engine.selection import Selection
from monitor.engine.source import Source
from monitor.engine.workspace import Workspace
from monitor.errors import RowsGoneError
from monitor.profile import Cells, Profile

LACKING = "@driftscope.lacking"
"""Hidden column of the narrow rows: how many inputs lack a value."""


@dataclass(frozen=True, slots=True)
class Holding:
    """An opened store: its `folder`, `cells` that everything was counted on, and the `sampled` rows as a source."""

    folder: Path
    manifest: Manifest
    cells: Mapping[str, Cells]
    sampled: Source

    def check_rows(self, columns: Iterable[str]) -> None:
        """Raise RowsGoneError unless the rows of all of these columns are kept."""
        narrow = {name.lower() for name in self.manifest.narrow}
        wide = {name.lower() for name in self.manifest.types} - narrow
        gone = sorted(name for name in columns if name.lower() in wide)
        if gone:
            raise RowsGoneError(
                f"This needs the rows of '{gone[0]}', of which the profile store keeps counts by day and a sample of "
                f"{self.manifest.sampled:,} of {self.manifest.rows:,} rows. Ask for all rows by whole days, or open the raw case."
            )

    def lacking(self, columns: Collection[str]) -> str | None:
        """Return SQL of how many of these columns lack a value in a narrow row; None where that is not known."""
        inputs, types = set(self.manifest.inputs), self.manifest.types
        if set(columns) != {name for name in inputs if name in types}:
            return None
        nowhere = len(inputs - set(types))
        return f'CAST("{LACKING}" - {nowhere} AS DOUBLE)'

    def profile(
        self, workspace: Workspace, selection: Selection, cells: Mapping[str, Cells], windows: WindowSize, watch: Watch
    ) -> Profile | None:
        """Return the counts of a selection; None where they can be counted on the narrow rows."""
        columns = [one.column for one in workspace.measured(cells)] if cells else []
        counted = all(name in self.cells and self.cells[name].matches(one) for name, one in cells.items())
        if not cells or not (counted and self._whole_days(selection, windows)):
            self.check_rows(columns)
            return None
        watch.tell(0.1, "adding up partitions")
        return self._added(workspace, selection, cells, windows)

    def _added(self, workspace: Workspace, selection: Selection, cells: Mapping[str, Cells], windows: WindowSize) -> Profile:
        chosen = self._chosen(workspace, selection)
        files = [str(self.folder / "counts" / one.file) for one in chosen]
        order = (*self.manifest.numbers, *self.manifest.levels)
        found = add_up(workspace, files, selection, order, cells, windows, apart=not sharing(chosen))
        rows = select_rows(workspace, selection, windows, [])
        with workspace.cursor() as cursor:
            excluded = left_out(cursor, rows, workspace.rows("production") - int(found.rows.sum()))
        return replace(found, excluded=excluded)

    def checks(self, workspace: Workspace, selection: Selection, size: WindowSize, columns: Collection[str]) -> Summed:
        """Return the failed checks of a selection by window; the windows are those that were counted, so that no row is read."""
        if not self._whole_days(selection, size):
            raise RowsGoneError(
                "The profile store keeps failed checks of whole days and all rows. Widen the selection, or open the raw case."
            )
        counted = self._added(workspace, selection, {}, size)
        return sum_checks(workspace, self.folder / "checks", self._chosen(workspace, selection), counted, selection, size, columns)

    def _whole_days(self, selection: Selection, size: WindowSize) -> bool:
        plain = selection.where is None and selection.model_version is None and not selection.left_out
        timed = size.calendar or selection.start is not None or selection.end is not None
        if not plain or not made_of_days(size) or not (timed or not any(one.untimed for one in self.manifest.partitions)):
            return False
        try:
            days_of(selection, self.manifest.timezone)
        except RowsGoneError:
            return False
        return True

    def _chosen(self, workspace: Workspace, selection: Selection) -> list[Partition]:
        if selection.file is None:
            return list(self.manifest.partitions)
        return [self.manifest.partitions[workspace.part("production", selection.file).file]]
