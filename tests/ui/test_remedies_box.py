"""What would help, as the page of an incident shows it."""

from monitor.incidents.cause import Cause, Hypothesis
from monitor.registry.remedy_slides import options_chart
from monitor.remedies.bench import Bench, ranked
from monitor.remedies.gains import Gain
from monitor.remedies.kinds import Basis, Remedy, Why
from monitor.remedies.option import Option
from monitor.remedies.table import remedies_table
from monitor.ui.remedies_box import _reasons, _shown

PRICED = Gain("value", -2.0, -1.5, 0.5, 0.2, 0.8, 1000, 30)
SERVED = Gain("latency_ms", 120.0, 48.0, 72.0, 70.0, 75.0, 1000, 30)


def bench(*options: Option) -> Bench:
    every = [Option(remedy=Remedy.NOTHING, basis=Basis.SIMULATED), *options]
    return Bench(cause=Hypothesis(cause=Cause.OFFSET), options=ranked(every), rows=1000, labelled=900, currency="EUR", priced=True)


def test_options_are_drawn_in_one_metric_and_told_in_money() -> None:
    patch = Option(remedy=Remedy.PATCH, basis=Basis.SIMULATED, removes=True, gains=(PRICED,))
    back = Option(remedy=Remedy.ROLLBACK, basis=Basis.BESIDE, gains=(SERVED,), told="v1")
    never = Option(remedy=Remedy.RETRAIN, basis=Basis.NONE, why=Why.FEW_LABELS)
    found = bench(patch, back, never)
    table = remedies_table(found)
    shown = _shown(table).set_index("Option")
    assert shown.loc["Mend the input", "In money"] == "500 EUR (200 to 800)"
    assert shown.loc["Roll back to v1", "In money"] == ""
    assert shown.loc["Retrain", "Better by, a row"] == ""
    chart = options_chart(found, table, theme="light")
    assert chart is not None
    assert list(chart.data["title"]) == ["Mend the input"]
    assert "Assumes: the change is undone" in next(iter(_reasons(table)))


def test_where_nothing_was_tried_nothing_is_drawn() -> None:
    found = bench(Option(remedy=Remedy.PATCH, basis=Basis.NONE, removes=True, why=Why.NO_LABELS))
    assert options_chart(found, remedies_table(found), theme="light") is None
