"""What was handed over and what came back, in words."""

from __future__ import annotations

from monitor.handover.sets import TrainingSet


def set_text(one: TrainingSet) -> str:
    """Name a set in a line."""
    return f"Training set {one.id} ({one.rows:,d} rows)"
