"""Rows of the table of adversaries: each kind by window, and the findings told in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.adversaries import MOST_IDS, Group, expected_of
from monitor.analyses.adversary_sides import Track
from monitor.judgement.judged_adversaries import JudgedAdversaries, limit_of
from monitor.judgement.metric_series import Found
from monitor.judgement.narration.sentences import sentence
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def table_of(judged: JudgedAdversaries, tracks: Mapping[str, Track], usable: Bools) -> pd.DataFrame:
    """Return one row per window and kind: that of the track which is nearest to its limit there, with the rows of its finding."""
    parts = []
    for kind, rows in judged.table.groupby("kind", sort=False):
        own = [one for one in tracks.values() if one.kind == kind]
        parts.append(_kind_rows(judged, rows.reset_index(drop=True), [(one, judged.verdicts[one.name]) for one in own], usable))
    return pd.concat(parts, ignore_index=True)


def _kind_rows(judged: JudgedAdversaries, rows: pd.DataFrame, own: Sequence[tuple[Track, Found]], usable: Bools) -> pd.DataFrame:
    if not own:
        quiet = rows.assign(status=Status.NOT_APPLICABLE.value, run=None, limit=np.nan, strength=0.0, p_value=np.nan, q_value=np.nan)
        return quiet.assign(track=quiet["kind"])
    many = len(rows)
    alone = np.array([np.nan_to_num(found.alone) for _, found in own]).reshape(len(own), many)
    best, at = alone.argmax(axis=0), np.arange(many)

    def of(values: Sequence[Floats]) -> Floats:
        return np.asarray(np.array(values)[best, at])

    names = np.array([track.name for track, _ in own], dtype=object)[best]
    known = np.array([np.isfinite(track.value) for track, _ in own])[best, at]
    status = np.select([~usable, ~known], [Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value], Status.STABLE.value).astype(object)
    rows = rows.assign(
        score=of([track.value for track, _ in own]), expected=of([expected_of(track) for track, _ in own]), status=status, run=None,
        limit=of([limit_of(track, found) for track, found in own]), strength=alone[best, at],
        p_value=np.array([found.p_value for _, found in own])[best], q_value=np.array([found.q_value for _, found in own])[best],
        track=names,
    )  # fmt: skip
    return _with_findings(judged, rows, str(rows["kind"].iloc[0]))


def counted_rows(judged: JudgedAdversaries, name: str) -> pd.DataFrame:
    """Return what was counted under a name by window: `window, score, expected, limit, status, run`; `limit` is that of the run where a
    window belongs to one."""
    track = next(one for one in judged.result.tracks if one.name == name)
    found, rows = judged.verdicts.get(name), judged.table[judged.table["kind"] == track.kind].reset_index(drop=True)
    none = np.full(len(rows), np.nan)
    status = np.where(rows["status"].isin([Status.ALERT, Status.WARNING]), Status.STABLE.value, rows["status"]).astype(object)
    status = status if found is not None else np.full(len(rows), Status.NOT_JUDGED.value, dtype=object)
    told = rows[["window"]].assign(
        score=track.value, expected=expected_of(track), limit=none if found is None else limit_of(track, found), status=status, run=None,
    )  # fmt: skip
    own = [(one, one.id) for one in judged.findings] + list(judged.within)
    for one, run in sorted((pair for pair in own if pair[0].what.partition("#")[0] == name), key=lambda pair: pair[0].strength):
        told.loc[one.first : one.last, ["status", "run"]] = [one.status, run]
        told.loc[one.first : one.last, "limit"] = told.loc[one.first : one.last, "score"].mean() / max(one.strength, 1e-9)
    return told


def _with_findings(judged: JudgedAdversaries, rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Add to each window the strongest finding that it belongs to, or that tells of it."""
    leads = {one.id: one for one in judged.findings}
    told = rows.assign(**{name: rows[name].astype(object) for name in ("segment", "ids", "message", "run")})
    own = [(one, one.id) for one in judged.findings if one.method == kind]
    for one, run in sorted([*own, *(pair for pair in judged.within if pair[0].method == kind)], key=lambda pair: pair[0].strength):
        group, lead = judged.behind[run], leads[run]
        said = sentence(lead, judged.names, judged.against)
        kept: dict[str, Any] = {
            "status": one.status,
            "run": run,
            "n_rows": lead.rows,
            "segment": group.segment,
            "message": said,
            "ids": ids_text(group),
        }
        for column, value in kept.items():
            told.loc[one.first : one.last, column] = value
        told.loc[one.first : one.last, "strength"] = np.maximum(told.loc[one.first : one.last, "strength"], one.strength)
    return told


def ids_text(group: Group) -> str:
    """Return the ids of rows as a JSON list, as many as a table has room for."""
    kept: list[str] = []
    room = MOST_IDS
    for one in group.ids:
        room -= len(one) + 4
        if room < 0:
            break
        kept.append(one)
    return json.dumps(kept, ensure_ascii=False)
