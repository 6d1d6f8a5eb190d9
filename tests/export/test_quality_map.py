"""The map of quality: which check a cell tells of, and what a click on it shows."""

from __future__ import annotations

import numpy as np

from monitor.analyses.quality import measure_quality
from monitor.engine import open_tables
from monitor.export.quality_map import finding_at, quality_cells, quality_map
from monitor.judgement.quality import assess_quality, judge_quality
from tests.analyses.test_quality import REFERENCE, rows


def test_a_cell_tells_of_the_check_that_went_farthest_and_leads_to_what_was_found() -> None:
    later = rows("2026-02-01", 20, seed=11)
    gone = later["at"].dt.day.eq(11) & (later.index % 2 == 0)
    later = later.assign(amount=later["amount"].mask(gone), city=later["city"].mask(later.index == 30, "Bari"))
    with open_tables(REFERENCE, later, roles={"timestamp": "at", "id": "id"}, task="none", windows="1 day") as workspace:
        judged = judge_quality(assess_quality(measure_quality(workspace)))
    cells = quality_cells(judged)
    assert cells["column"].drop_duplicates().tolist() == ["amount", "age", "city"], "what changed first, then stable defects"
    assert not cells.duplicated(["column", "window"]).any()
    one = cells[cells["column"].eq("amount") & cells["window"].eq("2026-02-11")].iloc[0]
    assert (one["check"], one["status"], round(one["score"], 2)) == ("missing", "alert", 0.5)
    assert finding_at(judged, "amount", "2026-02-11") == one["run"]
    assert finding_at(judged, "age", "2026-02-11") == next(one.id for one in judged.findings if one.what == "missing~age")
    drawn = quality_map(judged)
    assert drawn is not None
    assert drawn.title == "1 run of windows in 1 of 3 columns"
    assert np.isfinite(drawn.data["shade"]).all()
