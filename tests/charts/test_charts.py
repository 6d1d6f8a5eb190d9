"""Every chart: renders, refers only to columns of its table, carries no data, says in words what it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

from monitor.charts import (
    Chart,
    calibration_chart,
    contribution_bar_chart,
    daily_chart,
    decile_chart,
    decile_windows_chart,
    distribution_chart,
    drift_heatmap_chart,
    matrix_chart,
    quantile_chart,
    range_chart,
    residual_chart,
    roc_chart,
    scatter_chart,
    score_distribution_chart,
    series_chart,
    statistic_timeline_chart,
    stored_chart,
    threshold_chart,
    volume_chart,
)
from monitor.errors import ContractError
from monitor.export.charts import to_svg, to_vega_lite

WEEKS = [f"2013-W{week:02d}" for week in range(14, 20)]


def judged(statuses: tuple[str, ...] = ("stable", "warning", "alert", "too_few_rows", "not_judged", "stable")) -> pd.DataFrame:
    scores = [0.01, 0.12, 0.9, 0.5, np.nan, 0.02]
    rows = {"window": WEEKS, "score": scores, "limit": 0.1, "status": statuses, "q_value": 0.01, "strength": [0.1, 1.2, 9, 0, 0, 0.2]}
    runs = {"run": [None, "run 1", "run 1", None, None, None], "partial": [True, *[False] * 5]}
    return pd.concat([pd.DataFrame({"label": f"Column {name}", "column": name, **rows, **runs}) for name in "ab"], ignore_index=True)


def blocks(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(window=[f"rows-{WEEKS.index(one) + 1:06d}" for one in table["window"]])


def hours() -> pd.DataFrame:
    day = 10 * np.cos(2 * np.pi * (np.arange(24) - 15) / 24)
    return pd.DataFrame({"hour": np.arange(24), "reference": day, "production": np.where(np.arange(24) < 3, np.nan, np.roll(day, 5))})


def numeric_cells() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": "Temperature (°F)",
            "cell": ["≤ 10", "10 to 20", "> 20", "infinite", "missing"],
            "lower": [-np.inf, 10, 20, np.nan, np.nan],
            "upper": [10, 20, np.inf, np.nan, np.nan],
            "share_reference": [0.5, 0.3, 0.1, 0.0, 0.1],
            "share_production": [0.1, 0.3, 0.4, 0.0, 0.2],
            "moved": [True, False, True, False, False],
        }
    )


def level_cells(levels: int = 3) -> pd.DataFrame:
    production = np.linspace(1, 2, levels)
    shares = {"share_reference": 1 / levels, "share_production": production / production.sum()}
    return pd.DataFrame(
        {"label": "Carrier", "cell": [f"level {i}" for i in range(levels)], "moved": np.arange(levels) == levels - 1, **shares}
    )


def series() -> pd.DataFrame:
    return pd.DataFrame({"window": WEEKS, "value": np.linspace(0.2, 0.3, 6), "lower": 0.1, "upper": 0.4, "rows": [10, 20, 30, 40, 50, 60]})


def in_range() -> pd.DataFrame:
    return series().assign(reference_value=0.25, reference_low=0.22, reference_high=0.28)


def tenths() -> pd.DataFrame:
    rows = pd.DataFrame({"window": np.repeat(WEEKS, 10), "decile": np.tile(range(1, 11), 6), "lower": 0.0, "upper": 1.0})
    return rows.assign(share_reference=0.1, share_production=np.where(rows["decile"] == 1, 0.2, 0.8 / 9))


def quantiles() -> pd.DataFrame:
    before = {"reference_low": 1.0, "reference_median": 2.0, "reference_high": 3.0}
    return pd.DataFrame({"window": WEEKS, "low": 1.0, "median": np.linspace(2, 3, 6), "high": 4.0, **before})


def pairs() -> pd.DataFrame:
    rows = {"row_label": ["a", "b"], "column_label": ["b", "a"], "before": 0.9, "after": 0.2, "difference": -0.7}
    return pd.DataFrame(rows)


def makers(theme: Any) -> Mapping[str, Callable[[], Chart]]:
    deciles = pd.DataFrame(
        {"decile": range(1, 11), "lower": 0.0, "upper": 1.0, "share_reference": 0.1, "share_production": [0.19, *[0.09] * 9]}
    )
    points = pd.DataFrame({"x": [0.0, 1, 2, 3], "y": [0.0, 1, 0, 1], "side": ["reference", "reference", "production", "production"]})
    bars = pd.DataFrame({"label": ["a", "b"], "value": [0.02, -0.05], "lower": [0.01, -0.06], "upper": [0.03, -0.04]})
    notes = pd.DataFrame({"time": pd.to_datetime(["2013-04-20 09:00"]), "text": ["Deployed"]})
    first = judged()[judged()["column"] == "a"]
    errors = scored().rename(columns={"score": "prediction", "share": "residual"})
    return {
        "heat map": lambda: drift_heatmap_chart(judged(), method="PSI", order=["b", "a"], selected=("a", WEEKS[2]), theme=theme),
        "heat map of blocks": lambda: drift_heatmap_chart(blocks(judged()), method="Mean shift", theme=theme),
        "numeric": lambda: distribution_chart(numeric_cells(), theme=theme),
        "levels": lambda: distribution_chart(level_cells(), theme=theme),
        "scores": lambda: score_distribution_chart(numeric_cells(), threshold=20, theme=theme),
        "deciles": lambda: decile_chart(deciles, theme=theme),
        "statistic": lambda: statistic_timeline_chart(first, label="Column a", method="PSI", annotations=notes, theme=theme),
        "statistic of blocks": lambda: statistic_timeline_chart(blocks(first), label="Column a", method="PSI", theme=theme),
        "two-sided statistic": lambda: statistic_timeline_chart(first.assign(lower=-0.1), label="Column a", method="Shift", theme=theme),
        "series": lambda: series_chart(series(), label="Positive share", reference=0.22, share=True, annotations=notes, theme=theme),
        "series in a range": lambda: range_chart(in_range(), label="Positive share", share=True, annotations=notes, theme=theme),
        "deciles by window": lambda: decile_windows_chart(tenths(), label="score", selected=WEEKS[1], theme=theme),
        "quantiles": lambda: quantile_chart(quantiles(), label="Price", theme=theme),
        "volume": lambda: volume_chart(series(), theme=theme),
        "hours": lambda: daily_chart(hours(), label="Load", theme=theme),
        "calibration": lambda: calibration_chart(scored(), theme=theme),
        "ROC": lambda: roc_chart(thresholds(), theme=theme),
        "thresholds": lambda: threshold_chart(thresholds(), threshold=0.35, theme=theme),
        "thresholds without one": lambda: threshold_chart(thresholds(), theme=theme),
        "residuals": lambda: residual_chart(errors, label="price", theme=theme),
        "matrix": lambda: matrix_chart(pairs(), theme=theme),
        "points": lambda: scatter_chart(points, theme=theme),
        "contributions": lambda: contribution_bar_chart(bars, value_title="Contribution", theme=theme),
    }


def scored() -> pd.DataFrame:
    two = [{"side": side, "bin": i, "n": 50, "score": 0.1 * i, "share": 0.1 * i + more} for side, more in SIDES for i in (1, 2)]
    return pd.DataFrame(two).assign(lower=0.0, upper=0.5)


def thresholds() -> pd.DataFrame:
    two = [{"side": side, "threshold": t, "precision": t, "recall": 1 - t - more} for side, more in SIDES for t in (0.2, 0.5)]
    return pd.DataFrame(two).assign(selection_rate=0.3, false_positive_rate=[0.4, 0.1, 0.5, 0.2])


SIDES = (("reference", 0.0), ("production", 0.05))
NAMES = tuple(makers("light"))


@cache
def _drawn(name: str, theme: str) -> Chart:
    return makers(theme)[name]()


def drawn(name: str, theme: str = "light") -> Chart:
    """Return a chart, which is drawn when a test first asks for it: collecting tests draws none."""
    return _drawn(name, theme)


def test_calibration_says_how_far_scores_are_off() -> None:
    assert drawn("calibration").title == "Scores are 5 points too low on average"
    assert drawn("residuals").title == "Predictions near 0.2 are 0.25 too high on average"


def fields(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        yield from (value for key, value in part.items() if key == "field" and isinstance(value, str))
        yield from (field for value in part.values() for field in fields(value))
    elif isinstance(part, list):
        yield from (field for value in part for field in fields(value))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_renders_with_its_title(name: str, theme: str) -> None:
    chart = drawn(name, theme)
    svg = to_svg(chart)
    assert "mark-" in svg
    assert re.sub(r"[“”&].*", "", chart.title)[:20] in svg


@pytest.mark.parametrize("name", NAMES)
def test_spec_is_valid_vega_lite(name: str) -> None:
    restored = alt.Chart.from_dict(to_vega_lite(drawn(name)))
    assert restored.to_dict(validate=True)["title"]["text"] == drawn(name).title


@pytest.mark.parametrize("name", NAMES)
def test_draws_only_columns_of_its_table(name: str) -> None:
    chart = drawn(name)
    text = json.dumps(chart.spec)
    made = set(re.findall(r'"as": "(\w+)"', text))
    used = set(fields(chart.spec)) | set(re.findall(r"datum\.(\w+)", text)) - {"value"}
    assert used - made <= set(chart.data.columns)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_kept_of_a_chart_is_drawn_again(name: str, theme: Any) -> None:
    """A key, a word or an expression that is new in our charts belongs into `charts/own.py`."""
    chart = drawn(name, theme)
    assert stored_chart(to_vega_lite(chart), theme=theme).spec["title"] == chart.spec["title"]


@pytest.mark.parametrize("name", NAMES)
def test_spec_holds_no_data(name: str) -> None:
    text = json.dumps(drawn(name).spec)
    assert '"datasets"' not in text
    assert '"data"' not in text


def test_spec_of_one_chart_does_not_leak_into_the_next() -> None:
    for chart in [make() for make in makers("light").values()]:
        chart.spec["title"]["text"] = "spoilt"
    again = {name: make() for name, make in makers("light").items()}
    assert {name: chart.spec["title"]["text"] for name, chart in again.items()} == {name: chart.title for name, chart in again.items()}


def test_heat_map_title_and_alt_count_the_verdicts() -> None:
    chart = drawn("heat map")
    assert chart.title == "1 run of windows in 2 columns"
    assert "4 stable, 2 warning, 2 alert, 2 too few rows, 2 not judged" in chart.alt


def test_heat_map_colours_by_strength_not_by_score() -> None:
    data = drawn("heat map").data.query("column == 'a'")
    assert data["shade"].round(2).tolist() == [0.1, 1.26, 4.17, 0, 0, 0.2]
    assert '"field": "shade"' in json.dumps(drawn("heat map").spec)
    assert '"field": "score", "type": "quantitative", "title"' not in json.dumps(drawn("heat map").spec["layer"][0]["encoding"]["color"])


def test_heat_map_frames_each_run_once() -> None:
    framed = drawn("heat map").data.dropna(subset=["run_to"])
    assert framed[["column", "window", "run_to"]].to_numpy().tolist() == [[name, WEEKS[1], WEEKS[2]] for name in "ba"]


def test_heat_map_counts_what_was_found_and_says_what_a_stronger_run_hides() -> None:
    chart = drift_heatmap_chart(judged().assign(found=2), method="PSI")
    assert chart.title == "2 runs of windows in 2 columns"
    assert chart.spec["title"]["subtitle"].startswith("1 run not drawn: in each window the strongest is")
    assert "not drawn" not in json.dumps(drift_heatmap_chart(judged().assign(found=1), method="PSI").spec["title"])


def test_windows_that_were_not_judged_have_a_mark_that_is_seen() -> None:
    marks = next(one for one in drawn("statistic").spec["layer"] if one["mark"].get("type") == "point" and "fill" in one["encoding"])
    edges = marks["encoding"]["stroke"]["scale"]
    assert len(set(edges["range"])) == 2
    assert edges["range"][edges["domain"].index("Not judged")] != edges["range"][edges["domain"].index("Alert")]


@pytest.mark.parametrize("name", ["heat map", "statistic"])
def test_windows_that_are_cut_short_are_named(name: str) -> None:
    assert drawn(name).spec["title"]["subtitle"].endswith(": cut short (week of 1 Apr 2013)")


def test_heat_map_rows_follow_the_given_order() -> None:
    assert drawn("heat map").data["column"].iloc[0] == "b"


def test_heat_map_rings_only_the_selected_cell() -> None:
    data = drawn("heat map").data
    assert data.loc[data["sel"], ["column", "window"]].to_numpy().tolist() == [["a", "2013-W16"]]


def test_heat_map_ignores_a_selection_that_is_gone() -> None:
    assert not drift_heatmap_chart(judged(), method="PSI", selected=("a", "2012-W01")).data["sel"].any()


def test_heat_map_click_reports_string_ids() -> None:
    param = drawn("heat map").spec["params"][0]
    assert (param["name"], param["select"]["fields"]) == ("cell", ["column", "window"])
    assert drawn("heat map").data["window"].map(type).eq(str).all()


def test_heat_map_keeps_columns_with_the_same_label_apart() -> None:
    chart = drift_heatmap_chart(judged().assign(label="Same"), method="PSI")
    assert set(chart.data["label"]) == {"Same (a)", "Same (b)"}


def test_too_few_rows_and_unjudged_cells_are_hollow() -> None:
    data = drawn("heat map").data
    assert set(data.loc[~data["drawn"], "status"]) == {"too_few_rows", "not_judged"}


def test_distribution_names_what_moved_most_and_what_is_missing() -> None:
    chart = drawn("numeric")
    assert chart.title == "Temperature (°F): fewer rows in “≤ 10”"
    assert chart.spec["title"]["subtitle"].startswith("Missing: 10% of reference, 20% of production")
    assert "≤ 10 50% to 10%" in chart.alt


def test_open_cells_are_drawn_as_wide_as_their_neighbours() -> None:
    assert drawn("numeric").data[["left", "right"]].to_numpy().tolist() == [[0, 10], [10, 20], [20, 30]]


def test_unequal_cells_are_drawn_per_unit() -> None:
    cells = numeric_cells().iloc[:3].assign(lower=[0.0, 10, 20], upper=[10.0, 20, 120])
    chart = distribution_chart(cells)
    assert chart.data["height_production"].tolist() == pytest.approx([0.01, 0.03, 0.004])


def test_many_levels_are_cut_on_the_picture_but_not_in_the_data() -> None:
    chart = distribution_chart(level_cells(30))
    assert len(chart.data) == 30
    assert chart.spec["title"]["subtitle"].startswith("The 20 categories of 30 that changed most")


def test_score_title_gives_the_shares_above_the_threshold() -> None:
    assert drawn("scores").title == "40% of production and 10% of reference score 20 or more"


def test_statistic_title_names_onset() -> None:
    assert drawn("statistic").title == "Column a: PSI, 1 run beyond the limit, 2 of 6 windows, first: week of 8 Apr 2013"
    assert "Highest 0.9 in week of 15 Apr 2013, where the limit is 0.1" in drawn("statistic").alt


def test_the_statistic_has_one_limit_and_shades_its_run() -> None:
    data = drawn("statistic").data
    assert '"expected"' not in json.dumps(drawn("statistic").spec)
    shaded = data.dropna(subset=["run_from"])
    assert shaded["run_from"].dt.strftime("%Y-%m-%dT%H").tolist() == ["2013-04-04T12"]
    assert shaded["run_to"].dt.strftime("%Y-%m-%dT%H").tolist() == ["2013-04-18T12"]


def test_windows_are_called_as_the_table_calls_them() -> None:
    table = series().assign(when=[f"2 weeks from {i}" for i in range(6)], units=2)
    chart = volume_chart(table)
    assert chart.title == "210 rows, 10 to 60 by 2 weeks"
    assert "fewest in 2 weeks from 0" in chart.alt
    assert chart.spec["encoding"]["x"]["axis"]["title"] == "2 weeks starting, 2013"


def test_annotations_are_rows_of_the_table() -> None:
    notes = drawn("statistic").data.dropna(subset=["note"])
    assert str(notes["note_time"].iloc[0]) == "2013-04-20 09:00:00+00:00"


@pytest.mark.parametrize(
    ("windows", "first"),
    [
        (["2013-04-01", "2013-04-02"], "2013-04-01"),
        (["2013-W14", "2013-W15"], "2013-04-01"),
        (["2013-04-01T07", "2013-04-01T08"], "2013-04-01 07:00"),
    ],
)
def test_time_is_the_local_clock_labelled_utc(windows: list[str], first: str) -> None:
    chart = series_chart(pd.DataFrame({"window": windows, "value": [1.0, 2.0]}), label="x")
    assert chart.data["time"].iloc[0] == pd.Timestamp(first, tz="UTC")


def test_windows_of_rows_have_no_time() -> None:
    chart = series_chart(pd.DataFrame({"window": ["rows-000001", "rows-000002"], "value": [1.0, 2.0]}), label="x")
    assert chart.data["time"].isna().all()
    assert chart.spec["layer"][0]["encoding"]["x"]["type"] == "ordinal"


def test_a_lost_column_is_named() -> None:
    with pytest.raises(ContractError, match=r"volume chart needs the columns \['rows'\]"):
        volume_chart(pd.DataFrame({"window": WEEKS}))


def test_contributions_are_sorted_by_size() -> None:
    assert drawn("contributions").data["label"].tolist() == ["b", "a"]


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(ContractError, match="volume chart has no row to draw"):
        volume_chart(series().iloc[:0])


def test_values_outside_the_references_own_windows_are_marked() -> None:
    chart = range_chart(in_range(), label="Positive share", share=True)
    assert chart.data["outside"].tolist() == [True, False, False, False, False, True]
    assert "Range of its own windows" in to_svg(chart)


def test_the_title_of_the_deciles_says_how_the_ends_changed() -> None:
    title = decile_windows_chart(tenths(), label="score").title
    assert title == "The lowest decile of the score holds 20% to 20% of a window, the highest 8.9% to 8.9%; a tenth is expected"


def test_the_title_of_quantiles_names_the_median() -> None:
    assert quantile_chart(quantiles(), label="Price").title == "Price: median 2 to 3, 2 in the reference"
