"""Rows of columns that are damaged in a known way, and what their examination is given."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from monitor.cells import CellPlace, PlaceKind
from monitor.incidents.scene import TIME, WINDOW, Side
from monitor.judgement.finding import Direction, Finding, FindingKind
from monitor.vocabulary import Kind, Role, Task

DAYS, PER_DAY = 40, 60
FIRST, LAST = 15, 30
"""Days of production in which something happens."""


def rows(seed, start, per_day=PER_DAY):
    draw = np.random.default_rng(seed)
    n = DAYS * per_day
    time = np.datetime64(start) + (np.arange(n) * (86400 // per_day)).astype("timedelta64[s]")
    begin = draw.uniform(5, 15, n)
    frame = pd.DataFrame(
        {
            "temp": np.round(draw.normal(60, 9, n), 1),
            "begin": begin,
            "finish": begin + draw.uniform(3, 8, n),
            "fee": 0.0,
            "age": np.where(draw.random(n) < 0.2, np.nan, draw.integers(0, 30, n).astype(float)),
            "site": draw.choice(["north", "south", "west"], n, p=[0.5, 0.3, 0.2]),
            "colour": draw.choice(["red", "green", "blue"], n, p=[0.6, 0.3, 0.1]),
            TIME: time,
            WINDOW: np.arange(n) // per_day,
        }
    )
    return frame.astype({"site": "category", "colour": "category"})


def finding(column, kind=FindingKind.VALUE, direction=Direction.CHANGED):
    place = CellPlace(PlaceKind.MISSING) if kind is FindingKind.MISSING else None
    return Finding(
        what=column,
        label=column,
        kind=kind,
        status="alert",
        state="over",
        first=FIRST,
        last=LAST,
        window="a",
        last_window="b",
        windows=LAST - FIRST + 1,
        judged=DAYS,
        direction=direction,
        place=place,
    )


def scene_of(production, *findings, reference=None, segments=()):
    reference = rows(1, "2026-01-01") if reference is None else reference
    kinds = {"site": Kind.CATEGORICAL, "colour": Kind.CATEGORICAL, "promised": Kind.DATETIME}
    columns = {
        name: SimpleNamespace(
            name=name, role=Role.FEATURE, kind=kinds.get(name, Kind.NUMERIC), types=dict.fromkeys(_sides(name, reference, production))
        )
        for name in dict.fromkeys((*reference, *production))
        if not name.startswith("@")
    }
    roles = SimpleNamespace(score="chance", prediction="stopped", positive_class=None, segments=segments)
    case = SimpleNamespace(timezone="UTC", label=lambda name: name, roles=roles, task=Task.BINARY, value=None)
    return SimpleNamespace(
        workspace=SimpleNamespace(columns=columns, case=case, measured=lambda: ()),
        reference=Side(frame=reference, windows=None),
        production=Side(frame=production, windows=None),
        places=("site", "colour"),
        findings=lambda *analyses: ((f"drift:{one.id}", one) for one in findings if "drift" in analyses),
    )


def _sides(name, reference, production):
    return [side for side, frame in (("reference", reference), ("production", production)) if name in frame]


def damaged(column, change, segment=None, make=rows):
    """Return production with `change` (of the frame of the rows concerned) written to columns, and which rows these are."""
    frame = make(2, "2026-02-10")
    hit = (frame[WINDOW] >= FIRST) & (frame[WINDOW] <= LAST)
    if segment:
        hit &= frame["site"] == segment
    for name in [column] if isinstance(column, str) else column:
        new = change(frame[hit])
        frame[name] = frame[name].astype(object) if frame[name].dtype == "category" else frame[name]
        frame.loc[hit, name] = new[name] if isinstance(new, pd.DataFrame) else new
        frame[name] = frame[name].astype("category") if frame[name].dtype == object else frame[name]
    return frame, hit


def only(hypotheses, cause):
    assert {one.cause for one in hypotheses} == {cause}, hypotheses
    return hypotheses[0]


def check_place_and_time(found, frame, hit, segment):
    assert dict(found.segment) == ({"site": segment} if segment else {})
    assert abs(found.start - frame[TIME][hit].iloc[0].to_datetime64()) <= np.timedelta64(6, "h")
    assert abs(found.end - frame[TIME][hit].iloc[-1].to_datetime64()) <= np.timedelta64(6, "h")


def weather(seed, start):
    """Return rows whose temperature and wind go by the hour of each site."""
    frame = rows(seed, start, per_day=240)
    draw = np.random.default_rng(seed)
    hour = (frame[TIME] - frame[TIME].iloc[0]).dt.total_seconds().to_numpy().astype(int) // 3600
    series = np.round(60 + 10 * np.sin(2 * np.pi * np.arange(hour[-1] + 1) / 24)[:, None] + draw.normal(0, 3, (hour[-1] + 1, 3)), 2)
    frame["temp"] = series[hour, frame["site"].cat.codes]
    frame["wind"] = np.round(draw.gamma(2, 3, series.shape), 1)[hour, frame["site"].cat.codes]
    return frame, series, hour
