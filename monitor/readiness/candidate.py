"""Which model is asked about, and the case as it looks with that model beside the one in charge, and in its place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from monitor.case import Case
from monitor.case.own_code import ModelSection
from monitor.drill.bed import Bed
from monitor.engine import Workspace, open_workspace
from monitor.engine.store import content_hash
from monitor.errors import CaseError, ModelError, SettingError, nearest
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.judged import Judged
from monitor.models.loading import load_model
from monitor.models.model import Model
from monitor.readiness.versions import versions_of
from monitor.registry import REFUSALS, REGISTRY, Analysis, find_analysis, judge_each, run_analysis
from monitor.registry.running import revised
from monitor.registry.wrong_rows import INCIDENTS
from monitor.retraining.rows import level_text
from monitor.vocabulary import Kind, Task
from monitor.wording import list_text

CHALLENGER = "challenger"
"""What stands for the model that the roles challenger_score and challenger_prediction name."""
FORMS = (".skops", ".onnx", ".txt", ".json", ".ubj", ".cbm", ".joblib", ".pkl", ".pickle")
"""Endings of files that can be models."""
SCORE, PREDICTION = "candidate_score", "candidate_prediction"


class Sort(StrEnum):
    """What a candidate is."""

    IN_CHARGE = "in charge"
    LOGGED = "logged"
    FILE = "file"
    VERSION = "version"
    """One that answered rows of production, which the role model_version names."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that is asked about: `name` as it was asked for ("" the one in charge), `roles` of its logged answers, its `model` file."""

    name: str
    sort: Sort
    roles: Mapping[str, Any] = field(default_factory=dict)
    model: Model | None = None
    sha256: str = ""

    @property
    def told(self) -> str:
        """What it is called inside a sentence."""
        told = {Sort.IN_CHARGE: "the model in charge", Sort.LOGGED: "the challenger", Sort.VERSION: f"version {self.name}"}
        return told.get(self.sort, f"the model of '{Path(self.name).name}'")


@dataclass(frozen=True)
class Bench:
    """The case as it is (`given`), with the candidate as a challenger (`beside`; None for the model in charge and for a version), and with
    it in the place of the model in charge (`alone`; of a version the rows that it answered); `sampled`: of very many rows a sample was
    scored; `look`: whether incidents are looked for."""

    candidate: Candidate
    given: Workspace
    beside: Workspace | None
    alone: Workspace
    seed: int = 0
    sampled: bool = False
    look: bool = True
    _found: dict[tuple[int, str], Judged | str] = field(default_factory=dict)

    def incidents(self) -> Judged | str:
        """Return the incidents of the case as it is; a text: why they could not be looked for, empty where nobody shall look (`look`)."""
        return self.ask(self.given, INCIDENTS) if self.look else ""

    def knows(self, incidents: JudgedIncidents) -> None:
        """Take incidents that were looked for before."""
        self._found[id(self.given), INCIDENTS] = incidents

    def ask(self, workspace: Workspace, name: str) -> Judged | str:
        """Return what an analysis found, once; a text: why it could not be asked."""
        key = (id(workspace), name)
        if key not in self._found:
            row = find_analysis(name)
            try:
                self._found[key] = row.lacks(workspace.case) or self._asked(row, workspace)
            except REFUSALS as error:
                self._found[key] = str(error)
        return self._found[key]

    def _asked(self, row: Analysis, workspace: Workspace) -> Judged:
        """Measure and judge: what is made of others with what these found here, a comparison without rows that incidents made wrong."""
        if row.of_others:
            others = [one for one in REGISTRY.values() if not one.of_others and not one.lacks(workspace.case)]
            return run_analysis(row, workspace, **judge_each(others, lambda one: self._standing(one, workspace)).given)
        found = self._standing(row, workspace)
        incidents = self.incidents() if row.without_wrong else ""
        if not isinstance(incidents, JudgedIncidents):
            return found
        return revised(found, incidents, lambda one, **given: run_analysis(one, workspace, **given))

    def _standing(self, row: Analysis, workspace: Workspace) -> Judged:
        """Return what an analysis says of all rows, once."""
        key = (id(workspace), f"{row.name} of all rows" if row.without_wrong else row.name)
        if key not in self._found:
            self._found[key] = run_analysis(row, workspace)
        found = self._found[key]
        if isinstance(found, str):
            raise CaseError(found)
        return found


def candidate_of(workspace: Workspace, name: str) -> Candidate:
    """Return which model is meant: "" the one in charge, "challenger", a column of its answers, a version that answered rows, or a file.

    Raises
    ------
    SettingError
        There is no such column or file.
    ModelError
        The file cannot be loaded, or does not fit the case.
    """
    case = workspace.case
    if not name:
        return Candidate("", Sort.IN_CHARGE)
    if case.task is Task.NONE:
        raise SettingError(f"The case '{case.name}' watches data without a model: there is no candidate to compare.")
    roles = case.roles
    challenger = {"challenger_score": roles.challenger_score, "challenger_prediction": roles.challenger_prediction}
    if name == CHALLENGER or name in challenger.values():
        if not any(challenger.values()):
            raise SettingError("The case names no challenger. Name challenger_score or challenger_prediction in [roles], or a model file.")
        return Candidate(name, Sort.LOGGED, challenger)
    if name in workspace.columns:
        return Candidate(name, Sort.LOGGED, _roles_of(workspace, name))
    versions = versions_of(workspace)
    if name in versions:
        return _of_version(name, versions)
    if Path(name).suffix.lower() in FORMS:
        return _of_file(case, name)
    known = f" (known: {list_text(sorted(versions), 6)})" if versions else ""
    raise SettingError(
        f"'{name}' is neither a column of the case, nor a version that answered rows{known}, nor a model file."
        f"{nearest(name, [*workspace.columns, *versions])} Name '{CHALLENGER}', a column of answers, a version, or a file that ends in "
        f"{', '.join(FORMS[:6])}."
    )


def _of_version(name: str, versions: Mapping[str, tuple[int, int]]) -> Candidate:
    if versions[name][1] < 0:
        raise SettingError(f"Version '{name}' answered rows of the reference alone: nothing of production shows how it does now.")
    return Candidate(name, Sort.VERSION)


def _roles_of(workspace: Workspace, name: str) -> Mapping[str, Any]:
    roles = workspace.case.roles
    if name in (roles.score, roles.prediction):
        raise SettingError(f"'{name}' is what the model in charge answers. Leave the candidate out to ask about that one.")
    if name in {column for _, column in roles.singles()}:
        raise SettingError(f"'{name}' has another role in the case, and is no answer of a model.")
    scored = workspace.case.task is Task.BINARY and workspace.columns[name].kind is Kind.NUMERIC
    return {"challenger_score": name if scored else None, "challenger_prediction": None if scored else name}


def _of_file(case: Case, name: str) -> Candidate:
    """Load a candidate from the case folder, else from where it was named; a file that could run code is loaded only if it is trusted."""
    inside = case.root / name
    path = inside if inside.is_file() else Path(name)
    if not path.is_file():
        raise SettingError(f"There is no file '{name}', neither in the case folder nor here. Name a model file, or a column of the case.")
    path = path.resolve()
    root = case.root.resolve()
    own = path.is_relative_to(root)
    section = ModelSection(path=str(path.relative_to(root)) if own else path.name)
    model = load_model(replace(case, root=root if own else path.parent, model=section))
    return Candidate(name, Sort.FILE, model=model, sha256=content_hash(path))


@contextmanager
def bench_of(workspace: Workspace, candidate: Candidate, seed: int = 0, *, look: bool = True) -> Iterator[Bench]:
    """Open the case with the candidate beside the model in charge, and in its place; both are gone afterwards.

    Raises
    ------
    ModelError
        The candidate's file cannot answer these rows.
    SelectionError
        It has to answer rows, and these have no time or too few windows.
    """
    if candidate.sort is Sort.IN_CHARGE:
        yield Bench(candidate, workspace, None, workspace, seed, look=look)
        return
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="driftscope-ready-")))
        sampled = False
        if candidate.sort is Sort.VERSION:
            case, sampled = _answered_by(workspace, candidate.name, folder, seed)
            alone = opened.enter_context(open_workspace(case, cache=folder / "alone"))
            yield Bench(candidate, workspace, None, alone, seed, sampled, look)
            return
        if candidate.sort is Sort.FILE:
            case, sampled = _scored(workspace, candidate, folder, seed)
        else:
            case = replace(workspace.case, roles=workspace.case.roles.model_copy(update=dict(candidate.roles)))
        beside = opened.enter_context(open_workspace(case, cache=folder / "beside"))
        alone = opened.enter_context(open_workspace(_in_charge(case), cache=folder / "alone"))
        yield Bench(candidate, workspace, beside, alone, seed, sampled, look)


def _answered_by(workspace: Workspace, version: str, folder: Path, seed: int) -> tuple[Case, bool]:
    """Write the reference, and the rows of production that a version answered, and return the case of them."""
    bed = Bed.of(workspace, on="production", seed=seed, labelled=False)
    named = bed.production[str(workspace.case.roles.model_version)].map(level_text, na_action="ignore")
    case = bed.written(folder, bed.production[named.eq(version)])
    held = sum(len(one) for one in (bed.reference, bed.production))
    return replace(case, slo=workspace.case.slo), held < _rows(workspace)


def _in_charge(case: Case) -> Case:
    """Return a case whose challenger is the model in charge."""
    roles = case.roles
    new = {"score": roles.challenger_score, "prediction": roles.challenger_prediction}
    new |= {"challenger_score": None, "challenger_prediction": None}
    columns = _columns(roles.score) | _columns(roles.prediction)
    return replace(case, model=None, roles=roles.model_copy(update={**new, "ignore": (*roles.ignore, *sorted(columns))}))


def _columns(role: Any) -> set[str]:
    return set(role.values()) if isinstance(role, Mapping) else {role} - {None}


def _scored(workspace: Workspace, candidate: Candidate, folder: Path, seed: int) -> tuple[Case, bool]:
    """Write rows of both sides with what the candidate's file answers, and return the case of them."""
    bed = Bed.of(workspace, on="production", seed=seed)
    if candidate.model is None or bed.case.task is Task.MULTICLASS:
        raise ModelError("A candidate of several classes is compared by its logged answers: name its column of predictions instead.")
    reference, production = (_answered(bed, candidate.model, one) for one in (bed.reference, bed.production))
    case = replace(bed, reference=reference).written(folder, production)
    named = PREDICTION if bed.case.task is Task.REGRESSION else SCORE
    update: dict[str, Any] = {"challenger_score": None, "challenger_prediction": PREDICTION if PREDICTION in production else None}
    update |= {"challenger_score": SCORE} if named == SCORE else {}
    held = sum(len(one) for one in (bed.reference, bed.production))
    return replace(case, roles=case.roles.model_copy(update=update)), held < _rows(workspace)


def _rows(workspace: Workspace) -> int:
    return sum(workspace.source(name).rows for name in ("reference", "production"))


def _answered(bed: Bed, model: Model, frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the candidate's answers; decisions are written as those of the model in charge are."""
    lacking = [name for name in model.columns if name not in frame]
    if lacking:
        raise ModelError(f"The candidate reads '{lacking[0]}', which the rows of the case do not have. It could not be served with them.")
    try:
        said = np.asarray(model.predict(frame) if bed.case.task is Task.REGRESSION else model.probability(frame), dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise ModelError(
            f"The candidate cannot answer rows of this case: {error}. Check which columns and levels it learned from."
        ) from error
    if bed.case.task is Task.REGRESSION:
        return frame.assign(**{PREDICTION: said})
    roles = bed.case.roles
    if roles.prediction not in frame or roles.positive_class is None:
        return frame.assign(**{SCORE: said})
    scored = frame.assign(**{SCORE: said})
    scored[PREDICTION] = bed.answered(frame, np.ones(len(frame), dtype=bool), said)[roles.prediction]
    return scored
