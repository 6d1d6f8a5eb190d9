"""Thresholds of the verdicts on drift: what is set in case.toml, and the defaults with their reasons."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from monitor.errors import SettingError, nearest
from monitor.stats.methods.method import Catalogue

PRIMARY = "js"
JUDGED_BY = (
    PRIMARY, "wasserstein_sd", "missing_share", "out_of_range", "new_levels", "lost_levels", "vocabulary_classifier", "new_words",
)  # fmt: skip
"""What speaks for a column: a divergence that sees every change, a distance without a ceiling, what went missing or is new; for texts how
well their words tell them apart."""
FLOORS: Mapping[str, float] = {
    "js": 0.05,
    "psi": 0.02,
    "kl": 0.01,
    "kl_reverse": 0.01,
    "symmetric_kl": 0.02,
    "hellinger": 0.05,
    "tv": 0.05,
    "l_infinity": 0.03,
    "ks": 0.05,
    "kuiper": 0.05,
    "wasserstein_sd": 0.1,
    "mean_shift": 0.1,
    "quantile_shift": 0.1,
    "cramers_v": 0.05,
    "entropy_change": 0.05,
    "top_share": 0.03,
    "missing_share": 0.01,
    "new_levels": 0.001,
    "out_of_range": 0.001,
    "revived": 0.001,
    "constant": 0.5,
    "lost_levels": 1.0,
    "cardinality_change": 1.0,
    "vocabulary_classifier": 0.05,
    "new_words": 0.02,
}
"""Smallest score worth a look, in the method's unit: about a tenth of a standard deviation, or five points of a distribution's mass."""


@dataclass(frozen=True, slots=True)
class DriftThresholds:
    """How drift is judged.

    `floor` is the smallest score of the primary method that matters; `alert` how many floors make an alert; `q` the share of screens
    without change on which any column may be named; `min_rows` below which a window is not judged; `method` maps a column (or a glob) to
    the one method that judges it; `floors` a method to its floor; `fixed` maps "column" or "column:method" (globs) to a score that alone
    makes an alert, whatever chance does.
    """

    floor: float | None = None
    alert: float = 2.5
    q: float = 0.05
    min_rows: int = 30
    method: Mapping[str, str] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> DriftThresholds:
        """Read the `[thresholds]` of a case (its `drift` part).

        Raises
        ------
        SettingError
            A name is unknown or a value out of range.
        """
        drift = settings.get("drift", {})
        known = [one.name for one in dataclasses.fields(cls)]
        for name in drift:
            if name not in known:
                raise SettingError(f"There is no threshold 'drift.{name}'.{nearest(name, known)} Known are: {', '.join(known)}.")
        found = cls(**drift)
        found._check()
        return found

    def _check(self) -> None:
        positive = {"floor": self.floor, "alert": self.alert, **{f"floors.{k}": v for k, v in self.floors.items()}}
        positive |= {f"fixed.{_quoted(k)}": v for k, v in self.fixed.items()}
        for name, value in positive.items():
            if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0):
                raise SettingError(f"Threshold 'drift.{name}' is {value!r}; give a number of 0 or more.")
        if isinstance(self.q, bool) or not isinstance(self.q, (int, float)) or not 0 < self.q < 1:
            raise SettingError(f"Threshold 'drift.q' is {self.q!r}; give a share between 0 and 1, such as 0.05.")
        if not isinstance(self.min_rows, int) or self.min_rows < 1:
            raise SettingError(f"Threshold 'drift.min_rows' is {self.min_rows!r}; give a number of rows, such as 30.")

    def methods_of(self, column: str) -> tuple[str, ...]:
        """Return the ids of the methods that the column is judged by: the one that was set for it, else JUDGED_BY."""
        return next(((method,) for pattern, method in self.method.items() if fnmatchcase(column, pattern)), JUDGED_BY)

    def with_own(self, catalogue: Catalogue) -> DriftThresholds:
        """Return thresholds that know the floors which the authors of a case's own methods gave them; those that were set win."""
        own = {method.id: method.floor for method in catalogue if method.floor is not None}
        return replace(self, floors={**own, **self.floors}) if own else self

    def floor_of(self, method: str) -> float:
        """Return the smallest score of a method that matters (0 where none is customary)."""
        if method in self.floors:
            return float(self.floors[method])
        if method == PRIMARY and self.floor is not None:
            return float(self.floor)
        return FLOORS.get(method, 0.0)

    def fixed_of(self, column: str, method: str) -> float | None:
        """Return the analyst's fixed threshold of a method on a column, if there is one."""
        for pattern, value in self.fixed.items():
            alone = method == self.methods_of(column)[0] and _names(pattern, column)
            if alone or (pattern.endswith(f":{method}") and _names(pattern.removesuffix(f":{method}"), column)):
                return float(value)
        return None

    def is_fixed(self, column: str) -> bool:
        """Say whether a column is judged by what the analyst set, and by nothing else."""
        return any(self.fixed_of(column, one) is not None for one in self.methods_of(column))


def _names(pattern: str, column: str) -> bool:
    return column == pattern or fnmatchcase(column, pattern)


def with_settings(thresholds: Mapping[str, Any], assignments: Mapping[str, str]) -> dict[str, Any]:
    """Return `[thresholds]` with `--set key=value` assignments put in; a key is dotted, a value a number if it reads as one.

    >>> with_settings({"drift": {"q": 0.05}}, {"drift.floor": "0.1"})
    {'drift': {'q': 0.05, 'floor': 0.1}}
    """
    merged = {key: dict(value) if isinstance(value, Mapping) else value for key, value in thresholds.items()}
    for key, text in assignments.items():
        *path, last = key_path(key)
        place: dict[str, Any] = merged
        for step in path:
            inner = place.get(step, {})
            if not isinstance(inner, Mapping):
                raise SettingError(f"'{key}' cannot be set: '{step}' is a value, not a group.")
            place[step] = dict(inner)
            place = place[step]
        place[last] = _number(text)
    return merged


def key_path(key: str) -> tuple[str, ...]:
    """Read a dotted key; names that hold dots, blanks or quotes stand in quotes, as in TOML.

    >>> key_path('drift.fixed."my.col:psi"')
    ('drift', 'fixed', 'my.col:psi')

    Raises
    ------
    SettingError
        It cannot be read.
    """
    if not re.fullmatch(rf"{_NAME}(\.{_NAME})*", key):
        raise SettingError(f"'{key}' is not a key. Write a name that holds dots or quotes in quotes: drift.fixed.\"my.column\".")
    return tuple(_unquoted(part.strip()) for part in re.findall(_NAME, key))


_NAME = r"""(?:\s*"(?:[^"\\]|\\.)*"\s*|\s*'[^']*'\s*|[^."']+)"""


def _unquoted(part: str) -> str:
    if part[0] not in "\"'":
        return part
    try:
        return str(tomlkit.parse(f"name = {part}").unwrap()["name"])
    except TOMLKitError as error:
        raise SettingError(f"{part} is not a name in quotes: {error}.") from error


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w*:-]+", name) else f'"{name}"'


def _number(text: str) -> Any:
    if text[:1] in "\"'" and text[-1:] == text[:1]:
        return _unquoted(text)
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
