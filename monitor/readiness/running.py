"""All checks of a model, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.analyses.recording import versions
from monitor.case import Case
from monitor.case.content import MOST_MODEL_BYTES, checked_file
from monitor.case.readiness import CHECKS, USUAL
from monitor.engine import Cancel, Progress, Workspace
from monitor.engine.store import content_hash, digest
from monitor.errors import CaseError, DriftscopeError
from monitor.incidents.judged import JudgedIncidents
from monitor.readiness.candidate import FORMS, Bench, Candidate, Sort, bench_of, candidate_of
from monitor.readiness.check import Check, Readiness
from monitor.readiness.of_answers import check_calibration, check_performance, check_segments
from monitor.readiness.of_file import check_file
from monitor.readiness.of_incidents import check_incidents
from monitor.readiness.of_model import check_fairness, check_overfitting
from monitor.readiness.of_service import check_contract, check_owner, check_robustness, check_rollback, check_service
from monitor.watch import Watch

AFTER_FILE: Mapping[str, Callable[[Bench], Check]] = {
    "performance": check_performance,
    "calibration": check_calibration,
    "segments": check_segments,
    "fairness": check_fairness,
    "overfitting": check_overfitting,
    "service": check_service,
    "contract": check_contract,
    "incidents": check_incidents,
    "owner": check_owner,
    "rollback": check_rollback,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked about: `candidate` as `candidate_of` reads it, whether a short `drill` is held, and whether incidents are looked for
    (`look`)."""

    candidate: str = ""
    drill: bool = False
    look: bool = True
    seed: int = 0


def examine(
    workspace: Workspace,
    asked: Asked,
    *,
    incidents: JudgedIncidents | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Readiness:
    """Ask everything of a model that a case can show.

    Parameters
    ----------
    incidents : those of all rows, where they were looked for before.

    Raises
    ------
    SettingError, ModelError, SelectionError
        There is no such candidate, or it cannot answer the rows of the case.
    CancelledError
        It was called off.
    """
    watch, began = Watch(progress, cancel), time.perf_counter()
    watch.tell(0.0, "reading the candidate")
    candidate = candidate_of(workspace, asked.candidate)
    with bench_of(workspace, candidate, asked.seed, look=asked.look) as bench:
        if incidents is not None:
            bench.knows(incidents)
        found = _found(bench, asked, watch)
    section = workspace.case.readiness
    required = USUAL if section is None else section.required
    return Readiness(
        case=workspace.case.name,
        candidate=asked.candidate,
        told=candidate.told,
        sort=candidate.sort,
        checks=tuple(replace(found[name], required=name in required) for name in CHECKS),
        sampled=bench.sampled,
        seconds=round(time.perf_counter() - began, 1),
        prints=prints_of(workspace, candidate),
        versions=versions(),
    )


def _found(bench: Bench, asked: Asked, watch: Watch) -> dict[str, Check]:
    watch.tell(0.1, "asking the model again")
    found = {one.name: one for one in check_file(bench)}
    for at, (name, check) in enumerate(AFTER_FILE.items()):
        watch.tell(0.2 + 0.5 * at / len(AFTER_FILE), name)
        found[name] = check(bench)
    part = watch.part(0.7, 1.0)
    found["robustness"] = check_robustness(bench, drill=asked.drill, progress=part.progress, cancel=watch.cancel)
    return found


def prints_of(workspace: Workspace, candidate: Candidate) -> dict[str, str]:
    """Return hashes of what a verdict rests on: data, case, the model's file, the candidate's."""
    case = workspace.case
    prints = {data: workspace.fingerprint(data) for data in ("reference", "production")}
    prints["case"] = digest(case.key(), case.owner, _plain(case.ownership), _plain(case.readiness), [_plain(one) for one in case.kpis])
    return prints | _hash("model", case) | ({"candidate": candidate.sha256} if candidate.sha256 else {})


def _plain(section: object) -> str:
    return repr(section)


def _hash(name: str, case: Case) -> dict[str, str]:
    """Return the hash of the model's file; it is read as bytes and not loaded."""
    if case.model is None or not case.model.path:
        return {}
    try:
        return {name: content_hash(checked_file(case.root.resolve(), case.model.path, most=MOST_MODEL_BYTES))}
    except (CaseError, OSError):
        return {}


def prints_now(workspace: Workspace, name: str) -> dict[str, str] | str:
    """Return the hashes as they are now; a text: why the candidate is not there any more.

    A record may come from a stranger: the file that it names is only hashed, never loaded, and only where it lies in the case folder.
    """
    try:
        if Path(name).suffix.lower() not in FORMS or name in workspace.columns:
            return prints_of(workspace, candidate_of(workspace, name))
        file = checked_file(workspace.case.root.resolve(), name, most=MOST_MODEL_BYTES)
        return prints_of(workspace, Candidate(name, Sort.FILE, sha256=content_hash(file)))
    except CaseError as error:
        return f"'{name}' {error}."
    except (DriftscopeError, OSError) as error:
        return str(error)
