"""What a case has to reach: what a decision is worth, goals, and objectives of service."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from monitor.case.section import Section
from monitor.case.values import Number, Share, Size


class ValueSection(Section):
    """What a decision is worth, in money: of a row decided positive that is (`tp`) or is not (`fp`), and of one decided negative that is
    (`fn`) or is not (`tn`). Costs are negative. Each is a number, or the name of a column that holds it by row ("-amount": a cost)."""

    currency: str = ""
    tp: Number | str = 0.0
    fp: Number | str = 0.0
    fn: Number | str = 0.0
    tn: Number | str = 0.0

    @model_validator(mode="after")
    def _worth_something(self) -> ValueSection:
        if not any(self.parts()):
            raise ValueError("says nothing: give tp, fp, fn or tn, as numbers or names of columns")
        return self

    def parts(self) -> tuple[float | str, float | str, float | str, float | str]:
        """Return the values of true positives, false positives, false negatives and true negatives."""
        return self.tp, self.fp, self.fn, self.tn

    def columns(self) -> tuple[str, ...]:
        """Return the columns that it names."""
        return tuple(dict.fromkeys(one.removeprefix("-") for one in self.parts() if isinstance(one, str)))


class KpiSection(Section):
    """A goal: a `metric` of performance, of operations or of the case, the mean of a column ("column:NAME") or the share of rows without it
    ("missing:NAME"), its `target`, and how far beyond it (`tolerance`) is still no miss. `better` says which way is good where the metric
    does not; `parent` is the goal that it serves."""

    name: str = Field(min_length=1)
    metric: str = Field(min_length=1)
    target: Number
    tolerance: Size = 0.0
    owner: str = ""
    parent: str = ""
    better: Literal["more", "less", ""] = ""


_PERIOD = re.compile(r"(\d{1,3}) days?")


class SloSection(Section):
    """A service level objective: an `objective` share of good events over a `period` ("30 days"). Metric "availability": calls that are
    answered; "latency": calls answered within `threshold` milliseconds."""

    metric: Literal["availability", "latency"]
    objective: Share
    threshold: Size | None = None
    period: str = "30 days"
    name: str = ""

    def problem(self) -> str:
        """Say what is wrong with the fields; empty if nothing is."""
        if not 0 < self.objective < 1:
            return f"objective is a share of good events between 0 and 1, such as 0.999, not {self.objective:g}"
        if (self.metric == "latency") != (self.threshold is not None):
            return "a latency needs a threshold in milliseconds, an availability has none"
        if _PERIOD.fullmatch(self.period) is None or not self.span:
            return f"period is a number of days, such as '30 days', not '{self.period}'"
        return ""

    @property
    def span(self) -> timedelta:
        """The period."""
        return timedelta(days=int(self.period.split()[0]))

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or ("availability" if self.threshold is None else f"latency within {self.threshold:g} ms")

    @property
    def id(self) -> str:
        """Its name in tables."""
        return f"slo:{self.name or (self.metric if self.threshold is None else f'{self.metric}_{self.threshold:g}_ms')}"
