"""What every judged analysis has in common: the next steps - words, charts, files, screens - ask for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.naming import SideNames
from monitor.judgement.finding import Finding
from monitor.judgement.narration.windows import WindowNames
from monitor.profile import Windows
from monitor.tables import Provenance, Skipped


class Judged(Protocol):
    """An analysis that was measured and judged.

    `table` keeps the contract of its analysis, `findings` are the most severe first, `settings` are the thresholds that it was judged by;
    `names` and `against` say how windows and what they are compared with are called; `partial` (w,) which of the `windows` are cut short;
    `own_windows` are those of the reference, none where windows are compared with those before them; `summary` holds figures of the whole.
    """

    @property
    def analysis(self) -> str:
        """Its name in the registry."""

    @property
    def case(self) -> str:
        """Name of the case."""

    @property
    def table(self) -> pd.DataFrame:
        """One row per thing that was judged."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a person reads."""

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was not run and why."""

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Thresholds, as plain values."""

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole result."""

    @property
    def names(self) -> WindowNames:
        """How the windows are called."""

    @property
    def called(self) -> SideNames:
        """How the sides are called."""

    @property
    def against(self) -> str:
        """What the windows are compared with, inside a sentence."""

    @property
    def windows(self) -> Windows:
        """The judged windows."""

    @property
    def own_windows(self) -> Windows | None:
        """The windows of the reference; None where windows are compared with those before them."""

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Which windows are cut short."""
