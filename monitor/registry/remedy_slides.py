"""What could be done about an incident, in the words of people who decide, with the picture of it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from monitor.charts import Chart, remedies_chart
from monitor.charts.theme import Theme
from monitor.export.charts import to_vega_lite
from monitor.export.deck import Statement
from monitor.judgement.narration.challengers import money
from monitor.remedies.bench import Bench
from monitor.remedies.gains import Gain
from monitor.remedies.kinds import Basis, Remedy
from monitor.remedies.option import Option
from monitor.remedies.table import remedies_table, tried
from monitor.remedies.words import MONEY, WHY, gain_text, metric_title, short_answer, title
from monitor.wording import list_text, plural

HURTS, HELPS, CHANCE = "hurts", "helps", "within chance"


def remedy_statement(bench: Bench, name: str) -> Statement:
    """Return what would help with an incident, with what each option that was tried would have brought.

    Parameters
    ----------
    name : what the incident is called.
    """
    chart = options_chart(bench)
    told = "\n".join((f"{name}.", *_told(bench)))
    return Statement(title=short_answer(bench), sentence=told, chart=None if chart is None else to_vega_lite(chart))


def _told(bench: Bench) -> Iterator[str]:
    """Yield what each option that was tried would have brought, the preferred one first; then why others were not."""
    for one in tried(bench):
        if one.gain is not None:
            yield f"{title(one, bench)}: {_brought(one.gain, bench)}, {_state(one)}."
    untried = [one for one in bench.options if one.basis is Basis.NONE and one.remedy is not Remedy.NOTHING]
    for why in dict.fromkeys(one.why for one in untried):
        yield f"Not tried: {list_text([title(one, bench) for one in untried if one.why is why])}, for {WHY[why]}."


def _brought(gain: Gain, bench: Bench) -> str:
    if gain.metric not in MONEY:
        return gain_text(gain, bench.currency, bench.gains)
    total, low, high = (one * gain.n for one in (gain.gain, gain.lower, gain.upper))
    currency = f" {bench.currency}" if bench.currency else ""
    return f"{_signed(total)}{currency} ({_signed(low)} to {_signed(high)}) on {plural(gain.n, 'row')}"


def _signed(amount: float) -> str:
    return f"{'−' if amount < 0 else '+'}{money(abs(amount))}"


def _state(one: Option) -> str:
    return "more than chance" if one.pays else "less than nothing, beyond chance" if one.hurts else "no answer to it beyond chance"


def options_chart(bench: Bench, table: pd.DataFrame | None = None, *, theme: Theme = "light") -> Chart | None:
    """Draw the options that are told in the metric of the first that was tried; None where none was."""
    known = tried(bench)
    if not known or known[0].gain is None:
        return None
    table, metric = remedies_table(bench) if table is None else table, known[0].gain.metric
    states = {one.remedy.value: HURTS if one.hurts else HELPS if one.pays else CHANCE for one in known}
    rows = table[(table["metric"] == metric) & table["remedy"].isin(list(states))]
    return remedies_chart(rows.assign(state=rows["remedy"].map(states)), label=metric_title(metric), theme=theme)
