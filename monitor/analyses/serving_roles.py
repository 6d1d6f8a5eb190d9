"""Columns that say how a service did: which of them a case has, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.engine import Wanted, Workspace
from monitor.stats.operations.catalogue import Operation
from monitor.vocabulary import Role, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingRoles:
    """Columns that say how the service runs, None where the case names none; `present` those that each data set has; `inputs` columns whose
    values should be there; `apdex_ms` the latency that satisfies."""

    task: Task
    latency: str | None
    cost: str | None
    currency: str | None
    saturation: str | None
    status: str | None
    id: str | None
    timestamp: str | None
    label: str | None
    arrived: str | None
    prediction: str | None
    inputs: tuple[str, ...]
    present: Mapping[str, frozenset[str]]
    apdex_ms: float | None

    @classmethod
    def of(cls, workspace: Workspace) -> ServingRoles:
        """Read the roles of a case."""
        case = workspace.case
        roles = case.roles
        both = {
            data: frozenset(name for name, info in workspace.columns.items() if data in info.types) for data in ("reference", "production")
        }
        inputs = [name for name, info in workspace.columns.items() if info.role in (Role.FEATURE, Role.SEGMENT, Role.PROTECTED)]
        return cls(
            task=case.task,
            latency=roles.latency_ms,
            cost=roles.cost,
            currency=roles.currency,
            saturation=roles.saturation,
            status=roles.status,
            id=roles.id,
            timestamp=roles.timestamp,
            label=roles.label,
            arrived=roles.label_timestamp,
            prediction=roles.prediction,
            inputs=tuple(name for name in inputs if all(name in names for names in both.values())),
            present=both,
            apdex_ms=case.thresholds.operations.apdex_ms,
        )

    def wanted(self, by: str | None, data: str) -> Wanted:
        """Return the columns to read of a data set."""
        number = self.task is Task.REGRESSION

        def there(*names: str | None) -> tuple[str, ...]:
            return tuple(dict.fromkeys(name for name in names if name is not None and name in self.present[data]))

        labels = (self.label, self.prediction)
        return Wanted(
            numbers=there(self.latency, self.cost, self.saturation, *(labels if number else ())),
            levels=there(self.status, self.id, self.currency, by, *(() if number else labels)),
            moments=there(self.timestamp, self.arrived),
            filled=self.inputs,
        )

    def lacking(self, metric: Operation) -> str:
        """Say what a case lacks for a metric, inside a sentence."""
        if metric.id == "apdex":
            return "the latency in milliseconds that satisfies: write operations.apdex_ms in [thresholds]"
        if metric.id == "cost_per_correct":
            return "columns with the roles cost, label and prediction (a class)"
        if metric.needs is not None and getattr(self, metric.needs.value.removesuffix("_ms"), None) is not None:
            return f"the column of the role {metric.needs.value} in both data sets"
        return f"a column with the role {metric.needs.value}" if metric.needs is not None else "rows"
