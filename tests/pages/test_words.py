"""The page Drift on a case with texts: the words that moved, the texts behind them, and methods of the case's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.rows import MOST_ROWS
from monitor.case import load_case, trust_case
from tests.pages.cases import PRODUCTION, REFERENCE, write
from tests.pages.seen import open_page, said

HOSTILE = "![x](http://evil.example/p.png) <script>alert(1)</script> charged, *twice*"
WORDS = np.array([f"word{i}" for i in range(120)])
ROLES = 'timestamp = "time"\nid = "order_id"\nfeatures = ["weight", "note"]'
OWN = '[[methods]]\nid = "gap"\ntitle = "Gap *of* medians"\nfunction = "own.py:gap"\nfloor = 0.25\nsummary = "How far."\ntrust = true\n'


def with_texts(table: pd.DataFrame, shift: bool) -> pd.DataFrame:
    draw = np.random.default_rng(len(table))
    notes = [" ".join(draw.choice(WORDS, 12)) for _ in range(len(table))]
    return table.assign(note=[f"{note} {HOSTILE}" if shift and draw.random() < 0.4 else note for note in notes])


def write_case(folder: Path, *, trusted: bool) -> None:
    more = f'[kinds]\nnote = "text"\n\n[labels]\nnote = "Note *of* customer"\n\n{OWN}'
    write(folder, with_texts(REFERENCE, False), with_texts(PRODUCTION, True), roles=ROLES, more=more)
    (folder / "own.py").write_text("import numpy as np\ndef gap(a, b):\n    return np.median(b) - np.median(a)\n", encoding="utf-8")
    if trusted:
        trust_case(load_case(folder))


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a case whose notes complain of having been charged twice."""
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path / "cases"))
    write_case(tmp_path / "cases" / "texts", trusted=True)
    return tmp_path / "cases" / "texts"


def test_the_words_that_moved_are_shown_letter_by_letter(texts: Path) -> None:
    app = open_page("drift", query={"cell": "note~2013-W15"}, state={"drift_columns": True})
    assert not app.exception
    text = said(app)
    assert "Note *of* customer, since 1 Apr 2013" in text
    assert "Vocabulary classifier" in text
    assert "texts of the window" in text
    words = next(one.value for one in app.dataframe if "Word" in one.value)
    assert words["Word"].str.contains("charged|twice|evil|script").any()
    assert (words["Before"] == 0).all()
    assert "Note *of* customer (length)" in set(next(one.value for one in app.dataframe if "Verdict" in one.value)["Column"])


def test_the_texts_that_contain_a_word_can_be_looked_at(texts: Path) -> None:
    query = {"cell": "note~2013-W15"}
    app = open_page("drift", query=query, state={"drift_rows": True})
    chosen = app.selectbox(key="drift_rows_cell").options[1]
    app.selectbox(key="drift_rows_cell").set_value(chosen).run()
    assert not app.exception
    rows = next(one.value for one in app.dataframe if "note" in one.value)
    assert len(rows) == MOST_ROWS  # of the whole run
    assert rows["note"].str.contains("charged, *twice*", regex=False).all()


def test_a_window_whose_words_did_not_move_says_so(texts: Path) -> None:
    reference = texts / "reference.parquet"
    (texts / "production.parquet").write_bytes(reference.read_bytes())
    app = open_page("drift", query={"cell": "note~2013-W04", "drift_method": "Vocabulary classifier"})
    assert not app.exception
    assert "No word moved beyond what chance explains" in said(app)


def test_an_own_method_can_be_picked_and_explains_itself(texts: Path) -> None:
    app = open_page("drift", query={"drift_method": "Gap *of* medians"})
    assert not app.exception
    assert "Gap *of* medians" in app.selectbox(key="drift_method").options
    assert "How far." in said(app)
    assert app.slider(key="drift_floor").value == 0.25


def test_an_own_method_that_is_not_trusted_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path / "cases"))
    write_case(tmp_path / "cases" / "texts", trusted=False)
    app = open_page("drift")
    assert not app.exception
    assert "Gap *of* medians" not in app.selectbox(key="drift_method").options
    assert any("driftscope trust" in one.value.replace("\\", "") for one in app.warning)
