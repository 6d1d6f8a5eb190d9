"""What was measured of incidents. What is kept of them is read here, without what looks for causes, which learns models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.naming import SideNames
from monitor.case import WindowSize
from monitor.incidents.cause import Hypothesis
from monitor.incidents.effect import Effect
from monitor.incidents.grouping import Group
from monitor.incidents.ruled_out import RuledOut
from monitor.judgement.finding import NO_TIME
from monitor.profile import Windows
from monitor.tables import Contract, Result

MEASURED = Contract("evidence", ("key",), {"key": "analysis and finding", "weight": "how much it weighs"}, {"weight": "times the limit"})


@dataclass(frozen=True, slots=True)
class Note:
    """What the case says happened: when it began and ended (UTC; NaT: a moment), and the words."""

    start: np.datetime64
    text: str
    end: np.datetime64 = NO_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsResult(Result):
    """What was grouped: `groups` of evidence with their causes, `effects` what each of them did (None of unknown ones),
    `hypotheses` all that were looked at, `labels` of the columns."""

    groups: tuple[Group, ...]
    hypotheses: tuple[Hypothesis, ...]
    effects: tuple[Effect | None, ...]
    windows: Windows
    rows: NDArray[np.int64]
    """Rows of each production window, (w,)."""
    partial: NDArray[np.bool_]
    size: WindowSize
    timezone: str
    called: SideNames
    labels: Mapping[str, str]
    notes: tuple[Note, ...]
    analyses: tuple[str, ...]
    not_it: tuple[tuple[RuledOut, ...], ...] = ()
    """Of each group, what its rows rule out."""
    labelled_until: np.datetime64 = NO_TIME
    """Up to when labels that count are in, UTC; NaT: to the last window, or there are none."""
    looked: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """In which windows each analysis judged anything, (w,) by its name."""
