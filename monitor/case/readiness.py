"""What a case asks of a model before it goes live."""

from __future__ import annotations

from pydantic import Field, field_validator

from monitor.case.section import Section
from monitor.case.values import Texts
from monitor.errors import nearest
from monitor.vocabulary import Severity

CHECKS = (
    "reproduces", "skew", "performance", "calibration", "segments", "fairness", "overfitting", "robustness", "service", "contract",
    "incidents", "owner", "rollback",
)  # fmt: skip
"""Names of what can be asked, in the order in which it is told."""
USUAL = ("performance", "incidents", "owner", "rollback")
"""What has to be shown where a case does not say: that it is good enough, that no severe incident goes on, who answers for it, and the way
back."""


class ReadinessSection(Section):
    """Checks that have to be shown (`required`: one that cannot be shown blocks like one that fails), from which severity on an incident
    that goes on fails (`incidents`), and what is gone back to if the model has to be taken out (`rollback`: a file in the case folder, or a
    level of the role model_version)."""

    required: Texts = USUAL
    incidents: Severity = Severity.CRITICAL
    rollback: str = Field(default="", max_length=400)

    @field_validator("required")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = next((one for one in value if one not in CHECKS), None)
        if wrong is not None:
            raise ValueError(f"there is no check '{wrong}'.{nearest(wrong, CHECKS)} Choose of: {', '.join(CHECKS)}")
        return value
