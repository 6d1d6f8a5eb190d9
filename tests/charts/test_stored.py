"""Charts drawn again from what was kept of them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from monitor.charts import Chart, series_chart, stored_chart
from monitor.charts.theme import Theme, palette, translation
from monitor.errors import SourceError
from monitor.export.charts import to_vega_lite

TABLE = pd.DataFrame({"window": ["2013-W14", "2013-W15"], "value": [0.1, None]})


def chart(theme: Theme) -> Chart:
    return series_chart(TABLE, label="#777777", reference=0.2, share=True, theme=theme)


def test_a_kept_chart_is_drawn_as_it_was() -> None:
    before = chart("light")
    after = stored_chart(to_vega_lite(before), theme="light")
    assert after.spec == before.spec
    assert (after.title, after.alt) == (before.title, before.alt)
    pd.testing.assert_frame_equal(after.data, before.data, check_dtype=False)


@pytest.mark.parametrize(("kept", "now"), [("light", "dark"), ("dark", "light")])
def test_a_kept_chart_takes_todays_colours(kept: Theme, now: Theme) -> None:
    again = stored_chart(to_vega_lite(chart(kept)), theme=now)
    assert json.dumps(again.spec, sort_keys=True) == json.dumps(chart(now).spec, sort_keys=True)
    assert palette(kept).production not in json.dumps(again.spec)


def test_colours_are_translated_there_and_back() -> None:
    there, back = translation("dark"), translation("light")
    assert {colour: back[there[colour]] for colour in there} == {colour: colour for colour in there}


def test_times_are_kept_in_utc() -> None:
    data = stored_chart(to_vega_lite(chart("light")), theme="light").data
    assert list(data["time"]) == list(pd.to_datetime(["2013-04-01", "2013-04-08"], utc=True))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"data": {"url": "http://evil.example"}}, "not kept with its data"),
        ({"data": {"values": []}}, "not kept with its data"),
        ({"layer": [{"mark": {"type": "image"}}]}, "not one that the workbench writes"),
        ({"layer": [{"encoding": {"href": {"field": "a"}}}]}, "not one that the workbench writes"),
        ({"usermeta": {"embedOptions": {"loader": {}}}}, "not one that the workbench writes"),
        ({"mark": {"type": "bar", "color": "url(http://127.0.0.1:9/leak.svg#a)"}}, "not one that the workbench writes"),
        ({"mark": {"type": "bar", "fill": "URL (//evil.example/a)"}}, "not one that the workbench writes"),
        ({"params": [{"name": "p", "value": "", "bind": {"input": "text", "element": "body"}}]}, "not one that the workbench writes"),
        ({"params": [{"name": "p", "expr": "0"}]}, "not one that the workbench writes"),
        ({"transform": [{"lookup": "a", "from": {"data": {"values": []}}}]}, "not one that the workbench writes"),
        ({"mark": {"type": "bar", "color": r"u\72l(\2f\2f evil.example/a.svg#a)"}}, "not one that the workbench writes"),
        ({"mark": {"type": "bar", "fill": r"u\72l(http\3a\2f\2f evil.example/a.svg#a)"}}, "not one that the workbench writes"),
        ({"mark": {"type": "bar", "color": "ur/**/l(//evil.example)"}}, "not one that the workbench writes"),
        ({"mark": {"type": "bar", "color": "var(--leak)"}}, "not one that the workbench writes"),
        ({"mark": {"type": "bar", "cursor": "image-set('//evil.example/a.png' 1x), auto"}}, "not one that the workbench writes"),
        ({"mark": {"type": "text", "font": "x; background: u\\72l(a)"}}, "not one that the workbench writes"),
        ({"encoding": {"color": {"scale": {"range": ["image(a)"]}}}}, "not one that the workbench writes"),
        ({"encoding": {"color": {"condition": {"test": "true", "value": r"\75rl(a)"}}}}, "not one that the workbench writes"),
        ({"encoding": {"url": {"field": "a"}}}, "not one that the workbench writes"),
        ({"$schema": "https://vega.github.io/schema/vega/v5.json"}, "not one that the workbench writes"),
        ({"layer": [{"mark": "bar", "data": {"sequence": {"start": 0, "stop": 3e7}}}]}, "not one that the workbench writes"),
        ({"encoding": {"x": {"field": "b", "bin": {"step": 1e-7}}}}, "not one that the workbench writes"),
        ({"encoding": {"x": {"field": "b", "impute": {"keyvals": {"start": 0, "stop": 1e9}}}}}, "not one that the workbench writes"),
        ({"encoding": {"x": {"axis": {"tickCount": 1e8}}}}, "not one that the workbench writes"),
        ({"encoding": {"x": {"axis": {"tickCount": {"interval": "second"}}}}}, "not one that the workbench writes"),
        ({"encoding": {"x": {"axis": {"format": "0999999999d"}}}}, "not one that the workbench writes"),
        ({"encoding": {"x": {"axis": {"labelExpr": "format(1, '0999999999d')"}}}}, "not one that the workbench writes"),
        ({"height": 2_000_000}, "not one that the workbench writes"),
        ({"mark": {"type": "text", "fontSize": {"expr": "1000000"}}}, "not one that the workbench writes"),
        ({"transform": [{"calculate": "length(split(pad('x',100000000,'y'),''))", "as": "b"}]}, "not one that the workbench writes"),
        ({"transform": [{"impute": "b", "key": "a", "keyvals": {"start": 0, "stop": 1e9}}]}, "not one that the workbench writes"),
        ({"transform": [{"density": "b", "steps": 1e9}]}, "not one that the workbench writes"),
        ({"transform": [{"flatten": ["a"]}]}, "not one that the workbench writes"),
        ({"transform": [{"filter": {"param": "p"}}]}, "not one that the workbench writes"),
        ({"layer": [{"mark": "bar"}] * 1000}, "not one that the workbench writes"),
        ({"layer": [{"layer": [{"params": [{"name": "p", "bind": "scales"}]}]}]}, "not one that the workbench writes"),
    ],
)
def test_what_no_chart_of_ours_has_is_refused(more: dict[str, object], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        stored_chart({**to_vega_lite(chart("light")), **more}, theme="light")
