"""Charts of challengers and of experiments."""

from __future__ import annotations

import pandas as pd

from monitor.analyses.arms import ArmPair, ArmTrack
from monitor.charts import Chart, Theme, difference_chart
from monitor.judgement.finding import FindingKind
from monitor.judgement.judged_shadow import JudgedShadow, excludes_zero
from monitor.judgement.window_texts import with_windows
from monitor.stats.performance.catalogue import METRICS


def shadow_chart_of(judged: JudgedShadow, metric: str, *, annotations: pd.DataFrame | None = None, theme: Theme = "light") -> Chart | None:
    """Draw how far a challenger is from the model in charge in each window whose labels are in; None where none says."""
    rows = judged.by_window(metric)
    rows = with_windows(rows[rows["mature"].astype(bool)], judged)
    if not rows["difference"].notna().any():
        return None
    called = ("model in charge", "challenger")
    return difference_chart(rows, label=METRICS[metric].title, called=called, annotations=annotations, theme=theme)


def answer_chart_of(judged: JudgedShadow, theme: Theme = "light") -> Chart | None:
    """Draw the metric that the answer on a challenger is about: the one that decides, else the first in which the two differ."""
    found = [one.method for one in judged.findings if one.kind is FindingKind.CHALLENGER and not one.where]
    lead = judged.of(judged.lead) if judged.lead else None
    told = judged.lead if judged.lead in found or not found or (lead is not None and excludes_zero(lead)) else found[0]
    return shadow_chart_of(judged, told, theme=theme) if told else None


def arms_chart_of(track: ArmTrack, pair: ArmPair, theme: Theme = "light") -> Chart:
    """Draw how far two arms of an experiment are apart at each look, with intervals that hold at all of them."""
    return difference_chart(track.frame, label=track.meaning.title, called=(f"arm {pair.control}", f"arm {pair.treatment}"), theme=theme)
