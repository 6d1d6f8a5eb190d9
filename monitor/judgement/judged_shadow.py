"""What was judged of challengers, and how it is asked: of all rows, of windows, of segments, of versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from monitor.analyses.left_out import WrongRows
from monitor.analyses.shadow import ShadowResult
from monitor.analyses.shadow_tables import MEASURED, SHADOW, WHOLE
from monitor.case.thresholds import ShadowThresholds
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.stats.performance.sequential import Split
from monitor.tables import Contract

Row = dict[Any, Any]

DECIDE = ("value", "roc_auc", "brier", "mae", "mse", "log_loss", "accuracy")
"""Metrics by which one model is better than another, the first that is known decides. Of decisions alone (recall, precision) nothing is
judged: another threshold moves them as well."""
INSTEAD: Mapping[str, str] = {"accuracy": "value", "log_loss": "brier", "mse": "mae"}
"""Metrics that are not judged where another says the same better."""
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **{name: text for name, text in MEASURED.columns.items() if name != "reason"},
        "status": "warning: differs by more than chance and matters; of arms that are served, worse: alert",
        "reason": MEASURED.columns["reason"],
    },
    MEASURED.units,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedShadow(Judged):
    """Judged challengers: `table` has one row per comparison, window, segment and metric, `findings` the differences that matter; `split`
    whether arms are as large as planned (None: nobody said how large); `with_them` what all rows say where some are left out because
    incidents made them wrong, `without_bursts` what they say without those of bursts too, and `hanging` the segments that differ with these
    alone, which are not told as such."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: ShadowResult
    thresholds: ShadowThresholds
    split: Split | None
    with_them: JudgedShadow | None = None
    without_bursts: JudgedShadow | None = None
    hanging: tuple[str, ...] = ()

    @property
    def lead(self) -> str:
        """The metric that decides: the first that is judged and known; empty where none is."""
        known = self.together[self.together["p_value"].notna()]["metric"].tolist()
        return next((one for one in judged_metrics(self.result) if one in known), "")

    @property
    def together(self) -> pd.DataFrame:
        """The rows of the table that tell of all rows of production together."""
        table = self.table
        return table[table["comparison"].eq(SHADOW) & table["window"].eq(WHOLE) & table["segment"].isna()]

    def of(self, metric: str) -> Row | None:
        """Return what all rows together say of a metric."""
        rows = self.together[self.together["metric"].eq(metric)].to_dict("records")
        return rows[0] if rows else None

    def by_window(self, metric: str) -> pd.DataFrame:
        """Return what each window says of a metric of the challenger."""
        table = self.table
        return table[table["comparison"].eq(SHADOW) & table["segment"].isna() & table["metric"].eq(metric) & table["window"].ne(WHOLE)]

    def by_segment(self, metric: str) -> pd.DataFrame:
        """Return what each segment says of a metric of the challenger."""
        return self._parts(metric, versions=False)

    def by_version(self, metric: str) -> pd.DataFrame:
        """Return what the rows of each version of the model say of a metric of the challenger."""
        return self._parts(metric, versions=True)

    def of_version(self, version: str, metric: str) -> Row | None:
        """Return what the rows of a version say of a metric."""
        rows = self.by_version(metric).to_dict("records")
        return next((row for row in rows if self.result.parts[row["segment"]].level == version), None)

    def _parts(self, metric: str, *, versions: bool) -> pd.DataFrame:
        table = self.table
        rows = table[table["comparison"].eq(SHADOW) & table["segment"].notna() & table["metric"].eq(metric)]
        return rows[rows["segment"].map(self.result.is_version).astype(bool) == versions]

    def rows_of(self, finding: Finding) -> pd.DataFrame:
        """Return the rows of the table that a finding is about."""
        table = self.table
        metric, _, comparison = finding.what.partition("~")
        return table[table["metric"].eq(metric) & table["comparison"].eq(comparison or SHADOW) & table["segment"].isna()]

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole."""
        arms = self.result.arms
        told: dict[str, Any] = {"expected_false_alarms": self.thresholds.q, "rows": self.result.ripe, "lead": self.lead}
        told |= self._money("money")
        if self.result.in_charge:
            told |= {"in_charge": self.result.in_charge, "versions": self._of_versions()}
        wrong = self.result.wrong
        if wrong is not None and wrong.parts:
            told["wrong_rows"] = {"n": wrong.n, "counted": wrong.counted, "incidents": {one.id: one.n for one in wrong.parts}}
        told |= {} if self.with_them is None else self.with_them._money("money_with_wrong_rows")
        told |= {} if self.without_bursts is None else self.without_bursts._money("money_without_bursts")
        if arms is not None:
            told["arms"] = {
                "rows": dict(arms.rows),
                "units": dict(arms.units),
                "unit": arms.unit,
                "mixed": arms.mixed,
                "steady": arms.steady,
            }
            told["arms"] |= {"sample_ratio_p_value": None if self.split is None else self.split.p_value}
        return told

    def _of_versions(self) -> dict[str, Any]:
        """Return what the rows of each version say of the metric that decides."""
        rows = self.by_version(self.lead).to_dict("records")
        keys = ("difference", "lower", "upper", "n")
        return {self.result.parts[row["segment"]].level: {one: row[one] for one in keys} for row in rows}

    def _money(self, name: str) -> dict[str, Any]:
        worth = self.of("value")
        known = worth is not None and worth["reason"] is None
        return {name: {one: worth[one] * worth["n"] for one in ("difference", "lower", "upper")}} if known and worth else {}


def nothing_left(with_them: JudgedShadow, wrong: WrongRows) -> JudgedShadow:
    """Return what can be said where incidents made every row wrong: nothing, beside what all rows say."""
    result = replace(with_them.result, wrong=wrong, ripe=0, answered=0, arms=None)
    return replace(with_them, table=with_them.table.iloc[:0], findings=(), result=result, split=None, with_them=with_them)


def judged_metrics(result: ShadowResult) -> tuple[str, ...]:
    """Return the metrics that are judged, the one that decides first."""
    asked = [one for one in DECIDE if one in result.judged]
    return tuple(one for one in asked if INSTEAD.get(one) not in asked)


def excludes_zero(row: Row) -> bool:
    """Say whether the interval of a difference leaves 0 out."""
    return bool(row["lower"] > 0 or row["upper"] < 0)
