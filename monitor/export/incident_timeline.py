"""When an incident lasted, each finding that belongs to it, and what the case says happened about that time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from monitor.charts import Chart, Theme, stretches_chart
from monitor.charts.stretches import INCIDENT, MOST_ROWS, NOTE
from monitor.incidents.board import Terms, board_claim
from monitor.incidents.dated import told_from, told_until
from monitor.incidents.evidence import Evidence, Timing
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.story import beside_text
from monitor.incidents.told import time_of, told_evidence
from monitor.judgement.narration.dates import local
from monitor.judgement.narration.sentences import headline, sentence
from monitor.wording import plural

MARGIN = 0.25
"""Part of the time that is drawn, by which what the case says happened may lie before or after it."""
SHORTEST = timedelta(hours=1)
"""What is over sooner is drawn as long as this, to be seen."""
FEWEST_DRAWN = 5
"""Findings that are drawn beside however many other bars."""
MOST_DRAWN = 12
"""Incidents that are drawn."""
Bar = dict[str, Any]


def stretches_of(one: Incident, judged: JudgedIncidents, theme: Theme = "light") -> Chart | None:
    """Draw when an incident lasted, as exactly as it is known, and each finding that belongs to it; the rule is its onset. None where its
    windows have no time.

    The first and last window of a finding are drawn from the onset, or up to the end, of the incident where these lie within them.
    """
    if np.isnat(judged.windows.start).any() or local(one.told.start, judged.result.timezone) is None:
        return None
    parts = (one.alone, *one.absorbed) if one.alone is not None else one.absorbed
    told_with = [each for each in parts if not np.isnat(each.hypothesis.start)]
    bars = [_own(one, judged), *(_own(each, judged, f"Told with it: {each.claim}") for each in told_with)]
    told = list(told_evidence(one, judged).values())
    found = [each for each in one.evidence if any(each is known for known in told)]
    notes = _notes(judged, [*bars, *(_finding(one, judged, each) for each in found)])
    drawn = found[: max(MOST_ROWS - len(bars) - len(notes), FEWEST_DRAWN)]
    bars += [*(_finding(one, judged, each) for each in drawn), *notes]
    rows = pd.DataFrame(bars).assign(onset=bars[0]["start"], order=range(len(bars)))
    if not one.evidence:
        return stretches_chart(rows, title="No analysis saw it: the rows prove it.", theme=theme)
    return stretches_chart(rows, title=f"{_counted(found, one, judged)}{_left_out(found, drawn)}.", theme=theme)


def _counted(found: Sequence[Evidence], one: Incident, judged: JudgedIncidents) -> str:
    """Say how many findings belong to an incident, and of how many the time is not its own."""
    times = Counter(time_of(each, one, judged) for each in found)
    mine, analyses = times[Timing.WITHIN], plural(len({each.analysis for each in found}), "analysis", "analyses")
    parts = [f"{plural(mine, 'finding')} {'belongs' if mine == 1 else 'belong'} to it"] if mine else []
    parts += [f"{many} {'lasts' if many == 1 else 'last'} longer" for many in (times[Timing.LONGER],) if many]
    parts += [f"{times[Timing.BEFORE]} began before it"] if times[Timing.BEFORE] else []
    return f"Of what {analyses} found, {', '.join(parts)}"


def _left_out(found: Sequence[Evidence], drawn: Sequence[Evidence]) -> str:
    """Say how many findings are drawn where there is no room for all."""
    return "" if len(drawn) == len(found) else f"; {len(drawn)} of them are drawn"


def _own(one: Incident, judged: JudgedIncidents, label: str = "The incident") -> Bar:
    zone, cause = judged.result.timezone, one.told
    ends = (local(told_from(cause, zone), zone), _end(one, judged))
    return _bar(label, ends, {"group": "", "status": INCIDENT, "strength": float("nan"), "told": one.title})


def _finding(one: Incident, judged: JudgedIncidents, each: Evidence) -> Bar:
    cause, windows = one.told, judged.windows
    start, end = windows.start[each.first], windows.end[each.last]
    if start < cause.start < windows.end[each.first]:
        start = cause.start
    if windows.start[each.last] < cause.end < end:
        end = cause.end
    ends = (local(start, judged.result.timezone), local(end, judged.result.timezone))
    told = {
        "group": each.analysis,
        "status": each.finding.status,
        "strength": each.finding.strength,
        "told": sentence(each.finding, judged.names, judged.against),
    }
    return _bar(f"{headline(each.finding, judged.names, judged.against)}{beside_text(each, one, judged)}", ends, told)


def _end(one: Incident, judged: JudgedIncidents) -> datetime | None:
    """Return up to when an incident is drawn: its end, what labels tell of it, or the last window."""
    end = told_until(one.told, judged.result.timezone)
    known = judged.windows.end[-1] if np.isnat(one.known_until) else one.known_until
    return local(known if np.isnat(end) else end, judged.result.timezone)


def _bar(label: str, ends: tuple[datetime | None, datetime | None], told: Mapping[str, Any]) -> Bar:
    start, end = ends
    return {"label": label, "start": start, "end": max(end, start + SHORTEST) if start and end else end, **told}


def _notes(judged: JudgedIncidents, bars: list[Bar]) -> list[Bar]:
    """Return what the case says happened within the time that is drawn, or near it."""
    first, last = min(one["start"] for one in bars), max(one["end"] for one in bars)
    near, zone, found = (last - first) * MARGIN, judged.result.timezone, []
    for note in judged.result.notes:
        start = local(note.start, zone)
        end = local(note.end, zone) or start
        if start and end and end >= first - near and start <= last + near:
            told = {"group": "", "status": NOTE, "strength": float("nan"), "told": note.text}
            found.append(_bar(note.text, (max(start, first - near), min(max(end, start), last + near)), told))
    return found


def incidents_chart(judged: JudgedIncidents, theme: Theme = "light", terms: Terms | None = None) -> Chart | None:
    """Draw when each incident happened, the most severe first, by exact names or, with the `terms` of a case, in the words of people who
    decide; None where none has a time."""
    zone = judged.result.timezone
    found = [one for one in judged.incidents if not np.isnat(one.told.start)]
    rows = [
        {
            "label": one.claim if terms is None else board_claim(one, terms),
            "order": order,
            "group": "incidents",
            "start": local(one.told.start, zone),
            "end": _end(one, judged),
            "status": one.status,
            "strength": max((each.finding.strength for each in one.evidence), default=float("nan")),
            "told": one.title,
            "onset": np.datetime64("NaT"),
        }
        for order, one in enumerate(found[:MOST_DRAWN])
    ]
    title = "When each incident happened" if len(found) <= MOST_DRAWN else f"When the {MOST_DRAWN} most severe incidents happened"
    return stretches_chart(pd.DataFrame(rows), title=title, theme=theme) if rows else None
