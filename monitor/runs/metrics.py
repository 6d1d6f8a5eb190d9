"""Stored runs of cases as numbers for Prometheus: what was judged, and whether and when it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.export.openmetrics import Family, Sample, families_named
from monitor.judgement.finding import State
from monitor.runs.stored import Stored
from monitor.vocabulary import Severity

INCIDENTS = Family("driftscope_incidents", "Open incidents by severity and by whether they are new.")
LOOKED = Family("driftscope_run_end_seconds", "When a run last finished, seconds since 1970.", unit="seconds")
LASTED = Family("driftscope_run_duration_seconds", "How long the last run that judged took.", unit="seconds")
FAILED = Family("driftscope_run_failed", "1 where the last run could not judge, else 0.")
LABELLED = Family("driftscope_label_share", "Rows of production that have a label, over all its rows.")
OF_RUNS = (INCIDENTS, LOOKED, LASTED, FAILED, LABELLED)


def exported() -> Mapping[str, Family]:
    """Return every family that a run or `serve-metrics` exports, by its name, without samples."""
    return {**families_named(), **{one.name: one for one in OF_RUNS}}


def families_of_runs(runs: Sequence[Stored]) -> list[Family]:
    """Return the numbers of several cases, each name once. Of two cases of one name the first counts: two samples alike are refused."""
    found = [one for run in runs for one in (*run.families(), *_of_run(run))]
    return [replace(named, samples=_once(one.samples for one in found if one.name == named.name)) for named in exported().values()]


def _once(several: Iterable[tuple[Sample, ...]]) -> tuple[Sample, ...]:
    kept: dict[tuple[tuple[str, str], ...], Sample] = {}
    for samples in several:
        for one in samples:
            kept.setdefault(tuple(sorted(one.labels.items())), one)
    return tuple(kept.values())


def _of_run(run: Stored) -> list[Family]:
    own = {"case": run.case}
    counted = [
        Sample({**own, "severity": severity.value, "state": state.value}, float(_count(run, severity, state)))
        for severity in Severity
        for state in (State.NEW, State.ONGOING)
    ]
    labelled = () if run.label_share is None else (Sample(own, run.label_share),)
    looked = () if not run.looked else (Sample(own, datetime.fromisoformat(run.looked).timestamp()),)
    judged = bool(run.judged)
    return [
        replace(INCIDENTS, samples=tuple(counted) if judged else ()),
        replace(LOOKED, samples=looked),
        replace(LASTED, samples=(Sample(own, run.seconds),) if judged else ()),
        replace(FAILED, samples=(Sample(own, float(bool(run.error))),)),
        replace(LABELLED, samples=labelled),
    ]


def _count(run: Stored, severity: Severity, state: State) -> int:
    return sum(one.severity is severity and one.state is state for one in run.incidents)
