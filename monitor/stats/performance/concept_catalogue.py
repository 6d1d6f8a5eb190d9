"""What concept drift is told by: one row a method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConceptMethod:
    """One method: `floor` is the smallest score that matters, `judged` whether runs of it are findings (the others say what these say, or
    what is no change of the concept), `centred` whether it is 0 in the reference but for rounding."""

    id: str
    title: str
    floor: float
    judged: bool
    centred: bool = False
    source: str = ""


CONCEPT: Mapping[str, ConceptMethod] = {
    one.id: one
    for one in (
        ConceptMethod("total", "Change of the metric", 0.0, judged=False, centred=True),
        ConceptMethod("covariate", "Because inputs changed", 0.0, judged=False, centred=True),
        ConceptMethod("concept", "Because the relation changed", 0.0, judged=True, centred=True),
        ConceptMethod("level", "Labels beside what inputs let expect", 0.0, judged=True, centred=True),
        ConceptMethod("mix", "Because the population changed", 0.0, judged=False, centred=True, source="Kitagawa 1955"),
        ConceptMethod("behaviour", "Because its groups behave otherwise", 0.0, judged=False, centred=True, source="Kitagawa 1955"),
        ConceptMethod("calibration_intercept", "Calibration intercept", 0.1, judged=True, source="Cox 1958"),
        ConceptMethod("calibration_slope", "Calibration slope", 0.1, judged=True, source="Cox 1958"),
        ConceptMethod("prior", "How high labels are", 0.0, judged=True),
        ConceptMethod("residual", "Labels beyond what inputs let expect by a column", 0.0, judged=True),
        ConceptMethod("association", "Labels by a column", 0.0, judged=False),
    )
}
"""Every method, by its id."""
