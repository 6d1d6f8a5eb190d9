"""The leading metrics of a model as key figures: the last complete window whose labels are in, beside the reference."""

from __future__ import annotations

import numpy as np

from monitor.judgement.performance import JudgedPerformance
from monitor.ui.present import KeyFigure
from monitor.wording import number_text, share_text


def metric_figures(judged: JudgedPerformance, many: int) -> list[KeyFigure]:
    """Return that many metrics, those that changed first; none where no window is ready."""
    ready = np.flatnonzero(judged.result.mature & ~judged.partial & (judged.result.labelled >= judged.thresholds.min_rows))
    if not len(ready):
        return []
    at = int(ready[-1])
    when = judged.names.text(judged.windows.start[at], judged.windows.end[at], judged.windows.ids[at])
    changed = list(dict.fromkeys(one.method for one in judged.findings))
    leading = [one for one in judged.result.tracks if one.metric in judged.result.judged and not one.klass and not one.segment]
    leading.sort(key=lambda one: changed.index(one.metric) if one.metric in changed else len(changed))
    figures = []
    for one in leading[:many]:
        metric = judged.result.catalogue[one.metric]
        write = share_text if metric.is_share else number_text
        now, before = write(float(one.production.value[at])), write(float(one.whole.value[0]))
        told = "The last whole window whose labels are in"
        figures.append(KeyFigure(f"{metric.title}, {when}", now, f"{judged.called.a}: {before}", help=told))
    return figures
