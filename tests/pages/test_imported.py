"""The page Imported: what the tool said, and whether we agree."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from monitor.case import load_case
from monitor.imports.kept import keep_import
from monitor.imports.known import read_results
from tests.pages.cases import HOSTILE
from tests.pages.seen import open_page, rendered, said


def imported(shop: Path, **columns: object) -> None:
    starts = pd.date_range("2013-04-01", periods=3, freq="7D")
    chunk = {"chunk_key": HOSTILE[1], "chunk_start_date": starts, "chunk_end_date": starts + pd.Timedelta(7, "D")}
    path = shop.parent / "drift.csv"
    pd.DataFrame({**chunk, **columns}).to_csv(path, index=False)
    case = load_case(shop)
    keep_import(case, path, read_results(path, case.timezone))


def test_it_stands_beside_what_we_say(shop: Path) -> None:
    name = "weight_jensen_shannon"
    imported(shop, **{f"{name}_value": [0.05, 0.3, 0.2], f"{name}_upper_threshold": 0.1, f"{name}_alert": [False, True, True]})
    app = open_page("imported")
    assert not app.exception
    text = said(app)
    assert "NannyML alarmed in 2 of 3 judged numbers." in text
    assert "Of 3 periods of columns that both judged, 2 agree; only they alarm in 0, only we in 1." in text
    numbers = app.dataframe[0].value
    assert numbers["The tool"].tolist() == ["No alarm", "Alarm", "Alarm"]
    assert numbers["Ours"].str.contains("Alert|Warning").all()
    assert not [one for one in rendered(app) if HOSTILE[1] in one]


def test_numbers_that_nobody_judged_are_shown_all_the_same(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(shop, roc_auc_value=[0.7, 0.6, 0.5])
    app = open_page("imported")
    assert not app.exception
    assert "3 numbers of NannyML say nothing of alarms." in said(app)
    assert "No period of a column was judged by both" in said(app)
