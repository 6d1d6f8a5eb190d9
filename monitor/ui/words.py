"""The words of a text column in one window, close up: which moved, and the texts that hold them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from monitor.engine import texts_with
from monitor.judgement.drift import JudgedDrift
from monitor.ui.asking import ask_one
from monitor.ui.opened import workspace
from monitor.ui.present import empty_state
from monitor.ui.state import View
from monitor.wording import count_text, plural, share_text

ALL_ROWS = "all rows of the window"


def words_of(result: JudgedDrift, column: str, window: str) -> pd.DataFrame:
    """Return the words that moved in a window, the most surprising first."""
    words = result.result.texts[column].words
    return words[words["window"] == window]


def texts_compared(row: pd.Series) -> str:
    """Say which word moved most in a window and how many texts were compared."""
    used = f"Compared: {plural(int(row['n_used']), 'text')} of the window and {count_text(int(row['n_used_reference']))} before."
    if not row["moved_cell"]:
        return used
    return f"{share_text(row['moved_to'])} of texts contain “{row['moved_cell']}”, {share_text(row['moved_from'])} before. {used}"


def show_words(words: pd.DataFrame, *, key: str) -> None:
    """Show the shares of texts with each word that moved, before and now."""
    if words.empty:
        empty_state("No word moved beyond what chance explains.", "Look at the rows below, or at another window.")
        return
    first = words.iloc[0]
    read = f"Share of {count_text(int(first['read_production']))} texts, and of {count_text(int(first['read_reference']))} before"
    st.markdown(f"**Words that moved**  \n:small[:gray[{read}, that contain the word or pair of words]]")
    table = pd.DataFrame(
        {
            "Word": words["word"].to_numpy(),
            "Before": words["share_reference"].to_numpy(dtype=float),
            "Now": words["share_production"].to_numpy(dtype=float),
            "Change": 100 * (words["share_production"] - words["share_reference"]).to_numpy(dtype=float),
            "Texts": words["n_production"].to_numpy(dtype=int),
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        table, hide_index=True, key=key, height=min(38 + 35 * len(table), 290),
        alt="Words that moved with their share of texts before and now",
        column_config={
            "Word": st.column_config.TextColumn(width=150),
            "Before": number(format="percent", width=66),
            "Now": number(format="percent", width=66),
            "Change": number(format="%+.1f pp", width=78, help="Percentage points"),
            "Texts": number(format="localized", width=58, help="Texts of the window, of those read, that contain it"),
        },
    )  # fmt: skip


def rows_with_word(view: View, result: JudgedDrift, column: str, window: str, *, key: str) -> str | None:
    """Let a word that moved be chosen; return the condition for rows that contain it, None for all rows."""
    words = list(words_of(result, column, window)["word"])
    chosen = ask_one(key, "Which rows", [ALL_ROWS, *(str(word) for word in words)], usual=ALL_ROWS, width=320)
    return None if chosen == ALL_ROWS else texts_with(workspace(view), column, chosen)
