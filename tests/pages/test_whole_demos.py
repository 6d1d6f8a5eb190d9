"""What happened in the demos and shows on their whole rows alone, for the pages are opened on few of them elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages.cases import link
from tests.pages.seen import open_page, said

HAPPENED = [
    ("flights", "adversaries", "rows have new combinations of levels since 1 Apr 2013"),
    ("flights", "operations", "Completeness is lower in the week of 30 Dec 2013."),
    ("flights", "quality", "Temperature (°F) is missing in 50% of rows, in the week of 30 Dec 2013"),
    ("payments", "fairness", "18-24 is still decided positive 0.64 times as often as 65+."),
]


@pytest.mark.parametrize(("case", "url", "told"), HAPPENED, ids=[f"{case}-{url}" for case, url, _ in HAPPENED])
def test_what_happened_is_told(home: Path, case: str, url: str, told: str) -> None:
    if not (home / case).exists():
        link(case, home / case)
    app = open_page(url, query={"case": case})
    assert not app.exception
    assert told in said(app)
