"""What would help, and the drill, as pages show them: the work itself is tested without a screen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.analyses.left_out import WrongPart, WrongRows
from monitor.drill.kinds import INJECTIONS
from monitor.drill.running import Cell, Drill, Drilled
from monitor.engine import Selection
from monitor.readiness.candidate import Sort
from monitor.readiness.check import Check, Readiness, Verdict
from tests.analyses.test_shadow import HEAD, ROLES, SHADOW, WEEKS, rows
from tests.pages.seen import open_page, said


def test_a_drill_is_shown_as_a_grid_with_what_nobody_sees(use: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    use("shop")
    seen = Cell(monitor="drift", fired=True, windows=1, said="Weight is larger since 8 Apr")
    later = Cell(monitor="quality", fired=True, windows=3)
    unit = Drilled(kind=INJECTIONS["unit_change"], size=1.0, rows=500, columns=("weight",), cells=(seen, later), seconds=2.0)
    lost = Drilled(kind=INJECTIONS["rounded"], size=0.2, rows=100, columns=("weight",), cells=(Cell(monitor="drift"),), seconds=1.0)
    drill = Drill(
        case="shop", on="production", windows=4, size="1 week", segment={}, drilled=(unit, lost), rescores=True, seconds=3.0, seed=0
    )
    monkeypatch.setattr("monitor.ui.drill_page.hold_drill", lambda *_args, **_given: drill)
    app = open_page("drill", query={"drill_held": "yes"})
    assert not app.exception
    assert "1 of 2 incidents would be seen. Invisible: rounded in 20% of rows." in said(app)
    table = app.dataframe[0].value
    assert list(table["First seen by"]) == ["Drift", "nobody"]
    assert list(table["It says"]) == ["Weight is larger since 8 Apr", ""]


def test_what_blocks_a_model_comes_first_and_is_signed_only_with_a_reason(
    use: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    use("shop")
    owner = Check(name="owner", verdict=Verdict.PASS, said="Ann answers for the model.")
    fails = Check(name="fairness", verdict=Verdict.FAIL, said="A gap.", of="Ratio", figure=0.7, lower=0.65, upper=0.74, n=900, limit=0.8)
    found = Readiness(
        case="Shop", candidate="", told="the model in charge", sort=Sort.IN_CHARGE, checks=(owner, fails), sampled=False, seconds=1.0
    )
    monkeypatch.setattr("monitor.ui.readiness_page.examine", lambda *_args, **_given: found)
    app = open_page("readiness", query={"readiness_asked": "Asked"})
    assert not app.exception
    words = said(app)
    assert "The model in charge is not ready: fairness (fail)." in words
    assert words.index("Does it treat groups alike?") < words.index("Who answers for it?")
    assert "0.7 (0.65 to 0.74), n = 900" in words
    assert "none of these has to be" in words
    next(one for one in app.button if one.label == "Sign what is shown").click().run()
    assert "Whoever signs it all the same says why" in app.error[0].value
    app.text_area[0].set_value("Known, and mended next week.")
    next(one for one in app.button if one.label == "Sign what is shown").click().run()
    assert "Known, and mended next week" in app.success[0].value
    assert app.dataframe[0].value["Blocked by"].tolist() == ["fairness"]


def test_rows_that_incidents_made_wrong_are_left_out_until_somebody_asks_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place := tmp_path / "duel").mkdir()
    for name, start, seed in (("r", "2026-01-05", 1), ("p", "2026-03-02", 2)):
        rows(start, seed).to_parquet(place / f"{name}.parquet")
    (place / "case.toml").write_text(HEAD.format(task="binary") + ROLES + SHADOW + WEEKS, encoding="utf-8")
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path))
    part = WrongPart(id="abc", title="Amounts are in cents", rows=Selection(where="country = 'FR'"), n=900)
    monkeypatch.setattr("monitor.ui.measuring._wrong_rows", lambda _view: WrongRows(parts=(part,), n=900, of=4000))
    app = open_page("shadow")
    assert not app.exception
    words = said(app)
    assert "900 rows that an incident made wrong" in words
    assert "are left out: Amounts are in cents (900 rows)." in words
    assert "With them" in words
    others = open_page("shadow", query={"shadow_rows": "All rows as they stand"})
    assert not others.exception
    assert "900 rows that an incident made wrong count as they stand" in said(others)
