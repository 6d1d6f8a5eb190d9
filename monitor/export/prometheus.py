"""What Prometheus answers to a range query, as a table that a case can name as its data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from monitor.errors import SourceError

TIME, VALUE = "timestamp", "value"
NAME, METRIC = "__name__", "metric"


def read_range(text: str) -> pd.DataFrame:
    """Return the samples of a range (or instant) query: a column a label, `timestamp` in UTC, `value`; NaN and infinities as they are.

    A label that is called as one of these, or `metric` beside the name, is exported_timestamp: as Prometheus calls labels that clash.

    Raises
    ------
    SourceError
        It is no answer of Prometheus, an error, or holds histograms.

    Examples
    --------
    >>> answer = '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"job":"node"},"values":[[1.5,"1"],[2,"NaN"]]}]}}'
    >>> read_range(answer)["value"].tolist()
    [1.0, nan]
    """
    try:
        answer = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceError(f"This is no JSON: {error}. Give what /api/v1/query_range answers.") from error
    if not isinstance(answer, dict) or "status" not in answer:
        raise SourceError("This is no answer of Prometheus: it has no status. Give what /api/v1/query_range answers.")
    if answer["status"] != "success":
        raise SourceError(f"Prometheus answered with an error ({answer.get('errorType')}): {answer.get('error')}.")
    data = answer.get("data") or {}
    if data.get("resultType") not in ("matrix", "vector"):
        raise SourceError(f"An answer of type '{data.get('resultType')}' is not read; ask for a range, which is a matrix.")
    rows = [row for one in data.get("result", ()) for row in _rows(one)]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[TIME, VALUE])


def _labels(given: Mapping[str, Any]) -> dict[str, str]:
    found = {METRIC: str(given[NAME])} if NAME in given else {}
    for name, value in given.items():
        called = name
        while called in (TIME, VALUE, *found) or (called != name and called in given):
            called = f"exported_{called}"
        if name != NAME:
            found[called] = str(value)
    return found


def _rows(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "histograms" in one or "histogram" in one:
        raise SourceError("Native histograms are not read. Ask for histogram_quantile(...) of them.")
    labels = _labels(one.get("metric") or {})
    pairs = one.get("values") if "values" in one else [one["value"]] if "value" in one else []
    try:
        return [{**labels, TIME: pd.Timestamp(round(float(at) * 1000), unit="ms"), VALUE: float(value)} for at, value in pairs or ()]
    except (TypeError, ValueError) as error:
        raise SourceError(f"A sample of {labels} is no pair of time and number: {error}.") from error
