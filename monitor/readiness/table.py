"""Readiness as a table: one row per check."""

from __future__ import annotations

import pandas as pd

from monitor.readiness.check import Readiness
from monitor.tables import Contract
from monitor.units import UNITS

READINESS = Contract(
    "readiness",
    ("check",),
    {
        "check": "what is asked, by its name in [readiness] required",
        "question": "the same, for people",
        "verdict": "pass, fail, or not shown: nobody can say",
        "required": "whether it has to be shown",
        "blocks": "whether the model may not go live for it: it fails, or has to be shown and is not",
        "of": "what the figure is",
        "figure": "the figure, null: there is none",
        "lower": "lower end of its 95 % interval, null: none",
        "upper": "upper end of its 95 % interval, null: none",
        "n": "rows that it rests on: of a ranking those of the smaller class; or incidents, segments",
        "limit": "what it is held against, null: nothing",
        "source": "where the limit comes from",
        "sentence": "what it says",
        "page": "address of the page to look at",
    },
    {"n": "rows, incidents or segments", **dict.fromkeys(("lower", "upper", "limit"), UNITS["figure"])},
)


def readiness_table(found: Readiness) -> pd.DataFrame:
    """Return the checks."""
    rows = [
        {
            "check": one.name, "question": one.question, "verdict": one.verdict.value, "required": one.required, "blocks": one.blocks,
            "of": one.of or None, "figure": one.figure, "lower": one.lower, "upper": one.upper, "n": one.n, "limit": one.limit,
            "source": one.source or None, "sentence": one.said, "page": one.page,
        }
        for one in found.checks
    ]  # fmt: skip
    return READINESS.check(pd.DataFrame(rows, columns=list(READINESS.columns)))
