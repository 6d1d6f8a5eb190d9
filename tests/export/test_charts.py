"""Charts as files."""

from __future__ import annotations

import pandas as pd

from monitor.charts import series_chart, volume_chart
from monitor.export.charts import to_png, to_svg, to_vega_lite

TABLE = pd.DataFrame({"window": ["2013-W14", "2013-W15"], "rows": [1000, 2500], "value": [0.1, None]})


def test_vega_lite_holds_data_alt_text_and_background() -> None:
    chart = volume_chart(TABLE, theme="dark")
    spec = to_vega_lite(chart)
    assert [row["rows"] for row in spec["data"]["values"]] == [1000, 2500]
    assert spec["description"] == chart.alt
    assert spec["background"] == "#0F172A"


def test_vega_lite_holds_null_where_a_value_is_missing() -> None:
    assert to_vega_lite(series_chart(TABLE, label="x"))["data"]["values"][1]["value"] is None


def test_export_leaves_the_chart_as_it_is() -> None:
    chart = volume_chart(TABLE)
    to_vega_lite(chart)
    assert chart.spec["width"] == "container"
    assert "data" not in chart.spec


def test_png_is_twice_as_wide_as_on_screen() -> None:
    png = to_png(volume_chart(TABLE), scale=2)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) > 2 * 860


def test_svg_writes_dates_as_people_do() -> None:
    assert "1 Apr" in to_svg(volume_chart(TABLE))
