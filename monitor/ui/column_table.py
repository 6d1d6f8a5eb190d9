"""Every column of a drift screen: its verdict, how far it went, and what could have been seen in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from monitor.judgement.drift import FIXED, JudgedDrift
from monitor.judgement.drift_table import SEEN
from monitor.judgement.seeing import could_see
from monitor.ui.looking import look_at
from monitor.ui.status import severity, status_mark
from monitor.vocabulary import SEVERITY, Status
from monitor.wording import number_text

COULD_SEE = (
    "The smallest change that an alarm would see in a typical window of this screen, in 4 of 5 cases: a shift of all values in "
    "standard deviations (sd), or of the commonest level's share in points. Smaller changes may pass unseen."
)


def column_table(judged: JudgedDrift, rows: pd.DataFrame, order: Sequence[str], page: str, noun: str) -> None:
    """Show one row per column (or what `noun` says), the most severe first; choosing one shows its farthest window."""
    farthest = _farthest(rows, order)
    verdicts = _verdicts(rows)
    runs = pd.Series([one.what for one in judged.findings], dtype=object).value_counts()
    typical, heading = _typical(judged.primary), noun.capitalize()
    st.markdown(f"**{heading}s, the most severe first**  \n:small[:gray[Choose one to see it close up]]")
    shown = pd.DataFrame(
        {
            heading: farthest["label"].to_numpy(),
            "Verdict": [
                _verdict(int(verdicts[name]), how) for name, how in zip(farthest["column"], farthest["threshold_from"], strict=True)
            ],
            "Runs": [int(runs.get(name, 0)) for name in farthest["column"]],
            "Strength": [number_text(one, 2) for one in farthest["strength"]],
            "Farthest": farthest["when"].to_numpy(),
            "Could see": [could_see(typical.loc[name]) for name in farthest["column"]],
        }
    )
    column = st.column_config
    st.dataframe(
        shown, key=f"{page}_table", hide_index=True, on_select=lambda: _from_table(page, farthest), selection_mode="single-row",
        height=min(38 + 35 * len(shown), 460), alt=f"{heading}s with their verdict, runs and strength",
        column_config={
            heading: column.TextColumn(width=150),
            "Verdict": column.TextColumn(width=84, help="The most severe of all windows; “fixed” where a fixed threshold decides"),
            "Runs": column.NumberColumn(help="Runs of windows with a warning or an alert", width=46),
            "Strength": column.TextColumn(width=62, alignment="right", help="How many times as far as it had to be; above 1 alarms"),
            "Farthest": column.TextColumn(width=130, help="The window that went farthest"),
            "Could see": column.TextColumn(width=80, help=COULD_SEE),
        },
    )  # fmt: skip


def _verdicts(rows: pd.DataFrame) -> pd.Series:
    """Return the rank of the most severe verdict by column; too few rows count only where every window has too few."""
    few = rows["status"] == Status.TOO_FEW_ROWS
    judged = rows[~few | few.groupby(rows["column"]).transform("all")]
    return judged.assign(rank=judged["status"].map(severity)).groupby("column")["rank"].min()


def _verdict(rank: int, threshold_from: str) -> str:
    mark = status_mark(SEVERITY[rank])
    return f"{mark} (fixed)" if threshold_from == FIXED else mark


def _typical(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, by column, the smallest change that could have been seen in a typical window (the median of those judged)."""
    sizes = rows.groupby("column")[list(SEEN)].median()
    return sizes.join(rows.groupby("column")[["detectable_unit", "label"]].first())


def _farthest(rows: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    known = rows.assign(strength=np.nan_to_num(rows["strength"].to_numpy(dtype=float)))
    first = known.sort_values("strength", ascending=False, kind="stable").drop_duplicates("column").set_index("column", drop=False)
    return first.reindex([name for name in order if name in first.index]).reset_index(drop=True)


def _from_table(page: str, farthest: pd.DataFrame) -> None:
    event = st.session_state.get(f"{page}_table")
    chosen = event["selection"]["rows"] if event else []
    if chosen:
        row = farthest.iloc[chosen[0]]
        look_at(page, str(row["column"]), str(row["window"]))
