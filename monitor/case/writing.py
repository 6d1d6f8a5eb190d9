"""Writing a case back to its case.toml, whole or not at all, with the comments that stand there."""

from __future__ import annotations

import glob
import stat
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit

from monitor.atomic import replacing
from monitor.case.alerting import AlertSection
from monitor.case.file import CASE_FILE
from monitor.case.goals import KpiSection, SloSection
from monitor.case.model import Annotation, Case
from monitor.case.own_code import MethodSection, MetricSection
from monitor.case.retraining import RetrainingSection, TriggerSection
from monitor.case.section import Section
from monitor.case.threshold_settings import THRESHOLDS, settings_of
from monitor.case.thresholds import Thresholds
from monitor.gate import Right, passing
from monitor.vocabulary import Kind

DAY_SECONDS = 86_400


def save_case(case: Case, *, right: Right = Right.OWN) -> Path:
    """Write the case to its case.toml in one step, keeping the comments of the file that stands there.

    Parameters
    ----------
    right : what it takes where people sign in.

    Raises
    ------
    AccessError
        Whoever asks has not that right.
    CaseError
        The case contradicts itself: it could not be read back.
    """
    case.check()
    path = case.root / CASE_FILE
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    _merge(document, _content(case))
    _merge_thresholds(document, case.thresholds)
    _merge_listed(document, "annotations", Annotation, case.annotations)
    _merge_listed(document, "methods", MethodSection, case.methods)
    _merge_listed(document, "metrics", MetricSection, case.metrics)
    _merge_listed(document, "slo", SloSection, case.slo)
    _merge_listed(document, "kpis", KpiSection, case.kpis)
    _merge_listed(document, "alerts", AlertSection, case.alerts)
    _merge_retraining(document, case.retraining)
    write_atomically(path, tomlkit.dumps(document), right=right)
    return path


def write_atomically(path: Path, text: str, *, right: Right = Right.OWN) -> None:
    """Write a text file under a temporary name and move it into place, so that no half file is ever seen.

    A file that is replaced keeps its permissions; a new one is its owner's alone (mode 600). Where people
    sign in, it takes the `right`.

    Raises
    ------
    AccessError
        Whoever asks has not that right.
    """
    with passing(right, f"wrote {path.name}", path, text.encode()):
        _write_atomically(path, text)


def _write_atomically(path: Path, text: str) -> None:
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):  # of a process that was killed, a day ago or more
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < time.time() - DAY_SECONDS:
                left.unlink()
    with replacing(path, private=True) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        if path.is_file():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))


def _content(case: Case) -> dict[str, Any]:
    sections: dict[str, dict[str, Any]] = {
        "case": {"name": case.name, "task": case.task.value, "description": case.description or None, "owner": case.owner or None},
        "data": case.data.model_dump(exclude_defaults=True),
        "roles": case.roles.model_dump(),
        "kinds": {column: Kind(kind).value for column, kind in case.kinds.items()},
        "labels": dict(case.labels_text),
        "formats": dict(case.formats),
        "model": case.model.model_dump(exclude_defaults=True) if case.model else {},
        "value": case.value.model_dump(exclude_defaults=True) if case.value else {},
        "pipeline": _pipeline_content(case),
        "ownership": case.ownership.model_dump(exclude_defaults=True) if case.ownership else {},
        "readiness": case.readiness.model_dump(exclude_defaults=True) if case.readiness else {},
        "windows": _window_content(case),
        "segments": dict(case.segments),
    }
    return {name: {key: _plain(key, value) for key, value in keys.items()} for name, keys in sections.items()}


def _pipeline_content(case: Case) -> dict[str, Any]:
    content = {} if case.pipeline is None else case.pipeline.model_dump(exclude_defaults=True)
    feeds = {job: list(columns) for job, columns in content.pop("feeds", {}).items()}
    return {**content, **({"feeds": feeds} if feeds else {})}


def _window_content(case: Case) -> dict[str, Any]:
    rows = case.windows.unit == "rows"
    return {"size": None if rows else str(case.windows), "rows": case.windows.count if rows else None, "timezone": case.timezone}


def _plain(key: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value) if value or key in ("features", "missing") else None
    return value


def _merge(document: Any, content: Mapping[str, Mapping[str, Any]]) -> None:
    for name, keys in content.items():
        kept = {key: value for key, value in keys.items() if value is not None}
        if not kept:
            document.pop(name, None)
            continue
        table = document.setdefault(name, tomlkit.table())
        for key in [key for key in table if key not in kept]:
            table.remove(key)
        for key, value in kept.items():
            if key not in table or not _same(table[key], value):
                table[key] = value


def _merge_thresholds(document: Any, wanted: Thresholds) -> None:
    """Write `[thresholds]` anew only where it says something else; what is the default is left out."""
    written = document.get("thresholds")
    if written is not None and THRESHOLDS.validate_python(written.unwrap()) == wanted:
        return
    document.pop("thresholds", None)
    content = settings_of(wanted)
    if content:
        document["thresholds"] = tomlkit.item(content)


def _merge_retraining(document: Any, wanted: RetrainingSection | None) -> None:
    """Write `[retraining]` with its rules anew only where it says something else."""
    written = document.get("retraining")
    if (None if written is None else RetrainingSection.model_validate(written.unwrap())) == wanted:
        return
    document.pop("retraining", None)
    if wanted is not None:
        document["retraining"] = {"target": wanted.target}
        _merge_listed(document["retraining"], "triggers", TriggerSection, wanted.triggers)


def _merge_listed(document: Any, name: str, model: type[Section], wanted: Sequence[Section]) -> None:
    """Write `[[name]]` only where it says something else: what stays is left as it is written, what is gone is taken out."""
    listed = document.get(name)
    written = [model.model_validate(one) for one in (listed.unwrap() if listed is not None else ())]
    if written == list(wanted):
        return
    kept = [one for one in written if one in wanted]
    if kept != list(wanted)[: len(kept)]:  # in another order
        document.pop(name, None)
        kept, written = [], []
    for place in reversed([at for at, one in enumerate(written) if one not in wanted]):
        del listed[place]
    if not wanted:
        document.pop(name, None)
        return
    tables = document[name] if kept else tomlkit.aot()
    for one in wanted[len(kept) :]:
        tables.append(tomlkit.item(_listed_plain(one.model_dump(exclude_defaults=True))))
    if not kept:
        document[name] = tables


def _listed_plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return keys as TOML holds them; a group within them stands on its line."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            found[key] = tomlkit.inline_table()
            found[key].update(_listed_plain(value))
        else:
            found[key] = list(value) if isinstance(value, tuple) else value
    return found


def _same(old: Any, new: Any) -> bool:
    plain = old.unwrap() if hasattr(old, "unwrap") else old
    return (bool(plain == new or [plain] == new) and type(plain) is not bool) or plain is new
