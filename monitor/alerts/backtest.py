"""What a rule would have done over the history of a case: how often it would have told somebody, and how often people said it was right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from monitor.alerts.happening import Happening, Said
from monitor.alerts.notices import moment_of
from monitor.alerts.rules import about, was_about
from monitor.case import Case
from monitor.case.alerting import AlertSection
from monitor.case.quiet import quiet_until
from monitor.export.files import moment_iso
from monitor.judgement.finding import State
from monitor.vocabulary import Severity
from monitor.wording import list_text, plural

MOST_REPEATS = 10_000
ORDER = tuple(Severity)
TOLD: Mapping[Said, str] = {
    Said.CONFIRMED: "confirmed",
    Said.CORRECTED: "with a cause that people corrected",
    Said.REFUSED: "refused",
    Said.NOTHING: "not judged yet",
}
REAL: Mapping[Said, str] = {Said.CONFIRMED: "whose cause people confirmed", Said.CORRECTED: "whose cause people corrected"}
"""What is said of an incident that was one."""
CAUTION = (
    "Replayed with what is known today: severity is that of now, and labels that came later count. "
    "Causes are as they were found, before anybody corrected them."
)
"""What a back-test assumes."""
COLUMNS = ("incident", "title", "severity", "cause", "start", "seen", "told", "waited_hours", "messages", "said")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a rule would have done.

    `table` has a row for each incident that it would have told of, `messages` counts repetitions too, `said` of how many people said what,
    `missed` of how many that it would not have told of they said that they were incidents, by what they said; of these `meant` is how many
    it is about since people corrected their cause."""

    rule: AlertSection
    table: pd.DataFrame
    messages: int
    said: Mapping[Said, int]
    missed: Mapping[Said, int]
    incidents: int
    meant: int = 0

    @property
    def fired(self) -> int:
        """Incidents that somebody would have been told of."""
        return len(self.table)

    @property
    def sentence(self) -> str:
        """Say it in a line."""
        if not self.incidents:
            return "Would never have fired, for there was no incident."
        if not self.fired:
            return f"Would never have fired, in {plural(self.incidents, 'incident')}.{self._missed}"
        again = self.messages - self.fired
        more = f" {plural(again, 'more message')} would have said that they went on or were over." if again > 0 else ""
        return f"Would have fired {plural(self.fired, 'time')}: {self._judged}.{more}{self._missed}"

    @property
    def _judged(self) -> str:
        """Say how many of the incidents people said what of."""
        return ", ".join(f"{self.said[name]} {TOLD[name]}" for name in Said if self.said.get(name))

    @property
    def _missed(self) -> str:
        told = [f"{plural(self.missed[name], 'incident')} {REAL[name]}" for name in REAL if self.missed.get(name)]
        meant = f", {self.meant} of them to one that it is about" if self.meant else ""
        return f" Would have missed {list_text(told)}{meant}." if told else ""


def backtest(rule: AlertSection, found: Sequence[Happening], case: Case) -> Backtest:
    """Replay a rule over the incidents of a case, each told when the first window ended that shows it, or when quiet hours did.

    Notes
    -----
    Severity is that known today, and labels that came later are taken as known: the replay says what a rule is about, not how early its
    findings would have been sure. Causes are those that were found: one that somebody corrected since did not fire a rule.
    """
    told = [one for one in found if was_about(rule.when, one) and _in_state(rule, one)]
    rows = [_row(rule, one, case) for one in told]
    rows.sort(key=lambda row: str(row["told"] or ""))
    ids = {one.id for one in told}
    return Backtest(
        rule=rule,
        table=pd.DataFrame(rows, columns=list(COLUMNS)),
        messages=sum(row["messages"] for row in rows),
        said=Counter(one.said for one in told),
        missed=Counter(one.said for one in found if one.said in REAL and one.id not in ids),
        meant=sum(one.said is Said.CORRECTED and one.id not in ids and about(rule.when, one) for one in found),
        incidents=len(found),
    )


def _in_state(rule: AlertSection, one: Happening) -> bool:
    """Say whether an incident was ever in a state that the rule is about: each was new, most went on, and some are over."""
    return bool({"new", "ongoing"} & set(rule.when.state)) or one.state is State.OVER


def _row(rule: AlertSection, one: Happening, case: Case) -> dict[str, Any]:
    only_over = set(rule.when.state) == {"over"}
    seen = _moment(one.last_seen if only_over else one.seen)
    loud = bool(rule.loud) and ORDER.index(one.severity) >= ORDER.index(Severity(rule.loud))
    told = seen if seen is None or loud else quiet_until(rule.quiet_hours, seen, case.timezone) or seen
    waited = None if seen is None or told is None else (told - seen).total_seconds() / 3600
    return {
        "incident": one.id,
        "title": one.title,
        "severity": one.severity.value,
        "cause": one.record.cause.value,
        "start": one.start or None,
        "seen": None if seen is None else moment_iso(seen),
        "told": None if told is None else moment_iso(told),
        "waited_hours": waited,
        "messages": 1 + (0 if only_over else _repeats(rule, one, told)),
        "said": one.said.value,
    }


def _repeats(rule: AlertSection, one: Happening, told: datetime | None) -> int:
    """Return how many messages follow the first: one every `repeat` until it is taken or over, and that it is over."""
    last = _moment(one.last_seen)
    if told is None or last is None:
        return 0
    taken = min((_moment(at) or last for state, at in one.record.reached.items() if state.value != "opened"), default=last)
    again = 0 if rule.repeats is None else int(max((min(last, taken) - told) / rule.repeats, 0))
    return min(again, MOST_REPEATS) + int(rule.over and one.state is State.OVER)


def _moment(text: str) -> datetime | None:
    return moment_of(text) if text else None
