"""Incidents: what every analysis found, grouped by what it comes from."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from monitor.analyses.naming import side_names
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question, cut_short
from monitor.case import Case
from monitor.case.model import Annotation
from monitor.engine import Cancel, Progress, Workspace
from monitor.errors import MethodError
from monitor.incidents.bursts import examine_bursts
from monitor.incidents.cause import OF_LABELS, Cause, Hypothesis
from monitor.incidents.columns import examine_answers, examine_columns
from monitor.incidents.delays import examine_delays
from monitor.incidents.effect import Effect, measure_effects
from monitor.incidents.evidence import Evidence, evidence_of
from monitor.incidents.followed import labels_followed
from monitor.incidents.grouping import Group, group
from monitor.incidents.labels import examine_labels
from monitor.incidents.maturity import labelled_until
from monitor.incidents.result import MEASURED, IncidentsResult, Note
from monitor.incidents.rows import examine_rows
from monitor.incidents.ruled_out import ruled_out
from monitor.incidents.scene import WINDOW, Scene
from monitor.incidents.seasons import examine_seasons
from monitor.incidents.serving import examine_serving
from monitor.incidents.silent import looked_at
from monitor.incidents.unfelt import is_unfelt
from monitor.incidents.versions import examine_versions
from monitor.incidents.volumes import examine_volumes
from monitor.judgement.finding import NO_TIME
from monitor.judgement.judged import Judged
from monitor.profile import Windows
from monitor.tables import Provenance, Skipped
from monitor.watch import Watch

Examiner = Callable[[Scene], Sequence[Hypothesis]]
EXAMINERS: Mapping[str, Examiner] = {
    "looking into columns": examine_columns,
    "looking into answers": examine_answers,
    "looking for rows that came twice": examine_rows,
    "counting rows": examine_volumes,
    "looking for bursts": examine_bursts,
    "looking at labels": examine_labels,
    "looking for late labels": examine_delays,
    "looking at versions": examine_versions,
    "looking at the service": examine_serving,
    "looking for a season": examine_seasons,
}
"""What looks for causes, by what is said meanwhile."""


def measure_incidents(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    judged: Mapping[str, Judged] | None = None,
    skipped: Sequence[Skipped] = (),
) -> IncidentsResult:
    """Group what the analyses found by causes that the rows speak for.

    Parameters
    ----------
    judged : what the other analyses found, by name.
    skipped : the analyses that could not be asked, with the reason.

    Raises
    ------
    MethodError
        `methods` names anything: causes are looked for all together.
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    if tuple(methods) not in (("default",), ("all",)):
        raise MethodError(f"Incidents has no method '{', '.join(methods)}': all causes are looked for. Leave '--methods' out.")
    question = question or Question()
    scene = Scene(workspace=workspace, question=question, judged=judged or {})
    evidence = evidence_of(scene)
    hypotheses: list[Hypothesis] = []
    watch = Watch(progress, cancel)
    for at, (told, examine) in enumerate(EXAMINERS.items()):
        watch.tell(at / len(EXAMINERS), told)
        hypotheses.extend(replace(_watched(scene, one), unfelt=is_unfelt(scene, one)) for one in examine(scene))
    side = scene.production
    groups = tuple(one for one in group(hypotheses, evidence, side.windows, few_days=scene.few_days) if not labels_followed(scene, one))
    effects = _effects(scene, groups)
    groups = tuple(_counted(one, effect) for one, effect in zip(groups, effects, strict=True))
    rows = np.bincount(side.frame[WINDOW], minlength=len(side.windows))
    watch.tell(1.0, "working out what each did")
    return IncidentsResult(
        analysis="incidents",
        case=workspace.case.name,
        table=MEASURED.check(pd.DataFrame({"key": [one.key for one in evidence], "weight": [one.weight for one in evidence]})),
        skipped=tuple(skipped),
        provenance=_provenance(scene, evidence, (began, time.perf_counter() - clock)),
        groups=groups,
        effects=effects,
        hypotheses=tuple(hypotheses),
        windows=side.windows,
        rows=rows,
        partial=cut_short(scene.size, rows),
        size=scene.size,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
        labels={name: workspace.case.label(name) for name in workspace.columns},
        notes=tuple(_note(workspace.case, one) for one in workspace.case.annotations),
        analyses=tuple(scene.judged),
        not_it=tuple(ruled_out(scene, _cause(one, side.windows)) for one in groups),
        labelled_until=labelled_until(scene),
        looked=looked_at(scene.judged, side.windows),
    )


def _watched(scene: Scene, one: Hypothesis) -> Hypothesis:
    """Return a cause, said to lie where the case watches if it does."""
    return replace(one, watched=bool(one.segment) and set(one.segment) <= set(scene.workspace.case.roles.segments))


def _cause(one: Group, windows: Windows) -> Hypothesis:
    """Return the cause of a group; of an unknown one what is known of it."""
    if one.hypothesis is not None:
        return one.hypothesis
    strongest = one.lead
    return Hypothesis(
        cause=Cause.UNKNOWN,
        columns=tuple(sorted(strongest.columns)),
        start=windows.start[strongest.first],
        end=windows.end[strongest.last],
    )


def _note(case: Case, one: Annotation) -> Note:
    end = NO_TIME if one.end is None else np.datetime64(case.utc(one.end).replace(tzinfo=None), "us")
    return Note(np.datetime64(case.utc(one.start).replace(tzinfo=None), "us"), f"{one.kind}: {one.text}", end)


def _counted(one: Group, effect: Effect | None) -> Group:
    """Return a group whose cause concerns all rows of its place and time, where those with a label alone could show it."""
    cause = one.hypothesis
    if cause is None or effect is None or cause.cause not in OF_LABELS or not effect.rows:
        return one
    return replace(one, hypothesis=replace(cause, rows=effect.rows, share_rows=effect.share_rows))


def _effects(scene: Scene, groups: Sequence[Group]) -> tuple[Effect | None, ...]:
    known = [one.hypothesis for one in groups if one.hypothesis is not None]
    found = iter(measure_effects(scene, known) if known else ())
    return tuple(None if one.hypothesis is None else next(found) for one in groups)


def _provenance(scene: Scene, evidence: Sequence[Evidence], took: tuple[datetime, float]) -> Provenance:
    sides = {"reference": scene.question.reference, "production": scene.question.production}
    return Provenance(
        fingerprints={one.data: scene.workspace.fingerprint(one.data) for one in sides.values()},
        selections={name: one.describe() for name, one in sides.items()},
        settings={"windows": str(scene.size), "against": scene.question.against, "analyses": list(scene.judged)},
        seed=scene.question.seed,
        versions=versions(),
        sql=(),
        rows={"reference": {"used": len(scene.reference)}, "production": {"used": len(scene.production)}},
        started=took[0].isoformat(timespec="seconds"),
        seconds=round(took[1], 3),
        summary={"evidence": len(evidence)},
    )
