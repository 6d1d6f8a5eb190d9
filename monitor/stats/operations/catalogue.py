"""The metrics of operations: one frozen table. Adding one = a function that yields it, one row here, one test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.vocabulary import Role


class Part(StrEnum):
    """Which question of a person on call a metric answers, in the order in which he asks."""

    UP = "Is it up?"
    FAST = "Is it fast?"
    FRESH = "Is it fresh?"
    COMPLETE = "Is it complete?"
    COST = "What does it cost?"


@dataclass(frozen=True, slots=True)
class Operation:
    """One metric of operations.

    `unit` of its value; `more` whether more of it is bad (None: neither is); `floor` the smallest change that matters (`relative`: in parts
    of the reference's value, and compared as a ratio); `needs` the role without which there is none; `leads`: judged without being asked
    for, for the others say what these say; `is_share` and `is_mean`: over rows; `plural` of its title.
    """

    id: str
    title: str
    part: Part
    unit: str
    more: bool | None
    floor: float
    needs: Role | None = None
    relative: bool = False
    leads: bool = True
    is_share: bool = False
    is_mean: bool = False
    plural: bool = False

    def smallest(self, before: float) -> float:
        """Return the smallest change that matters beside a reference's value."""
        return self.floor * abs(before) if self.relative else self.floor

    def worse(self, before: float, after: float) -> bool | None:
        """Say whether a change is for the worse; None where neither is."""
        return None if self.more is None or math.isnan(before) else (after > before) == self.more


_POINT, _TENTH, _FIFTH, _QUARTER = 0.005, 0.1, 0.2, 0.25
"""Smallest changes that matter: half a point of a share, a tenth of time or cost, a fifth of traffic, a quarter of the wait for labels."""
OPERATIONS: Mapping[str, Operation] = {
    one.id: one
    for one in (
        Operation("requests", "Requests", Part.UP, "rows", None, _FIFTH, relative=True, plural=True),
        Operation("error_share", "Share of errors", Part.UP, "share", True, _POINT, Role.STATUS, is_share=True),
        Operation("timeout_share", "Share of timeouts", Part.UP, "share", True, _POINT, Role.STATUS, leads=False, is_share=True),
        Operation("availability", "Availability", Part.UP, "share", False, _POINT, Role.STATUS, leads=False, is_share=True),
        Operation("latency_p50_ms", "Median latency", Part.FAST, "ms", True, _TENTH, Role.LATENCY_MS, relative=True),
        Operation("latency_p95_ms", "p95 latency", Part.FAST, "ms", True, _TENTH, Role.LATENCY_MS, relative=True),
        Operation("latency_p99_ms", "p99 latency", Part.FAST, "ms", True, _FIFTH, Role.LATENCY_MS, relative=True),
        Operation("saturation", "Saturation", Part.FAST, "index", True, _TENTH, Role.SATURATION, relative=True, is_mean=True),
        Operation("apdex", "Apdex", Part.FAST, "index", False, 0.02, Role.LATENCY_MS, leads=False, is_mean=True),
        Operation("freshness_lag_s", "Age of the newest row", Part.FRESH, "s", True, 1.0, Role.TIMESTAMP, relative=True),
        Operation("label_share", "Share of rows with a label", Part.FRESH, "share", False, 0.02, Role.LABEL, leads=False, is_share=True),
        Operation(
            "label_on_time_share", "Share of rows labelled in time", Part.FRESH, "share", False, 0.02, Role.LABEL_TIMESTAMP, is_share=True
        ),
        Operation("label_lag_days", "Median time to a label", Part.FRESH, "days", True, _QUARTER, Role.LABEL_TIMESTAMP, relative=True),
        Operation("completeness", "Completeness", Part.COMPLETE, "share", False, _POINT, is_share=True),
        Operation("duplicates_share", "Share of repeated ids", Part.COMPLETE, "share", True, _POINT, Role.ID, is_share=True),
        Operation("cost_total", "Cost", Part.COST, "cost", True, _TENTH, Role.COST, relative=True, leads=False),
        Operation("cost_per_1000", "Cost per 1,000 requests", Part.COST, "cost", True, _TENTH, Role.COST, relative=True, is_mean=True),
        Operation("cost_per_correct", "Cost per correct decision", Part.COST, "cost", True, _TENTH, Role.COST, relative=True, leads=False),
    )
}
"""The metrics by id, in the order in which they are told."""
