"""Answers that moved because what they predict did: labels say afterwards that the model was right, and nothing has to be looked into."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.expected_labels import class_text, classes_of
from monitor.incidents.grouping import OF_ANSWERS, WHY, Group
from monitor.incidents.scene import WINDOW, Scene, Side
from monitor.judgement.finding import Finding
from monitor.vocabulary import Task

Floats = NDArray[np.float64]

KNOWN = 0.9
"""Share of the rows of the time that have a label, from which labels say how right the answers were."""
ALONG = 0.5
"""Part of the way of the answers that labels went at least."""
FEWEST_STRETCHES = 4
"""Stretches of the reference, as long as that of the finding, that say how far answers and labels lie apart by chance."""


def labels_followed(scene: Scene, one: Group) -> bool:
    """Say whether nothing but answers moved, for a while, and labels with them: as far apart as in stretches of the reference as long."""
    alerts = [each for each in one.evidence if each.alert]
    if one.hypothesis is not None or not alerts or any(each.analysis not in OF_ANSWERS for each in alerts):
        return False
    return not any(each.finding.ongoing or each.finding.note == "worse" for each in one.evidence) and all(
        _followed(scene, each.finding) for each in alerts if each.analysis != WHY
    )


def _followed(scene: Scene, finding: Finding) -> bool:
    before, now = _pair(scene, scene.reference), _pair(scene, scene.production)
    if before is None or now is None:
        return False
    inside = scene.production.within(finding.first, finding.last)
    known = inside & np.isfinite(now).all(axis=1)
    rows = np.isfinite(before).all(axis=1)
    stretches = _stretches(before[rows], scene.reference.frame[WINDOW].to_numpy()[rows], finding.last - finding.first + 1)
    if known.sum() < KNOWN * inside.sum() or len(stretches) < FEWEST_STRETCHES:
        return False
    usual, moved = before[rows].mean(axis=0), now[known].mean(axis=0) - before[rows].mean(axis=0)
    apart, by_chance = float(moved[1] - moved[0]), np.abs(stretches[:, 1] - stretches[:, 0] - (usual[1] - usual[0])).max()
    return bool(moved[1] / moved[0] >= ALONG and abs(apart) <= by_chance) if moved[0] else False


def _pair(scene: Scene, side: Side) -> Floats | None:
    """Return answer and label of each row as numbers, (n, 2), nan where there is none; None where a case has none."""
    case, frame = scene.workspace.case, side.frame
    answer = case.roles.prediction if case.task is Task.REGRESSION else case.roles.score if case.task is Task.BINARY else None
    label = case.roles.label
    if (
        not isinstance(answer, str)
        or label is None
        or any(name not in frame for name in (answer, label))
        or frame[answer].dtype != np.float64
    ):
        return None
    if case.task is Task.BINARY:
        positive = class_text(case.roles.positive_class if case.roles.positive_class is not None else 1)
        happened = np.array([one == positive for one in classes_of(frame[label])], dtype=np.float64)
        return np.column_stack((frame[answer], np.where(frame[label].isna(), np.nan, happened)))
    return np.column_stack((frame[answer], frame[label].to_numpy(dtype=np.float64)))


def _stretches(pairs: Floats, windows: NDArray[np.int64], length: int) -> Floats:
    """Return the means of all stretches of so many windows on end, (s, 2); of windows without rows none."""
    sums = np.column_stack([np.bincount(windows, weights) for weights in (*pairs.T, np.ones(len(pairs)))])
    total = np.vstack((np.zeros(3), np.cumsum(sums, axis=0)))
    each = total[length:] - total[:-length]
    each = each[each[:, 2] > 0]
    return np.asarray(each[:, :2] / each[:, 2:])
