"""When a model is retrained and who does it, as a case says it. Where its target is, is the receiver's to say, never the case's."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator, model_validator

from monitor.case.alerting import LONGEST_NAME, WhenSection, read_when
from monitor.case.section import Section
from monitor.case.values import Count, Size

SORTS = ("when", "cost", "beyond", "labels")
"""What a rule goes by: one of these."""


class TriggerSection(Section):
    """A rule that says when to retrain, by one of these: an incident (`when`, as rules of alerts have it); money (`cost`) that the model
    brought less than in the reference since the rule last fired; a `metric` worse than in the reference by more than `beyond`, in `running`
    windows one after the other; so many `labels` of production that came in since it last fired."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    when: Annotated[WhenSection | None, BeforeValidator(read_when)] = None
    cost: Size | None = None
    metric: str = ""
    beyond: Size | None = None
    running: Count = 1
    labels: Count | None = None

    @model_validator(mode="after")
    def _one_sort(self) -> TriggerSection:
        given = [name for name in SORTS if getattr(self, name) is not None]
        if len(given) != 1:
            seen = f"both {' and '.join(given)}" if given else "none of them"
            raise ValueError(f"trigger '{self.name}': give one of when (an incident), cost, metric with beyond, or labels, not {seen}")
        if bool(self.metric) != (self.beyond is not None):
            raise ValueError(f"trigger '{self.name}': give both metric and beyond (how much worse than in the reference), or neither")
        if self.running > 1 and self.beyond is None:
            raise ValueError(f"trigger '{self.name}': running counts windows of a metric; give metric and beyond")
        if self.cost == 0:
            raise ValueError(f"trigger '{self.name}': cost is money above 0, such as what a retraining costs")
        return self


class RetrainingSection(Section):
    """Who retrains: `target` names an entry of the receiver's own targets.toml; and `triggers`, rules that say when."""

    target: str = Field(default="", max_length=LONGEST_NAME)
    triggers: tuple[TriggerSection, ...] = ()

    @field_validator("triggers")
    @classmethod
    def _one_of_each(cls, value: tuple[TriggerSection, ...]) -> tuple[TriggerSection, ...]:
        names = [one.name for one in value]
        twice = next((one for one in names if names.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"two triggers have the name '{twice}'; give each a name of its own")
        return value
