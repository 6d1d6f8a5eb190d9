"""Provenance of an analysis that compares two profiles."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from monitor.analyses.sides import Question, Sides
from monitor.engine import Workspace, profile_sql
from monitor.profile import Profile
from monitor.tables import Provenance

PACKAGES = ("duckdb", "numpy", "scipy", "pandas", "scikit-learn")


def record(
    workspace: Workspace, sides: Sides, question: Question, *, settings: Mapping[str, Any], began: datetime, seconds: float
) -> Provenance:
    """Write down where a result comes from."""
    measured = list(dict.fromkeys(sides.part(name).column for name in sides.production.columns))
    chosen = {"reference": (question.reference, sides.block_size), "production": (question.production, sides.size)}
    asked = {"windows": str(sides.size), "against": sides.baseline.described, "columns": measured}
    if workspace.counter is not None:
        asked["engine"] = f"{workspace.counter.described}, for what had not been counted before"
    if sides.split is not None:
        asked["by"] = sides.split.column
    return Provenance(
        fingerprints={selection.data: workspace.fingerprint(selection.data) for selection, _ in chosen.values()},
        selections={side: selection.describe() for side, (selection, _) in chosen.items()},
        settings={**asked, **settings},
        seed=question.seed,
        versions=versions(),
        sql=tuple(
            (f"count the {side}", profile_sql(workspace, selection, measured, size, split=sides.split_of(side)))
            for side, (selection, size) in chosen.items()
        ),
        rows={"reference": rows_used(sides.blocks), "production": rows_used(sides.production)},
        started=began.isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        summary={"reference_windows": len(sides.groups), "reference_blocks": len(sides.blocks.windows)},
    )


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    return {**_of_packages(), "python": platform.python_version()}


@cache
def _of_packages() -> Mapping[str, str]:
    """Read them once in a process, which has loaded them: the files behind them take longer to read than a small case to count."""
    return {name: version(name) for name in PACKAGES}


def rows_used(profile: Profile) -> dict[str, Any]:
    """Return the rows that a profile rests on, and why others are left out."""
    return {"used": int(profile.rows.sum()), "excluded": {one.reason: one.rows for one in profile.excluded}}
