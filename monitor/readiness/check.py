"""One thing that is asked of a model before it goes live, and what all of them say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.readiness.candidate import Sort

NONE = float("nan")
QUESTIONS: Mapping[str, str] = {
    "reproduces": "Does the model file say what was logged?",
    "skew": "Does it say so on the latest rows that were served?",
    "performance": "Is it good enough?",
    "calibration": "Are its probabilities as good?",
    "segments": "Is it good enough in every segment?",
    "fairness": "Does it treat groups alike?",
    "overfitting": "Is it as good on rows that it never saw?",
    "robustness": "Would it be seen if its inputs broke?",
    "service": "Does it keep its budgets of latency and cost?",
    "contract": "Do its inputs keep their contract?",
    "incidents": "Is it free of severe incidents that go on?",
    "owner": "Who answers for it?",
    "rollback": "What is gone back to?",
}
PAGES: Mapping[str, str] = {
    "reproduces": "explanations", "skew": "explanations", "calibration": "performance", "overfitting": "performance", "robustness": "drill",
    "service": "operations", "owner": "alerts", "rollback": "setup",
}  # fmt: skip
"""Pages to look at where they are not called as the check is."""


class Verdict(StrEnum):
    """What a check says."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNSHOWN = "not shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check: its `verdict`, the `figure` with the ends of its 95 % interval, the `n` that it rests on, the `limit` that it is held
    against and the `source` of that, what the figure is (`of`), and what it says in a sentence; `at` is the page to look at where it is
    another than usual. nan: there is no such number."""

    name: str
    verdict: Verdict
    said: str
    of: str = ""
    figure: float = NONE
    lower: float = NONE
    upper: float = NONE
    n: int = 0
    limit: float = NONE
    source: str = ""
    at: str = ""
    required: bool = False

    @property
    def question(self) -> str:
        """What it asks."""
        return QUESTIONS[self.name]

    @property
    def page(self) -> str:
        """Address of the page to look at."""
        return self.at or PAGES.get(self.name, self.name)

    @property
    def blocks(self) -> bool:
        """Whether the model may not go live for it."""
        return self.verdict is Verdict.FAIL or (self.required and self.verdict is Verdict.UNSHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """All checks of a model; `told` is what it is called, `prints` hashes of what they rest on by what it is."""

    case: str
    candidate: str
    told: str
    sort: Sort
    checks: tuple[Check, ...]
    sampled: bool
    seconds: float
    prints: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def blocking(self) -> tuple[Check, ...]:
        """The checks that it may not go live for."""
        return tuple(one for one in self.checks if one.blocks)

    @property
    def ready(self) -> bool:
        """Whether it may go live."""
        return not self.blocking


def unshown(name: str, why: str) -> Check:
    """Return a check that cannot be shown, and why."""
    return Check(name=name, verdict=Verdict.UNSHOWN, said=why)


def weighed(change: float, lower: float, upper: float, floor: float) -> Verdict:
    """Say whether something is no worse by as much as matters, from its change for the better with a 95 % interval.

    It is where the whole interval lies above -floor. It is worse where it is so beyond chance and by as much as matters. Else nobody knows.

    >>> weighed(-0.005, -0.01, 0.0, 0.02), weighed(-0.03, -0.05, -0.01, 0.02), weighed(-0.01, -0.05, 0.03, 0.02)
    (<Verdict.PASS: 'pass'>, <Verdict.FAIL: 'fail'>, <Verdict.UNSHOWN: 'not shown'>)
    """
    if lower > -floor:
        return Verdict.PASS
    return Verdict.FAIL if upper < 0 and change <= -floor else Verdict.UNSHOWN
