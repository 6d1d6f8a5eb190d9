"""What is said of imported results: a headline of what the other tool alarmed on, and whether we agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from monitor.imports.beside import Agreement
from monitor.wording import count_text, list_text, plural

TOOLS: Mapping[str, str] = {"evidently": "Evidently", "nannyml": "NannyML", "whylogs": "whylogs", "sagemaker": "SageMaker"}
SERIES = ["column", "metric", "method"]


def tool_text(tool: str) -> str:
    """Return the name of a tool as people write it.

    >>> tool_text("nannyml")
    'NannyML'
    """
    return TOOLS.get(tool, tool)


def headline(table: pd.DataFrame) -> str:
    """Say what was imported, in at most 15 words."""
    tools = list_text([tool_text(one) for one in dict.fromkeys(table["tool"])])
    alarms, told = int((table["alarm"] == True).sum()), int(table["alarm"].notna().sum())  # noqa: E712 - null is neither
    if not told:
        return f"{plural(len(table), 'number')} of {tools} say nothing of alarms."
    return f"{tools} alarmed in {count_text(alarms)} of {plural(told, 'judged number')}."


def doubt(counts: Sequence[Agreement], why_not: str = "") -> str:
    """Say how far both agree of columns and periods that both judged."""
    if why_not:
        return f"Not compared with ours: {why_not}"
    both = sum(one.n for one in counts)
    if not both:
        return "No period of a column was judged by both, so nothing is compared."
    same = sum(one.both + one.neither for one in counts)
    theirs, ours = sum(one.theirs for one in counts), sum(one.ours for one in counts)
    return (
        f"Of {plural(both, 'period')} of columns that both judged, {count_text(same)} agree; "
        f"only they alarm in {count_text(theirs)}, only we in {count_text(ours)}."
    )


def series_text(*parts: str) -> str:
    """Return what a series is of (column, metric, method; empty where it has none), for a list.

    >>> series_text("amount", "ValueDrift", "evidently.ks"), series_text("", "roc_auc", "")
    ('amount · ValueDrift · evidently.ks', 'roc_auc')
    """
    return " · ".join(part for part in parts if part)
