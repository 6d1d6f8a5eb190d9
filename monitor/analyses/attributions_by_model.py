"""Attributions by a model: its file, or a stand-in that learned the logged scores, asked about rows beside a background."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.attributions import STAND_IN, Attributions, Outputs, Plan
from monitor.analyses.explanation_rows import SampledSide
from monitor.engine import Watch
from monitor.errors import ModelError
from monitor.models import Explanation, Model, Reproduction, explain, reproduce
from monitor.models.model import Unit
from monitor.tables import Skipped

Floats = NDArray[np.float64]

NEAR = 1e-6
"""How far probabilities may lie from the softmax of log-odds: as far as numbers of single precision do."""
BACKGROUND = 50
"""Rows of the reference that columns left out take their values from."""


@dataclass(frozen=True, slots=True)
class ByModel(Plan):
    """Explain by asking a model: that of the case, or a stand-in with its `fidelity`."""

    asked: Model
    outputs: Outputs
    source: str
    fidelity: float
    seed: int
    notes: tuple[Skipped, ...] = ()

    @property
    def model(self) -> Model:
        """What can be asked again."""
        return self.asked

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of the model, and what was logged."""
        return tuple(dict.fromkeys((*self.asked.columns, *self.outputs.columns)))

    def explain(self, sides: tuple[SampledSide, SampledSide], watch: Watch) -> Attributions:
        """Explain the rows of both sides against one background."""
        frame = pd.concat([side.frame[list(self.asked.columns)] for side in sides], ignore_index=True)
        return self.explain_more(sides[0], frame, watch)

    def explain_more(self, reference: SampledSide, frame: pd.DataFrame, watch: Watch) -> Attributions:
        """Ask the model of further rows."""
        background = self.background(reference)
        found = explain(
            self.asked, frame[list(self.asked.columns)], background, seed=self.seed, progress=watch.progress, cancel=watch.cancel
        )
        return replace(attributions_of(found, self, len(background)), softmax=self._answers_softmax(found, frame))

    def _answers_softmax(self, found: Explanation, frame: pd.DataFrame) -> bool:
        """Say whether the probabilities that the model gives of several classes are the softmax of its log-odds (one against all others is
        none)."""
        if found.raw.ndim < 2 or self.asked.unit is not Unit.LOG_ODDS:
            return False
        return np.allclose(special.softmax(found.raw, axis=1), self.asked.probability(frame), atol=NEAR)

    def background(self, reference: SampledSide) -> pd.DataFrame:
        """Return the rows of the reference that columns left out take their values from."""
        draw = np.random.default_rng(self.seed)
        picked = np.sort(draw.permutation(reference.n)[:BACKGROUND])
        return reference.frame[list(self.asked.columns)].iloc[picked]

    def reproduced(self, side: SampledSide) -> Reproduction | None:
        """Compare the model's answers with those that were logged; None of a stand-in, or where nothing comparable was."""
        if self.source == STAND_IN or not self.outputs.columns:
            return None
        scores = self._logged(side.frame)
        prediction = None if self.outputs.prediction is None else side.frame[self.outputs.prediction].to_numpy(dtype=object)
        window = [side.windows.ids[one] for one in side.window]
        try:
            return reproduce(self.asked, side.frame, score=scores, prediction=prediction, window=window)
        except ModelError:  # nothing was logged that the model gives too: there is nothing to compare
            return None

    def _logged(self, frame: pd.DataFrame) -> Floats | None:
        """Return the logged scores as the model gives them: of one class (n,), or of all in its order (n, classes); None without."""
        classes, logged = self.outputs.numbers(frame)
        if not self.outputs.scores:
            return None
        if len(classes) == 1:
            return logged[:, 0]
        names = [str(one) for one in self.asked.classes]
        return logged[:, [classes.index(name) for name in names]] if set(names) <= set(classes) else None


def attributions_of(found: Explanation, plan: ByModel, background: int) -> Attributions:
    """Return an explanation with its classes by name."""
    several = found.values.ndim == 3
    values = found.values if several else found.values[:, :, None]
    return Attributions(
        columns=found.columns,
        classes=tuple(str(one) for one in plan.asked.classes) if several else ("",),
        values=values,
        raw=found.raw if several else found.raw[:, None],
        base=np.atleast_1d(found.base),
        unit=str(found.unit),
        explainer=found.explainer,
        error=found.additivity_error,
        background=background,
        source=plan.source,
        fidelity=plan.fidelity,
        note=found.note,
    )
