"""Rows of the compatibility profiles: another tool's score, threshold and verdict on the same windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.requests import PEER_METHODS
from monitor.analyses.sides import Question, Sides, usual_windows
from monitor.engine import Workspace, values
from monitor.engine.columns import EXACT, INTEGERS
from monitor.errors import MethodError
from monitor.stats.compat import evidently, nannyml
from monitor.stats.compat.profiles import Verdict
from monitor.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class PeerRows:
    """`table` with window, method, score, p_value, profile_threshold; `verdicts`: whether that tool calls it drift; `refused`: why a method
    has no score of this column in all or some windows, by method."""

    table: pd.DataFrame
    verdicts: Mapping[tuple[str, str, str], bool]
    refused: Mapping[str, str]


def peer_rows(workspace: Workspace, sides: Sides, name: str, methods: Sequence[str], question: Question) -> PeerRows:
    """Measure one column as other tools do: on its values, against the whole reference."""
    kind = sides.production.columns[name].cells.kind
    chunked = sides.size if sides.size.unit != "whole" else usual_windows(workspace)
    column = sides.part(name).column
    stored = _stored_as(workspace, sides, name)
    whole = values(workspace, question.reference, column, windows=chunked)
    chunks = [whole.values[whole.window == i] for i in range(int(whole.window.max(initial=0)) + 1)]
    produced = values(workspace, question.production, column, windows=sides.size)
    places = {window: i for i, window in enumerate(produced.windows.ids)}
    ids = sides.production.windows.ids
    refused: dict[str, str] = {}
    judges = _judges(methods, whole.values, chunks, kind, refused)
    rows: list[dict[str, Any]] = []
    verdicts: dict[tuple[str, str, str], bool] = {}
    for window in ids:
        part = produced.values[produced.window == places.get(window, -1)]
        for method, answer in _answers(methods, judges, whole.values.astype(stored), part.astype(stored), kind):
            verdict = _answered(method, answer, refused)
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
            if method not in refused or np.isfinite(verdict.score):
                verdicts[name, window, method] = verdict.drifted
    return PeerRows(pd.DataFrame(rows, columns=["window", "method", "score", "p_value", "profile_threshold"]), verdicts, refused)


def _stored_as(workspace: Workspace, sides: Sides, name: str) -> type:
    """Return the type that pandas has for the values of a column: Evidently bins whole numbers otherwise than fractions, and pandas has
    fractions where some are missing."""
    if sides.production.columns[name].cells.kind is not Kind.NUMERIC:
        return object
    counts = [one.columns[name] for one in (sides.blocks, sides.production)]
    far = any((np.abs(end) >= EXACT).any() for one in counts for end in (one.low, one.high))  # values are read as floats
    whole = set(workspace.columns[sides.part(name).column].types.values()) <= INTEGERS
    return int if whole and not far and not any(one.missing.any() for one in counts) else float


def _judges(methods: Sequence[str], whole: Any, chunks: Sequence[Any], kind: Kind, refused: dict[str, str]) -> dict[str, nannyml.Fitted]:
    """Fit the methods that learn from the reference, once for all windows; one that cannot is noted in `refused`."""
    found: dict[str, nannyml.Fitted] = {}
    for asked in methods:
        method = nannyml.DEFAULT if asked == "nannyml.default" else asked
        if not method.startswith("nannyml."):
            continue
        try:
            found[method] = nannyml.fit(method, whole, chunks, kind)
        except MethodError as error:
            refused[method] = str(error)
    return found


def _answers(
    methods: Sequence[str], judges: Mapping[str, nannyml.Fitted], whole: Any, part: Any, kind: Kind
) -> list[tuple[str, Callable[[], Verdict]]]:
    """Return what measures one window, by method."""
    found: list[tuple[str, Callable[[], Verdict]]] = [(method, partial(judge.judge, part)) for method, judge in judges.items()]
    for asked in methods:
        if asked.startswith("evidently."):
            method = evidently.choose(whole, part, kind) if asked == "evidently.default" else asked
            found.append((method, partial(evidently.measure, method, whole, part, kind)))
    return found


def _answered(method: str, answer: Callable[[], Verdict], refused: dict[str, str]) -> Verdict:
    """Return the verdict on one window; where the other tool would refuse these data there is no score, and the reason is noted."""
    try:
        return answer()
    except MethodError as error:
        refused.setdefault(method, str(error))
        return Verdict(np.nan, PEER_METHODS[method].threshold, drifted=False)
