"""The table beside a heat map: one row per column, the most severe first."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from monitor.judgement.drift import FIXED
from monitor.judgement.findings import ALARMS, Finding
from monitor.judgement.seeing import could_see
from monitor.ui.status import severity, status_mark
from monitor.vocabulary import SEVERITY, Status
from monitor.wording import number_text

SHORT = {
    "js": "JS",
    "wasserstein_sd": "sd",
    "missing_share": "missing",
    "new_levels": "new",
    "lost_levels": "lost",
    "vocabulary_classifier": "words",
    "new_words": "new words",
}
"""Names of the judging methods where there is little room."""
COULD_SEE = (
    "The smallest change that an alarm would see in a typical window of this screen, in 4 of 5 cases: a shift of all values in "
    "standard deviations (sd), or of the commonest level's share in points. Smaller changes may pass unseen."
)


def table_beside(rows: pd.DataFrame, order: list[str], page: str, noun: str) -> None:
    """Show one row per column (or what `noun` says), the most severe first; choosing one shows its worst window."""
    worst = _worst_by_column(rows, order)
    judged = rows[(rows["status"] != Status.TOO_FEW_ROWS) | rows.groupby("column")["status"].transform(_all_too_few)]
    verdicts = judged.assign(rank=judged["status"].map(severity)).groupby("column")["rank"].min()
    names = [SHORT.get(method, method) for method in worst["method"]]
    typical, heading = _typical(rows), noun.capitalize()
    st.markdown(f"**{heading}s, the most severe first**  \n:small[:gray[Choose one to see it close up]]")
    shown = pd.DataFrame(
        {
            heading: worst["label"].to_numpy(),
            "Verdict": [_verdict(int(verdicts[name]), how) for name, how in zip(worst["column"], worst["threshold_from"], strict=True)],
            "Alarms": worst["alarms"].to_numpy(),
            "Largest": [f"{number_text(score)} ({name})" for score, name in zip(worst["score"], names, strict=True)],
            "Expected": worst["expected"].to_numpy(),
            "Could see": [could_see(typical.loc[name]) for name in worst["column"]],
        }
    )
    column = st.column_config
    st.dataframe(
        shown, key=f"{page}_table", hide_index=True, on_select=lambda: _from_table(page, worst), selection_mode="single-row",
        height=min(38 + 35 * len(shown), 460), alt=f"{heading}s with their verdict, alarms and largest score",
        column_config={
            heading: column.TextColumn(width=112),
            "Verdict": column.TextColumn(width=80, help="The most severe of all windows; “fixed” where a fixed threshold decides"),
            "Alarms": column.NumberColumn(help="Windows with a warning or an alert", width=50),
            "Largest": column.TextColumn(width=86, help="Score of the worst window, and of which method"),
            "Expected": column.NumberColumn(format="%.3g", width=58, help="Upper end without change in that window"),
            "Could see": column.TextColumn(width=70, help=COULD_SEE),
        },
    )  # fmt: skip


def _all_too_few(statuses: pd.Series) -> bool:
    return bool((statuses == Status.TOO_FEW_ROWS).all())


def _verdict(rank: int, threshold_from: str) -> str:
    mark = status_mark(SEVERITY[rank])
    return f"{mark} (fixed)" if threshold_from == FIXED else mark


def _typical(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, by column, the smallest change that could have been seen in a typical window (the median of those judged)."""
    sizes = rows.groupby("column")[["detectable", "detectable_own", "detectable_missing"]].median()
    return sizes.join(rows.groupby("column")[["detectable_unit", "label"]].first())


def _worst_by_column(rows: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    alarms = rows["status"].isin(ALARMS)
    ranked = rows.assign(alarmed=alarms, alarms=alarms.groupby(rows["column"]).transform("sum")).sort_values(
        ["alarmed", "strength"], ascending=False, kind="stable"
    )
    first = ranked.drop_duplicates("column").set_index("column", drop=False)
    return first.reindex([name for name in order if name in first.index]).reset_index(drop=True)


def _from_table(page: str, worst: pd.DataFrame) -> None:
    event = st.session_state.get(f"{page}_table")
    chosen = event["selection"]["rows"] if event else []
    if chosen:
        row = worst.iloc[chosen[0]]
        st.query_params["cell"] = f"{row['column']}~{row['window']}"


def severity_order(rows: pd.DataFrame, found: tuple[Finding, ...]) -> list[str]:
    """Return the columns, those with findings first, then by their largest score."""
    first = [one.column for one in found]
    largest = rows.groupby("column")["score"].max().sort_values(ascending=False, kind="stable")
    return [*first, *(str(name) for name in largest.index if name not in first)]
