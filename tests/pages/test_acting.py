"""What would help, and the drill, as pages show them: the work itself is tested without a screen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.drill.kinds import INJECTIONS
from monitor.drill.running import Cell, Drill, Drilled
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
    app = open_page("drill", query={"drill_held": "Held"})
    assert not app.exception
    assert "1 of 2 incidents would be seen. Invisible: rounded in 20% of rows." in said(app)
    table = app.dataframe[0].value
    assert list(table["First seen by"]) == ["Drift", "nobody"]
    assert list(table["It says"]) == ["Weight is larger since 8 Apr", ""]
