from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from monitor.case import MethodSection
from monitor.stats.compat import evidently, nannyml
from monitor.stats.methods.catalogue import METHODS
from monitor.stats.methods.page import render_methods
from monitor.stats.multivariate.catalogue import METHODS as JOINT

PAGE = Path(__file__).parents[3] / "docs" / "methods.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_methods(), "run: python -m monitor.stats.methods.page docs/methods.md"


def test_every_method_has_one_row() -> None:
    rows = [line.split("|")[1].strip(" `") for line in render_methods().splitlines() if line.startswith("| `")]
    assert rows == [m.id for m in (*METHODS, *JOINT, *evidently.METHODS, *nannyml.METHODS)]


def test_the_example_of_an_own_method_is_one_that_a_case_takes() -> None:
    page = render_methods().partition("## Your own methods")[2]
    written = tomllib.loads(page.partition("```toml\n")[2].partition("```")[0])["methods"]
    section = MethodSection.model_validate(written[0])
    assert set(written[0]) == set(MethodSection.model_fields)
    names: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], names)  # noqa: S102 - our own example
    assert names[section.place[1]](np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])) == 3
