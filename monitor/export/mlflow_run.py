"""What was judged, as a run of MLflow: numbers of the last whole window, findings, report, the case."""

from __future__ import annotations

import math
import re
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.engine.store import digest
from monitor.errors import SourceError
from monitor.export.mlflow_store import Store
from monitor.export.openmetrics import Family

LONGEST_KEY = 250
"""Letters that the name of a metric may have in MLflow."""
BATCH = 1000
"""Metrics that MLflow takes at once."""
_STRANGE = re.compile(r"[^\w\-. :/]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Logged:
    """A run that was written: its id and that of its experiment, how many numbers it has, and names of its artifacts."""

    run: str
    experiment: str
    numbers: int
    artifacts: tuple[str, ...]


def log_run(store: Store, experiment: str, families: Iterable[Family], artifacts: Mapping[str, bytes], tags: Mapping[str, str]) -> Logged:
    """Write a run.

    Parameters
    ----------
    experiment : its name; it is made where there is none, with its artifacts beside the file of the store.
    artifacts : contents by file name.

    Raises
    ------
    SourceError
        The store refuses it; a run that was begun is marked as failed.
    SettingError
        The experiment keeps its artifacts on another machine.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        owner = _experiment(store, experiment)
        run = store.client.create_run(owner, tags=dict(tags))
    except (MlflowException, SQLAlchemyError) as error:
        raise SourceError(f"The store '{store.name}' takes no run of '{experiment}': {str(error).splitlines()[0]}") from error
    key, done = run.info.run_id, False
    try:
        store.place(run.info.artifact_uri)
        numbers = metrics_of(families)
        _log(store, key, numbers)
        with tempfile.TemporaryDirectory() as folder:
            for name, content in artifacts.items():
                path = Path(folder) / name
                path.write_bytes(content)
                store.client.log_artifact(key, str(path))
        done = True
    except (MlflowException, SQLAlchemyError, OSError) as error:
        raise SourceError(f"The run '{key}' could not be written whole: {str(error).splitlines()[0]}") from error
    finally:
        store.client.set_terminated(key, status="FINISHED" if done else "FAILED")
    return Logged(key, owner, len(numbers), tuple(artifacts))


def check_experiment(store: Store, name: str) -> None:
    """Refuse an experiment that cannot be written to, before anything is judged for it.

    Raises
    ------
    SettingError
        It keeps its artifacts on another machine.
    """
    found = store.client.get_experiment_by_name(name)
    if found is not None:
        store.place(found.artifact_location)


def _experiment(store: Store, name: str) -> str:
    """Return the id of an experiment; its artifacts are on this machine, unless the user's settings name the store."""
    found = store.client.get_experiment_by_name(name)
    if found is not None:
        store.place(found.artifact_location)
        return str(found.experiment_id)
    beside = None if store.file is None else (store.file.parent / "mlartifacts").as_uri()
    return str(store.client.create_experiment(name, artifact_location=beside))


@dataclass(frozen=True, slots=True)
class Number:
    """A number as MLflow keeps it; `at` is milliseconds since 1970."""

    key: str
    value: float
    at: int


def metrics_of(families: Iterable[Family]) -> Sequence[Number]:
    """Return numbers by names that MLflow takes: the family, then its labels but the case; no two have one name.

    Examples
    --------
    >>> from monitor.export.openmetrics import Sample
    >>> family = Family("driftscope_drift_strength", "", (Sample({"case": "a", "column": "late?", "method": "psi"}, 1.5, 2.0),))
    >>> metrics_of([family])
    [Number(key='driftscope_drift_strength/late_/psi', value=1.5, at=2000)]
    """
    now, known, found = round(time.time() * 1000), set(), []
    for family in families:
        for sample in family.samples:
            if not math.isfinite(sample.value):
                continue
            labels = [text for label, text in sample.labels.items() if label != "case" and text]
            # Parts of dots and slashes would be paths, which MLflow refuses.
            parts = [_STRANGE.sub("_", part).replace("/", "_").strip(".") or "_" for part in (family.name, *labels)]
            key = "/".join(parts)
            if key in known or len(key) > LONGEST_KEY:
                key = f"{key[: LONGEST_KEY - 9]}_{digest(family.name, sorted(sample.labels.items()))[:8]}"
            known.add(key)
            found.append(Number(key, sample.value, now if sample.at is None else round(sample.at * 1000)))
    return found


def _log(store: Store, run: str, numbers: Sequence[Number]) -> None:
    from mlflow.entities import Metric

    for first in range(0, len(numbers), BATCH):
        batch = [Metric(one.key, one.value, one.at, 0) for one in numbers[first : first + BATCH]]
        store.client.log_batch(run, metrics=batch)
