"""Attributions that the case brings as columns: read, and checked against what they should add up to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.attributions import BROUGHT, LOG_ODDS, PROBABILITY, VALUE, Attributions, Outputs, Plan, numbers_of
from monitor.analyses.explanation_rows import SampledSide
from monitor.engine import Watch, Workspace
from monitor.errors import ColumnMissingError, MethodError, ModelError
from monitor.tables import Skipped
from monitor.vocabulary import Task
from monitor.wording import number_text

Floats = NDArray[np.float64]

OFF = 1e-3
"""How far from the score brought attributions may add up, in probability, or in parts of the spread of a prediction: scores are rounded."""

CHANCE = 1e-9
"""Probability that certain scores are held away from 0 and 1."""


def brought(workspace: Workspace, outputs: Outputs) -> Plan:
    """Return the plan that takes attributions from columns of the data.

    Raises
    ------
    ColumnMissingError
        The data have none that is called so.
    """
    section = workspace.case.model
    both = {name for name, info in workspace.columns.items() if set(info.types) >= {"reference", "production"}}
    named = {} if section is None else {section.explained(name): name for name in both if section.explained(name)}
    found = tuple(sorted(named, key=list(workspace.columns).index if set(named) <= set(workspace.columns) else None))
    if section is None or not found:
        pattern = "" if section is None else section.attributions
        raise ColumnMissingError(
            f"[model] says that attributions are called '{pattern}', but no column of both sides is. Look at their names."
        )
    if not outputs.columns:
        raise ColumnMissingError("Attributions need what they add up to: name the score or prediction in [roles].")
    if len(outputs.scores) > 1:
        raise MethodError(
            "Attributions as columns are read of one score only, not of several classes. Name the model file in [model] instead."
        )
    return FromColumns(found, tuple(named[name] for name in found), outputs, frozenset(workspace.columns))


@dataclass(frozen=True, slots=True)
class FromColumns(Plan):
    """Take attributions of `columns` from the data, where they are called `called`; they must add up to the logged score.
    `known` are all columns that the data have."""

    columns: tuple[str, ...]
    called: tuple[str, ...]
    outputs: Outputs
    known: frozenset[str]
    notes: tuple[Skipped, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of the model, their attributions, and what was logged."""
        return tuple(dict.fromkeys((*(name for name in self.columns if name in self.known), *self.called, *self.outputs.columns)))

    def explain(self, sides: tuple[SampledSide, SampledSide], watch: Watch) -> Attributions:
        """Read the attributions of both sides; rows of which some are missing are told, never guessed.

        Raises
        ------
        ModelError
            They do not add up to the log-odds of the score, nor to the score.
        """
        watch.tell(0.0, "reading attributions")
        return self._read(pd.concat([side.frame for side in sides], ignore_index=True))

    def explain_more(self, reference: SampledSide, frame: pd.DataFrame, watch: Watch) -> Attributions:
        """Read those of further rows, which must add up with the base of the reference's."""
        found = self._read(pd.concat([reference.frame, frame], ignore_index=True))
        return replace(found, values=found.values[reference.n :], raw=found.raw[reference.n :])

    def _read(self, frame: pd.DataFrame) -> Attributions:
        values = numbers_of(frame.astype(dict.fromkeys(self.called, float)), self.called)
        _, logged = self.outputs.numbers(frame)
        if not np.isfinite(values).all() or not np.isfinite(logged).all():
            lost = int((~np.isfinite(values).all(axis=1) | ~np.isfinite(logged).all(axis=1)).sum())
            raise ModelError(f"{lost} of {len(frame)} rows lack an attribution or the score: leave them out with a condition.")
        raw, base, unit, error = _adding_up(values, logged[:, 0], self.outputs.task)
        return Attributions(
            columns=self.columns, classes=("",), values=values[:, :, None], raw=raw[:, None], base=np.array([base]), unit=unit,
            explainer="attributions of the case", error=error, background=0, source=BROUGHT,
        )  # fmt: skip


def _adding_up(values: Floats, logged: Floats, task: Task) -> tuple[Floats, float, str, float]:
    """Find what attributions add up to, with one base for all rows: the log-odds of the score, else the score itself."""
    total, tried = values.sum(axis=1), []
    for unit in (LOG_ODDS, PROBABILITY) if task is Task.BINARY else (VALUE,):
        log_odds = unit == LOG_ODDS
        rest = (special.logit(np.clip(logged, CHANCE, 1 - CHANCE)) if log_odds else logged) - total
        base = float(np.median(rest))
        said = special.expit(base + total) if log_odds else base + total
        error = float(np.abs(said - logged).max())
        if error <= OFF * (1.0 if log_odds else float(np.ptp(logged))):
            return base + total, base, unit, error
        tried.append(f"{number_text(error, 2)} as {unit}")
    raise ModelError(
        f"The attributions that the case brings do not add up to its {'score' if task is Task.BINARY else 'prediction'} with one base: "
        f"rows are off by up to {' or '.join(tried)}. They are not shown."
    )
