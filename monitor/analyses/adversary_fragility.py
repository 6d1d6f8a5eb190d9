"""How little must change before the model decides otherwise? Asked of the model on a sample of rows; without one, scores tell how near."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from monitor.analyses.adversary_scores import band_of
from monitor.analyses.adversary_sides import Coded
from monitor.analyses.sides import Question
from monitor.engine import CodedRows, Workspace, rows_at
from monitor.errors import ColumnMissingError, ExtensionMissingError, ModelError
from monitor.models import Model, load_model
from monitor.stats.adversaries.fragility import STEPS, least_step, moved_values
from monitor.stats.inference.intervals import wilson
from monitor.tables import Skipped
from monitor.vocabulary import Kind
from monitor.watch import Watch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SAMPLED, FEWEST, ASKED = 200, 20, 60_000
"""Rows of each decision that are tried, at most and at least, as far as the model is asked no more than so many times in all."""
KNOWN = 2_000
"""Rows of the reference that say how far a number moves."""
LEVELS = 4
"""Other levels that are tried in place of one, the commonest."""
LEVEL, NEAR = "another level", "near the threshold"
WHAT = "fragility"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragility:
    """How near decisions are to the other one.

    `table` has rows `decision` ("positive", "negative"), `side` (of the model only production: it may know the rows of the reference by
    heart, having learned from them), `change` (a share of the reference that one number moves past, LEVEL of
    one column, or NEAR where only scores were looked at), `n` rows tried, `share` of them that are decided otherwise with `lower` and
    `upper` (95 %). `columns` have `column`, `share`: of the rows of production, those that this column alone turns, by at most a tenth or
    by another level. `asked` whether the model was.
    """

    table: pd.DataFrame
    columns: pd.DataFrame
    asked: bool

    def tried(self, change: float | str) -> dict[tuple[str, str], tuple[int, float]]:
        """Return rows tried and the share of them that a change turns, by decision and side, where any was tried."""
        rows = self.table[(self.table["change"] == change) & (self.table["n"] > 0)]
        keys = zip(rows["decision"].astype(str), rows["side"].astype(str), strict=True)
        return dict(zip(keys, zip(rows["n"].astype(int).tolist(), rows["share"].astype(float).tolist(), strict=True), strict=True))

    @property
    def summary(self) -> dict[str, Any]:
        """Both as they are written."""
        return {"asked_model": self.asked, "decisions": self.table.to_dict("records"), "columns": self.columns.to_dict("records")}


@dataclass(frozen=True, slots=True)
class Tried:
    """Rows of production with one decision: `least` (n,) smallest step of any number that turns each, `level` (n,) whether another level
    does; `by_column` how many rows each column alone turns."""

    decision: str
    least: Floats
    level: Bools
    by_column: Mapping[str, int] = field(default_factory=dict)


def measure_fragility(
    workspace: Workspace, question: Question, coded: Coded, threshold: float, watch: Watch
) -> tuple[Fragility | None, tuple[Skipped, ...]]:
    """Say how little must change before decisions do, and what is to be known of how that was found."""
    both = {"reference": coded.reference, "production": coded.production}
    if not all(np.isfinite(side.score).any() for side in both.values()):
        return None, ()
    try:
        model, why = load_model(workspace.case), ""
        _check(workspace, model)
        with threadpool_limits(limits=1):  # many short calls: threads that wait for each other cost more than they save
            tried = list(_asked(workspace, question, both, (model, threshold), watch))
        return _told(tried), ()
    except (ModelError, ColumnMissingError, ExtensionMissingError) as error:
        why = str(error)
    except (ValueError, TypeError, KeyError) as error:  # what libraries raise on rows that they cannot read
        why = f"The model cannot read rows with a changed value: {error}"
    return _by_score(both, threshold), (Skipped(WHAT, "no_model", f"How little must change was read off the scores alone. {why}"),)


def _check(workspace: Workspace, model: Model) -> None:
    """Refuse a model that cannot be asked of both sides."""
    lacking = [
        name for name in model.columns if name not in workspace.columns or {"reference", "production"} - set(workspace.columns[name].types)
    ]
    if lacking:
        raise ColumnMissingError(f"The model reads '{lacking[0]}', which not both sides have.")
    if model.chances is None:
        raise ModelError(f"The model ({model.description}) gives no probabilities.")


def _asked(
    workspace: Workspace, question: Question, both: Mapping[str, CodedRows], decided: tuple[Model, float], watch: Watch
) -> Iterator[Tried]:
    """Ask the model of rows of each decision with one value changed."""
    (model, threshold), draw = decided, np.random.default_rng(question.seed)
    columns = list(model.columns)
    data = {"reference": question.reference.data, "production": question.production.data}

    def fetched(side: str, of: Bools, many: int) -> pd.DataFrame:
        at = np.sort(draw.permutation(np.flatnonzero(of))[:many])
        return pd.DataFrame(rows_at(workspace, data[side], both[side].place[at], columns).to_pandas())

    known = fetched("reference", np.ones(len(both["reference"].score), dtype=bool), KNOWN)
    numbers = [name for name in columns if workspace.columns[name].kind is Kind.NUMERIC]
    levels = [name for name in columns if workspace.columns[name].kind in (Kind.CATEGORICAL, Kind.BOOLEAN)]
    each = 2 * len(STEPS) * len(numbers) + LEVELS * len(levels) + 1
    many = int(np.clip(ASKED // (2 * each), FEWEST, SAMPLED))
    score = both["production"].score
    with np.errstate(invalid="ignore"):
        decisions = {"positive": score >= threshold, "negative": score < threshold}
    for i, (decision, of) in enumerate(decisions.items()):
        if of.any():
            trial = Trial(model, threshold, decision == "positive", fetched("production", of, many), known)
            yield trial.run(decision, (numbers, levels), watch.part(i / 2, (i + 1) / 2))


@dataclass(frozen=True, slots=True)
class Trial:
    """Rows that are tried, logged with one decision, and reference rows `known` that changed values are taken from."""

    model: Model
    threshold: float
    positive: bool
    rows: pd.DataFrame
    known: pd.DataFrame

    def run(self, decision: str, columns: tuple[list[str], list[str]], watch: Watch) -> Tried:
        """Change one column after the other; rows that the model itself decides otherwise than was logged are left out."""
        kept = ~self._turned(self.rows)
        rows = self.rows[kept].reset_index(drop=True)
        numbers, levels = columns
        least, level, by_column = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=bool), {}
        for i, name in enumerate((*numbers, *levels)):
            watch.tell(i / (len(numbers) + len(levels)), "asking the model what would change its mind")
            flips = self._flips(rows, name, self._numbers(rows, name) if name in numbers else self._levels(rows, name))
            if name in numbers:
                step = least_step(flips)
                least = np.fmin(least, step)
                by_column[name] = int((step <= STEPS[2]).sum())
            else:
                turned = np.logical_or.reduce(flips, axis=1)
                level |= turned
                by_column[name] = int(turned.sum())
        return Tried(decision, least, level, by_column)

    def _turned(self, rows: pd.DataFrame) -> Bools:
        """Say which rows the model does not decide as these were logged."""
        return np.asarray((self.model.probability(rows) >= self.threshold) != self.positive) if len(rows) else np.zeros(0, dtype=bool)

    def _numbers(self, rows: pd.DataFrame, name: str) -> NDArray[Any]:
        known = self.known[name].to_numpy(dtype=float, na_value=np.nan)
        return moved_values(rows[name].to_numpy(dtype=float, na_value=np.nan), np.sort(known[np.isfinite(known)]))

    def _levels(self, rows: pd.DataFrame, name: str) -> NDArray[Any]:
        """Return the commonest other levels of each row, (n, LEVELS); None where there are no more."""
        common = list(self.known[name].value_counts().index[: LEVELS + 1])
        found = np.full((len(rows), LEVELS), None, dtype=object)
        for i, own in enumerate(rows[name]):
            other = [one for one in common if one != own][:LEVELS]
            found[i, : len(other)] = other
        return found

    def _flips(self, rows: pd.DataFrame, name: str, values: NDArray[Any]) -> Bools:
        """Say which values (n, k) turn the decision; none where there is no value."""
        row, at = np.nonzero(~pd.isna(values))
        found = np.zeros(values.shape, dtype=bool)
        if len(row):
            changed = rows.iloc[row].reset_index(drop=True)
            put = pd.Series(values[row, at])
            changed[name] = put if values.dtype != object else put.astype(rows[name].dtype)
            found[row, at] = self._turned(changed)
        return found


def _told(tried: list[Tried]) -> Fragility:
    """Count what was tried."""
    found = []
    for one in tried:
        shares: list[tuple[float | str, Bools]] = [(step, one.least <= step) for step in STEPS]
        found += [_row(one.decision, "production", change, turned) for change, turned in (*shares, (LEVEL, one.level))]
    n = max(sum(len(one.least) for one in tried), 1)
    names = list(tried[0].by_column) if tried else []
    columns = pd.DataFrame({"column": names, "share": [sum(one.by_column[name] for one in tried) / n for name in names]})
    return Fragility(
        table=pd.DataFrame(found), columns=columns.sort_values("share", ascending=False, kind="stable", ignore_index=True), asked=True
    )


def _by_score(both: Mapping[str, CodedRows], threshold: float) -> Fragility:
    """Count scores that lie just across the threshold among those of each decision."""
    found = []
    for decision, beside in (("positive", "above"), ("negative", "below")):
        band = band_of(both["reference"].score, threshold, beside)
        for side, rows in both.items():
            known = rows.score[np.isfinite(rows.score)]
            mine = known[(known >= threshold) == (decision == "positive")]
            found.append(_row(decision, side, NEAR, band.rows(mine)[0]))
    return Fragility(table=pd.DataFrame(found), columns=pd.DataFrame({"column": [], "share": []}), asked=False)


def _row(decision: str, side: str, change: float | str, turned: Bools) -> dict[str, Any]:
    n, rows = len(turned), int(turned.sum())
    lower, upper = (float(one) for one in wilson(rows, n)) if n else (None, None)
    return {
        "decision": decision, "side": side, "change": change, "n": n, "share": rows / n if n else None, "lower": lower, "upper": upper,
    }  # fmt: skip
