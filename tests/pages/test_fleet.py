"""The page Fleet: what asks for somebody comes first, with the way to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.vocabulary import Status
from tests.pages.cases import HOSTILE
from tests.pages.seen import open_page, rendered, said
from tests.runs.made import NEW, run_of

LATER = "2999-01-01T00:00:00Z"
"""However late the test runs, the runs are not stale."""


def test_what_asks_for_somebody_comes_first_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path))
    strange = replace(NEW, title=HOSTILE[1])
    run_of(tmp_path / "wrong", "Wrong", status=Status.ALERT, fired=1, incidents=(NEW, strange), label_share=0.5, looked=LATER)
    run_of(tmp_path / "failed", HOSTILE[1], error=HOSTILE[1], looked=LATER)
    run_of(tmp_path / "right", "Right", looked=LATER)
    app = open_page("fleet")
    assert not app.exception
    text = said(app)
    assert "1 of 3 cases needs attention." in text
    assert f"{NEW.title} :gray[(high, new, not taken)]" in text
    assert "50% labelled, none complete" in text
    assert not [one for one in rendered(app) if HOSTILE[1] in one]
    assert app.dataframe[0].value["Case"].tolist() == ["Wrong", HOSTILE[1], "Right"]
