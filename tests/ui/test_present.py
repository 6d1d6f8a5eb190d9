"""How results are shown, in Streamlit's own test harness."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def evidence_page() -> None:
    from monitor.tables import Provenance
    from monitor.ui.present import KeyFigure, empty_state, evidence, key_figures

    provenance = Provenance(
        fingerprints={"reference": "ab12"},
        selections={"reference": "reference", "production": "production, where a = '*'"},
        settings={"floor": float("nan")},
        seed=7,
        versions={"duckdb": "2.0"},
        sql=(("count cells", "SELECT 1"),),
        rows={"production": {"used": 235000, "excluded": {"no timestamp": 12}}},
        started="2013-01-01T00:00:00Z",
        seconds=1.2,
    )
    key_figures([KeyFigure("Alerts", "3", "0.1 expected by chance")])
    empty_state("No labels *yet*", "Name their source.")
    evidence(provenance, facts={"Method": "PSI on 30 cells"}, key="how")


def chart_page() -> None:
    import pandas as pd

    from monitor.charts import volume_chart
    from monitor.ui.present import show_chart

    chart = volume_chart(pd.DataFrame({"window": ["2013-W14", "2013-W15"], "rows": [1, 2]}), title="Rows *fell*")
    show_chart(chart, key="volume")


def test_evidence_is_built_only_when_it_is_opened() -> None:
    app = AppTest.from_function(evidence_page).run()
    assert not app.exception
    assert not app.code


def test_evidence_tells_rows_left_out_sql_and_settings() -> None:
    app = AppTest.from_function(evidence_page)
    app.session_state["how"] = True
    app.run()
    assert not app.exception
    assert app.code[0].value == "SELECT 1"
    assert "235,000 used; 12 left out\\: no timestamp" in app.table[1].value.iloc[0, 0]


def test_an_empty_state_escapes_what_it_is_told() -> None:
    app = AppTest.from_function(evidence_page).run()
    assert app.markdown[0].value == r":material/info: **No labels \*yet\***"


def test_a_figure_stands_with_its_expectation() -> None:
    metric = AppTest.from_function(evidence_page).run().metric[0]
    assert (metric.value, metric.delta) == ("3", "0.1 expected by chance")


def test_a_chart_stands_below_its_title_with_its_alt_text() -> None:
    app = AppTest.from_function(chart_page).run()
    drawn = app.get("vega_lite_chart")[0].proto
    assert app.markdown[0].value == r"**Rows \*fell\***"
    assert '"title": {"text"' not in drawn.spec
    assert drawn.alt.startswith("Bars of rows by week")
