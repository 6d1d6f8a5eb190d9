"""Rows of the compatibility profiles: another tool's score, threshold and verdict on the same windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.requests import PEER_METHODS
from monitor.analyses.sides import Question, Sides, usual_windows
from monitor.engine import Workspace, values
from monitor.stats import evidently, nannyml
from monitor.stats.peers import Verdict
from monitor.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class PeerRows:
    """`table` with window, method, score, p_value, profile_threshold; `verdicts`: whether that tool calls it drift."""

    table: pd.DataFrame
    verdicts: Mapping[tuple[str, str, str], bool]


def peer_rows(workspace: Workspace, sides: Sides, name: str, methods: Sequence[str], question: Question) -> PeerRows:
    """Measure one column as other tools do: on its values, against the whole reference."""
    kind = sides.production.columns[name].cells.kind
    chunked = sides.size if sides.size.unit != "whole" else usual_windows(workspace)
    column = sides.part(name).column
    whole = values(workspace, question.reference, column, windows=chunked)
    chunks = [whole.values[whole.window == i] for i in range(int(whole.window.max(initial=0)) + 1)]
    produced = values(workspace, question.production, column, windows=sides.size)
    places = {window: i for i, window in enumerate(produced.windows.ids)}
    ids = sides.production.windows.ids
    judges = _judges(methods, whole.values, chunks, kind)
    rows: list[dict[str, Any]] = []
    verdicts: dict[tuple[str, str, str], bool] = {}
    for window in ids:
        part = produced.values[produced.window == places.get(window, -1)]
        for method, verdict in _verdicts(methods, judges, whole.values, part, kind):
            is_p = PEER_METHODS[method].is_p_value
            rows.append(
                {
                    "window": window,
                    "method": method,
                    "score": verdict.score,
                    "p_value": verdict.score if is_p else np.nan,
                    "profile_threshold": verdict.threshold,
                }
            )
            verdicts[name, window, method] = verdict.drifted
    return PeerRows(pd.DataFrame(rows, columns=["window", "method", "score", "p_value", "profile_threshold"]), verdicts)


def _judges(methods: Sequence[str], whole: Any, chunks: Sequence[Any], kind: Kind) -> dict[str, nannyml.Fitted]:
    """Fit the methods that learn from the reference, once for all windows."""
    chosen = [nannyml.DEFAULT if method == "nannyml.default" else method for method in methods]
    return {method: nannyml.fit(method, whole, chunks, kind) for method in chosen if method.startswith("nannyml.")}


def _verdicts(methods: Sequence[str], judges: Mapping[str, nannyml.Fitted], whole: Any, part: Any, kind: Kind) -> list[tuple[str, Verdict]]:
    found = [(method, judge.judge(part)) for method, judge in judges.items()]
    for asked in methods:
        if asked.startswith("evidently."):
            method = evidently.choose(whole, part, kind) if asked == "evidently.default" else asked
            found.append((method, evidently.measure(method, whole, part, kind)))
    return found
