"""Thresholds of the verdicts on joint drift: what is set in case.toml, and the defaults with their reasons."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.errors import SettingError, nearest

FLOORS: Mapping[str, float] = {
    "hotelling_t2": 0.01,
    "gaussian_distance": 0.02,
    "correlation": 0.02,
    "cell_shares": 0.002,
    "rules": 0.02,
    "domain_classifier": 0.55,
    "sliced_wasserstein": 0.03,
}
"""Smallest score worth a look, in the method's unit: about a tenth of a standard deviation, or a few points of the rows."""
LEAST_ROWS: Mapping[str, int] = {"rules": 200}
"""Rows below which a method says nothing (where that is more than for all methods): a handful of neighbours would decide."""


@dataclass(frozen=True, slots=True)
class MultivariateThresholds:
    """How joint drift is judged: `q` the share of screens without change on which anything may be named, `floors` the smallest score that
    matters by method, `alert` how many times as far as it has to be a run must be for an alert, `min_rows` below which a window is not
    judged."""

    q: float = 0.05
    alert: float = 1.5
    min_rows: int = 50
    floors: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> MultivariateThresholds:
        """Read the `[thresholds]` of a case (its `multivariate` part).

        Raises
        ------
        SettingError
            A name is unknown or a value out of range.
        """
        given = settings.get("multivariate", {})
        known = [one.name for one in dataclasses.fields(cls)]
        for name in given:
            if name not in known:
                raise SettingError(f"There is no threshold 'multivariate.{name}'.{nearest(name, known)} Known are: {', '.join(known)}.")
        found = cls(**given)
        found._check()
        return found

    def _check(self) -> None:
        for name, value in {"q": self.q}.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
                raise SettingError(f"Threshold 'multivariate.{name}' is {value!r}; give a share between 0 and 1, such as 0.05.")
        for name, value in {"alert": self.alert, **{f"floors.{k}": v for k, v in self.floors.items()}}.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise SettingError(f"Threshold 'multivariate.{name}' is {value!r}; give a number of 0 or more.")
        if not isinstance(self.min_rows, int) or self.min_rows < 1:
            raise SettingError(f"Threshold 'multivariate.min_rows' is {self.min_rows!r}; give a number of rows, such as 50.")

    def floor_of(self, method: str) -> float:
        """Return the smallest score of a method that matters (0 where none is customary)."""
        return float(self.floors.get(method, FLOORS.get(method, 0.0)))

    def least_rows(self, method: str) -> int:
        """Return the rows below which a method says nothing, where that is more than for all methods."""
        return LEAST_ROWS.get(method, 0)
