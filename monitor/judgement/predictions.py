"""Verdicts on what the model answers, in words: of all rows, of the levels of a column, and where windows lie among the reference's own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor.judgement.drift import JudgedDrift
from monitor.judgement.findings import Finding, find_drift
from monitor.judgement.sentences import answer, headline, lost_words
from monitor.vocabulary import Status
from monitor.wording import common_unit, number_text, plural, share_text, the_window

_SPANS = {"hour": "hours", "day": "days", "week": "weeks", "month": "months"}


def predictions_answer(judged: JudgedDrift) -> str:
    """Say in one sentence whether the model answers differently; if not, whether any window lies outside all of the reference's own."""
    primary = judged.primary
    if primary.empty or primary["status"].eq(Status.TOO_FEW_ROWS).all():
        return answer(judged)
    whole, parts = of_parts(judged, find_drift(judged))
    spans = _SPANS.get(common_unit(list(primary["window"].unique())), "variation")
    beyond = f"beyond what chance and the reference's own {spans} explain"
    outputs = len(_outputs(judged))
    if whole:
        said = f"The model answers differently: {headline(whole[0])}; {len(whole)} of {plural(outputs, 'output')} changed {beyond}"
    else:
        said = f"The model's answers did not change {beyond}"
        outside = outside_words(judged)
        said += f"; yet {outside}" if outside else ""
    return f"{lost_words(judged)}{said}{_segments(judged, parts)}."


def of_parts(judged: JudgedDrift, found: tuple[Finding, ...]) -> tuple[list[Finding], list[Finding]]:
    """Return the findings on all rows, and those on single levels."""
    part = judged.result.sides.part
    return [one for one in found if not part(one.column).segment], [one for one in found if part(one.column).segment]


def _outputs(judged: JudgedDrift) -> list[str]:
    return [name for name in judged.result.sides.production.columns if not judged.result.sides.part(name).segment]


def _segments(judged: JudgedDrift, parts: list[Finding]) -> str:
    sides = judged.result.sides
    asked = {part.segment for part in sides.parts.values() if part.segment}
    if not asked:
        return ""
    changed = {sides.part(one.column).segment for one in parts}
    if not changed:
        return f"; none of {plural(len(asked), 'level')} changed by itself" if len(asked) > 1 else ""
    return f"; {len(changed)} of {plural(len(asked), 'level')} changed, most of all {headline(parts[0])}"


def outside_words(judged: JudgedDrift) -> str:
    """Say which output lay outside all of the reference's own windows most often, and where it was farthest; empty if none did."""
    said = [(len(rows), words) for name in _outputs(judged) for rows, words in [_outside(judged, name)] if len(rows)]
    return max(said, key=lambda one: one[0])[1] if said else ""


def placed_rows(judged: JudgedDrift, column: str) -> pd.DataFrame:
    """Return one row per window of an output with `measure`, `value` and `place`; empty for one without a number that sums it up."""
    table = judged.table
    if "place" not in table:
        return table.iloc[:0]
    return table[(table["column"] == column) & table["measure"].notna()].drop_duplicates("window").sort_values("window", kind="stable")


def _outside(judged: JudgedDrift, column: str) -> tuple[pd.DataFrame, str]:
    rows = placed_rows(judged, column)
    place = rows["place"].astype(str)
    outside = rows[place.str.startswith("below") | place.str.startswith("above")]
    if outside.empty:
        return outside, ""
    value, low, high = (outside[name].to_numpy(dtype=float) for name in ("value", "reference_low", "reference_high"))
    distance = np.maximum(low - value, value - high)
    worst = outside.iloc[int(np.argmax(distance))]
    write = share_text if str(worst["measure"]).startswith("share") else number_text
    label = judged.result.labels.get(column, column)
    same = outside[outside["place"] == worst["place"]]
    span = f"{write(float(worst['reference_low']), 2)} to {write(float(worst['reference_high']), 2)}"
    unit = common_unit(list(rows["window"]))
    unit = unit if unit in _SPANS else "window"
    return outside, (
        f"{label} ({worst['measure']}) was {worst['place']} ({span}) in {len(same)} of {plural(len(rows), unit)}, "
        f"farthest in {the_window(str(worst['window']))}: {write(float(worst['value']), 2)}"
    )
