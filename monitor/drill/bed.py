"""The rows that a drill is held on: both sides in memory, which of them are hit, and the copy of the case that is monitored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.case import Case, WindowSize
from monitor.case.data import DataSection
from monitor.engine import Selection, Workspace, sample
from monitor.engine.sampling import WINDOW_COLUMN
from monitor.errors import ColumnMissingError, ModelError, SelectionError, SettingError, nearest
from monitor.models.loading import load_model
from monitor.models.model import Model, threshold_of
from monitor.retraining.rows import arrival_of, level_text, moments_of
from monitor.stats.performance.maturity import MATURE
from monitor.vocabulary import Kind, Role, Task
from monitor.wording import list_text, plural

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

MOST_ROWS = 100_000
"""Rows of either side that a drill is held on; of more a sample, the same one each time, and the same share of the other side."""
DRILLED = 4
"""Windows at the end that an incident lasts."""
ENOUGH = 2 * DRILLED + 1
"""Windows of the reference from which its end can play production, for nothing is known to be wrong there: one and those that are hit, with
as many before them. On payments (9 weeks) 15 of 16 incidents are seen there;
put into the end of production, nobody could tell of 4 of 12."""
FEWEST_VALUES, MOST_LEVELS = 10, 200
INPUT_ROLES = frozenset({Role.FEATURE, Role.SEGMENT})
MOST_NAMED = 6
"""Inputs that are named where none of them is what an incident needs."""
REFERENCE, PRODUCTION = "reference", "production"


@dataclass(frozen=True)
class Bed:
    """Rows of both sides, in order of time; `window` (n,) position of each row of production, `ids` of the windows, `start` the position
    of the first that is hit; `asked` columns that were asked for, `model` that scores again (None: answers stay as they were logged);
    `waiting` windows after the last that were left away, for their labels are not in."""

    case: Case
    reference: pd.DataFrame
    production: pd.DataFrame
    window: NDArray[np.int64]
    ids: tuple[str, ...]
    start: int
    on: str
    kinds: Mapping[str, Kind]
    roles: Mapping[str, Role]
    model: Model | None
    asked: tuple[str, ...] = ()
    waiting: int = 0

    @classmethod
    def of(cls, workspace: Workspace, *, on: str = "", columns: tuple[str, ...] = (), seed: int = 0, labelled: bool = True) -> Bed:
        """Read both sides; `labelled`: of production no windows whose labels are not in.

        Raises
        ------
        SettingError
            `on` is neither reference nor production, or a column is unknown.
        SelectionError
            There are too few windows, or rows have no time.
        """
        if on not in ("", REFERENCE, PRODUCTION):
            raise SettingError(f"A drill is held on the {REFERENCE} or on {PRODUCTION}, and not on '{on}'.")
        for name in columns:
            if name not in workspace.columns:
                raise SettingError(f"The case has no column '{name}'.{nearest(name, workspace.columns)}")
        case = workspace.case
        if case.roles.timestamp is None or not all(workspace.schema.time(data) for data in (REFERENCE, PRODUCTION)):
            raise SelectionError("A drill needs times of rows: incidents begin in a window. Name the column as timestamp in [roles].")
        many = {data: workspace.source(data).rows for data in (REFERENCE, PRODUCTION)}
        kept = min(1.0, MOST_ROWS / max(*many.values(), 1))  # one share of both: of other shares volume would seem to change
        sides = {data: _read(workspace, data, max(round(kept * many[data]), 1), seed) for data in many}
        on = on or (REFERENCE if sides[REFERENCE][WINDOW_COLUMN].nunique() >= ENOUGH else PRODUCTION)
        then, now = _cut(sides, on)
        now, waiting = _with_labels(case, then, now) if on == PRODUCTION and labelled else (now, 0)
        ids = tuple(sorted(now[WINDOW_COLUMN].unique()))
        if len(ids) < DRILLED + 1:
            raise SelectionError(
                f"A drill needs at least {DRILLED + 1} windows of the {on}, and there are {len(ids)}. Take smaller windows."
            )
        position = np.searchsorted(np.array(ids, dtype=object), now[WINDOW_COLUMN].to_numpy(dtype=object)).astype(np.int64)
        infos = workspace.columns.values()
        return cls(
            case=case,
            reference=then.drop(columns=WINDOW_COLUMN),
            production=now.drop(columns=WINDOW_COLUMN),
            window=position,
            ids=ids,
            start=len(ids) - DRILLED,
            on=on,
            kinds={one.name: one.kind for one in infos},
            roles={one.name: one.role for one in infos},
            model=_model(case),
            asked=columns,
            waiting=waiting,
        )

    @property
    def time(self) -> pd.Series:
        """When each row of production was, (n,)."""
        return pd.to_datetime(self.production[str(self.case.roles.timestamp)])

    def features(self, *kinds: Kind) -> tuple[str, ...]:
        """Return inputs of some kinds that both sides have: those asked for, features, columns of segments (which a case may name as such
        alone); of each those of most values first."""
        names = [name for name, role in self.roles.items() if role in INPUT_ROLES and self.kinds[name] in kinds]
        held = [name for name in names if name in self.production and name in self.reference]
        count = {name: self.reference[name].nunique() for name in held}
        return tuple(sorted(held, key=lambda name: (name not in self.asked, self.roles[name] is not Role.FEATURE, -count[name])))

    def looked_at(self) -> str:
        """Say which inputs there are, and what is in each: a number, or how many levels."""
        names = self.features(*Kind)
        told = [f"{name} ({self._held(name)})" for name in names[:MOST_NAMED]]
        rest = [f"{len(names) - MOST_NAMED:,} more"] if len(names) > MOST_NAMED else []
        return list_text([*told, *rest]) if told else "no column"

    def _held(self, name: str) -> str:
        values = int(self.reference[name].nunique())
        if self.kinds[name] is Kind.CATEGORICAL:
            return plural(values, "level")
        return f"{self.kinds[name].value}, {plural(values, 'value')}"

    @property
    def numbers(self) -> tuple[str, ...]:
        """Inputs that are numbers with more than a few values."""
        return tuple(name for name in self.features(Kind.NUMERIC) if self.reference[name].nunique() >= FEWEST_VALUES)

    @property
    def levels(self) -> tuple[str, ...]:
        """Inputs with levels, more than one and not too many."""
        return tuple(name for name in self.features(Kind.CATEGORICAL) if 1 < self.reference[name].nunique() <= MOST_LEVELS)

    def hit(self, size: float, segment: Mapping[str, str], rng: np.random.Generator) -> Bools:
        """Say which rows of production are hit, (n,): a share `size` of those of a segment in the last windows.

        Raises
        ------
        SettingError
            No row is.
        """
        inside = self.window >= self.start
        for name, level in segment.items():
            if name not in self.production:
                raise SettingError(f"The case has no column '{name}' to drill in.{nearest(name, map(str, self.production))}")
            inside &= self.production[name].map(level_text, na_action="ignore").eq(level).to_numpy(dtype=bool)
        if not inside.any():
            told = " and ".join(f"{name} = {level}" for name, level in segment.items())
            raise SettingError(f"No row of the last {DRILLED} windows has {told or 'a time'}: nothing could be put there.")
        return np.asarray(inside & (rng.random(len(inside)) < size))

    def rescored(self, frame: pd.DataFrame, changed: Bools) -> pd.DataFrame:
        """Return rows of which those with changed inputs are answered by the model again; as they are where it cannot be asked."""
        if self.model is None or not changed.any() or not set(self.model.columns) <= set(frame.columns):
            return frame
        rows = frame.loc[changed]
        try:
            said = self.model.predict(rows) if self.case.task is Task.REGRESSION else self.model.probability(rows)
        except (ModelError, ColumnMissingError, ValueError, TypeError):  # a level or value that the model refuses: no answer of its own
            return frame
        return self.answered(frame, changed, np.asarray(said, dtype=np.float64))

    def answered(self, frame: pd.DataFrame, changed: Bools, said: Floats) -> pd.DataFrame:
        """Return rows with other scores (or predicted numbers) where they changed, and decisions that follow from them."""
        roles, out = self.case.roles, frame.copy()
        target = roles.prediction if self.case.task is Task.REGRESSION else roles.score
        if isinstance(target, str) and target in out and said.ndim == 1:
            out[target] = pd.to_numeric(out[target], errors="coerce").astype(np.float64)
            out.loc[changed, target] = said
        if self.case.task is Task.BINARY and roles.prediction in out and said.ndim == 1:
            known = self.reference[str(roles.prediction)].dropna().unique()
            positive = [one for one in known if level_text(one) == level_text(roles.positive_class)]
            negative = [one for one in known if level_text(one) != level_text(roles.positive_class)]
            if positive and negative:
                out.loc[changed, roles.prediction] = np.where(said >= threshold_of(self.case), positive[0], negative[0])
        return out

    def written(self, folder: Path, production: pd.DataFrame) -> Case:
        """Write rows of production, and once the reference, into a folder; return a case of them, without code, pipelines, annotations."""
        reference, name = folder / "reference.parquet", f"{len(list(folder.glob('*.parquet')))}.parquet"
        if not reference.exists():
            self.reference.to_parquet(reference, index=False)
        production.to_parquet(folder / name, index=False)
        data = DataSection(reference=(reference.name,), production=(name,))
        gone = {name for name, role in self.roles.items() if role is not Role.FEATURE} - {*production, *self.reference}
        roles = self.case.roles.model_copy(update={name.value: None for name, column in self.case.roles.singles() if column in gone})
        return replace(
            self.case, root=folder, data=data, roles=roles, model=None, methods=(), metrics=(), pipeline=None, slo=(), annotations=(),
            formats={},
        )  # fmt: skip


def _read(workspace: Workspace, data: str, rows: int, seed: int) -> pd.DataFrame:
    names = [name for name, info in workspace.columns.items() if data in info.types or info.late]
    size: WindowSize = workspace.case.windows
    table = sample(workspace, Selection(data), names, rows=rows, seed=seed, windows=size)
    frame: pd.DataFrame = table.to_pandas()
    return frame.sort_values(str(workspace.case.roles.timestamp), kind="stable", ignore_index=True)


def _cut(sides: Mapping[str, pd.DataFrame], on: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what plays reference and production: the sides as they are, or the first and the last windows of the reference."""
    if on == PRODUCTION:
        return sides[REFERENCE], sides[PRODUCTION]
    frame = sides[REFERENCE]
    ids = sorted(frame[WINDOW_COLUMN].unique())
    last = frame[WINDOW_COLUMN].isin(ids[-max(len(ids) // 3, DRILLED + 1) :])
    return frame[~last].reset_index(drop=True), frame[last].reset_index(drop=True)


def _with_labels(case: Case, then: pd.DataFrame, now: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return rows up to the last window whose labels are in, and how many windows come after it; all where too few would be left."""
    label = case.roles.label
    if label not in now or not now[label].notna().any():
        return now, 0
    labelled = now[label].notna().to_numpy()
    time, known_at = (moments_of(now, name) for name in (case.roles.timestamp, case.roles.label_timestamp))
    curve, age = arrival_of(time, known_at, np.where(labelled, 1.0, np.nan))
    timed = len(curve.delay) > 0 and bool(np.isfinite(age).any())
    there = (
        np.nan_to_num(curve.at(age), nan=1.0)
        if timed
        else labelled / max(float(then[label].notna().mean()) if label in then else 1.0, 1e-9)
    )
    share = pd.Series(there).groupby(now[WINDOW_COLUMN].to_numpy(dtype=object)).agg("min" if timed else "mean").sort_index()
    mature = np.flatnonzero(share.to_numpy() >= MATURE)
    last = int(mature[-1]) if len(mature) else -1
    if last < DRILLED or last == len(share) - 1:
        return now, 0
    return now[now[WINDOW_COLUMN] <= share.index[last]].reset_index(drop=True), len(share) - 1 - last


def _model(case: Case) -> Model | None:
    try:
        return load_model(case)
    except ModelError:
        return None
