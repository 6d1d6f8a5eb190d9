from __future__ import annotations

from pathlib import Path

from monitor.stats import evidently, nannyml
from monitor.stats.catalogue import METHODS
from monitor.stats.methods_page import render_methods

PAGE = Path(__file__).parents[2] / "docs" / "methods.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_methods(), "run: python -m monitor.stats.methods_page docs/methods.md"


def test_every_method_has_one_row() -> None:
    rows = [line.split("|")[1].strip(" `") for line in render_methods().splitlines() if line.startswith("| `")]
    assert rows == [m.id for m in (*METHODS, *evidently.METHODS, *nannyml.METHODS)]
