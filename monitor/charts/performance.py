"""What lies behind a model's performance: calibration, ranking, thresholds, residuals; the reference grey, production blue."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, highest, require
from monitor.charts.theme import EXACT, NUMBER, SHARE, Theme, palette
from monitor.wording import number_text, share_text

_CALIBRATION = ("side", "bin", "n", "score", "share", "lower", "upper")
_THRESHOLDS = ("side", "threshold", "precision", "recall", "selection_rate", "false_positive_rate")
_RESIDUALS = ("side", "bin", "n", "prediction", "residual", "lower", "upper")
_SIDES = ("reference", "production")
SIZE = 300


def calibration_chart(table: pd.DataFrame, *, names: Names | None = None, theme: Theme = "light") -> Chart:
    """Draw the share of positives beside the mean score of ten bins of each side; calibrated scores lie on the diagonal."""
    data = _sided(require(table, _CALIBRATION, "calibration chart"), names)
    late = table[table["side"] == "production"]
    away = float(((late["share"] - late["score"]) * late["n"]).sum() / max(late["n"].sum(), 1)) if len(late) else float("nan")
    way = "too low" if away > 0 else "too high"
    title = "Calibration" if away != away else f"Scores are {share_text(abs(away), 2)} points {way} on average"
    title = title.replace("% points", " points")
    text = f"Share of positives beside the mean score in ten bins of equal counts. {title}."
    return finish(_calibration_spec(_called(names), theme), data, title=title, alt=text, theme=theme)


def roc_chart(table: pd.DataFrame, *, names: Names | None = None, theme: Theme = "light") -> Chart:
    """Draw the receiver operating characteristic of each side: recall beside the false positive rate, threshold by threshold."""
    data = _sided(require(table, _THRESHOLDS, "ROC chart"), names)
    text = "Recall beside the false positive rate at the thresholds of the scores, of both sides; chance lies on the diagonal."
    return finish(_roc_spec(_called(names), theme), data, title="Ranking: recall at each false positive rate", alt=text, theme=theme)


def threshold_chart(table: pd.DataFrame, *, threshold: float | None = None, names: Names | None = None, theme: Theme = "light") -> Chart:
    """Draw precision (dashed) and recall of each side by the threshold from which the model says positive; today's as a rule."""
    data = _sided(require(table, _THRESHOLDS, "threshold chart"), names)
    long = data.drop(columns="value", errors="ignore").melt(
        id_vars=["side", "threshold", "selection_rate"], value_vars=["precision", "recall"], var_name="metric", value_name="value"
    )
    long = long.assign(today=threshold)
    title = "Precision and recall by threshold"
    text = f"{title}, of both sides." + ("" if threshold is None else f" The threshold today is {number_text(threshold)}.")
    return finish(_threshold_spec(_called(names), threshold is not None, theme), long, title=title, alt=text, theme=theme)


def value_chart(
    table: pd.DataFrame, *, today: float | None, currency: str = "", names: Names | None = None, theme: Theme = "light"
) -> Chart:
    """Draw what a decision is worth on average by the threshold from which the model says positive, of both sides; today's threshold and
    the one that is worth most to production as rules.

    Parameters
    ----------
    table : one row per side and threshold: `side, threshold, value` (of one decision on average)
    """
    data = require(table, ("side", "threshold", "value"), "value chart")
    late = data[data["side"] == _SIDES[1]]
    best = highest(late, "value") if late["value"].notna().any() else None
    title = "Value of a decision by threshold"
    if best is not None:
        title = (
            f"A decision is worth most from a score of {number_text(float(best['threshold']))} on: {money(float(best['value']), currency)}"
        )
    data = _sided(data, names).assign(today=today, best=None if best is None else float(best["threshold"]))
    text = f"{title}, by threshold, of both sides." + ("" if today is None else f" The threshold today is {number_text(today)}.")
    return finish(
        _value_spec(_called(names), (today is not None, best is not None), currency, theme), data, title=title, alt=text, theme=theme
    )


def money(value: float, currency: str) -> str:
    """Write an amount of money.

    >>> money(-1234.5, "EUR"), money(2.0, "")
    ('-1,230 EUR', '2')
    """
    return f"{number_text(value)} {currency}".rstrip()


def precision_chart(table: pd.DataFrame, *, names: Names | None = None, theme: Theme = "light") -> Chart:
    """Draw precision beside recall of each side, threshold by threshold."""
    data = _sided(require(table, _THRESHOLDS, "precision chart"), names).dropna(subset=["precision", "recall"])
    text = "Precision beside recall at the thresholds of the scores, of both sides."
    return finish(_precision_spec(_called(names), theme), data, title="Precision at each recall", alt=text, theme=theme)


def lift_chart(table: pd.DataFrame, *, names: Names | None = None, theme: Theme = "light") -> Chart:
    """Draw how many times the usual share of positives each tenth of the scores holds, the highest scores first."""
    data = _sided(require(table, ("side", "tenth", "n", "share", "lift", "lower", "upper"), "lift chart"), names)
    top = table[(table["side"] == _SIDES[1]) & (table["tenth"] == 1)]
    title = "Lift by tenth of the scores"
    if len(top):
        title = f"The highest tenth of the scores holds {number_text(float(top['lift'].iloc[0]), 2)} times the usual share of positives"
    text = f"Share of positives in each tenth of the scores in parts of the usual share, of both sides. {title}."
    return finish(_lift_spec(_called(names), theme), data, title=title, alt=text, theme=theme)


def residual_chart(table: pd.DataFrame, *, label: str, names: Names | None = None, theme: Theme = "light") -> Chart:
    """Draw the mean error (prediction - label) by tenths of the prediction: where a model over- and undershoots."""
    data = _sided(require(table, _RESIDUALS, "residual chart"), names)
    late = table[table["side"] == "production"]
    title = "Mean error by predicted value"
    if len(late):
        worst = highest(late.assign(size=late["residual"].abs()), "size")
        near, far = number_text(float(worst["prediction"])), number_text(float(worst["size"]))
        title = f"Predictions near {near} are {far} too {'low' if worst['residual'] < 0 else 'high'} on average"
    text = f"Mean of prediction minus label by tenths of the prediction, of both sides. {title}."
    return finish(_residual_spec(_called(names), label, theme), data, title=title, alt=text, theme=theme)


def _called(names: Names | None) -> tuple[str, str]:
    called = names or Names()
    return called.reference, called.production


def _sided(table: pd.DataFrame, names: Names | None) -> pd.DataFrame:
    """Call the sides what they are called."""
    return table.assign(side=table["side"].map(dict(zip(_SIDES, _called(names), strict=True))))


def _colour(called: tuple[str, str], theme: Theme) -> alt.Color:
    colours = palette(theme)
    scale = alt.Scale(domain=list(called), range=[colours.reference, colours.production])
    return alt.Color(field="side", type="nominal", scale=scale, legend=alt.Legend(title=None, symbolType="square", labelLimit=0))


def _share(field: str, title: str) -> dict[str, Any]:
    return {
        "field": field, "type": "quantitative", "title": title, "axis": alt.Axis(format=SHARE, tickCount=5),
        "scale": alt.Scale(domain=[0, 1]),
    }  # fmt: skip


@lru_cache(maxsize=16)
def _calibration_spec(called: tuple[str, str], theme: Theme) -> Spec:
    tips = field_tooltip(
        side=("N", "Side", ""), n=("Q", "Rows", ","), score=("Q", "Mean score", EXACT), share=("Q", "Share of positives", ".4~p"),
        lower=("Q", "95 % interval from", ".4~p"), upper=("Q", "to", ".4~p"),
    )  # fmt: skip
    x = alt.X(
        field="score",
        type="quantitative",
        title="Mean score of the bin",
        axis=alt.Axis(format=NUMBER, tickCount=5),
        scale=alt.Scale(nice=True),
    )
    y = alt.Y(field="share", type="quantitative", title="Share of positives", axis=alt.Axis(format=SHARE, tickCount=5))
    base = alt.Chart(NO_DATA).encode(x=x, color=_colour(called, theme), tooltip=tips)
    rule = base.mark_rule(strokeWidth=1.5, opacity=0.6).encode(y=alt.Y(field="lower", type="quantitative"), y2=alt.Y2(field="upper"))
    same = alt.Chart(NO_DATA).mark_line(color=palette(theme).ink, strokeDash=[4, 4], strokeWidth=1, opacity=0.6)
    same = same.encode(x=x, y=alt.Y(field="score", type="quantitative", title="Share of positives"))
    layers = [same, rule, base.mark_line(strokeWidth=2).encode(y=y), base.mark_point(filled=True, size=40, opacity=1).encode(y=y)]
    return bare_spec(alt.layer(*layers).properties(width="container", height=SIZE), theme)


@lru_cache(maxsize=16)
def _roc_spec(called: tuple[str, str], theme: Theme) -> Spec:
    tips = field_tooltip(
        side=("N", "Side", ""), threshold=("Q", "Threshold", EXACT), false_positive_rate=("Q", "False positive rate", ".4~p"),
        recall=("Q", "Recall", ".4~p"),
    )  # fmt: skip
    base = alt.Chart(NO_DATA).encode(
        x=alt.X(**_share("false_positive_rate", "False positive rate")), y=alt.Y(**_share("recall", "Recall")),
        color=_colour(called, theme), order=alt.Order(field="threshold", type="quantitative"), tooltip=tips,
    )  # fmt: skip
    chance = alt.Chart(NO_DATA).mark_line(color=palette(theme).ink, strokeDash=[4, 4], strokeWidth=1, opacity=0.6)
    chance = chance.encode(
        x=alt.X(field="false_positive_rate", type="quantitative"), y=alt.Y(field="false_positive_rate", type="quantitative")
    )
    return bare_spec(alt.layer(chance, base.mark_line(strokeWidth=2)).properties(width="container", height=SIZE), theme)


@lru_cache(maxsize=16)
def _threshold_spec(called: tuple[str, str], ruled: bool, theme: Theme) -> Spec:
    tips = field_tooltip(
        side=("N", "Side", ""), metric=("N", "Metric", ""), threshold=("Q", "Threshold", EXACT), value=("Q", "Value", ".4~p"),
        selection_rate=("Q", "Share decided positive", ".4~p"),
    )  # fmt: skip
    scale = alt.Scale(domain=["recall", "precision"], range=[[1, 0], [5, 4]])
    dash = alt.StrokeDash(field="metric", type="nominal", scale=scale, legend=alt.Legend(title=None))
    base = alt.Chart(NO_DATA).encode(
        x=alt.X(
            field="threshold", type="quantitative", title="Score from which the model says positive",
            axis=alt.Axis(format=NUMBER, tickCount=8),
        ),
        y=alt.Y(**_share("value", "Share")), color=_colour(called, theme), strokeDash=dash, tooltip=tips,
    )  # fmt: skip
    layers: list[Any] = [base.mark_line(strokeWidth=2)]
    if ruled:
        rule = alt.Chart(NO_DATA).mark_rule(color=palette(theme).ink, strokeWidth=1.5)
        layers.append(rule.encode(x=alt.X(field="today", type="quantitative", aggregate="max")))
    return bare_spec(alt.layer(*layers).properties(width="container", height=SIZE), theme)


@lru_cache(maxsize=16)
def _value_spec(called: tuple[str, str], ruled: tuple[bool, bool], currency: str, theme: Theme) -> Spec:
    tips = field_tooltip(side=("N", "Side", ""), threshold=("Q", "Threshold", EXACT), value=("Q", "Value of a decision", EXACT))
    x = alt.X(
        field="threshold", type="quantitative", title="Score from which the model says positive", axis=alt.Axis(format=NUMBER, tickCount=8)
    )
    title = "Value of a decision" + (f" ({currency})" if currency else "")
    y = alt.Y(field="value", type="quantitative", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(format=NUMBER, tickCount=5))
    layers: list[Any] = [alt.Chart(NO_DATA).mark_line(strokeWidth=2).encode(x=x, y=y, color=_colour(called, theme), tooltip=tips)]
    for name, shown, dash in zip(("today", "best"), ruled, ([1, 0], [5, 4]), strict=True):
        if shown:
            rule = alt.Chart(NO_DATA).mark_rule(color=palette(theme).ink, strokeWidth=1.5, strokeDash=dash)
            layers.append(rule.encode(x=alt.X(field=name, type="quantitative", aggregate="max")))
    return bare_spec(alt.layer(*layers).properties(width="container", height=SIZE), theme)


@lru_cache(maxsize=16)
def _precision_spec(called: tuple[str, str], theme: Theme) -> Spec:
    tips = field_tooltip(
        side=("N", "Side", ""), threshold=("Q", "Threshold", EXACT), precision=("Q", "Precision", ".4~p"), recall=("Q", "Recall", ".4~p"),
    )  # fmt: skip
    base = alt.Chart(NO_DATA).encode(
        x=alt.X(**_share("recall", "Recall")), y=alt.Y(**_share("precision", "Precision")), color=_colour(called, theme),
        order=alt.Order(field="threshold", type="quantitative"), tooltip=tips,
    )  # fmt: skip
    return bare_spec(base.mark_line(strokeWidth=2).properties(width="container", height=SIZE), theme)


@lru_cache(maxsize=16)
def _lift_spec(called: tuple[str, str], theme: Theme) -> Spec:
    tips = field_tooltip(
        side=("N", "Side", ""), tenth=("Q", "Tenth, 1 the highest scores", ""), n=("Q", "Rows", ","),
        share=("Q", "Share of positives", ".4~p"), lift=("Q", "Times the usual share", EXACT),
        lower=("Q", "95 % interval from", EXACT), upper=("Q", "to", EXACT),
    )  # fmt: skip
    x = alt.X(field="tenth", type="quantitative", title="Tenth of the scores, the highest first", axis=alt.Axis(format="d", tickCount=10))
    y = alt.Y(field="lift", type="quantitative", title="Times the usual share of positives", axis=alt.Axis(format=NUMBER, tickCount=5))
    base = alt.Chart(NO_DATA).encode(x=x, color=_colour(called, theme), tooltip=tips)
    rule = base.mark_rule(strokeWidth=1.5, opacity=0.6).encode(y=alt.Y(field="lower", type="quantitative"), y2=alt.Y2(field="upper"))
    layers = [rule, base.mark_line(strokeWidth=2).encode(y=y), base.mark_point(filled=True, size=40, opacity=1).encode(y=y)]
    return bare_spec(alt.layer(*layers).properties(width="container", height=SIZE), theme)


@lru_cache(maxsize=16)
def _residual_spec(called: tuple[str, str], label: str, theme: Theme) -> Spec:
    tips = field_tooltip(
        side=("N", "Side", ""), n=("Q", "Rows", ","), prediction=("Q", "Mean prediction", EXACT), residual=("Q", "Mean error", EXACT),
        lower=("Q", "95 % interval from", EXACT), upper=("Q", "to", EXACT),
    )  # fmt: skip
    x = alt.X(field="prediction", type="quantitative", title=f"Predicted {label}", axis=alt.Axis(format=NUMBER, tickCount=6))
    y = alt.Y(field="residual", type="quantitative", title="Prediction − label, mean", axis=alt.Axis(format=NUMBER, tickCount=5))
    base = alt.Chart(NO_DATA).encode(x=x, color=_colour(called, theme), tooltip=tips)
    rule = base.mark_rule(strokeWidth=1.5, opacity=0.6).encode(y=alt.Y(field="lower", type="quantitative"), y2=alt.Y2(field="upper"))
    zero = alt.Chart(NO_DATA).mark_rule(color=palette(theme).ink, strokeDash=[4, 4], opacity=0.6).encode(y=alt.datum(0))
    layers = [zero, rule, base.mark_line(strokeWidth=2).encode(y=y), base.mark_point(filled=True, size=40, opacity=1).encode(y=y)]
    return bare_spec(alt.layer(*layers).properties(width="container", height=SIZE), theme)
