"""What happened and when, for every time axis: deploys, incidents and the like from the case file."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from monitor.case import Case


def annotation_table(case: Case) -> pd.DataFrame:
    """Return `time` (naive, on the case's clock) and `text` of the case's annotations."""
    zone = ZoneInfo(case.timezone)
    rows = [
        {"time": (one.start.astimezone(zone) if one.start.tzinfo else one.start).replace(tzinfo=None), "text": f"{one.kind}: {one.text}"}
        for one in case.annotations
    ]
    return pd.DataFrame(rows, columns=["time", "text"])
