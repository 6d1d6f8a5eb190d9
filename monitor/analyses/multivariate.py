"""Do columns still belong together as they did? Drift of the whole table: one row per window and method."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from monitor.analyses.apart import take_apart, without_chosen
from monitor.analyses.joint_associations import measure_correlation
from monitor.analyses.joint_methods import measure_cells, measure_classifier, measure_sliced
from monitor.analyses.joint_moments import EXPLAINED, measure_moments
from monitor.analyses.joint_profile import METHOD as PROFILE
from monitor.analyses.joint_profile import measure_profile
from monitor.analyses.joint_rules import measure_rules
from monitor.analyses.joint_series import Evidence, Series
from monitor.analyses.joint_sides import JointSides, gather_rows
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question
from monitor.engine import Cancel, Matrix, Progress, Workspace, rows_at
from monitor.errors import CancelledError, MethodError, SelectionError, nearest
from monitor.stats.multivariate.catalogue import DEFAULT, JOINT
from monitor.tables import Contract, Provenance, Result, Skipped
from monitor.units import METHOD

MEASURED = Contract(
    "multivariate, measured",
    ("window", "method"),
    {
        "window": "id of the production window",
        "window_start": "start of the window, UTC",
        "window_end": "end of the window, UTC, excluded",
        "method": "id of the method",
        "score": "what the method says, in its unit",
        "n_reference": "rows of the reference, all its windows together",
        "n_production": "rows of the window",
        "n_used": "rows of the window that the score rests on (some methods use a sample)",
    },
    {"lower": METHOD, "upper": METHOD},
)
MOMENTS = frozenset({"pca_reconstruction", "hotelling_t2", "gaussian_distance"})
SETS = ("default", "all", "nannyml", "nannyml.all")


@dataclass(frozen=True, slots=True, kw_only=True)
class MultivariateResult(Result):
    """Measured joint drift. `series` are the scores with those of the reference's own windows, by method; `evidence` the tables
    behind them (contributions, alone, component_shifts, loadings, map, associations, cells, rules, broken, breaking_rows, importances,
    permutations); `names` maps the label of each column to its name, `pairs` are the series of pairs of labels, `orders` those of
    pairs of numbers of which the first seldom exceeds the second, `called` says what the sides are called."""

    sides: JointSides
    series: Mapping[str, Series]
    evidence: Mapping[str, pd.DataFrame]
    names: Mapping[str, str]
    pairs: Mapping[tuple[str, str], Series] = field(default_factory=dict)
    orders: Mapping[tuple[str, str], Series] = field(default_factory=dict)
    timezone: str = "UTC"
    called: SideNames = PLAIN


def measure_multivariate(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> MultivariateResult:
    """Measure the change of all columns together in every window.

    Parameters
    ----------
    question : what is compared; default all of production, by the case's windows, with the reference.
    methods : ids, or "default", "all", "nannyml". The slow ones (domain_classifier, sliced_wasserstein) run only when asked for.

    Raises
    ------
    MethodError
        A method is unknown, or fewer than two columns vary.
    SelectionError, ColumnMissingError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    question, wanted = take_apart(workspace, question or Question()), _methods(methods)
    counted, left_out = without_chosen(workspace, question, least=2)
    sides = gather_rows(workspace, counted, progress=progress, cancel=cancel)
    work = _Work(workspace, sides, question, progress, cancel)
    with threadpool_limits(limits=1, user_api="blas"):  # on busy cores threads wait for each other: 20 times the time for 256 dimensions
        for position, name in enumerate(wanted):
            work.done = position / len(wanted)
            work.run(name, frozenset(wanted))
    series = {one.method: one for one in sorted(work.series, key=lambda one: wanted.index(one.method))}
    return MultivariateResult(
        analysis="multivariate",
        case=workspace.case.name,
        table=MEASURED.check(_table(sides, series)),
        skipped=(
            *left_out,
            *(s for s in workspace.skipped if question.columns is None or s.what in question.columns),
            *sides.skipped,
            *work.skipped,
        ),
        provenance=_provenance(workspace, sides, question, wanted, (began, time.perf_counter() - clock)),
        sides=sides,
        series=series,
        evidence=work.evidence.tables,
        names=sides.names,
        pairs=work.evidence.pairs,
        orders=work.evidence.orders,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
    )


def rows_behind(workspace: Workspace, result: MultivariateResult, places: pd.DataFrame, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return the rows of production that a table with `file` and `row` (such as map or breaking_rows) speaks of, in its order."""
    place = places[["file", "row"]].to_numpy(dtype=np.int64)
    data = result.sides.production.selection.data
    names = list(columns) or [name for name, info in workspace.columns.items() if data in info.types]
    return pd.DataFrame(rows_at(workspace, data, place, names).to_pandas())


def _methods(names: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        chosen = {"default": DEFAULT, "all": tuple(JOINT), "nannyml": (PROFILE,), "nannyml.all": (PROFILE,)}.get(name, (name,))
        unknown = next((one for one in chosen if one not in JOINT), None)
        if unknown is not None:
            known = (*JOINT, *SETS)
            raise MethodError(f"There is no method '{unknown}' of joint drift.{nearest(unknown, known)} Use {', '.join(known)}.")
        found.update(dict.fromkeys(chosen))
    if not found:
        raise MethodError("No method was asked for. Use 'default', 'all' or ids such as 'pca_reconstruction'.")
    return tuple(found)


@dataclass(slots=True)
class _Work:
    workspace: Workspace
    sides: JointSides
    question: Question
    progress: Progress | None
    cancel: Cancel | None
    series: list[Series] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    evidence: Evidence = field(default_factory=Evidence)
    done: float = 0.0

    def run(self, name: str, wanted: frozenset[str]) -> None:
        """Run one method, or note why it cannot be run."""
        if any(one.method == name for one in self.series):
            return
        self._tell(0.0, name)
        why = self._unfit(name)
        if why:
            self.skipped.append(Skipped(name, "not_applicable", why))
            return
        try:
            self.series += self._measure(name, wanted)
        except (MethodError, SelectionError) as error:
            self.skipped.append(Skipped(name, "not_applicable", str(error)))

    def _measure(self, name: str, wanted: frozenset[str]) -> list[Series]:
        sides, evidence, seed = self.sides, self.evidence, self.question.seed

        def told(share: float) -> None:
            self._tell(share, name)

        if name in MOMENTS:
            return list(measure_moments(sides, wanted & MOMENTS, evidence))
        if name == PROFILE:
            return [measure_profile(self.workspace, self.question)]
        found = {
            "correlation": lambda: measure_correlation(sides, evidence),
            "cell_shares": lambda: measure_cells(sides, evidence, seed),
            "rules": lambda: measure_rules(sides, evidence, seed),
            "domain_classifier": lambda: measure_classifier(sides, evidence, seed, told),
            "sliced_wasserstein": lambda: measure_sliced(sides, evidence, seed, told),
        }
        return list(found[name]())

    def _unfit(self, name: str) -> str:
        if self.sides.sliding and name == PROFILE:
            return f"'{name}' compares with the whole reference only, not with {self.sides.against}."
        if name == "correlation" and self.sides.count < 2:
            return "'correlation' needs at least 2 reference windows to say what is usual. Choose smaller windows."
        return ""

    def _tell(self, share: float, name: str) -> None:
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError(f"Cancelled while measuring {JOINT[name].title}.")
        if self.progress is not None:
            self.progress(0.5 + 0.5 * (self.done + share * 0.1), JOINT[name].title.lower())


def _table(sides: JointSides, series: Mapping[str, Series]) -> pd.DataFrame:
    parts = [_rows(sides, one) for one in series.values()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(MEASURED.columns))


def _rows(sides: JointSides, series: Series) -> pd.DataFrame:
    windows = sides.windows
    return pd.DataFrame(
        {
            "window": windows.ids,
            "window_start": windows.start,
            "window_end": windows.end,
            "method": series.method,
            "score": series.score,
            "n_reference": int(sides.reference.rows.sum()),
            "n_production": sides.production.rows,
            "n_used": series.rows,
        }
    )


def _provenance(
    workspace: Workspace, sides: JointSides, question: Question, methods: Sequence[str], timed: tuple[datetime, float]
) -> Provenance:
    both = {"reference": sides.reference, "production": sides.production}
    asked = {
        "windows": str(sides.production.size),
        "against": sides.against,
        "columns": list(sides.names.values()),
        "methods": list(methods),
        "explained_variance": EXPLAINED,
        "dimensions": len(sides.encoder.owner),
        "sampled_rows": {"reference": len(sides.reference_rows), "production": len(sides.production_rows)},
    }
    return Provenance(
        fingerprints={matrix.selection.data: workspace.fingerprint(matrix.selection.data) for matrix in both.values()},
        selections={side: matrix.selection.describe() for side, matrix in both.items()},
        settings=asked,
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"read the {side}", matrix.sql) for side, matrix in both.items()),
        rows={side: _used(matrix) for side, matrix in both.items()},
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
        summary={"reference_windows": sides.count, "reference_stretches": list(sides.reference_windows.ids)},
    )


def _used(matrix: Matrix) -> dict[str, object]:
    return {"used": int(matrix.rows.sum()), "excluded": {one.reason: one.rows for one in matrix.excluded}}
