"""What was found of labels: the windows in which all of them are looked at, and those of one class."""

from __future__ import annotations

from monitor.incidents.asked import Asked, stretches
from monitor.incidents.evidence import without_labels
from monitor.incidents.expected_labels import class_text
from monitor.incidents.scene import Scene
from monitor.judgement.finding import Finding, FindingKind
from monitor.vocabulary import Task

ANALYSES = frozenset({"performance", "segments", "concept", "estimate", "fairness"})
KINDS = frozenset({FindingKind.METRIC, FindingKind.SEGMENT, FindingKind.CONCEPT, FindingKind.ESTIMATE, FindingKind.GAP})
_MOST_CLASSES = 4
"""Classes whose labels are looked at: each takes as long as all labels of two."""


def of_labels(analysis: str, finding: Finding) -> bool:
    """Say whether a finding is about labels beside answers: what is estimated without labels tells of inputs."""
    return analysis in ANALYSES and finding.kind in KINDS and not without_labels(analysis, finding)


def classes_found(scene: Scene) -> tuple[str, ...]:
    """Return the classes of several of which something was found, the strongest first: labels of one that become another make few errors
    more, and many labels less of the one and more of the other."""
    label = scene.workspace.case.roles.label
    if scene.few_days or scene.workspace.case.task is not Task.MULTICLASS or label is None or label not in scene.reference.frame:
        return ()
    known = {class_text(level) for level in scene.reference.frame[label].dropna().unique()}
    named = (class_text(one.what.rpartition("~")[2]) for asked in stretches(scene, _of_class) for _, one in asked.findings)
    return tuple(dict.fromkeys(name for name in named if name in known))[:_MOST_CLASSES]


def about_class(scene: Scene, name: str) -> tuple[Asked, ...]:
    """Return the windows in which something was found of a class."""
    return stretches(scene, lambda analysis, one: _of_class(analysis, one) and class_text(one.what.rpartition("~")[2]) == name)


def _of_class(analysis: str, finding: Finding) -> bool:
    return analysis == "performance" and "~" in finding.what
