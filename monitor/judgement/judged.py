"""What every judged analysis has in common: the next steps - words, charts, files, screens - ask for nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.naming import SideNames
from monitor.case import WindowSize
from monitor.judgement.finding import Finding
from monitor.judgement.narration.windows import WindowNames
from monitor.profile import Windows
from monitor.tables import Provenance, Skipped


class Judged(ABC):
    """An analysis that was measured and judged.

    `result` is what was measured, `thresholds` how it was judged; `table` keeps the contract of its analysis, `findings` are most severe
    first.
    """

    __slots__ = ()
    result: Any
    thresholds: Any
    table: pd.DataFrame
    findings: tuple[Finding, ...]

    @property
    def analysis(self) -> str:
        """Its name in the registry."""
        return str(self.result.analysis)

    @property
    def case(self) -> str:
        """Name of the case."""
        return str(self.result.case)

    @property
    def called(self) -> SideNames:
        """How the sides are called."""
        called: SideNames = self.result.called
        return called

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was not run and why."""
        return tuple(self.result.skipped)

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        provenance: Provenance = self.result.provenance
        return provenance

    @property
    def settings(self) -> Mapping[str, Any]:
        """Thresholds, as plain values."""
        return asdict(self.thresholds)

    @property
    @abstractmethod
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole result."""

    @property
    def names(self) -> WindowNames:
        """How the windows are called."""
        return names_of(self.windows, self.result.size, self.result.timezone, called=self.called)

    @property
    def against(self) -> str:
        """What the windows are compared with, inside a sentence."""
        return str(self.result.called.told_a)

    @property
    def leading(self) -> tuple[Finding, ...]:
        """The findings in the order in which a headline takes them: those of windows that are cut short alone come last."""
        return tuple(sorted(self.findings, key=self.is_short))

    def places_behind(self, finding: Finding) -> NDArray[np.int64] | None:
        """Return file and row of each production row that a finding was made of, (n, 2); None where it was made of counts."""
        return None

    def is_short(self, finding: Finding) -> bool:
        """Say whether all windows of a finding are cut short."""
        return bool(self.partial[finding.first : finding.last + 1].all())

    @property
    def windows(self) -> Windows:
        """The judged windows."""
        windows: Windows = self.result.windows
        return windows

    @property
    def own_windows(self) -> Windows | None:
        """The windows of the reference; None where windows are compared with those before them."""
        own: Windows | None = self.result.own_windows
        return own

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Which windows are cut short, (w,)."""
        return np.asarray(self.result.partial)


def names_of(
    windows: Windows,
    size: WindowSize,
    timezone: str,
    own: Windows | None = None,
    *,
    called: SideNames | None = None,
    labels: Mapping[str, str] | None = None,
) -> WindowNames:
    """Return how windows of a size are called, on a screen of these; `own` are those of the other side, which may lie in the same time or
    after it, `called` says so of what was asked for (rows of both sides are left out of one); `labels` of columns are told apart."""
    none = np.datetime64("NaT")
    first, last = (windows.start[0], windows.end[-1]) if len(windows) else (none, none)
    names = WindowNames.spanning(size, timezone, first, last)
    beside = (called is not None and called.beside) or (own is not None and _not_later(windows, own))
    return replace(names, beside=beside, labels=tuple((labels or {}).values()))


def _not_later(first: Windows, second: Windows) -> bool:
    """Say whether a line of windows shares time with another, or lies before it; windows without times do not.

    One window that ends one line and begins the other is no shared time: both sides have a part of it.
    """
    if not len(first) or not len(second) or np.isnat(first.start).any() or np.isnat(second.start).any():
        return False
    if first.end.max() <= second.start.min():
        return True
    shared = (first.start < second.end.max()) & (second.start.min() < first.end)
    seam = int(shared.sum()) == 1 and len(first) > 1 and len(second) > 1 and (shared[0] or shared[-1])
    return bool(shared.any()) and not seam
