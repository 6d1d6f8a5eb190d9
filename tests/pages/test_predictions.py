"""The page Predictions in Streamlit's own test harness: every shape of output, cut by levels, and why something is not shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from monitor.case import load_case
from monitor.export.pins import list_pins
from monitor.ui.text import md_escape
from tests.pages.cases import HOSTILE, PRODUCTION, REFERENCE, ROLES, write
from tests.pages.seen import open_page, rendered, said

Make = Callable[..., Path]
SEGMENTS = f'{ROLES}\nsegments = ["city"]\nmodel_version = "version"'


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Write a case whose tables have further columns; the app looks at it."""

    def go(reference: pd.DataFrame = REFERENCE, production: pd.DataFrame = PRODUCTION, *, task: str = "binary", **parts: Any) -> Path:
        folder = tmp_path / "cases" / "shop"
        write(folder, reference, production, **parts)
        text = (folder / "case.toml").read_text(encoding="utf-8")
        (folder / "case.toml").write_text(text.replace('task = "binary"', f'task = "{task}"'), encoding="utf-8")
        monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path / "cases"))
        return folder

    return go


@pytest.fixture(scope="module")
def versions(home: Path) -> Path:
    """Return a case with cities and model versions; the second version scores higher, and only in Rome."""
    before, after = (table.assign(score=np.random.default_rng(len(table)).beta(2, 3, len(table))) for table in (REFERENCE, PRODUCTION))
    new, rome = after.index >= 336, after["city"] == "Rome"
    after = after.assign(version=np.where(new, "v2", "v1"), score=np.where(new & rome, np.sqrt(after["score"]), after["score"]))
    answered = (table.assign(answer=(table["score"] > 0.5).astype(int)) for table in (before.assign(version="v1"), after))
    write(home / "shop", *answered, roles=SEGMENTS)
    return home / "shop"


EVERY = {"predictions_columns": True}
"""Opens the table of every output and level."""


def titles(app: AppTest) -> str:
    return "\n".join(text for text in rendered(app) if text.startswith("**")).replace("\\", "")


def heat(app: AppTest) -> dict[str, Any]:
    """Return the specification of the heat map."""
    specs = [json.loads(one.proto.spec) for one in app.get("vega_lite_chart")]
    return next(spec for spec in specs if "datum.drawn" in json.dumps(spec))


def table_of(app: AppTest, column: str) -> pd.DataFrame:
    return next(one.value for one in app.dataframe if column in one.value.columns)


def test_each_window_is_placed_among_the_references_own(make: Make) -> None:
    make()
    app = open_page("predictions")
    assert not app.exception
    words = table_of(app, "Where it lies")
    assert words["Where it lies"].iloc[0] == "above all 8 reference weeks"
    assert "Scored ≥ 0.5: above all reference weeks in" in said(app)
    assert "The prediction is what the threshold 0.5 says in all 672 rows." in said(app)


def test_predictions_that_differ_from_the_threshold_are_warned_of(make: Make) -> None:
    wrong = PRODUCTION.assign(answer=np.where(PRODUCTION.index < 84, 1 - PRODUCTION["answer"], PRODUCTION["answer"]))
    make(production=wrong)
    app = open_page("predictions")
    assert "The prediction is not what the threshold 0.5 says in 84 rows (12.5%)" in app.warning[0].value.replace("\\", "")
    assert "answer: share of 1" in said(app)
    assert "Prediction is not what the threshold 0.5 says: 0% to 50%, 0% in the reference" in said(app)


def test_by_a_segment_every_level_is_judged(versions: Path) -> None:
    app = open_page("predictions", query={"by": "city"}, state=EVERY)
    assert not app.exception
    levels = table_of(app, "Level").set_index("Level")["Verdict"]
    assert set(levels.index) == {"All rows", "city = Paris", "city = Rome"}
    assert "Alert" in levels["city = Rome"]
    assert "Stable" in levels["city = Paris"]
    assert "score · city = Rome is higher since 15 Apr" in said(app)


def test_by_the_model_version_a_new_one_is_compared_with_the_reference(versions: Path) -> None:
    app = open_page("predictions", query={"by": "version"}, state=EVERY)
    levels = table_of(app, "Level").set_index("Level")["Verdict"]
    assert "Alert" in levels["version = v2"]
    assert "Stable" in levels["version = v1"]


def test_by_the_predicted_class_scores_are_compared(versions: Path) -> None:
    app = open_page("predictions", query={"by": "answer"}, state=EVERY)
    assert not app.exception
    assert set(table_of(app, "Level")["Level"]) == {"All rows", "answer = 0", "answer = 1"}
    assert not [one for one in app.selectbox if one.label == "Which output"]


def test_the_other_output_is_shown_by_levels_when_chosen(versions: Path) -> None:
    app = open_page("predictions", query={"by": "city", "of": "answer"})
    assert any(text.startswith("#### answer") for text in rendered(app))


def test_a_link_opens_the_same_level_and_window(versions: Path) -> None:
    app = open_page(
        "predictions", query={"by": "city", "predictions_cell": "score | city = Rome~2013-W16"}, state={"predictions_rows": True}
    )
    assert not app.exception
    assert "#### score · city = Rome, since 15 Apr 2013" in said(app)
    behind = table_of(app, "order_id")
    assert set(behind["city"]) == {"Rome"}
    again = open_page("predictions", query={"by": "city", "predictions_cell": "score | city = Rome~2013-W16"})
    assert heat(again) == heat(app)


def test_a_level_that_is_not_on_the_screen_is_told(versions: Path) -> None:
    app = open_page("predictions", query={"predictions_cell": "score | city = Rome~2013-W16"})
    assert not app.exception
    assert "is not on this screen any more" in said(app)


def test_a_level_can_be_pinned(versions: Path) -> None:
    app = open_page("predictions", query={"by": "city", "predictions_cell": "score | city = Rome~2013-W16"})
    next(button for button in app.button if button.label == "Pin").click().run()
    kept = list_pins(load_case(versions)).pins[0]
    assert kept.title.startswith("score · city = Rome")
    assert "by=city" in kept.view
    assert kept.rows[0]["segment"] == "city = Rome"


def test_presenting_keeps_the_levels_and_hides_the_pickers(versions: Path) -> None:
    app = open_page("predictions", query={"present": "true", "by": "city"}, state=EVERY)
    assert not app.exception
    assert not [one.label for one in app.selectbox if one.label in ("By", "Method", "Which output")]
    assert "city = Rome" in set(table_of(app, "Level")["Level"])


@pytest.mark.parametrize("query", [{"by": "nowhere"}, {"by": HOSTILE[1]}, {"by": "city", "of": "nothing"}, {"of": "answer"}])
def test_a_choice_in_the_address_that_is_not_offered_is_left_aside(versions: Path, query: dict[str, str]) -> None:
    app = open_page("predictions", query=query)
    assert not app.exception
    assert not app.error


REASONS = {
    "no threshold": (ROLES.replace("\nthreshold = 0.5", ""), "The case names no threshold."),
    "score only": (
        ROLES.replace('prediction = "answer"\n', 'ignore = ["answer"]\n'),
        "The case names no prediction; the score alone is shown.",
    ),
    "prediction only": (ROLES.replace('score = "score"\n', 'ignore = ["score"]\n'), "The case names no score."),
}


@pytest.mark.parametrize("name", REASONS)
def test_what_cannot_be_shown_has_its_reason(make: Make, name: str) -> None:
    roles, reason = REASONS[name]
    make(roles=roles)
    app = open_page("predictions")
    assert not app.exception
    assert reason in said(app)
    assert "The case names no segment, protected column or model version" in said(app) or name != "prediction only"


def test_many_classes_are_followed_one_by_one(make: Make) -> None:
    names = [f"class {i}" for i in range(11)]
    tables = [
        table.assign(answer=np.resize(names, len(table)), p_a=table["score"], p_b=1 - table["score"]) for table in (REFERENCE, PRODUCTION)
    ]
    roles = 'timestamp = "time"\nid = "order_id"\nprediction = "answer"\nscore = { "class 0" = "p_a", "class 1" = "p_b" }\nlabel = "late"'
    make(*tables, task="multiclass", roles=roles)
    app = open_page("predictions", query={"by": "answer"}, state=EVERY)
    assert not app.exception
    text = titles(app)
    assert text.count("share of class") == 8
    assert "answer: share of other classes" in text
    assert "p_a: mean" in text
    assert "answer = class 10" in set(table_of(app, "Level")["Level"])


def test_a_predicted_number_has_its_quantiles(make: Make) -> None:
    tables = [table.assign(answer=table["weight"] * 10) for table in (REFERENCE, PRODUCTION)]
    make(
        *tables, task="regression", roles='timestamp = "time"\nid = "order_id"\nprediction = "answer"\nlabel = "late"\nsegments = ["city"]'
    )
    app = open_page("predictions", query={"by": "city"}, state=EVERY)
    assert not app.exception
    assert "answer: median" in titles(app)
    assert "answer: mean" in titles(app)


@pytest.mark.parametrize("size", ["whole", "200 rows", "1 day"])
def test_windows_of_every_size(versions: Path, size: str) -> None:
    app = open_page("predictions", query={"win": size, "by": "city"})
    assert not app.exception
    assert not app.error


def test_hostile_levels_are_shown_letter_by_letter(make: Make) -> None:
    draw = np.random.default_rng(0)
    tables = [table.assign(city=draw.choice(HOSTILE, len(table))) for table in (REFERENCE, PRODUCTION)]
    make(*tables, roles=f'{ROLES}\nsegments = ["city"]', more=f"[labels]\ncity = {json.dumps(HOSTILE[1])}")
    cell = f"score | city = {HOSTILE[1]}~2013-W15"
    app = open_page(
        "predictions", query={"by": HOSTILE[1], "predictions_cell": cell}, state={"predictions_rows": True, "predictions_evidence": True}
    )
    assert not app.exception
    assert [text for text in rendered(app) for one in HOSTILE if one in text and md_escape(one) != one] == []
    assert f"{HOSTILE[1]} = {HOSTILE[1]}" in said(app)


def test_a_click_on_the_deciles_looks_at_that_window(make: Make) -> None:
    make()
    state = {"predictions_tenths": {"selection": {"cell": [{"window": "2013-W16"}]}}}
    app = open_page("predictions", query={"predictions_cell": "score~2013-W16"}, state=state)
    assert not app.exception
    assert "Week of 15 Apr 2013: " in said(app)


def test_a_link_of_an_older_version_names_the_cell_as_every_page_did(make: Make) -> None:
    make()
    assert "Week of 15 Apr 2013: " in said(open_page("predictions", query={"cell": "score~2013-W16"}))


@pytest.mark.parametrize(
    "query",
    [
        {"a": "window before"},
        {"a": "everything before"},
        {"a_data": "production", "a_from": "2013-04-01", "a_to": "2013-04-14", "from": "2013-04-15", "to": "2013-04-28"},
        {"where": "weight > 5"},
    ],
)
def test_levels_are_compared_with_any_other_side(versions: Path, query: dict[str, str]) -> None:
    app = open_page("predictions", query={"by": "city", **query}, state=EVERY)
    assert not app.exception
    assert not app.error
    assert "city = Rome" in set(table_of(app, "Level")["Level"])


def test_another_task_of_the_same_data_shows_another_result(make: Make) -> None:
    folder = make()
    assert "answer: share of 0" not in said(open_page("predictions"))
    text = (folder / "case.toml").read_text(encoding="utf-8")
    (folder / "case.toml").write_text(text.replace('task = "binary"', 'task = "multiclass"'), encoding="utf-8")
    app = open_page("predictions")
    assert not app.exception
    assert "answer: share of 0" in said(app)
