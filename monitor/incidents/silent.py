"""What silence means: which analyses looked at the time of an incident and found nothing of it, and what they would have seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.evidence import NO_ALARMS
from monitor.judgement.judged import Judged
from monitor.profile import Windows
from monitor.vocabulary import Status

Bools = NDArray[np.bool_]
SEES: Mapping[str, str] = {
    "drift": "other values",
    "quality": "missing or broken values",
    "contract": "a broken contract",
    "multivariate": "other relations of columns",
    "outliers": "more unlike rows",
    "adversaries": "bursts or probing",
    "predictions": "other answers",
    "explanations": "columns that count otherwise",
    "performance": "a worse metric",
    "estimate": "a worse estimate",
    "concept": "other labels of the same inputs",
    "segments": "worse segments",
    "fairness": "a gap between groups",
    "operations": "a slower, failing or dearer service",
    "pipelines": "a failed job",
}
"""What an analysis would have told, by its name."""
_SAYS_NOTHING = frozenset({Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value})


def looked_at(judged: Mapping[str, Judged], windows: Windows) -> Mapping[str, Bools]:
    """Return in which windows an analysis judged anything, (w,) by its name; of analyses of other windows nothing is said."""
    found: dict[str, Bools] = {}
    for name, one in judged.items():
        if name in SEES and name not in NO_ALARMS and {"window", "status"} <= set(one.table.columns):
            told = set(one.table.loc[~one.table["status"].isin(_SAYS_NOTHING), "window"].astype(str))
            if set(one.table["window"].dropna().astype(str)) & set(windows.ids):
                found[name] = np.array([str(window) in told for window in windows.ids])
    return found


def silence_text(looked: Mapping[str, Bools], spoke: frozenset[str], span: tuple[int, int]) -> str:
    """Say what is not seen of all rows in the windows of an incident (`span`, first and last position), although it was looked for, and
    what could not be; "" where all analyses found something.

    Parameters
    ----------
    looked : of `looked_at`; `spoke` : those that found something that belongs to it.

    Examples
    --------
    >>> seen = {"drift": np.array([True, True]), "fairness": np.array([False, True]), "concept": np.array([False, False])}
    >>> print(silence_text(seen, frozenset({"drift"}), (0, 1)))
    all rows together show no sign of a gap between groups; nothing could be judged then of other labels of the same inputs
    """
    within = slice(span[0], span[1] + 1)
    silent = {name: bool(seen[within].any()) for name, seen in looked.items() if name not in spoke}
    able, unable = ([name for name, could in silent.items() if could is wanted] for wanted in (True, False))
    parts = [f"all rows together show no sign of {_seen(able)}"] if able else []
    parts += [f"nothing could be judged then of {_seen(unable)}"] if unable else []
    return "; ".join(parts)


def _seen(names: Sequence[str]) -> str:
    *most, last = (SEES[name] for name in names)
    return f"{', '.join(most)} or {last}" if most else last
