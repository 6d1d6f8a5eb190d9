"""Rows of a made-up shop on two sides, what happens to them, and a scene of it without files."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pandas as pd

from monitor.analyses.sides import Question
from monitor.case import Roles
from monitor.incidents.scene import TIME, WINDOW, Scene, Side
from monitor.judgement.finding import Direction, Finding, FindingKind, State
from monitor.profile import Windows
from monitor.vocabulary import Kind, Role, Task

FIRST, DAYS, A_DAY = pd.Timestamp("2026-03-02"), 28, 150
MIDDLE = FIRST + pd.Timedelta(days=DAYS)
ROLES = {
    "timestamp": "at",
    "id": "order",
    "score": "score",
    "label": "late",
    "label_timestamp": "known",
    "model_version": "version",
    "latency_ms": "ms",
    "status": "status",
    "cost": "cost",
}
KINDS = {
    "at": (Kind.DATETIME, Role.TIMESTAMP),
    "order": (Kind.TEXT, Role.ID),
    "shop": (Kind.CATEGORICAL, Role.FEATURE),
    "channel": (Kind.CATEGORICAL, Role.FEATURE),
    "weight": (Kind.NUMERIC, Role.FEATURE),
    "size": (Kind.NUMERIC, Role.FEATURE),
    "far": (Kind.NUMERIC, Role.FEATURE),
    "score": (Kind.NUMERIC, Role.SCORE),
    "late": (Kind.CATEGORICAL, Role.LABEL),
    "known": (Kind.DATETIME, Role.LABEL_TIMESTAMP),
    "version": (Kind.CATEGORICAL, Role.MODEL_VERSION),
    "ms": (Kind.NUMERIC, Role.LATENCY_MS),
    "status": (Kind.CATEGORICAL, Role.STATUS),
    "cost": (Kind.NUMERIC, Role.COST),
}


def rows(first: pd.Timestamp, days: int = DAYS, seed: int = 0, a_day: int = A_DAY) -> pd.DataFrame:
    """Return rows from 6 to 22 o'clock of some days: weight goes with shop, size with weight, the score with both, labels with it."""
    rng = np.random.default_rng(seed)
    count = days * a_day
    at = first + pd.to_timedelta(np.sort(rng.integers(0, days, count)) * 1440 + rng.integers(360, 1320, count), unit="min")
    shop = rng.choice(["north", "south", "east", "west", "far"], count, p=[0.35, 0.3, 0.2, 0.1, 0.05])
    weight = rng.normal(np.searchsorted(["east", "far", "north", "south", "west"], shop), 0.5)
    frame = pd.DataFrame({"at": at, "order": [f"{seed}-{i}" for i in range(count)], "shop": shop})
    frame["channel"] = rng.choice(["app", "web", "desk"], count)
    frame["weight"], frame["size"], frame["far"] = weight, weight * 2 + rng.normal(0, 0.5, count), rng.normal(0, 1, count)
    frame["score"] = 1 / (1 + np.exp(-(frame["far"] + 0.5 * (weight - 2) - 1)))
    frame["late"] = np.where(rng.random(count) < frame["score"], "1", "0")
    frame["known"] = at + pd.to_timedelta(rng.uniform(1, 3, count), unit="D")
    frame["version"] = "v1"
    frame["ms"], frame["status"] = rng.lognormal(3.6, 0.3, count), "ok"
    return frame.assign(cost=frame["ms"] / 1000).sort_values("at", ignore_index=True)


BEFORE = rows(FIRST, seed=1)


def now() -> pd.DataFrame:
    """Return rows of production in which nothing happened."""
    return rows(MIDDLE, seed=2)


def between(frame: pd.DataFrame, start: float, end: float = 1e9) -> "pd.Series[bool]":
    """Say which rows lie that many days after the first of production."""
    day = (frame["at"] - MIDDLE) / pd.Timedelta(days=1)
    return (day >= start) & (day < end)


def moment(day: float) -> np.datetime64:
    """Return the moment so many days after the first of production."""
    return (MIDDLE + pd.Timedelta(days=day)).to_datetime64()


@dataclass(frozen=True)
class Found:
    """What an analysis found, as a scene keeps it."""

    findings: tuple[Finding, ...]
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"run": [], "ids": []}))


def finding(what: str, kind: FindingKind, first: int, last: int = DAYS - 1, **given: object) -> Finding:
    """Return an alarm over some days of production."""
    given = {"direction": Direction.MORE, "strength": 2.0, "state": State.OVER if last < DAYS - 1 else State.ONGOING, **given}
    days = {"start": moment(first), "end": moment(last + 1)}
    return Finding(
        **{
            "what": what,
            "label": what,
            "kind": kind,
            "status": "alert",
            "first": first,
            "last": last,
            "window": str(first),
            "last_window": str(last),
            "windows": last - first + 1,
            "judged": DAYS,
            **days,
            **given,
        }
    )


def scene(production: pd.DataFrame, before: pd.DataFrame = BEFORE, *, without: tuple[str, ...] = (), **found: object) -> Scene:
    """Return a scene of two sides, and of what analyses (by name) found; columns may be left out of the case."""
    roles = Roles(**{role: name for role, name in ROLES.items() if name not in without}, positive_class="1")
    kinds = {name: pair for name, pair in KINDS.items() if name not in without}
    columns = {name: SimpleNamespace(name=name, kind=kind, role=role) for name, (kind, role) in kinds.items()}
    case = SimpleNamespace(roles=roles, timezone="UTC", task=Task.BINARY, windows=None)
    judged = {name: one if isinstance(one, Found) else Found((one,)) for name, one in found.items()}
    made = Scene(workspace=SimpleNamespace(case=case, columns=columns), question=Question(windows="1 day"), judged=judged)
    made.__dict__["reference"], made.__dict__["production"] = (_side(one.drop(columns=list(without))) for one in (before, production))
    return made


def _side(frame: pd.DataFrame) -> Side:
    frame = frame.sort_values("at", ignore_index=True) if "at" in frame else frame
    at = frame["at"] if "at" in frame else pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    days = at.dt.floor("D")
    starts = np.sort(days.dropna().unique())
    window = np.searchsorted(starts, days.to_numpy()) if len(starts) else np.zeros(len(frame), dtype=np.int64)
    levels = {name: frame[name].astype("category") for name, (kind, _) in KINDS.items() if name in frame and kind not in _KEPT}
    moments = {name: frame[name].astype("datetime64[us]") for name in ("at", "known") if name in frame}
    made = frame.assign(**levels, **moments, **{TIME: at.astype("datetime64[us]"), WINDOW: window})
    starts = starts if len(starts) else np.array(["NaT"], dtype="datetime64[us]")
    windows = Windows(ids=tuple(str(start)[:10] for start in starts), start=starts, end=starts + np.timedelta64(1, "D"))
    return Side(frame=made, windows=windows)


_KEPT = (Kind.NUMERIC, Kind.DATETIME)
