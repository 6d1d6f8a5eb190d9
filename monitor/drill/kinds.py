"""The incidents of a drill: what each does to rows, which monitors could see it, and what a case needs for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.drill.bed import MOST_LEVELS, Bed
from monitor.drill.put import Inject, Put, as_numbers, nullable, put_values
from monitor.incidents.cause import Cause
from monitor.remedies.damage import shifted
from monitor.retraining.rows import level_text
from monitor.vocabulary import Task

Bools = NDArray[np.bool_]

INPUTS = ("drift", "quality", "predictions", "performance")
LABELS = ("performance", "segments", "concept")


@dataclass(frozen=True, slots=True)
class Injection:
    """One kind of incident: its cause, what is done, for people, the monitors that could see it, and what is lacking where it cannot be."""

    cause: Cause
    does: str
    monitors: tuple[str, ...]
    inject: Inject
    lacks: str


def _number(change: Callable[[pd.Series, pd.Series], pd.Series]) -> Inject:
    """Change the values of the first column of numbers; `change` sees those of production and of the reference."""

    def inject(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
        if not bed.numbers:
            return None
        name = bed.numbers[0]
        values, before = (pd.to_numeric(side[name], errors="coerce").astype(np.float64) for side in (bed.production, bed.reference))
        return put_values(as_numbers(bed, name), hit, **{name: change(values, before)})

    return inject


def _stuck(values: pd.Series, _before: pd.Series) -> pd.Series:
    known = values.dropna()
    return pd.Series(float(known.iloc[0]) if len(known) else np.nan, index=values.index)


def _clipped(values: pd.Series, before: pd.Series) -> pd.Series:
    return values.clip(upper=float(before.quantile(0.7)))


def _rounded(values: pd.Series, before: pd.Series) -> pd.Series:
    step = 10.0 ** np.floor(np.log10(max(float(before.std()), 1e-12))) * 2
    return pd.Series(np.round(values.to_numpy() / step) * step, index=values.index)


def _missing(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    names = (*bed.numbers, *bed.levels)
    if not names:
        return None
    bed = as_numbers(bed, names[0]) if names[0] in bed.numbers else bed
    return put_values(bed, hit, **{names[0]: pd.Series(np.nan if names[0] in bed.numbers else None, index=bed.production.index)})


def _filled(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    lacking = {name: int((bed.production[name].isna() & hit).sum()) for name in bed.numbers}
    name = max(lacking, key=lambda one: lacking[one], default="")
    if not name or not lacking[name]:
        return None
    return put_values(
        as_numbers(bed, name), hit & bed.production[name].isna().to_numpy(), **{name: pd.Series(-1.0, index=bed.production.index)}
    )


def _recoded(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    if not bed.levels:
        return None
    name = bed.levels[0]
    texts = bed.production[name].map(level_text, na_action="ignore").astype(object)
    same = all(text == text.lower() for text in texts.dropna().unique())
    text = bed.production.assign(**{name: texts})
    other = texts.map(lambda one: one.upper() + " " if same else one.lower(), na_action="ignore")
    return put_values(Bed(**{**vars(bed), "production": text}), hit, **{name: other})


def _swapped(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    if len(bed.numbers) < 2:
        return None
    one, other = bed.numbers[:2]
    bed = as_numbers(bed, one, other)
    return put_values(bed, hit, **{one: bed.production[other], other: bed.production[one]})


def _late_values(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    """Values of five hours earlier, at the place whose clock they follow; where none has one, those of the rows before."""
    if not bed.numbers:
        return None
    name = bed.numbers[0]
    bed = as_numbers(bed, name)
    moved = shifted(bed.production, [name], bed.time.to_numpy(dtype="datetime64[us]"), 5)
    values = bed.production[name].shift(max(len(bed.production) // 100, 1)) if moved is None else moved[name]
    return put_values(bed, hit, **{name: values})


def _rising(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    """Add a little more with each window: a standard deviation at the end."""
    if not bed.numbers:
        return None
    name = bed.numbers[0]
    bed = as_numbers(bed, name)
    spread = float(pd.to_numeric(bed.reference[name], errors="coerce").std())
    steps = np.maximum(bed.window - bed.start + 1, 0) / max(len(bed.ids) - bed.start, 1)
    return put_values(bed, hit, **{name: bed.production[name] + spread * steps})


def _lost(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    """Let a column come under another name."""
    names = (*bed.numbers, *bed.levels)
    if not names:
        return None
    frame = bed.production.assign(**{f"{names[0]}_v2": bed.production[names[0]].where(hit)})
    frame[names[0]] = bed.production[names[0]].mask(hit)
    return Put(frame, int(hit.sum()), (names[0],), hit)


def _doubled(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    return Put(pd.concat([bed.production, bed.production[hit]], ignore_index=True), int(hit.sum()))


def _fewer(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    """Half of the rows that are hit do not arrive."""
    gone = hit & (np.arange(len(hit)) % 2 == 0)
    return Put(bed.production[~gone].reset_index(drop=True), int(gone.sum()))


def _burst(bed: Bed, hit: Bools, rng: np.random.Generator) -> Put | None:
    """As many rows again within three hours, every column drawn on its own."""
    count = int(hit.sum())
    if not count:
        return None
    features = [name for name in bed.features(*bed.kinds.values()) if name in bed.production]
    new = bed.production[hit].reset_index(drop=True)
    new = new.assign(**{name: bed.reference[name].sample(count, replace=True, random_state=rng).to_numpy() for name in features})
    name, first = str(bed.case.roles.timestamp), bed.time[hit].min()
    new[name] = (first + pd.to_timedelta(rng.uniform(0, 180, count), unit="min")).astype(bed.production[name].dtype)
    label = bed.case.roles.label
    old = bed.production
    if label in new:
        old = old.assign(**{str(label): nullable(old[str(label)])})
        new = new.assign(**{str(label): nullable(new[str(label)]).mask(np.ones(count, dtype=bool))})
    every = np.r_[np.zeros(len(old), dtype=bool), np.ones(count, dtype=bool)]
    new = _with_ids(bed, new)
    return Put(pd.concat([old, new], ignore_index=True), count, (), every)


def _with_ids(bed: Bed, new: pd.DataFrame) -> pd.DataFrame:
    """Return rows with ids of their own, where the case has ids."""
    name = bed.case.roles.id
    if name is None or name not in bed.production:
        return new
    numbers, count = pd.api.types.is_integer_dtype(bed.production[name].dtype), len(new)
    ids = (
        np.arange(count) + int(bed.production[name].max()) + 1
        if numbers
        else np.array([f"drill-{at}" for at in range(count)], dtype=object)
    )
    return new.assign(**{name: pd.Series(ids, index=new.index)})


def _mixed(bed: Bed, hit: Bools, rng: np.random.Generator) -> Put | None:
    """Rows of one level in the place of others: each row that is hit becomes a copy of one of that level, at its own time."""
    if not bed.levels:
        return None
    name = bed.levels[0]
    counts = bed.reference[name].value_counts()
    level = counts.index[min(len(counts) - 1, 1)]
    pool = bed.reference[bed.reference[name] == level]
    count = int(hit.sum())
    if pool.empty or not count:
        return None
    copies = pool.sample(count, replace=True, random_state=rng)
    kept = {str(one) for one in (bed.case.roles.timestamp, bed.case.roles.id, bed.case.roles.label_timestamp) if one}
    frame = bed.production.copy()
    for column in frame.columns:
        if column in copies and column not in kept:
            frame.loc[hit, column] = copies[column].to_numpy()
    return Put(frame, count, (name,))


def _unlabelled(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    label, known = bed.case.roles.label, bed.case.roles.label_timestamp
    if label not in bed.production:
        return None
    gone = {str(name): nullable(bed.production[str(name)]).mask(hit) for name in (label, known) if name in bed.production}
    return Put(bed.production.assign(**gone), int(hit.sum()), (str(label),))


def _turned(share: float) -> Inject:
    """Turn round the label of a share of the rows that are hit (numbers: exchange them among these rows)."""

    def inject(bed: Bed, hit: Bools, rng: np.random.Generator) -> Put | None:
        label = bed.case.roles.label
        if label not in bed.production:
            return None
        chosen = np.flatnonzero(hit & bed.production[label].notna().to_numpy() & (rng.random(len(hit)) < share))
        frame = bed.production.copy()
        values = bed.production[str(label)].iloc[chosen]
        levels = sorted(bed.reference[str(label)].dropna().unique(), key=str)
        two = len(levels) == 2 and bed.case.task is Task.BINARY
        other = values.map({levels[0]: levels[1], levels[1]: levels[0]}) if two else rng.permutation(values.to_numpy())
        frame.loc[chosen, str(label)] = np.asarray(other)
        return Put(frame, len(chosen), (str(label),))

    return inject


def _relation(bed: Bed, hit: Bools, rng: np.random.Generator) -> Put | None:
    """Labels depend on the first number the other way round: those of high values go to low ones, as many as before of each."""
    label = bed.case.roles.label
    if label not in bed.production or not bed.numbers:
        return None
    x = pd.to_numeric(bed.production[bed.numbers[0]], errors="coerce").to_numpy(dtype=np.float64)
    rows = np.flatnonzero(hit & bed.production[label].notna().to_numpy() & np.isfinite(x))
    if not len(rows):
        return None
    ranked = rows[np.argsort(x[rows] + rng.normal(0, 1e-9, len(rows)), kind="stable")]
    frame = bed.production.copy()
    values = np.sort(bed.production[str(label)].iloc[ranked].to_numpy())
    high = pd.to_numeric(bed.reference[bed.numbers[0]], errors="coerce").corr(pd.to_numeric(bed.reference[label], errors="coerce")) > 0
    frame.loc[ranked, str(label)] = values[::-1] if high else values
    return Put(frame, len(rows), (bed.numbers[0], str(label)))


def _slow(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    name = bed.case.roles.latency_ms
    return _of_service(bed, hit, name, 3.0)


def _dear(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    return _of_service(bed, hit, bed.case.roles.cost, 2.0)


def _of_service(bed: Bed, hit: Bools, name: str | None, times: float) -> Put | None:
    if name is None or name not in bed.production:
        return None
    bed = as_numbers(bed, name)
    found = put_values(bed, hit, **{name: bed.production[name] * times})
    return None if found is None else Put(found.frame, found.rows, found.columns)


def _failing(bed: Bed, hit: Bools, rng: np.random.Generator) -> Put | None:
    name = bed.case.roles.status
    if name is None or name not in bed.production:
        return None
    usual = bed.reference[name].mode().iloc[0]
    others = [one for one in bed.reference[name].dropna().unique() if one != usual]
    frame, failed = bed.production.copy(), hit & (rng.random(len(hit)) < 0.3)
    frame.loc[failed, name] = others[0] if others else "error"
    return Put(frame, int(failed.sum()), (name,))


def _version(bed: Bed, hit: Bools, _rng: np.random.Generator) -> Put | None:
    """Another version answers: surer than it should be, and higher."""
    target = bed.case.roles.prediction if bed.case.task is Task.REGRESSION else bed.case.roles.score
    if not isinstance(target, str) or target not in bed.production:
        return None
    said = pd.to_numeric(bed.production[target], errors="coerce").to_numpy(dtype=np.float64)[hit]
    if bed.case.task is Task.REGRESSION:
        other = said * 1.1
    else:
        kept = np.clip(said, 1e-4, 1 - 1e-4)
        other = 1 / (1 + np.exp(-(1.2 * np.log(kept / (1 - kept)) + 0.5)))
    frame = bed.answered(bed.production, hit, other)
    name = bed.case.roles.model_version
    if name is not None and name in frame:
        frame[name] = frame[name].astype(object).where(~hit, "drill")
    return Put(frame, int(hit.sum()), (target,))


_NUMBER, _LEVEL = "no input is a number with more than a few values", f"no input has 2 to {MOST_LEVELS} levels"
OF_INPUTS = frozenset({_NUMBER, _LEVEL})
"""What is lacking of inputs, of which is told what was looked at."""
_LABEL, _SERVICE = "the case names no label", "the case names no such column"
INJECTIONS: Mapping[str, Injection] = {
    one.cause.value: one
    for one in (
        Injection(Cause.UNIT_CHANGE, "2.54 times a number: inches as centimetres", INPUTS, _number(lambda x, _: x * 2.54), _NUMBER),
        Injection(Cause.OFFSET, "half a standard deviation more", INPUTS, _number(lambda x, b: x + b.std() / 2), _NUMBER),
        Injection(Cause.MISSING_VALUES, "no value", INPUTS, _missing, "there is no input"),
        Injection(Cause.STUCK_VALUE, "one value again and again", INPUTS, _number(_stuck), _NUMBER),
        Injection(Cause.CLIPPED, "cut off at the upper 30 %", INPUTS, _number(_clipped), _NUMBER),
        Injection(Cause.ROUNDED, "rounded to about a standard deviation", INPUTS, _number(_rounded), _NUMBER),
        Injection(Cause.DEFAULT_FILL, "-1 where no value was", INPUTS, _filled, "no number is missing anywhere in these rows"),
        Injection(Cause.TIME_SHIFT, "the values of five hours earlier", INPUTS, _late_values, _NUMBER),
        Injection(Cause.SLOW_DRIFT, "rises to a standard deviation more", INPUTS, _rising, _NUMBER),
        Injection(Cause.RECODE, "levels written otherwise", INPUTS, _recoded, _LEVEL),
        Injection(Cause.SWAPPED_COLUMNS, "two numbers change places", INPUTS, _swapped, "fewer than two inputs are numbers"),
        Injection(Cause.SCHEMA_CHANGE, "a column under another name", INPUTS, _lost, "there is no input"),
        Injection(Cause.DUPLICATED_ROWS, "rows come twice", ("quality", "operations"), _doubled, ""),
        Injection(Cause.VOLUME_CHANGE, "half of the rows do not come", ("quality", "operations", "drift"), _fewer, ""),
        Injection(Cause.TRAFFIC_BURST, "as many rows again in three hours, columns drawn apart",
                  ("drift", "quality", "operations", "predictions"), _burst, "no row is hit"),
        Injection(Cause.MIX_CHANGE, "rows of one level instead of others", ("drift", "predictions", "performance"), _mixed, _LEVEL),
        Injection(Cause.LABEL_DELAY, "labels do not come", ("quality", "performance"), _unlabelled, _LABEL),
        Injection(Cause.LABEL_CHANGE, "a quarter of the labels turned round", LABELS, _turned(0.25), _LABEL),
        Injection(Cause.CONCEPT_CHANGE, "labels depend on a number the other way round", LABELS, _relation, f"{_LABEL}, or {_NUMBER}"),
        Injection(Cause.MODEL_VERSION, "another version, surer and higher", ("predictions", "performance", "operations"), _version,
                  "the case names no score"),
        Injection(Cause.LATENCY, "three times as slow", ("operations",), _slow, _SERVICE),
        Injection(Cause.ERRORS, "a third of the calls fail", ("operations",), _failing, _SERVICE),
        Injection(Cause.COST, "twice as dear", ("operations",), _dear, _SERVICE),
    )
}  # fmt: skip
"""The kinds, by the name of their cause."""
FEW = ("unit_change", "missing_values", "recode", "volume_change", "label_change", "latency")
"""Kinds of which each is seen by another monitor: a short drill."""
