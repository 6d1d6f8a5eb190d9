"""Evidently: reports of 0.7 and later as JSON, and the snapshots that its workspace keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.errors import SourceError
from monitor.imports.reading import Draft, File, number, numbers_in, text
from monitor.stats.compat.evidently import METHODS

TOOL = "evidently"
FAILED, PASSED = "FAIL", "SUCCESS"
_IDS = {name.casefold(): one for one in METHODS for name in (one.id.partition(".")[2], one.title)} | {
    # Evidently writes a title with a hyphen where ours has none.
    "energy-distance": next(one for one in METHODS if one.id == "evidently.ed")
}


def is_report(content: Any) -> bool:
    """Say whether JSON looks like a report of Evidently 0.7 or later."""
    found = content.get("metrics") if isinstance(content, Mapping) else None
    return isinstance(found, list) and any(isinstance(one, Mapping) and "config" in one and "value" in one for one in found)


def is_snapshot(content: Any) -> bool:
    """Say whether JSON looks like a snapshot of a workspace of 0.7 or later."""
    return isinstance(content, Mapping) and isinstance(content.get("metric_results"), Mapping) and "top_level_metrics" in content


def read_report(file: File, draft: Draft) -> None:
    """Read a report as `snapshot.json()` and `save_json` write it; it holds neither a time nor a version.

    Raises
    ------
    SourceError
        It is no such report.
    """
    content = file.json()
    tests = _tests(content.get("tests"))
    for one in _objects(content["metrics"], file):
        _metric(draft, one.get("config") or {}, one.get("value"), tests.get(str(one.get("id")), {}), "")
    draft.timeless = True


def read_snapshot(file: File, draft: Draft) -> None:
    """Read a snapshot of a workspace: what a report holds, and its moment.

    Raises
    ------
    SourceError
        It is no such snapshot.
    """
    content = file.json()
    start = file.moment(content.get("timestamp"))
    for one in _objects(list(content["metric_results"].values()), file):
        place = (one.get("metric_value_location") or {}).get("metric") or {}
        tests = _tests(one.get("tests")).get(str(place.get("metric_id")), {})
        _metric(draft, place.get("params") or {}, _value(one), tests, start)


def _objects(found: Any, file: File) -> Iterator[Mapping[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise SourceError(f"'{file.path}' looks like a file of Evidently, but its metrics are not objects.")
    yield from found


def _value(one: Mapping[str, Any]) -> Any:
    """Return the value of a result of a snapshot as a report would write it."""
    if "count" in one and "share" in one:
        return {name: _value(one[name]) if isinstance(one[name], Mapping) else one[name] for name in ("count", "share")}
    if "mean" in one and "std" in one:
        return {name: _value(one[name]) if isinstance(one[name], Mapping) else one[name] for name in ("mean", "std")}
    if isinstance(one.get("values"), Mapping):
        return {name: _value(part) if isinstance(part, Mapping) else part for name, part in one["values"].items()}
    return one.get("value")


Tests = Mapping[bool, Mapping[str, Any]]


def _tests(found: Any) -> dict[str, Tests]:
    """Return the tests by the id of their metric; of a count and its share, that of the count under True."""
    tests: dict[str, dict[bool, Mapping[str, Any]]] = {}
    for one in found if isinstance(found, list) else ():
        if isinstance(one, Mapping):
            kept = tests.setdefault(str((one.get("metric_config") or {}).get("metric_id")), {})
            of_count = bool((one.get("bound_test") or {}).get("is_count", False))
            if kept.get(of_count, {}).get("status") != FAILED:  # of several tests of one number, one that failed is the alarm
                kept[of_count] = one
    return dict(tests)


def _metric(draft: Draft, config: Mapping[str, Any], value: Any, tests: Tests, start: str) -> None:
    """Keep what one metric reported: a number, or several with names."""
    called = str(config.get("type", "")).rpartition(":")[2] or "metric"
    column = text(config.get("column"))
    if number(value) is not None:
        told = drift_of(config.get("method"), config.get("threshold"), number(value)) if "method" in config else {}
        draft.add(**{"metric": called, "column": column, "value": number(value), "start": start, **told, **_tested(tests.get(False))})
    elif isinstance(value, Mapping) and (found := _named_numbers(value)):
        for name, one in found.items():
            draft.add(metric=f"{called}.{name}", column=column, value=one, start=start, **_tested(tests.get(name == "count")))
    elif value is not None:
        draft.note(f"{called}{f' of {column}' if column else ''}: what it reported is neither a number nor numbers with names; left out.")


def _named_numbers(value: Mapping[str, Any]) -> dict[str, float]:
    """Return numbers with their names; those of levels (`shares` of each) have the name of the level behind a dot."""
    inside = {
        f"{name}.{level}": one for name, part in value.items() if isinstance(part, Mapping) for level, one in numbers_in(part).items()
    }
    return numbers_in(value) | inside


def drift_of(method: object, threshold: object, value: float | None) -> dict[str, Any]:
    """Return method, threshold and alarm of a drift score, by the rule of Evidently's own method; of an unknown one only its name.

    >>> drift_of("K-S p_value", 0.05, 0.01)["alarm"], drift_of("mine", 0.05, 0.01)
    (True, {'method': 'mine'})
    """
    known, limit = _IDS.get(str(method).casefold()), number(threshold)
    if known is None:
        return {"method": text(method)}
    side = "threshold_lower" if known.is_p_value else "threshold_upper"
    if limit is None or value is None:
        return {"method": known.id}
    return {"method": known.id, side: limit, "alarm": value < limit if known.is_p_value else value >= limit}


def _tested(test: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a test says: its alarm before any rule of ours, its threshold where it has one, its words."""
    if test is None or test.get("status") not in (FAILED, PASSED):
        return {}
    asked = test.get("test_config") or {}
    limit, sort = number(asked.get("threshold")), str(asked.get("type"))
    side = "threshold_upper" if "LessThan" in sort or "LessOrEqual" in sort else "threshold_lower" if "Greater" in sort else ""
    told: dict[str, Any] = {"alarm": test["status"] == FAILED, "message": text(test.get("description"))}
    return told if limit is None or not side else {**told, side: limit}
