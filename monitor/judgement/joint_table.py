"""The table of judged joint drift: one row per window and method, whose verdict is that of the strongest run that holds the window."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.joint_series import Series
from monitor.judgement.finding import Direction, Finding, FindingKind
from monitor.judgement.joint_causes import changed_columns
from monitor.judgement.joint_screen import JointScreen
from monitor.judgement.metric_series import ENOUGH, Found
from monitor.tables import Contract
from monitor.units import METHOD
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

QUIET = (Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value)
JUDGED = Contract(
    "multivariate",
    ("window", "method"),
    {
        "window": "id of the production window",
        "method": "id of the method",
        "columns": "JSON list of the columns that changed; null: all",
        "moved": "higher, lower or empty",
        "score": "what the method says, in its unit",
        "lower": "score below which a window alone alarms (two-sided methods), null: none",
        "upper": "score above which a window alone alarms",
        "limit": "the one of both that is on the score's side (the upper one where there is one only)",
        "run": "id of the strongest finding that the window belongs to, null: none",
        "run_score": "that finding's score: the run's mean, of a changed pair how much its association changed in the pooled rows",
        "run_limit": "the score from which that run is a finding",
        "strength": "how many times as far as it had to be from the usual score, alone or as a run (of pairs: from 0); above 1 alarms",
        "p_value": "probability of that finding's run, else of the farthest run of the method, all runs allowed for",
        "q_value": "the same Holm-adjusted over the methods, or over the pairs",
        "n_production": "rows of the window",
        "status": "verdict: that of the strongest run that the window belongs to",
    },
    {"lower": METHOD, "upper": METHOD},
)


def method_rows(screen: JointScreen, series: Series, found: Found, findings: Sequence[Finding]) -> pd.DataFrame:
    """Return the verdict on each window of a method, of which `findings` are the runs."""
    ids, score = screen.windows.ids, series.score
    lower, upper = window_ends(found, score)
    lower = lower if series.two_sided else np.full(len(ids), np.nan)
    upper = np.where(screen.partial, np.nan, np.maximum(upper, screen.thresholds.floor_of(series.method)))
    limit = np.where((score < found.center) & series.two_sided, lower, upper)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.maximum((score - found.center) / (limit - found.center), 0.0)
    told = pd.DataFrame(
        {
            "status": Status.STABLE.value,
            "run": None,
            "run_score": np.nan,
            "run_limit": np.nan,
            "strength": ratio,
            "p_value": found.p_value,
            "q_value": found.q_value,
        },
        index=range(len(ids)),
    )
    for one in sorted(findings, key=lambda one: one.strength):
        part = slice(one.first, one.last)  # with its last row: labels, not positions
        told.loc[part, ["status", "run"]] = one.status, one.id
        told.loc[part, ["run_score", "run_limit", "p_value", "q_value"]] = one.score, one.limit, one.p_value, one.q_value
        told.loc[part, "strength"] = told.loc[part, "strength"].clip(lower=one.strength)
    status = _quiet(screen, series, told["status"].to_numpy(dtype=object))
    silent = np.isin(status, QUIET)
    return told.assign(
        window=ids,
        method=series.method,
        columns=_columns(screen, series.method, findings),
        moved=np.where(told["run"].notna(), np.where(score > found.center, Direction.HIGHER.value, Direction.LOWER.value), ""),
        center=found.center,
        lower=lower,
        upper=upper,
        limit=limit,
        strength=np.where(silent, 0.0, np.nan_to_num(told["strength"])),
        status=status,
    )


def window_ends(found: Found, score: Floats) -> tuple[Floats, Floats]:
    """Return from where on each window alone alarms, (w,) each; where that and how far it lies disagree, the latter decides."""
    above = score > found.center
    end = np.where(above, found.upper, found.lower)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = ((score - found.center) / (end - found.center) > 1) != (found.alone > 1)
        end = np.where(apart & np.isfinite(end), found.center + (score - found.center) / found.alone, end)
    return np.where(above, found.lower, end), np.where(above, end, found.upper)


def _quiet(screen: JointScreen, series: Series, status: Objects) -> Objects:
    """Return verdicts in which windows that cannot be judged have their reason."""
    least = max(screen.thresholds.min_rows, screen.thresholds.least_rows(series.method))
    rules = [
        (screen.rows < least, Status.TOO_FEW_ROWS.value),
        (~np.isfinite(series.score), Status.NOT_APPLICABLE.value),
        (screen.partial | (np.isfinite(series.reference).sum() < ENOUGH), Status.NOT_JUDGED.value),
    ]
    return np.asarray(np.select([rule for rule, _ in rules], [said for _, said in rules], status))


def _columns(screen: JointScreen, method: str, findings: Sequence[Finding]) -> Objects:
    """Return the columns that changed in each window: those of its changed pairs, else those that the score comes from."""
    told = np.full(len(screen.windows), None, dtype=object)
    for at, window in enumerate(screen.windows.ids):
        held = sorted((one for one in findings if one.first <= at <= one.last), key=lambda one: -one.strength)
        pairs = [name for one in held if one.kind is FindingKind.RELATION for name in one.levels_lost]
        names = list(dict.fromkeys(pairs)) or (changed_columns(screen.result, method, window) if held else [])
        told[at] = json.dumps(names) if names else None
    return told


def profile_rows(series: Series, ids: tuple[str, ...]) -> pd.DataFrame:
    """Return the rows of another tool's profile: its own limits and verdict."""
    limits, verdict = np.asarray(series.limits), np.asarray(series.verdict)
    center = limits.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = np.abs(series.score - center) / (limits[:, 1] - center)
    return pd.DataFrame(
        {
            "window": ids,
            "method": series.method,
            "columns": None,
            "moved": "",
            "center": center,
            "lower": limits[:, 0],
            "upper": limits[:, 1],
            "limit": np.where(series.score < center, limits[:, 0], limits[:, 1]),
            "run": None,
            "run_score": np.nan,
            "run_limit": np.nan,
            "strength": np.nan_to_num(strength),
            "p_value": np.nan,
            "q_value": np.nan,
            "status": np.where(verdict, Status.ALERT.value, Status.STABLE.value),
        }
    )
