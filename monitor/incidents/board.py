"""An incident in the words of people who decide: what happened where and since when, what it did, what it cost, what is done about it.

Made of the same typed facts as its exact story (`monitor.incidents.story`), and of fewer; no condition and no statistic stands in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from monitor.case import Case
from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.dated import told_from, told_until
from monitor.incidents.effect import Effect, MetricEffect
from monitor.incidents.effect_words import Cost, cost_of, differs
from monitor.incidents.incident import Incident, became_worse
from monitor.incidents.jobs import job_behind
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.record import Record, Workflow
from monitor.incidents.together import with_others
from monitor.incidents.words import NAME_LEVELS, claim
from monitor.judgement.finding import State
from monitor.judgement.narration.dates import day_span, local
from monitor.judgement.narration.places import clean, inside, name_of
from monitor.vocabulary import Task
from monitor.wording import MONTHS, count_text, list_text, number_text, plural, share_text

SHORTEST_LEVEL = 2
"""Letters from which the name of a level says where it is without the name of its column."""
TRUTHS = frozenset({"true", "false", "yes", "no"})
NOTHING_DONE = "Nothing is written down as done yet."
MISSES = 0.5
"""Part of the positive labels that a model finds below which it misses them."""
IN_FULL = {month[:3]: month for month in MONTHS}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a case calls things: `label` is what comes true ("Fraud"; empty where no label is read), `columns` their names for people,
    `year` whether dates need one."""

    label: str
    column: str
    task: Task
    columns: Mapping[str, str]
    timezone: str
    year: bool = False
    currency: str = ""

    @property
    def outcome(self) -> str:
        """What comes true, inside a sentence."""
        return inside(self.label, self.column) if self.label else "the outcome"


def terms_of(case: Case, judged: JudgedIncidents) -> Terms:
    """Return what a case calls things."""
    label = case.roles.label or ""
    return Terms(
        label=name_of(case.label(label)) if label else "", column=label, task=case.task, columns=judged.result.labels,
        timezone=case.timezone, year=judged.names.year, currency=case.value.currency if case.value is not None else "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Told:
    """What a title is made of."""

    one: Incident
    terms: Terms
    place: str

    @property
    def over(self) -> bool:
        return not self.one.hypothesis.ongoing

    @property
    def more(self) -> bool:
        """Whether more came true than was expected."""
        proof = self.one.hypothesis.proof
        return proof is None or not proof.before < 0

    def been(self, was: str, has: str) -> str:
        return was if self.over else has


def board_title(one: Incident, terms: Terms) -> str:
    """Say what happened, where and when: "Fraud in grocery has been missed since 22 April"."""
    if one.cause is Cause.UNKNOWN:  # in short: its exact words hold the conditions of segments
        return one.brief or one.title
    known = f", {one.lasts}" if one.lasts else ""
    when, of_all = when_text(one.hypothesis, terms), when_text(one.told, terms)
    more = f" ({with_others(len(one.absorbed), '' if of_all == when else of_all)})" if one.absorbed else ""
    return f"{board_claim(one, terms)}{more} {when}{known}".rstrip()


def board_claim(one: Incident, terms: Terms) -> str:
    """Say what happened and where."""
    if one.cause is Cause.UNKNOWN:
        return one.brief or one.claim
    return CLAIMS.get(one.cause, _as_found)(_Told(one, terms, place_text(one.hypothesis, terms)))


def place_text(cause: Hypothesis, terms: Terms) -> str:
    """Say where: " in grocery", " (GB, clothing, android)", " where Age is 30"; empty of all rows.

    >>> terms = Terms("Fraud", "fraud", Task.BINARY, {"age": "Age"}, "UTC")
    >>> place_text(Hypothesis(cause=Cause.UNKNOWN, segment={"shop": "grocery"}), terms)
    ' in grocery'
    >>> place_text(Hypothesis(cause=Cause.UNKNOWN, segment={"age": "30"}), terms)
    ' where Age is 30'
    """
    parts = {name: level for name, level in cause.segment.items() if not (cause.version and level == cause.version)}
    parts = {name: level for name, level in parts.items() if name not in cause.columns or cause.cause not in NAME_LEVELS}
    levels = [clean(one) for one in (*parts.values(), *(cause.beside if parts else ()))]
    if not levels:
        return ""
    if all(len(one) >= SHORTEST_LEVEL and one[:1].isalpha() and one.lower() not in TRUTHS for one in levels):
        alone = len(parts) == 1
        return f" in {list_text(levels)}" if alone else f" ({', '.join(levels)})"
    named = [f"{name_of(terms.columns.get(name, name))} is {clean(level)}" for name, level in parts.items()]
    return f" where {' and '.join(named)}{''.join(f' or {clean(one)}' for one in cause.beside)}"


def when_text(cause: Hypothesis, terms: Terms) -> str:
    """Say when, to the day, with months in full: "since 22 April", "from 2 to 5 April", "on 30 March"."""
    first, until = local(told_from(cause, terms.timezone), terms.timezone), local(told_until(cause, terms.timezone), terms.timezone)
    if first is None:
        return ""
    if until is None:
        return f"since {_in_full(day_span(first, first, terms.year).text)}"
    return _in_full(day_span(first, until, terms.year).when)


def _in_full(text: str) -> str:
    return " ".join(IN_FULL.get(word, word) for word in text.split())


def _as_found(told: _Told) -> str:
    """Say what the exact words say, without units, spellings and conditions."""
    cause = told.one.hypothesis
    plain = replace(cause, segment={}, beside=(), inverse=None if cause.inverse is None else replace(cause.inverse, says=""))
    names = {name: name_of(told.terms.columns.get(name, name)) for name in cause.columns}
    return f"{claim(plain, names)}{told.place}"


def _concept(told: _Told) -> str:
    outcome, place = told.terms.label or "The outcome", told.place
    if told.terms.task is not Task.BINARY:
        return f"{outcome}{place} {told.been('was', 'has been')} answered worse"
    ways = ["more frequent" if one.off > 0 else "rarer" for one in told.one.hypothesis.parts]
    if len(ways) > 1:
        return f"{outcome} {told.been('was', 'has been')} {', then '.join(ways)} than expected"
    found = _metric(told.one.effect, "recall")
    if told.more and found is not None and found.now.value < MISSES <= found.before.value:
        return f"{outcome}{place} {told.been('was', 'has been')} missed"
    way = "more frequent" if told.more else "rarer"
    return f"{outcome}{place} {told.been('was', 'has been')} {way} than the model says"


def _label_change(told: _Told) -> str:
    return f"{told.terms.label or 'The outcome'}{told.place} {told.been('was', 'has been')} labelled by another rule"


def _label_delay(told: _Told) -> str:
    outcome = f"{told.terms.label or 'The outcome'}{told.place}"
    if told.one.hypothesis.more is False:
        return f"{outcome} {told.been('was not', 'has not been')} known"
    return f"{outcome} {told.been('was', 'has been')} known later than usual"


def _version(told: _Told) -> str:
    named = f" ({clean(told.one.hypothesis.version)})" if told.one.hypothesis.version else ""
    return f"Another version of the model{named} {told.been('answered', 'has answered')}{told.place}"


def _recode(told: _Told) -> str:
    cause = told.one.hypothesis
    name = name_of(told.terms.columns.get(cause.columns[0], cause.columns[0])) if cause.columns else "A value"
    pairs = [f"'{clean(now)}' for '{clean(was)}'" for now, was in (cause.inverse.levels if cause.inverse else {}).items()]
    how = f" ({pairs[0]})" if len(pairs) == 1 else ""
    return f"{name} {told.been('was', 'has been')} spelled otherwise{how}{told.place}"


def _mix(told: _Told) -> str:
    more = told.one.hypothesis.more
    way = "another one" if more is None else "larger" if more else "smaller"
    return f"The part of rows{told.place} {told.been('was', 'has been')} {way}"


def _fixed(words: str) -> Callable[[_Told], str]:
    return lambda told: f"{words}{told.place}"


CLAIMS: Mapping[Cause, Callable[[_Told], str]] = {
    Cause.CONCEPT_CHANGE: _concept,
    Cause.LABEL_CHANGE: _label_change,
    Cause.LABEL_DELAY: _label_delay,
    Cause.MODEL_VERSION: _version,
    Cause.RECODE: _recode,
    Cause.MIX_CHANGE: _mix,
    Cause.ADVERSARIAL_BURST: _fixed("A burst of nearly identical rows"),
    Cause.TRAFFIC_BURST: _fixed("A burst of unusual rows"),
}
"""What is said of causes whose exact words are those of the trade; all others are told in their own."""


def board_impact(one: Incident, terms: Terms) -> str:
    """Say what it did, and what it cost, in sentences that need no statistics."""
    return " ".join(
        part
        for part in (_job(one), _concerned(one), _outcome(one, terms) or _worse(one), _waiting(one), _season(one), cost_text(one, terms))
        if part
    )


def _job(one: Incident) -> str:
    job = job_behind(one.hypothesis, one.evidence)
    return "" if job is None else f"The job that brings it ('{clean(job.finding.label)}') had failed."


def _concerned(one: Incident) -> str:
    cause, least = one.told, "at least " if one.at_least else ""
    if one.cause is Cause.UNKNOWN or not cause.rows:
        return ""
    if one.cause is Cause.VOLUME_CHANGE and cause.more is not None:
        return f"{count_text(cause.rows)} rows {'more' if cause.more else 'fewer'} than expected."
    share = f", {least}{share_text(cause.share_rows, 2)} of all in that time" if math.isfinite(cause.share_rows) else ""
    return f"It concerns {least}{count_text(cause.rows)} rows{share}."


def _outcome(one: Incident, terms: Terms) -> str:
    """Say what came true and what of it the model found, where these differ from before for sure."""
    if terms.task is not Task.BINARY or not terms.label:
        return ""
    parts = []
    came = _metric(one.effect, "base_rate")
    if came is not None and differs(came):
        parts.append(
            f"{share_text(came.now.value, 2)} of {count_text(came.now.n)} rows with a known outcome were {terms.outcome}, "
            f"{share_text(came.before.value, 2)} before."
        )
    found = _metric(one.effect, "recall")
    if found is not None and (differs(found) or (parts and found.now.value < MISSES)):
        now, before = _part(found.now.value), _part(found.before.value) if math.isfinite(found.before.value) else ""
        beside = f", {'as' if now == before else before} before" if before else ""
        whole = "it" if parts else f"all that was {terms.outcome}"
        parts.append(f"The model found {now} of {whole}{beside}.")
    return " ".join(parts)


def _part(share: float) -> str:
    return share_text(share, 2) if share else "none"


def _worse(one: Incident) -> str:
    """Say whether the model was seen to become worse, where its own sentence does not."""
    if became_worse(one.evidence):
        whole = any(each.analysis == "performance" and each.finding.note != "better" for each in one.evidence)
        part = "" if whole else " in a part of the rows"
        return (
            f"While it lasted the model was measured to be worse{part}."
            if one.settled
            else f"The model is measured to be worse{part} since."
        )
    measured = one.effect is not None and any(differs(each) for each in one.effect.metrics)
    return "" if measured else "The model was not seen to become worse."


def _season(one: Incident) -> str:
    """Say that it may be the year's, where the reference holds no such time of it."""
    return "" if one.hypothesis.known_days is None else "It may be a season that the model was never compared in."


def _waiting(one: Incident) -> str:
    if one.effect is None or not one.effect.waiting:
        return ""
    more = "" if one.effect.waiting <= one.hypothesis.rows else " of that place and time"  # some of which it does not concern
    return f"For {plural(one.effect.waiting, 'row')}{more} it is too early to know the outcome."


def cost_text(one: Incident, terms: Terms) -> str:
    """Say what an incident cost; empty where the case says nothing of money."""
    if not terms.currency and (one.effect is None or one.effect.money is None):
        return ""
    cost = cost_of(one.effect)
    if cost is None:
        return "What it cost cannot be told."
    so_far = "" if one.state is State.OVER else " so far"
    return f"{'It brought' if cost.gain else 'It cost'} about {_amount(cost, terms, so_far)}."


def cost_short(one: Incident, terms: Terms) -> str:
    """Say the same in a cell of a table: "1,100 EUR (270 to 1,900)"."""
    if not cost_text(one, terms):
        return "not known"
    cost = cost_of(one.effect)
    return "not known" if cost is None else "none" if cost.gain else _amount(cost, terms)


def _amount(cost: Cost, terms: Terms, so_far: str = "") -> str:
    amount = f"{number_text(cost.value, 2)} {terms.currency}".rstrip()
    return f"{amount}{so_far} ({number_text(cost.least, 2)} to {number_text(cost.most, 2)})"


def done_text(record: Record | None) -> str:
    """Say what people did about an incident; that nothing is written down, where nothing is."""
    if record is None:
        return NOTHING_DONE
    helped = {None: "", True: ", and it helped", False: ", and it did not help"}[record.helped]
    parts = [f"Done: {record.remedy.rstrip('.')}{helped}."] if record.remedy else []
    parts += [f"It is known as {record.known_as}."] if record.known_as else []
    parts += [f"It is {record.workflow.value}."] if record.workflow is not Workflow.OPENED else []
    return " ".join(parts) or NOTHING_DONE


def state_text(one: Incident) -> str:
    """Say how an incident stands: "critical, open", "over"."""
    if one.settled:
        done = one.record is not None and one.record.workflow in (Workflow.RESOLVED, Workflow.DISMISSED)
        return one.record.workflow.value if done and one.record is not None else "over" if one.state is State.OVER else "known"
    return f"{one.severity.value}, open"


def opening(incidents: tuple[Incident, ...], terms: Terms) -> str:
    """Say first what is open and severe: "Open and critical: ...; 1 more incident is open, 5 are over"."""
    lasting = [one for one in incidents if not one.settled]
    over = len(incidents) - len(lasting)
    if not lasting:
        return f"No incident is open{f'; {count_text(over)} {_are(over)} over' if over else ''}."
    first, more = lasting[0], len(lasting) - 1
    rest = [f"{count_text(more)} more {_are(more)} open"] if more else []
    rest += [f"{count_text(over)} {_are(over)} over"] if over else []
    return f"Open and {first.severity.value}: {board_title(first, terms)}{f'; {list_text(rest)}' if rest else ''}."


def _are(many: int) -> str:
    return "is" if many == 1 else "are"


def _metric(effect: Effect | None, name: str) -> MetricEffect | None:
    found = next((one for one in effect.metrics if one.metric == name), None) if effect is not None else None
    return found if found is not None and math.isfinite(found.now.value) else None
