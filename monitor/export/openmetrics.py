"""Judged analyses as text for Prometheus: OpenMetrics 1.0, or the older text format for a node exporter's textfile collector."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from monitor.judgement.judged import Judged

Format = Literal["openmetrics", "prometheus"]
FORMATS: tuple[Format, ...] = ("openmetrics", "prometheus")
CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number with its labels, at a moment in seconds since 1970 (None: now)."""

    labels: Mapping[str, str]
    value: float
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers of one name: what they are, their type (gauge or counter) and their unit, which the name ends with."""

    name: str
    help: str
    samples: tuple[Sample, ...] = field(default_factory=tuple)
    type: str = "gauge"
    unit: str = ""


def render(families: Iterable[Family], form: Format = "openmetrics") -> str:
    r"""Write families as text. The older format knows no units, no end, and is written without moments, which textfile collectors refuse.

    Examples
    --------
    >>> one = Sample({"case": 'nyc "flights"\n2013', "column": "temp_f", "method": "psi"}, 8.444)
    >>> print(render([Family("driftscope_drift_score", "Score.", (one,))]), end="")
    # HELP driftscope_drift_score Score.
    # TYPE driftscope_drift_score gauge
    driftscope_drift_score{case="nyc \"flights\"\n2013",column="temp_f",method="psi"} 8.444
    # EOF
    """
    new = form == "openmetrics"
    lines = [line for one in families if one.samples for line in _family(one, new=new)]
    return "".join(f"{line}\n" for line in [*lines, *(["# EOF"] if new else [])])


def _family(one: Family, *, new: bool) -> Iterator[str]:
    sample_name = f"{one.name}_total" if one.type == "counter" else one.name
    name = one.name if new else sample_name
    yield f"# HELP {name} {_escaped(one.help, quotes=new)}"
    yield f"# TYPE {name} {one.type}"
    if new and one.unit:
        yield f"# UNIT {name} {one.unit}"
    for sample in one.samples:
        labels = ",".join(f'{key}="{_escaped(value, quotes=True)}"' for key, value in sample.labels.items())
        moment = f" {_number(sample.at)}" if new and sample.at is not None else ""
        yield f"{sample_name}{{{labels}}} {_number(sample.value)}{moment}"


def _escaped(text: str, *, quotes: bool) -> str:
    told = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", " ")
    return told.replace('"', '\\"') if quotes else told


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))


_VALUES: Mapping[str, tuple[str, str, tuple[str, ...], str]] = {
    "drift": (
        "driftscope_drift_score",
        "Score of a column in the last whole window.",
        ("column", "method"),
        "score",
    ),
    "predictions": ("driftscope_output_score", "The same of what the model answers.", ("column", "method"), "score"),
    "multivariate": ("driftscope_joint_score", "Score of joint drift in the last whole window.", ("method",), "score"),
    "quality": ("driftscope_quality_share", "Share of rows that fail a check in the last whole window.", ("column", "check"), "value"),
    "contract": ("driftscope_contract_share", "Share of rows that break a clause in the last whole window.", ("check",), "value"),
    "performance": ("driftscope_performance", "Metric of the model in the last whole window.", ("segment", "class", "metric"), "value"),
    "operations": ("driftscope_operation", "Metric of the service in the last whole window.", ("segment", "metric"), "value"),
}
"""Of analyses whose table has a number by window: name, help, columns that are labels, column of the number."""


_STANDING: tuple[Family, ...] = (
    Family("driftscope_findings", "Findings by verdict and by where they stand in time."),
    Family("driftscope_window_end_seconds", "End of the last whole window, seconds since 1970.", unit="seconds"),
)


def families_named() -> Mapping[str, Family]:
    """Return every family that is exported, by its name, without samples."""
    valued = (Family(name, told) for name, told, *_ in _VALUES.values())
    return {one.name: one for one in (*_STANDING, *valued)}


def families_of(found: Sequence[Judged], case: str) -> list[Family]:
    """Return what judged analyses say as families: findings by state, numbers of the last whole window, and its end."""
    counted = [
        Sample({"case": case, "analysis": one.analysis, "status": status, "state": state}, float(rows))
        for one in found
        for (status, state), rows in sorted(_states(one).items())
    ]
    ends = [Sample({"case": case, "analysis": one.analysis}, end) for one in found if (end := _last(one)[1]) is not None]
    valued = [_values(one, case) for one in found if one.analysis in _VALUES]
    findings, window_ends = _STANDING
    return [replace(findings, samples=tuple(counted)), replace(window_ends, samples=tuple(ends)), *valued]


def _states(judged: Judged) -> Counter[tuple[str, str]]:
    counted = Counter((one.status, one.state.value) for one in judged.findings)
    for status in ("alert", "warning"):
        for state in ("new", "ongoing", "over"):
            counted.setdefault((status, state), 0)
    return counted


def _last(judged: Judged) -> tuple[str | None, float | None]:
    """Return id and end, in seconds since 1970, of the last window that is not cut short."""
    whole = np.flatnonzero(~judged.partial)
    if not len(whole):
        return None, None
    at = int(whole[-1])
    end = judged.windows.end[at]
    return judged.windows.ids[at], None if np.isnat(end) else float(end.astype("datetime64[us]").astype(np.int64) / 1e6)


def _values(judged: Judged, case: str) -> Family:
    name, told, keys, value = _VALUES[judged.analysis]
    window, end = _last(judged)
    table = judged.table
    rows = table[table["window"].eq(window)] if window is not None else table.iloc[:0]
    if "primary" in rows:
        rows = rows[rows["primary"].astype(bool)]
    rows = rows[pd.to_numeric(rows[value], errors="coerce").notna()]
    labels = [key for key in keys if key in rows]
    samples = {
        tuple("" if pd.isna(row[key]) else str(row[key]) for key in labels): float(row[value]) for row in rows.to_dict(orient="records")
    }
    made = (Sample({"case": case, **dict(zip(labels, texts, strict=True))}, number, end) for texts, number in samples.items())
    return Family(name, told, tuple(made))
