"""What the model answers, drawn: its outputs by window over the range of the reference's own windows, in words, and by decile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.output import QUANTILES, own_windows, score_deciles, summarise_output
from monitor.analyses.threshold import Answers, disagreement, measure_answers, rule_of
from monitor.charts import Chart, Names, decile_chart, decile_windows_chart, quantile_chart, range_chart, series_chart
from monitor.judgement.narration.windows import WindowNames
from monitor.judgement.window_texts import last_whole, with_windows
from monitor.stats.inference.events import outside_all
from monitor.ui.annotations import annotation_table
from monitor.ui.looking import look_at
from monitor.ui.measuring import Screen, question_of
from monitor.ui.opened import workspace
from monitor.ui.present import selected, show_chart
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.vocabulary import Role, Task
from monitor.wording import count_text, number_text, plural, share_text

GRID = 3
"""Small charts in a row, where an output has many classes."""
MANY = 4


@dataclass(frozen=True, slots=True)
class Told:
    """What the model answers, of all rows: `series` (contract OUTPUT), of which `lead` (a part of it) sums it up; `deciles` by score;
    `answers`: how scores and predictions fit together; `reasons` why something is not shown; `own` ("reference weeks") and `windows`
    ("13 reference weeks") name the reference's own windows."""

    series: pd.DataFrame
    lead: pd.DataFrame
    deciles: Mapping[str, pd.DataFrame]
    answers: Answers | None
    reasons: tuple[str, ...]
    labels: Mapping[str, str]
    own: str
    windows: str
    by_chance: float
    """Share of windows that would lie outside all of the reference's own if nothing changed and windows were alike."""
    names: WindowNames

    def label_of(self, row: pd.Series) -> str:
        """Name a row of a series for people."""
        measure, column = str(row["measure"]), str(row["column"])
        if measure.startswith("share ≥ "):
            return f"Scored ≥ {measure.removeprefix('share ≥ ')}"
        return f"{self.labels.get(column, column)}: {measure}"


def told(current: View, shown: Screen) -> Told:
    """Work out what the upper half of the page shows."""
    result, opened = shown.judged.result, workspace(current)
    answers = measure_answers(opened, result, question_of(current))
    series = summarise_output(result, current.case, answers)
    whole = [not result.sides.part(str(name)).segment for name in series["column"]]
    series = with_windows(_without_repeats(series[np.array(whole, dtype=bool)], answers), shown.judged)
    scores = [name for name in result.sides.production.columns if current.case.roles.of(name) is Role.SCORE]
    lead = _lead(series)
    windows = own_windows(result, len(result.sides.groups))
    return Told(
        series=series,
        lead=lead,
        deciles={name: with_windows(score_deciles(result, name), shown.judged) for name in scores},
        answers=answers,
        reasons=_reasons(current, answers, scores),
        labels=result.labels,
        own=windows.partition(" ")[2],
        windows=windows,
        by_chance=outside_all(len(result.sides.groups)),
        names=shown.judged.names,
    )


def _without_repeats(series: pd.DataFrame, answers: Answers | None) -> pd.DataFrame:
    """Leave out the share of the positive class where it is the share above the threshold in every row."""
    if answers is None or answers.rule.prediction is None or disagreement(answers) is not None:
        return series
    complete = bool((answers.production.both == answers.production.scored).all() and (answers.whole.both == answers.whole.scored).all())
    return pd.DataFrame(series[series["column"] != answers.rule.prediction]) if complete else series


def _lead(series: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the measure that sums the output up: the positive share, else the first one."""
    measures = list(dict.fromkeys(zip(series["column"], series["measure"], strict=True)))
    if not measures:
        return series
    ranked = sorted(measures, key=lambda one: not one[1].startswith("share ≥"))
    several = len([one for one in measures if one[1].startswith("share of")]) > 1
    if several and not ranked[0][1].startswith("share ≥"):
        return series.iloc[:0]
    column, measure = ranked[0]
    mine = (series["column"] == column) & (series["measure"] == measure)
    return pd.DataFrame(series[mine].sort_values("window", kind="stable"))


def _reasons(current: View, answers: Answers | None, scores: Sequence[str]) -> tuple[str, ...]:
    opened, found = workspace(current), []
    predictions = opened.measured(roles=(Role.PREDICTION,))
    if current.case.task is Task.BINARY:
        rule = rule_of(opened)
        if isinstance(rule, str):
            found.append(rule)
        elif answers is None or answers.rule.prediction is None:
            found.append("Whether predictions are what the threshold says cannot be checked: the case names no predicted class.")
    if not scores:
        found.append("There are no deciles: the case names no score." if current.case.task is not Task.BINARY else "")
    if not predictions:
        found.append("The case names no prediction; the score alone is shown.")
    return tuple(reason for reason in found if reason)


def show_output(current: View, shown: Screen, found: Told, cell: tuple[str, str] | None) -> dict[str, Chart]:
    """Show the upper half of the page and return its charts; `cell` (column, window) is what is looked at below."""
    window = cell[1] if cell is not None else last_whole(shown.judged)
    column = cell[0] if cell is not None else next(iter(found.deciles), "")
    key = ("output", shown.key, window, column, current.theme)
    charts = kept(key, lambda: _charts(current, shown, found, column, window))
    _agreement(found)
    series = [name for name in charts if not name.startswith("deciles")]
    if len(series) == 1:
        left, right = st.columns([0.56, 0.44], gap="medium")
        with left:
            _grid(charts, series, 1)
        with right:
            _words(found, column)
    else:
        _grid(charts, series, 2 if len(series) <= MANY else GRID)
        _words(found, column)
    _deciles(charts, column if column in found.deciles else next(iter(found.deciles), column))
    for reason in found.reasons:
        st.caption(f":material/info: {md_escape(reason)}")
    return charts


def _charts(current: View, shown: Screen, found: Told, column: str, window: str) -> dict[str, Chart]:
    called = shown.judged.result.called
    names, charts = Names(called.legend_a, called.legend_b), {}
    for (name, measure), rows in _in_order(found):
        if measure not in QUANTILES:
            charts[f"{name}-{measure}".replace(" ", "-")] = _range(current, found, rows, names)
    for value, rows in found.series[found.series["measure"].isin(QUANTILES)].groupby("column", sort=False):
        label = found.labels.get(str(value), str(value))
        charts[f"{value}-quantiles"] = quantile_chart(_wide(rows), label=label, names=names, theme=current.theme)
    if found.answers is not None and disagreement(found.answers) is not None:
        charts["differing"] = _differing(current, shown, found.answers)
    score = column if column in found.deciles else next(iter(found.deciles), None)
    if score is None:
        return charts
    deciles, label = found.deciles[score], found.labels.get(score, score)
    here = deciles[deciles["window"] == window]
    if deciles["window"].nunique() > 1:
        charts["deciles-by-window"] = decile_windows_chart(deciles, label=label, selected=window, names=names, theme=current.theme)
    if here["share_production"].notna().any():
        charts["deciles"] = decile_chart(here, label=label, names=names, title=_decile_title(here), theme=current.theme)
    return charts


def _differing(current: View, shown: Screen, answers: Answers) -> Chart:
    """Draw the share of rows whose prediction is not what the threshold says."""
    before = int(answers.whole.differing.sum()) / max(int(answers.whole.both.sum()), 1)
    label = f"Prediction is not what the threshold {answers.rule.threshold:g} says"
    table = with_windows(answers.table.rename(columns={"share": "value"}), shown.judged)
    return series_chart(table, label=label, reference=before, share=True, annotations=annotation_table(current.case), theme=current.theme)


def _in_order(found: Told) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """Return the series one by one, the leading one first."""
    every = [((str(a), str(b)), rows) for (a, b), rows in found.series.groupby(["column", "measure"], sort=False)]
    first = (str(found.lead["column"].iloc[0]), str(found.lead["measure"].iloc[0])) if len(found.lead) else None
    return sorted(every, key=lambda one: one[0] != first)


def _range(current: View, found: Told, rows: pd.DataFrame, names: Names) -> Chart:
    label = found.label_of(rows.iloc[0])
    return range_chart(
        rows, label=label, share=_is_share(rows), names=names, annotations=annotation_table(current.case),
        title=_range_title(rows, label, found), theme=current.theme,
    )  # fmt: skip


def _is_share(rows: pd.DataFrame) -> bool:
    return str(rows["measure"].iloc[0]).startswith("share")


def _range_title(rows: pd.DataFrame, label: str, found: Told) -> str:
    """Say in how many windows a value lies outside all of the reference's own windows."""
    counts = {word: int(rows["place"].str.startswith(word).sum()) for word in ("below", "above")}
    said = [f"{word} all {found.own} in {n}" for word, n in counts.items() if n]
    of = found.names.count(len(rows))
    return f"{label}: {' and '.join(said)} of {of}" if said else f"{label}: within the {found.own} in all {of}"


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    named = dict(zip(QUANTILES, ("low", "median", "high"), strict=True))
    wide = (
        rows.assign(short=rows["measure"].map(named))
        .pivot(index=["window", "when", "units", "partial"], columns="short", values="value")
        .reset_index()
    )
    before = rows.drop_duplicates("measure").set_index("measure")["reference_value"]
    return wide.assign(**{f"reference_{short}": float(before[name]) for name, short in named.items()})


def _decile_title(here: pd.DataFrame) -> str:
    change = (here["share_production"] - here["share_reference"]).abs().to_numpy(dtype=float)
    most = here.iloc[int(np.nanargmax(change))]
    where = str(here["when"].iloc[0])
    return (
        f"{where[0].upper()}{where[1:]}: {share_text(float(most['share_production']))} of {plural(int(most['n']), 'score')} in decile "
        f"{int(most['decile'])}, {share_text(float(most['share_reference']))} expected"
    )


def _agreement(found: Told) -> None:
    """Say whether predictions are what the threshold says."""
    problem = disagreement(found.answers)
    if problem is not None:
        st.warning(md_escape(problem), icon=":material/rule:")
    elif found.answers is not None and found.answers.rule.prediction is not None:
        rows = count_text(int(found.answers.production.both.sum()))
        st.caption(md_escape(f"The prediction is what the threshold {found.answers.rule.threshold:g} says in all {rows} rows."))


def _words(found: Told, column: str) -> None:
    """Show each window in words, those outside the reference's own windows first; choosing one looks at it."""
    outside = found.series["place"].str.startswith(("below", "above"))
    low, high, value = (found.series[name].to_numpy(dtype=float) for name in ("reference_low", "reference_high", "value"))
    far = np.maximum(low - value, value - high) / np.maximum(high - low, 1e-12)
    rows = found.series.assign(outside=outside, far=np.where(outside, far, -1.0)).sort_values(
        ["outside", "far", "window"], ascending=[False, False, True], kind="stable"
    )
    chance = f"one window lies outside all {found.windows} by chance in {share_text(found.by_chance, 2)} of cases, if windows are alike"
    st.markdown(
        f"**Each window beside the {md_escape(found.own)}**  \n:small[:gray[Outside all of them first ({md_escape(chance)}); "
        "choose one to look at it]]"
    )
    shown = _in_words(found, rows)
    if found.series[["column", "measure"]].drop_duplicates().shape[0] == 1:
        shown = shown.drop(columns="What")
    st.dataframe(
        shown, key="predictions_windows", hide_index=True, on_select=lambda: _from_words(rows, column), selection_mode="single-row",
        height=min(38 + 35 * len(shown), 248), alt="Each window with its value and where it lies among the reference's own windows",
        column_config={
            "Window": st.column_config.TextColumn(width=135),
            "What": st.column_config.TextColumn(width=230),
            "Value": st.column_config.TextColumn(width=60),
            "Where it lies": st.column_config.TextColumn(width=195),
            "Rows": st.column_config.NumberColumn(format="localized"),
        },
    )  # fmt: skip


def _in_words(found: Told, rows: pd.DataFrame) -> pd.DataFrame:
    write = [share_text if str(measure).startswith("share") else number_text for measure in rows["measure"]]
    return pd.DataFrame(
        {
            "Window": rows["when"].to_numpy(),
            "Value": [f(float(v)) for f, v in zip(write, rows["value"], strict=True)],
            "Where it lies": rows["place"].to_numpy(),
            "What": [found.label_of(row) for _, row in rows.iterrows()],
            "95 % interval": [f"{f(float(a))} to {f(float(b))}" for f, a, b in zip(write, rows["lower"], rows["upper"], strict=True)],
            "Reference": [
                f"{f(float(a), 2)} to {f(float(b), 2)}"
                for f, a, b in zip(write, rows["reference_low"], rows["reference_high"], strict=True)
            ],
            "Rows": rows["n"].to_numpy(),
        }
    )


def _from_words(rows: pd.DataFrame, column: str) -> None:
    event = st.session_state.get("predictions_windows")
    chosen = event["selection"]["rows"] if event else []
    if chosen:
        _look_at(column or str(rows.iloc[chosen[0]]["column"]), str(rows.iloc[chosen[0]]["window"]))


def _look_at(column: str, window: str) -> None:
    look_at("predictions", column, window)


def _grid(charts: Mapping[str, Chart], names: Sequence[str], width: int) -> None:
    for first in range(0, len(names), width):
        for place, name in zip(st.columns(width, gap="medium"), names[first : first + width], strict=False):
            with place:
                show_chart(charts[name], key=f"predictions_{name}")


def _deciles(charts: Mapping[str, Chart], column: str) -> None:
    both = [name for name in ("deciles-by-window", "deciles") if name in charts]
    if not both:
        return
    places = st.columns([0.56, 0.44], gap="medium") if len(both) == 2 else [st.container()]
    for place, name in zip(places, both, strict=True):
        with place:
            if name == "deciles":
                show_chart(charts[name], key="predictions_deciles")
            else:
                show_chart(charts[name], key="predictions_tenths", on_select=lambda: _from_deciles(column))


def _from_deciles(column: str) -> None:
    cells = selected("predictions_tenths")
    if isinstance(cells, list) and cells:
        _look_at(column, str(cells[0]["window"]))
