"""Who is told of which incidents, as a case says it: rules, and who owns the model. Addresses are the receiver's, never the case's."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from monitor.case.quiet import Quiet, read_span
from monitor.case.section import Section
from monitor.case.values import Flag, Texts, listed
from monitor.errors import SettingError, nearest
from monitor.vocabulary import Cause, Severity, Status

LONGEST_NAME = 200
STATES = ("new", "ongoing", "over")
_VALUE = r"\"[^\"]*\"|'[^']*'|\([^()]*\)|\[[^\[\]]*\]|[^\s()\[\]\"']+"
_TERM = re.compile(rf"\s*(\w+)\s*(>=|==|=|\bin\b)\s*({_VALUE})\s*(?:\band\b|$)", re.IGNORECASE)
_ANY = ("", "any", "incident", "any incident")


def _severities(value: Any) -> Any:
    """Read "high" as that and worse, a list as just these."""
    names = [one.value for one in Severity]
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)):
        return value
    wrong = next((one for one in given if one not in names), None)
    if wrong is not None:
        raise ValueError(f"there is no severity '{wrong}'.{nearest(str(wrong), names)} Choose of: {', '.join(names)}")
    return tuple(names[names.index(value) :]) if isinstance(value, str) else tuple(given)


def _of(known: tuple[str, ...], what: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        given = listed(value)
        wrong = next((one for one in given if one not in known), None) if isinstance(given, (list, tuple)) else None
        if wrong is not None:
            raise ValueError(f"there is no {what} '{wrong}'.{nearest(str(wrong), known)} Choose of: {', '.join(known)}")
        return given

    return BeforeValidator(check)


CAUSES = tuple(one.value for one in Cause)


class WhenSection(Section):
    """Which incidents a rule is about; all that is said has to hold, of a list one of it.

    `severity`: "high" is that and worse, a list just these. `segment`: a column that cuts the rows concerned, or their whole condition.
    `metric`: one that was found worse (or otherwise) because of it. `status`: "warning" is about warnings too.
    """

    severity: Annotated[tuple[str, ...], BeforeValidator(_severities)] = ()
    cause: Annotated[tuple[str, ...], _of(CAUSES, "cause")] = ()
    column: Texts = ()
    segment: Texts = ()
    metric: Texts = ()
    state: Annotated[tuple[str, ...], _of(STATES, "state")] = ("new", "ongoing")
    status: Literal["alert", "warning"] = "alert"

    @property
    def statuses(self) -> frozenset[str]:
        """Return the verdicts that it is about."""
        return frozenset({Status.ALERT.value, self.status})


def read_when(value: Any) -> Any:
    """Read a condition that is written as one text: "severity >= high and cause in (recode, unit_change)".

    >>> read_when("severity >= high and segment = 'country'")
    {'severity': 'high', 'segment': ['country']}
    """
    if not isinstance(value, str):
        return value
    found: dict[str, Any] = {}
    rest = "" if value.strip().lower() in _ANY else value.strip()
    while rest:
        match = _TERM.match(rest)
        more = match is not None and bool(re.search(r"\band$", match[0], re.IGNORECASE))
        ordered = match is not None and match[2] == ">=" and match[1] in WhenSection.model_fields and match[1] != "severity"
        if match is None or match[1] in found or ordered or (more and match.end() == len(rest)):
            raise ValueError('is not understood; write, say, "severity >= high and cause in (recode, unit_change) and state = new"')
        found[match[1]] = _values(match[2], match[3])
        rest = rest[match.end() :].strip()
    if "status" in found:
        found["status"] = found["status"][0]
    return found


def _values(operator: str, text: str) -> str | list[str]:
    inside = text[1:-1].split(",") if text[0] in "([" else [text]
    values = [_unquoted(one.strip()) for one in inside]
    return values[0] if operator == ">=" else values


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _as_span(value: Any) -> Any:
    if isinstance(value, str) and value:
        try:
            read_span(value)
        except SettingError as error:
            raise ValueError(str(error)) from error
    return value


Span = Annotated[str, BeforeValidator(_as_span)]


class AlertSection(Section):
    """A rule: who is told `when`. `target` names an entry of the receiver's own targets.toml; without one the rule is only judged.

    An incident is told once, and once more when it is over (unless `over` is false); while nobody acknowledges it, every `repeat`, and to
    `escalate_to` after `escalate_after`. In `quiet` hours nobody is told, but of incidents of `loud` severity and worse.
    """

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    when: Annotated[WhenSection, BeforeValidator(read_when)] = WhenSection()
    target: str = Field(default="", max_length=LONGEST_NAME)
    owner: str = ""
    repeat: Span = ""
    quiet: Texts = ()
    loud: Literal["", "low", "medium", "high", "critical"] = ""
    escalate_to: str = Field(default="", max_length=LONGEST_NAME)
    escalate_after: Span = ""
    over: Flag = True

    @field_validator("quiet")
    @classmethod
    def _understood(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                Quiet.parse(one)
            except SettingError as error:
                raise ValueError(str(error)) from error
        return value

    @model_validator(mode="after")
    def _whole(self) -> AlertSection:
        if bool(self.escalate_to) != bool(self.escalate_after):
            raise ValueError(f"rule '{self.name}': give both escalate_to (a target) and escalate_after (such as '4 hours'), or neither")
        if self.escalate_to and not self.target:
            raise ValueError(f"rule '{self.name}': escalate_to needs a target that is told first")
        return self

    @property
    def repeats(self) -> timedelta | None:
        """How long after it was told it is told again; None: never."""
        return read_span(self.repeat) if self.repeat else None

    @property
    def escalates(self) -> timedelta | None:
        """How long after it was told others are told; None: never."""
        return read_span(self.escalate_after) if self.escalate_after else None

    @property
    def quiet_hours(self) -> tuple[Quiet, ...]:
        """When nobody is told."""
        return tuple(Quiet.parse(one) for one in self.quiet)


class OwnershipSection(Section):
    """Who answers for a model: `business` for what it decides, `model` for the model, `data` for what it reads; and who is called: people
    `oncall` take turns, each for a `turn`, the first from the day `since` on, on the case's clock. `runbook` says what to do."""

    business: str = ""
    model: str = ""
    data: str = ""
    oncall: Texts = ()
    turn: Span = "1 week"
    since: date = date(2024, 1, 1)
    runbook: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> OwnershipSection:
        if not any((self.business, self.model, self.data, self.oncall, self.runbook)):
            raise ValueError("says nothing: give business, model, data, oncall or runbook")
        return self
