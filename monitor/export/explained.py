"""Judged explanations as pictures: why the mean moved, which columns matter, what a column adds by window and by value."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.attributions import STAND_IN, is_number
from monitor.charts import Chart, Names, Theme, range_chart
from monitor.charts.attributions import attribution_map_chart, dependence_chart, summary_chart
from monitor.charts.explained import importance_chart, waterfall_chart
from monitor.judgement.explanation_answer import change_of, subject_of
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.narration.explained import signed, steady
from monitor.judgement.narration.figures import pair
from monitor.judgement.window_texts import with_windows
from monitor.stats.explanation.bins import Bins, cut_levels, cut_numbers, in_bins
from monitor.stats.explanation.ranking import ranks
from monitor.stats.explanation.waterfall import Waterfall, by_level, waterfall
from monitor.stats.inference.intervals import Z
from monitor.vocabulary import Status
from monitor.wording import number_text, plural, share_text

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

BARS = 10
"""Columns that have a bar of their own; the others share one."""
MAPPED = 20
RANKED = 15
"""Columns that the map by window and the picture of importances show; all are in the downloads."""
SUMMARISED = 50
TINY = 1e-9
"""Part of the change that columns may leave over before it is drawn and told."""
SEEN = (Status.STABLE.value, Status.WARNING.value, Status.ALERT.value)


def unit_title(judged: JudgedExplanations, raw: bool = False) -> str:
    """Name the unit of an axis, such as "probability" or "log-odds"."""
    return judged.result.attributions.unit if raw else judged.result.told_unit


def fall_of(judged: JudgedExplanations, klass: str, kept: Bools | None, *, raw: bool = False) -> Waterfall:
    """Return the change of the mean of a class over windows `kept` (w,), in the unit that people are told or in that of the model."""
    told = judged.result.of_class(klass)
    return waterfall(*told.raw, kept) if raw else told.told_fall(kept)


def waterfall_rows(judged: JudgedExplanations, klass: str, kept: Bools | None = None, *, raw: bool = False) -> pd.DataFrame:
    """Return the rows of the waterfall: the mean before, the largest parts, the others together, what is left over, the mean after."""
    result, fall = judged.result, fall_of(judged, klass, kept, raw=raw)
    order = np.argsort(-np.abs(fall.contributions), kind="stable")
    names = result.attributions.columns
    parts = [(result.label(names[j]), names[j], fall.contributions[j], fall.lower[j], fall.upper[j]) for j in order[:BARS]]
    if len(order) > BARS:
        parts.append(
            (f"{plural(len(order) - BARS, 'other column')} together", None, fall.contributions[order[BARS:]].sum(), np.nan, np.nan)
        )
    if abs(fall.residual) > TINY * max(abs(fall.change), TINY):
        parts.append(("Left over", None, fall.residual, np.nan, np.nan))
    at, rows = fall.before, [_end(result.called.legend_a, fall.before, "before")]
    for label, column, value, lower, upper in parts:
        rows.append(
            {
                "label": label, "column": column, "start": at, "end": at + value, "far": np.nanmax([at, at + value, at + upper]),
                "value": value, "lower": lower, "upper": upper, "part": "up" if value >= 0 else "down", "said": signed(float(value)),
            }
        )  # fmt: skip
        at += value
    return pd.DataFrame([*rows, _end(result.called.legend_b, fall.after, "after")])


def _end(label: str, value: float, part: str) -> dict[str, object]:
    return {
        "label": label, "column": None, "start": value, "end": value, "far": value, "value": value, "lower": np.nan, "upper": np.nan,
        "part": part, "said": "",
    }  # fmt: skip


def waterfall_picture(
    judged: JudgedExplanations,
    klass: str,
    kept: Bools | None = None,
    *,
    raw: bool = False,
    selected: str | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw why the mean moved over the windows `kept` (w,)."""
    fall = fall_of(judged, klass, kept, raw=raw)
    subject = subject_of(judged, klass)
    told = pair(fall.before, fall.after)
    verb = steady(change_of(judged, kept, klass)) or ("rose" if fall.change > 0 else "fell")
    moved = f"Why {_lowered(subject)} {verb}" if told else f"{subject} did not move"
    left = "" if abs(fall.residual) <= TINY * abs(fall.change) else f"Left over: {fall.residual:.1g}"
    lines = "Lines: 95 % intervals" if np.isfinite(fall.lower).any() else ""
    note = ". ".join(filter(None, (left, _gap_text(judged, kept), lines)))
    title = moved + (" (log-odds)" if raw else "")
    rows = waterfall_rows(judged, klass, kept, raw=raw)
    return waterfall_chart(rows, unit=f"Mean {unit_title(judged, raw)}", title=title, selected=selected, note=note, theme=theme)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _gap_text(judged: JudgedExplanations, kept: Bools | None) -> str:
    """Say what a stand-in does not follow of the change of what was logged."""
    if judged.result.attributions.source != STAND_IN or len(judged.result.classes) > 1:
        return ""
    logged = judged.result.logged_change(kept)
    return f"Logged scores moved by {signed(logged)}" if np.isfinite(logged) else ""


def map_picture(judged: JudgedExplanations, klass: str, *, selected: str | None = None, theme: Theme = "light") -> Chart:
    """Draw what the columns that add most add in each window, beside the reference."""
    table = judged.table[judged.table["class"].fillna("").eq(klass)]
    field = "contribution" if table["contribution_probability"].isna().all() else "contribution_probability"
    far = table.groupby("column", sort=False)[field].agg(lambda one: float(np.nanmax(np.abs(one), initial=0.0)))
    order = far.sort_values(ascending=False, kind="stable").index[:MAPPED].tolist()
    place = {name: position for position, name in enumerate(order)}
    rows = table[table["column"].isin(order)]
    rows = rows.assign(value=rows[field], label=[judged.result.label(name) for name in rows["column"]], _place=rows["column"].map(place))
    rows = with_windows(rows.sort_values(["_place", "window"], kind="stable").drop(columns="_place"), judged)
    shown = f"the {len(order)} columns that add most" if len(far) > len(order) else plural(len(order), "column")
    unit = f"Adds to the mean {unit_title(judged)}"
    return attribution_map_chart(rows, unit=unit, title=f"What {shown} add by window, beside the reference", selected=selected, theme=theme)


def importance_rows(judged: JudgedExplanations, klass: str, kept: Bools | None = None) -> pd.DataFrame:
    """Return how much each column matters on both sides, in raw units, with its place."""
    result = judged.result
    reference, production = result.of_class(klass).raw
    sizes = reference.pooled(absolute=True), production.pooled(kept, absolute=True)
    places = [ranks(one.value) for one in sizes]
    order = np.argsort(-np.maximum(sizes[0].value, sizes[1].value), kind="stable")[:RANKED]
    names, rows = result.attributions.columns, []
    for place, j in enumerate(order):
        moved = int(places[0][j] - places[1][j])
        said = f"{'up' if moved > 0 else 'down'} {plural(abs(moved), 'place')}" if moved else ""
        for side, one, rank in zip(("reference", "production"), sizes, places, strict=True):
            half = Z * float(np.sqrt(one.variance[j]))
            rows.append(
                {
                    "label": result.label(names[j]), "column": names[j], "side": side, "value": one.value[j], "lower": one.value[j] - half,
                    "upper": one.value[j] + half, "rank": int(rank[j]), "place": place, "said": said if side == "production" else "",
                }
            )  # fmt: skip
    found = pd.DataFrame(rows)
    return found.assign(far=found.groupby("label")["upper"].transform("max"))


def importance_picture(
    judged: JudgedExplanations, klass: str, kept: Bools | None = None, *, names: Names | None = None, theme: Theme = "light"
) -> Chart:
    """Draw how much columns matter on both sides."""
    rows = importance_rows(judged, klass, kept)
    figures = judged.provenance.summary
    told = figures.get("classes", {}).get(klass, figures)
    note = f"NDCG {number_text(told['ndcg'])}, as low in {share_text(told['ndcg_p_value'], 2)} of shuffles: blind to scale"
    moved, drawn = rows.loc[rows["said"].ne(""), "column"].nunique(), rows["column"].nunique()
    if drawn < len(judged.result.attributions.columns):
        title = f"Of the {drawn} columns that matter most {moved or 'none'} changed place in importance"
    else:
        title = f"{plural(moved, 'column')} changed place in importance" if moved else "Columns matter in the order that they did"
    unit = f"Mean size of attributions ({judged.result.attributions.unit})"
    return importance_chart(rows, unit=unit, names=names, title=title, note=note, theme=theme)


def bins_of(judged: JudgedExplanations, column: str) -> Bins | None:
    """Cut the values of a column in bins that both sides share; None where the data do not have it."""
    frames = [side.frame for side in judged.result.sides]
    if any(column not in frame for frame in frames):
        return None
    values = [frame[column] for frame in frames]
    if all(is_number(one) for one in values):
        first, second = (one.to_numpy(dtype=float, na_value=np.nan) for one in values)
        return cut_numbers(first, second)
    first, second = (np.array([None if lost else one for one, lost in zip(s, s.isna(), strict=True)], dtype=object) for s in values)
    return cut_levels(first, second)


def dependence_rows(judged: JudgedExplanations, klass: str, column: str, kept: Bools | None = None) -> pd.DataFrame | None:
    """Return what a column adds in each bin of its values, on both sides, in raw units; None where its values are not known."""
    bins = bins_of(judged, column)
    if bins is None:
        return None
    j = judged.result.attributions.columns.index(column)
    rows = []
    for name, side, codes in zip(("reference", "production"), judged.result.of_class(klass).raw, bins.codes, strict=True):
        weight = side.weight if name == "reference" or kept is None else np.where(np.asarray(kept)[side.window], side.weight, 0.0)
        found = in_bins(side.values[:, j], weight, codes, bins.many)
        rows.append(pd.DataFrame({"bin": bins.labels, "side": name, "mean": found.mean, "share": found.share, "ordered": bins.ordered}))
    return pd.concat(rows, ignore_index=True)


def dependence_picture(
    judged: JudgedExplanations, klass: str, column: str, kept: Bools | None = None, *, names: Names | None = None, theme: Theme = "light"
) -> Chart | None:
    """Draw what a column adds by its value, on both sides."""
    rows = dependence_rows(judged, klass, column, kept)
    if rows is None or rows["mean"].isna().all():
        return None
    unit = f"Adds ({judged.result.attributions.unit})"
    label, ordered = judged.result.label(column), bool(rows["ordered"].iloc[0])
    return dependence_chart(rows, label=label, unit=unit, ordered=ordered, names=names, theme=theme)


def summary_rows(judged: JudgedExplanations, klass: str, kept: Bools | None = None) -> pd.DataFrame:
    """Return what each column adds in bins of its values, columns that matter most first, levels in the order of what they add."""
    _, production = judged.result.of_class(klass).raw
    size = production.pooled(kept, absolute=True).value
    names, rows = judged.result.attributions.columns, []
    for j in np.argsort(-size, kind="stable")[:SUMMARISED]:
        found = dependence_rows(judged, klass, names[j], kept)
        if found is None:
            continue
        if not found["ordered"].iloc[0]:
            usual = found[found["side"] == "reference"].set_index("bin")["mean"].fillna(np.inf)
            found = found.assign(_at=found["bin"].map(usual)).sort_values(["side", "_at"], ascending=[False, True], kind="stable")
        label = judged.result.label(names[j])
        for side, letter in (("reference", "A"), ("production", "B")):
            part = found[found["side"] == side]
            rows.append(part.assign(label=label, row=f"{label} · {letter}", tenth=range(len(part)))[_SUMMARY])
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=_SUMMARY)


_SUMMARY = ["label", "side", "row", "tenth", "bin", "mean", "share"]


def summary_picture(
    judged: JudgedExplanations, klass: str, kept: Bools | None = None, *, names: Names | None = None, theme: Theme = "light"
) -> Chart | None:
    """Draw what every column adds by its values."""
    rows = summary_rows(judged, klass, kept)
    if rows.empty:
        return None
    called = names or Names()
    rows = rows.assign(side_word=rows["side"].map({"reference": called.reference, "production": called.production}))
    title = f"What {plural(rows['label'].nunique(), 'column')} add, by their values"
    note = f"Of each column the upper row is {called.inside.reference}, the lower {called.inside.production}"
    return summary_chart(rows, unit=f"Adds ({judged.result.attributions.unit})", title=title, note=note, theme=theme)


def column_picture(
    judged: JudgedExplanations, klass: str, column: str, *, names: Names | None = None, annotations: pd.DataFrame | None = None,
    theme: Theme = "light",
) -> Chart:  # fmt: skip
    """Draw what a column adds to the change of the mean by window, beside how the reference's own windows varied; raw units."""
    table = judged.table
    rows = with_windows(table[table["column"].eq(column) & table["class"].fillna("").eq(klass)], judged)
    reference, _ = judged.result.of_class(klass).raw
    j = judged.result.attributions.columns.index(column)
    own = reference.by_window().value[:, j] - reference.pooled().value[j]
    known = own[np.isfinite(own)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (float("nan"), float("nan"))
    told = rows.assign(
        value=rows["contribution"], reference_low=low, reference_high=high, reference_value=0.0, partial=~rows["status"].isin(SEEN)
    )
    label = f"What {judged.result.label(column)} adds ({judged.result.attributions.unit})"
    return range_chart(told, label=label, names=names, annotations=annotations, theme=theme)


def level_rows(judged: JudgedExplanations, klass: str, column: str, by: str, kept: Bools | None = None) -> pd.DataFrame | None:
    """Return what a column adds to the change of the mean by level of a segment column; levels add up to the column's part."""
    bins = bins_of(judged, by)
    if bins is None:
        return None
    result = judged.result
    j = result.attributions.columns.index(column)
    parts = by_level(*result.of_class(klass).told, bins.codes, bins.many, kept)[:, j]
    return pd.DataFrame({"label": bins.labels, "value": parts}).sort_values("value", key=np.abs, ascending=False, kind="stable")
