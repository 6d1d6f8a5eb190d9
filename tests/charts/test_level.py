"""Pictures of levels and of which rows get a label."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from monitor.charts import label_share_chart, said_chart

LEVELS = pd.DataFrame(
    {
        "window": ["2026-W01", "2026-W02"], "n": [100, 120], "expected": [0.2, 0.21], "observed": [0.3, 0.22], "lower": [0.25, 0.18],
        "upper": [0.35, 0.26],
    }
)  # fmt: skip
SHARES = pd.DataFrame({"window": ["2026-W01", "2026-W02"] * 2, "tenth": [1, 1, 2, 2], "n": 50, "share": [1.0, 0.9, 0.4, 0.95]})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_levels_are_drawn_as_line_and_points_with_their_interval(theme: str) -> None:
    chart = said_chart(LEVELS, share=True, title="Scores were too low in the week of 29 Dec", theme=theme)  # type: ignore[arg-type]
    spec = json.dumps(chart.spec)
    assert all(field in spec for field in ("expected", "observed", "lower", "upper"))
    assert "too low" in chart.alt
    assert len(chart.data) == 2


def test_label_shares_are_a_map_of_windows_and_tenths() -> None:
    chart = label_share_chart(SHARES, title="Share of rows with a label")
    spec = json.dumps(chart.spec)
    assert '"rect"' in spec
    assert '"tenth"' in spec
    assert len(chart.data) == 4
