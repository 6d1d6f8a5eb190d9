"""Charts of challengers and of experiments."""

from __future__ import annotations

import pandas as pd

from monitor.analyses.arms import ArmPair, ArmTrack
from monitor.charts import Chart, Theme, difference_chart
from monitor.judgement.shadow import JudgedShadow
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


def arms_chart_of(track: ArmTrack, pair: ArmPair, theme: Theme = "light") -> Chart:
    """Draw how far two arms of an experiment are apart at each look, with intervals that hold at all of them."""
    return difference_chart(track.frame, label=track.meaning.title, called=(f"arm {pair.control}", f"arm {pair.treatment}"), theme=theme)
