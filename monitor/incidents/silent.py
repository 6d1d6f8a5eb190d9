"""What silence means: which analyses looked at the time of an incident and found nothing of it, and what they would have seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.evidence import NO_ALARMS
from monitor.judgement.judged import Judged
from monitor.profile import Windows
from monitor.vocabulary import Status
from monitor.wording import list_text

Bools = NDArray[np.bool_]
SEES: Mapping[str, str] = {
    "drift": "other values of a column",
    "quality": "missing, odd or broken values",
    "contract": "values that break the contract",
    "multivariate": "columns that are related otherwise",
    "outliers": "more rows unlike the reference",
    "adversaries": "bursts and probing",
    "predictions": "other answers",
    "explanations": "columns that count otherwise",
    "performance": "a metric that became worse",
    "estimate": "an estimated metric that became worse",
    "concept": "the same inputs with other labels",
    "segments": "places that became worse than others",
    "fairness": "a gap between groups",
    "operations": "other answering times, failures, costs or counts of rows",
    "pipelines": "a job that failed or was late",
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
    """Say which analyses looked at the windows of an incident (`span`, first and last position) and found nothing of it, with what they
    would have seen, and which could not tell; "" where all spoke.

    Parameters
    ----------
    looked : of `looked_at`; `spoke` : those that found something that belongs to it.

    Examples
    --------
    >>> seen = {"drift": np.array([True, True]), "fairness": np.array([False, True]), "concept": np.array([False, False])}
    >>> print(silence_text(seen, frozenset({"drift"}), (0, 1)))
    nothing of it was found on fairness (which sees a gap between groups); concept could judge no window of its time
    """
    within = slice(span[0], span[1] + 1)
    silent = {name: bool(seen[within].any()) for name, seen in looked.items() if name not in spoke}
    able, unable = ([name for name, could in silent.items() if could is wanted] for wanted in (True, False))
    told = [f"{name} (which sees {SEES[name]})" for name in able]
    parts = [f"nothing of it was found on {list_text(told, len(told))}"] if able else []
    parts += [f"{list_text(unable, len(unable))} could judge no window of its time"] if unable else []
    return "; ".join(parts)
