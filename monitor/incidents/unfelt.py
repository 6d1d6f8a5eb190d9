"""Causes about inputs that the model hardly uses: nothing that it answers follows from them."""

from __future__ import annotations

import numpy as np

from monitor.analyses.attributions import MODEL
from monitor.incidents.cause import Hypothesis
from monitor.incidents.evidence import between
from monitor.incidents.scene import Scene
from monitor.judgement.explanations import JudgedExplanations

LITTLE = 0.05
"""Part of the spread of the reference's predictions that mean sizes of attributions reach where a model uses columns: a twentieth moves
no figure of predictions by more than their windows differ."""


def is_unfelt(scene: Scene, cause: Hypothesis) -> bool:
    """Say whether the model of the case hardly uses the columns of a cause, in the reference and while the cause lasts.

    Their mean size of attribution together is then less than LITTLE of the spread of the reference's predictions, for each class. Not how
    much they move the mean prediction: what changes places moves it by nothing and does harm. Of a stand-in nobody knows.
    """
    explained = scene.judged.get("explanations")
    ends = between(scene.production.windows, cause.start, cause.end)
    if not isinstance(explained, JudgedExplanations) or explained.result.attributions.source != MODEL or ends is None:
        return False
    found = explained.result
    places = [found.attributions.columns.index(name) for name in cause.columns if name in found.attributions.columns]
    if not cause.columns or len(places) < len(cause.columns):
        return False
    lasts = np.isin(found.windows.ids, scene.production.windows.ids[ends[0] : ends[1] + 1])
    for one in found.classes:
        usual, spread = one.raw[0].pooled(absolute=True).value, float(one.raw[0].raw.std())
        now = one.raw[1].pooled(lasts, absolute=True).value
        if not lasts.any() or not max(usual[places].sum(), now[places].sum()) < LITTLE * spread:
            return False
    return True
