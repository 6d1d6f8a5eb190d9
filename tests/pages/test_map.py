"""The map of a drift screen: what changed, all of it, a name, a page; what is looked at stands beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from monitor.ui.heat_map import MOST_ROWS
from tests.pages.cases import write
from tests.pages.seen import open_page, said

COLUMNS, MOVED = 40, 18


@pytest.fixture(scope="module")
def wide(home: Path) -> Path:
    """Return a case of 40 columns of which 18 moved."""
    draw = np.random.default_rng(5)

    def table(start: str, count: int, shift: float) -> pd.DataFrame:
        time = pd.date_range(start, periods=count, freq="1h").as_unit("us")
        values = {f"column_{i:02d}": draw.normal(shift * (i < MOVED), 1, count) for i in range(COLUMNS)}
        return pd.DataFrame({"time": time, **values})

    folder = home / "wide"
    write(folder, table("2013-01-07", 8 * 168, 0), table("2013-04-01", 4 * 168, 2.0), roles='timestamp = "time"')
    return folder


def on_map(app: AppTest) -> list[str]:
    """Return the columns that the heat map draws."""
    datasets = next(one.proto for one in app.get("vega_lite_chart") if "heat_map" in one.proto.id or "drift_heat" in one.proto.id).datasets

    table: Any = pa.ipc.open_stream(datasets[0].data.data).read_pandas()
    return list(dict.fromkeys(table["column"]))


def test_what_changed_is_shown_a_page_at_a_time(wide: Path) -> None:
    app = open_page("drift")
    first = on_map(app)
    assert len(first) == MOST_ROWS
    assert set(first) <= {f"column_{i:02d}" for i in range(MOVED)}
    second = on_map(open_page("drift", query={"drift_page": "2"}))
    assert len(second) == MOVED - MOST_ROWS
    assert set(first).isdisjoint(second)
    assert "There are 2 pages here, and the address asks for page 9" in said(open_page("drift", query={"drift_page": "9"}))


def test_all_columns_are_shown_where_the_address_asks_for_them(wide: Path) -> None:
    last = on_map(open_page("drift", query={"drift_show": "all", "drift_page": "3"}))
    assert len(last) == COLUMNS - 2 * MOST_ROWS


def test_a_name_is_found_whether_it_changed_or_not(wide: Path) -> None:
    app = open_page("drift", query={"drift_find": "UMN_39"})
    assert on_map(app) == ["column_39"]
    assert "No column has “nix” in its name." in said(open_page("drift", query={"drift_find": "nix"}))
