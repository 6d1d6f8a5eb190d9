"""What chance and the reference's own windows explain of measured drift: the slow half of judging, which no threshold changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.drift_result import DriftResult
from monitor.analyses.sides import Sides
from monitor.errors import MethodError
from monitor.judgement.column_evidence import ScreenEvidence, screen_evidence
from monitor.judgement.column_findings import Counted
from monitor.judgement.series import series_screen
from monitor.stats.counts.comparison import Comparison, Layout
from monitor.stats.inference.expectation import simulate_null
from monitor.stats.inference.questions import Ask
from monitor.stats.methods.method import Method

Floats = NDArray[np.float64]
EXTREMES = frozenset({"min_change", "max_change"})
"""Methods of a window's single most extreme rows: shown, not judged, for larger windows reach further without any change."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Measured drift with its evidence.

    `table` has the rows of the result and `label`, `expected`, `size` (distance of the score from "nothing changed") and `expected_size`;
    `columns` the counts that findings are told from; `screen` the evidence on columns, `texts` that on the words of text columns;
    `remembered` what judging worked out that no threshold but its error probability changes.
    """

    result: DriftResult
    table: pd.DataFrame
    columns: Mapping[str, Counted]
    screen: ScreenEvidence
    texts: ScreenEvidence
    remembered: dict[tuple[object, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def remember(self, key: tuple[object, ...], build: Callable[[], T]) -> T:
        """Return what was built under a key before, else build it: judging by another floor searches and plants nothing anew."""
        if key not in self.remembered:
            self.remembered[key] = build()
        found: T = self.remembered[key]
        return found

    def evidence_on(self, name: str) -> ScreenEvidence:
        """Return the evidence that a column is judged by."""
        return self.screen if name in self.screen.things else self.texts

    @property
    def sides(self) -> Sides:
        """All that is judged."""
        return self.result.judged

    @property
    def p_values(self) -> dict[str, float]:
        """The p-value that anything of a column changed anywhere, by column."""
        return {name: screen.p_value(name) for screen in (self.screen, self.texts) for name in screen.things}


def assess_drift(result: DriftResult) -> Assessment:
    """Gather the evidence on every column, and what each score would be without change."""
    sides, table = result.judged, result.table
    seed = result.provenance.seed
    screen = screen_evidence(sides, seed=seed)
    texts = series_screen({name: tuple(text.series.values()) for name, text in result.texts.items()}, seed=seed)
    columns = {name: _counted(result, name, screen.things[name].layout) for name in sides.production.columns}
    expected, unchanged = np.full(len(table), np.nan), np.zeros(len(table))
    window = pd.Index(sides.production.windows.ids).get_indexer(pd.Index(table["window"]))
    rows_of: dict[Any, Any] = table.groupby(["column", "method"], sort=False).indices
    by_column: dict[str, dict[str, Any]] = {}
    for (name, method), rows in rows_of.items():
        by_column.setdefault(str(name), {})[str(method)] = rows
    for name, methods in by_column.items():
        upper = _expected(result, screen, columns[name], name, tuple(methods)) if name in columns else {}
        for method, rows in methods.items():
            unchanged[rows] = unchanged_of(result, method)
            if method in upper:
                expected[rows] = upper[method][window[rows]]
    if "profile_threshold" in table:
        expected = np.where(table["profile_threshold"].notna(), table["profile_threshold"], expected)
    told = table.assign(
        label=table["column"].map(lambda name: result.labels.get(name, name)),
        expected=expected,
        size=np.abs(table["score"].to_numpy(dtype=float) - unchanged),
        expected_size=np.abs(expected - unchanged),
    )
    return Assessment(result=result, table=told, columns=columns, screen=screen, texts=texts)


def _counted(result: DriftResult, name: str, layout: Layout | None) -> Counted:
    sides = result.judged
    blocks, production = sides.blocks.columns[name], sides.production.columns[name]
    whole = blocks.take([range(len(blocks.counts))])
    layout = Layout.of(production.cells, whole.counts[0]) if layout is None else layout
    own = blocks if str(sides.block_size) == str(sides.size) else None
    baseline = None if sides.baseline.weights is None else sides.reference(name)
    return Counted(whole, production, layout, sides.production.windows, production.rows > 0, own, baseline)


def unchanged_of(result: DriftResult, method: str) -> float:
    """Return the score of a method where nothing changed."""
    if method not in result.catalogue.ids:
        return 0.0
    return _unchanged(result.catalogue.method(method))


def _unchanged(method: Method) -> float:
    return 0.0 if np.isnan(method.none) else method.none


def _expected(result: DriftResult, screen: ScreenEvidence, counted: Counted, name: str, methods: tuple[str, ...]) -> dict[str, Floats]:
    """Upper end of each method's score without change, (w,)."""
    rows = counted.production.rows.astype(float)
    null = simulate_null(counted.reference.counts[0].astype(float), counted.layout, rows, phi=overdispersion(screen, name, rows))
    found = {}
    for one in methods:
        if one not in result.catalogue.ids or one in EXTREMES:
            continue
        method = result.catalogue.method(one)
        if method.on_cells is None:
            continue
        none = _unchanged(method)
        reach = max(method.high - none, none - method.low)
        try:
            found[one] = none + np.minimum(null.upper(_distance(method, none)), reach)
        except MethodError:  # an analyst's own method that cannot be simulated: nothing is known of what to expect
            continue
    return found


def _distance(method: Method, none: float) -> Any:
    def score(comparison: Comparison) -> Floats:
        return np.abs(method.compare(comparison).score - none)

    return score


def overdispersion(screen: ScreenEvidence, name: str, rows: Floats) -> Floats:
    """Return how many times more than independent rows the cells of each window vary, (w,)."""
    thing = screen.things.get(name)
    if thing is None or thing.questions is None:
        return np.ones(len(rows))
    cells = [i for i, ask in enumerate(thing.questions.asks) if ask is Ask.CELL]
    if not cells:
        return np.ones(len(rows))
    usual = float(thing.usual[cells].mean())  # rows of a window whose sampling variance is 1
    between = float(screen.evidence.noise.tau2[[thing.first + i for i in cells]].mean())
    return np.asarray(1.0 + between * rows / max(usual, 1.0))
