"""The page Joint drift in Streamlit's own test harness."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.case import load_case
from monitor.export.pins import list_pins
from tests.pages.cases import PRODUCTION, REFERENCE, ROLES, write
from tests.pages.seen import open_page, said

PARTS = ("Columns", "Pairs", "Cells", "Map", "Rules", "Components")


@pytest.fixture(scope="module")
def joint(home: Path) -> Path:
    """Return a case in which price follows weight, until it does not."""
    later = PRODUCTION.assign(weight=PRODUCTION["weight"].sample(frac=1, random_state=0).to_numpy() - 1.5)
    write(
        home / "joint",
        REFERENCE.assign(price=REFERENCE["weight"] * 2 + REFERENCE["score"]),
        later.assign(price=PRODUCTION["weight"] * 2 - 3 + PRODUCTION["score"]),
        roles=ROLES,
        more='[labels]\nweight = "Weight *kg*"',
    )
    return home / "joint"


def test_it_answers_its_question(joint: Path) -> None:
    app = open_page("multivariate")
    assert not app.exception
    answer = app.title[0].value.replace("\\", "")
    assert answer == "Weight *kg* and price are related less closely since 1 Apr."
    assert r"Weight \*kg\*" in app.title[0].value


@pytest.mark.parametrize("part", PARTS)
def test_every_side_of_a_window_is_shown(joint: Path, part: str) -> None:
    app = open_page("multivariate", query={"window": "2013-W15", "multivariate_part": part})
    assert not app.exception
    assert "Week of 8 Apr 2013" in said(app)


def test_a_slow_method_is_measured_when_it_is_chosen(joint: Path) -> None:
    app = open_page("multivariate", query={"multivariate_method": "Domain classifier"})
    assert not app.exception
    assert "Domain classifier: 1 run beyond the limit, 4 of 4 windows, first: week of 1 Apr 2013" in said(app)


def test_rows_in_a_rectangle_of_the_map(joint: Path) -> None:
    state = {"joint_map_2013-W15": {"selection": {"lasso": {"x": [-99, 99], "y": [-99, 99]}}}}
    app = open_page("multivariate", state=state, query={"window": "2013-W15", "multivariate_part": "Map"})
    assert not app.exception
    assert len(app.dataframe[-1].value) == 168


def test_a_finding_is_pinned(joint: Path) -> None:
    app = open_page("multivariate")
    next(button for button in app.button if button.label == "Pin").click().run()
    assert not app.exception
    kept = list_pins(load_case(joint)).pins[0]
    assert kept.analysis == "multivariate"
    assert kept.title.startswith("The columns differ more from the reference since ")
    assert kept.finding["method"] == "gaussian_distance"
    assert len(kept.charts) == 3
    assert "The columns differ more from the reference since " in said(open_page("findings"))


def test_one_column_alone_says_what_to_do(use: Callable[[str], Path]) -> None:
    use("lost-column")
    assert "Joint drift needs at least 2 columns that vary in the reference" in said(open_page("multivariate"))
