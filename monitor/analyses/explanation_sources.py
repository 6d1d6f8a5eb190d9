"""Where attributions come from: the model file, a stand-in that learned the logged scores, or columns that the case brings."""

from __future__ import annotations

from monitor.analyses.attributions import MODEL, STAND_IN, Outputs, Plan
from monitor.analyses.attributions_brought import brought
from monitor.analyses.attributions_by_model import ByModel
from monitor.analyses.explanation_rows import Sampling
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Watch, Workspace
from monitor.engine.store import digest
from monitor.errors import ColumnMissingError, ModelError
from monitor.models import Surrogate, fit_surrogate, load_model, packed, unpacked
from monitor.tables import Skipped
from monitor.vocabulary import Role
from monitor.wording import list_text, number_text

LEARNED = 8_000
"""Rows of the reference that a stand-in learns from."""


def plan_of(workspace: Workspace, question: Question, watch: Watch) -> Plan:
    """Return how the rows of a case are explained: by attributions that it brings, by its model file, else by a stand-in.

    Raises
    ------
    ModelError
        The model cannot be loaded, or nothing can be learned from the logged scores.
    ColumnMissingError
        The data lack columns that the model reads, or attributions that the case names.
    """
    section = workspace.case.model
    outputs = Outputs.of(workspace)
    if section is not None and section.attributions:
        return brought(workspace, outputs)
    if section is not None:
        watch.tell(0.0, "loading the model")
        model = load_model(workspace.case)
        lacking = [name for name in model.columns if name not in workspace.columns]
        if lacking:
            named = list_text([f"'{name}'" for name in lacking])
            raise ColumnMissingError(f"The model reads {named}, which neither reference nor production has, so nothing can be explained.")
        return ByModel(model, outputs, MODEL, float("nan"), question.seed)
    return _stand_in(workspace, question, outputs, watch)


def _stand_in(workspace: Workspace, question: Question, outputs: Outputs, watch: Watch) -> Plan:
    """Learn the logged scores of the reference from the features that both sides have."""
    both = [info.name for info in workspace.columns.values() if set(info.types) >= {"reference", "production"}]
    columns = tuple(name for name in both if workspace.columns[name].role is Role.FEATURE)
    if not columns:
        raise ModelError("There is no column that the model could have read on both sides. Name them in [roles] features.")
    found = _learned(workspace, question, (outputs, columns), watch)
    told = (
        f"The case names no model file: a stand-in learned its scores (R² {number_text(found.fidelity, 2)} on rows that it had not seen)."
    )
    return ByModel(found.model, outputs, STAND_IN, found.fidelity, question.seed, (Skipped("model", "no_model", told),))


def _learned(workspace: Workspace, question: Question, read: tuple[Outputs, tuple[str, ...]], watch: Watch) -> Surrogate:
    """Return the stand-in that learned the outputs from columns of the reference; it is kept beside the case, for learning takes longer
    than explaining does."""
    (outputs, columns), case, selected = read, workspace.case, question.reference
    key = digest("stand-in", workspace.fingerprint(selected.data), case.key(judged=False), selected, columns, LEARNED, question.seed)
    stored = workspace.store.load("stand-in", key)
    if stored is not None:
        return unpacked(*stored, case)
    sampling = Sampling(workspace, (*columns, *outputs.columns), LEARNED, question.seed, cancel=watch.cancel)
    timed = not case.windows.calendar or workspace.schema.time(selected.data) is not None
    side = sampling.production(selected, case.windows if timed else WindowSize(1, "whole"))
    _, logged = outputs.numbers(side.frame)
    if not logged.shape[1]:
        raise ModelError("The case names neither a model file nor scores that a stand-in could learn from. Name one in case.toml.")
    features = side.frame[list(columns)]
    found = fit_surrogate(features, logged, case, block=side.block, seed=question.seed, progress=watch.progress, cancel=watch.cancel)
    workspace.store.save("stand-in", key, *packed(found))
    return found
