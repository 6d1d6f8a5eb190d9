"""What happened and when, for every time axis: deploys, incidents and the like from the case file."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from monitor.case import Case


def annotation_table(case: Case) -> pd.DataFrame:
    """Return `time` and `end` (naive, on the case's clock), `kind` and `text` of the case's annotations."""
    zone = ZoneInfo(case.timezone)

    def local(moment: datetime | None) -> datetime | None:
        return moment if moment is None else (moment.astimezone(zone) if moment.tzinfo else moment).replace(tzinfo=None)

    rows = [
        {"time": local(one.start), "end": local(one.end), "kind": one.kind, "text": f"{one.kind}: {one.text}"} for one in case.annotations
    ]
    return pd.DataFrame(rows, columns=["time", "end", "kind", "text"]).astype({"time": "datetime64[us]", "end": "datetime64[us]"})
