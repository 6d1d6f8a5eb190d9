"""`driftscope explain`: one incident in full."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from monitor.case import load_case
from monitor.cli.measuring import Options, judged, keep_sources, request_of
from monitor.cli.progress import shown_progress, tell
from monitor.engine import open_workspace
from monitor.errors import SettingError, nearest
from monitor.export.files import json_bytes, plain, records
from monitor.export.incident_report import incident_report
from monitor.export.outputs import write_output
from monitor.export.postmortem import postmortem
from monitor.export.writers import REPORT_FORMS, form_of
from monitor.incidents.evidence import Timing
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.scene import Scene
from monitor.incidents.story import Story, story_of, whole_windows
from monitor.incidents.told import time_of, told_evidence
from monitor.registry import find_analysis
from monitor.remedies.kept import tried_now, tried_text

INCIDENTS = "incidents"
_FORMS = {".json": None, **REPORT_FORMS}
TIMES = {Timing.WITHIN: "BELONGS TO IT", Timing.LONGER: "LASTS LONGER THAN IT", Timing.BEFORE: "BEGAN BEFORE IT, AND SO NOT ONLY FROM IT"}


def explain_incident(
    place: Path, name: str, out: Path | None, options: Options, *, afterwards: bool = False, remedies: bool = False
) -> None:
    """Print an incident (its id, or the first letters of it), or write it as a file; `afterwards`: as the skeleton of a postmortem,
    `remedies`: with what follows from options that are tried on its rows.

    Raises
    ------
    SettingError
        There is no such incident, or the file is of a form that is not written.
    """
    if out is not None:
        form_of(out, {".md": None} if afterwards else _FORMS)
    case = load_case(place)
    if out is not None:
        keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        found: Any = judged(find_analysis(INCIDENTS), workspace, options)
        one = named_incident(found, name)
        scene = Scene(workspace=workspace, question=request_of(workspace, options).question, judged={})
        then = _then(one, found, scene, remedies=remedies, quiet=options.quiet)
        suffix = "" if out is None else out.suffix.lower()
        content = postmortem(one, found, then=then) if afterwards else _content(one, found, scene, suffix, then)
    if out is None:
        sys.stdout.write(content.decode())
        return
    write_output(out, content)
    tell(f"Written: {out}", quiet=options.quiet)


def _then(one: Incident, found: JudgedIncidents, scene: Scene, *, remedies: bool, quiet: bool) -> str:
    """Say what follows from options where they were tried before, or are to be now (`remedies`); "" where they were not."""
    if remedies:
        with shown_progress(quiet=quiet) as progress:
            tried_now(scene.workspace, scene.question, one, found.incidents, progress=progress)
    return tried_text(scene.workspace, scene.question, one, found.incidents)


def _content(one: Incident, found: JudgedIncidents, scene: Scene, suffix: str, then: str) -> bytes:
    story = story_of(one, found, then=then)
    if suffix == ".json":
        return json_bytes(plain(_record(one, story, found)))
    if not suffix:
        return _text(one, story, found).encode()
    return REPORT_FORMS[suffix](incident_report(one, found, scene.workspace.case, scene, then=then))


def named_incident(found: JudgedIncidents, name: str) -> Incident:
    """Return the incident of an id, or of the first letters of one; of one that is told with another, that one.

    Raises
    ------
    SettingError
        There is none.
    """
    one = found.told_as(name)
    if one is None:
        known = [each.id for each in found.incidents]
        told = f"There are: {', '.join(known)}." if known else "No incident was found."
        raise SettingError(f"There is no incident '{name}'.{nearest(name, known)} {told}")
    return one


def _record(one: Incident, story: Story, found: JudgedIncidents) -> Mapping[str, Any]:
    row = records(found.table[found.table["incident"] == one.id])[0]
    return {**row, "story": dict(story.lines), "not": [dict(each) for each in story.beaten]}


def _text(one: Incident, story: Story, found: JudgedIncidents) -> str:
    lines = [f"{one.title} ({one.id})", *(f"{name.upper():9} {text}" for name, text in story.lines.items())]
    for time, title in TIMES.items():
        mine = {text: each for text, each in told_evidence(one, found).items() if time_of(each, one, found) is time}
        whole = whole_windows(mine.values(), one, found) if time is Timing.WITHIN else ""
        lines += ["", f"{title} ({whole.upper()})" if whole else title, *(f"  {text}" for text in mine)] if mine else []
    if story.beaten:
        lines += ["", "WAS NOT", *(f"  {row['Cause']}: {row['Why not']}" for row in story.beaten)]
    return "\n".join(lines) + "\n"
