"""Roles that names do not tell but contents do: the label that a score or a prediction fits, the score of a label, columns that are known
only afterwards and columns that say the same twice. All of it is a doubt with its reason; nothing is certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd

from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import NUMBERS, family
from monitor.engine.identifiers import quote, translated
from monitor.engine.label_writing import yes_and_no
from monitor.engine.limits import limited
from monitor.engine.role_names import named_like, named_plainly
from monitor.engine.roles import Guess, guess_kind
from monitor.vocabulary import Kind, Role

FEWEST = 50
"""Rows from which a fit is looked at."""
SIGMAS = 4.0
SKILL, CALIBRATED, BINS = 0.01, 0.15, 5
"""How much better than its share of hits the probabilities of a label are, in parts of the Brier score, and how far from the shares in
so many parts of the rows they are on average."""
CLOSELY, MOST_SHARES = 0.08, 20
"""How near it has to be where no name speaks for it, and how many columns of values in 0..1 are looked at then."""
BETTER = 0.1
"""How much more often than by chance a prediction of classes is right."""
NAMED, LATE, PROBABLE = 0.4, 0.2, 1.0
"""What a telling name, missing values and that the score is its probability weigh beside the Gini coefficient (0..1) of a score."""
CONTENT = 0.3
"""The Gini coefficient, or the R squared of numbers, from which contents make a label."""
AGREE = 0.5
MOST_COLUMNS = 60
MOST_CLASSES = 50
AFTERWARDS, ELSE = 0.95, 0.5
"""Share of missing labels where a column has one value, and at most so many of it where it has the other."""


@dataclass(frozen=True, slots=True)
class _Found:
    column: str
    reason: str
    weight: float


def by_content(
    connection: duckdb.DuckDBPyConnection, relation: str, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]
) -> list[Guess]:
    """Return the guesses with what contents tell; `relation` stands after FROM and is a sample."""
    wanted = [one.column for one in guesses if one.role in _LOOKED_AT and _comparable(facts[one.column])]
    if not wanted:
        return list(guesses)
    listed = ", ".join(_value(facts[name], f"c{i}") for i, name in enumerate(wanted))
    with translated("comparing columns"), limited(connection, "comparing columns"):
        table = connection.execute(f"SELECT {listed} FROM {relation}").df()
    table.columns = pd.Index(wanted)
    found = {one.column: one for one in guesses}
    for step in (_pair, _label, _probable, _score, _ranking, _afterwards, _twins):
        found |= {one.column: one for one in step(table, facts, list(found.values()))}
    return [found[one.column] for one in guesses]


_LOOKED_AT = (Role.FEATURE, Role.LABEL, Role.SCORE, Role.PREDICTION)


def _comparable(fact: ColumnFacts) -> bool:
    return fact.present >= FEWEST and (family(fact.type) in (*NUMBERS, "boolean") or fact.distinct <= fact.rows / 2)


def _value(fact: ColumnFacts, name: str) -> str:
    return f"CAST({quote(fact.name)} AS {'DOUBLE' if family(fact.type) in NUMBERS else 'VARCHAR'}) AS {name}"


def _of(guesses: Sequence[Guess], role: Role) -> str | None:
    return next((one.column for one in guesses if one.role is role), None)


def _pair(table: pd.DataFrame, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]) -> Iterator[Guess]:
    """Yield a score and a label that no name tells: values in 0..1 that are about as often followed by one of two values as they say."""
    if {Role.SCORE, Role.PREDICTION} & {one.role for one in guesses}:
        return
    named = _of(guesses, Role.LABEL)
    able = [one.column for one in guesses if one.role in (Role.FEATURE, Role.LABEL) and one.column in table][:MOST_COLUMNS]
    shares = [name for name in able if facts[name].distinct > MOST_CLASSES and facts[name].low >= 0 and facts[name].high <= 1]
    labels = [name for name in able if facts[name].distinct == 2 and named in (None, name)]
    found = [
        (gini, share, label) for share in shares[:MOST_SHARES] for label in labels for gini in [_fit_closely(table[share], table[label])]
    ]
    gini, share, label = max(found, default=(0.0, "", ""))
    if gini >= CONTENT:
        yield Guess(share, Role.SCORE, Kind.NUMERIC, f"its values are probabilities of '{label}'", False)
        yield Guess(label, Role.LABEL, guess_kind(facts[label])[0], f"'{share}' fits it as its probability", False)


def _fit_closely(score: pd.Series, label: pd.Series) -> float:
    gini, calibrated = _fit(score, label, CLOSELY)
    return gini if calibrated else 0.0


def _label(table: pd.DataFrame, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]) -> Iterator[Guess]:
    """Yield the label that a score or a prediction fits, where no plain name tells it."""
    named = _of(guesses, Role.LABEL)
    if named is not None and named_plainly(Role.LABEL, named):
        return
    able = [one.column for one in guesses if one.role in (Role.FEATURE, Role.LABEL) and one.column in table][:MOST_COLUMNS]
    score, prediction = _of(guesses, Role.SCORE) or _percent(facts, able), _of(guesses, Role.PREDICTION)
    found: list[_Found] = []
    if score in table:
        shares = table[score] / (1 if facts[str(score)].high <= 1 or not in_percent(facts[str(score)]) else 100)
        found = list(_scored(table, shares, [name for name in able if facts[name].distinct == 2]))
    elif prediction in table:
        found = list(_predicted(table, facts, str(prediction), able))
    best = max(found, key=lambda one: one.weight, default=None)
    if best is None or best.column == named:
        return
    if named is not None:
        yield Guess(
            named, Role.FEATURE, guess_kind(facts[named])[0], f"its name is that of a label, but '{best.column}' fits better", False
        )
    yield Guess(best.column, Role.LABEL, guess_kind(facts[best.column])[0], best.reason, False)


def in_percent(fact: ColumnFacts) -> bool:
    """Say whether a column has the name of a probability and holds percent."""
    return named_like(Role.SCORE, fact.name) and fact.low >= 0 and 1 < fact.high <= 100


def _percent(facts: Mapping[str, ColumnFacts], names: Sequence[str]) -> str | None:
    """Return the column that is called a probability and holds percent: no score as long as it does, but it tells the label."""
    return next((name for name in names if in_percent(facts[name]) and facts[name].distinct > MOST_CLASSES), None)


def _scored(table: pd.DataFrame, score: pd.Series, names: Sequence[str]) -> Iterator[_Found]:
    for name in names:
        gini, calibrated = _fit(score, table[name])
        missing = bool(table[name].isna().any())
        like = named_like(Role.LABEL, name)
        if gini and (calibrated or like or (gini >= CONTENT and missing)):
            why = " as its probability" if calibrated else ""
            late = ", and it is missing in part" if missing else ""
            yield _Found(name, f"'{score.name}' fits it{why}{late}", gini + NAMED * like + LATE * missing + PROBABLE * calibrated)


def _fit(score: pd.Series, label: pd.Series, near: float = CALIBRATED) -> tuple[float, bool]:
    """Return the Gini coefficient of a score for a two-valued column, 0 where chance would do, and whether it is its probability."""
    both = score.notna() & label.notna()
    values, answers = score[both].to_numpy(), label[both]
    positive = (answers == answers.max()).to_numpy()
    many, few = int(positive.sum()), int((~positive).sum())
    if min(many, few) < FEWEST // 5:
        return 0.0, False
    ranks = pd.Series(values).rank().to_numpy()
    auc = (ranks[positive].sum() - many * (many + 1) / 2) / (many * few)
    if abs(auc - 0.5) < SIGMAS * np.sqrt((1 / many + 1 / few) / 12):
        return 0.0, False
    hits = positive if auc > 0.5 else ~positive
    return float(2 * abs(auc - 0.5)), _is_probability(values, hits, near)


def _is_probability(values: np.ndarray, hits: np.ndarray, near: float) -> bool:
    """Say whether values in 0..1 say more of what happens than its share does (Brier score), and say about how often it does."""
    if values.min() < 0 or values.max() > 1 or ((values - hits) ** 2).mean() >= (1 - SKILL) * hits.var():
        return False
    parts = np.array_split(np.argsort(values, kind="stable"), BINS)
    return float(np.mean([abs(values[part].mean() - hits[part].mean()) for part in parts])) <= near


def _predicted(table: pd.DataFrame, facts: Mapping[str, ColumnFacts], prediction: str, names: Sequence[str]) -> Iterator[_Found]:
    said = table[prediction]
    if guess_kind(facts[prediction])[0] is Kind.NUMERIC and facts[prediction].distinct > MOST_CLASSES:
        for name in (one for one in names if pd.api.types.is_float_dtype(table[one]) and facts[one].distinct > MOST_CLASSES):
            error, spread = ((said - table[name]) ** 2).mean(), table[name].var()
            if spread > 0 and 1 - error / spread >= CONTENT:
                yield _Found(name, f"'{prediction}' is near it, row by row", 1 - error / spread)
        return
    levels = set(said.dropna().unique())
    for name in (one for one in names if facts[one].distinct <= MOST_CLASSES):
        known = table[name].dropna()
        same = known == said[known.index]
        chance = sum(float((known == level).mean() * (said == level).mean()) for level in levels)
        if levels and len(known) >= FEWEST and levels <= set(known.unique()) and same.mean() > max(AGREE, chance + BETTER):
            yield _Found(name, f"it has the values of '{prediction}', which are right in {same.mean():.0%} of the rows", float(same.mean()))


def _probable(_: pd.DataFrame, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]) -> Iterator[Guess]:
    """Yield a prediction that is no class of a two-valued label but its probability: it is the score, unless there is one."""
    label, said = _of(guesses, Role.LABEL), _of(guesses, Role.PREDICTION)
    if label is None or said is None or _of(guesses, Role.SCORE) is not None or facts[label].distinct != 2:
        return
    one = facts[said]
    if guess_kind(one)[0] is Kind.NUMERIC and one.distinct > MOST_CLASSES and one.low >= 0 and one.high <= 1:
        yield Guess(said, Role.SCORE, Kind.NUMERIC, f"'{label}' has two values, and it has many in 0..1", False)


def _score(table: pd.DataFrame, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]) -> Iterator[Guess]:
    """Yield the score of a two-valued label where nothing else is known of a model: it has to be a probability of the label."""
    label = _of(guesses, Role.LABEL)
    if label is None or label not in table or facts[label].distinct != 2 or {Role.SCORE, Role.PREDICTION} & {one.role for one in guesses}:
        return
    able = [one.column for one in guesses if one.role is Role.FEATURE and one.column in table and facts[one.column].distinct > MOST_CLASSES]
    shares = [name for name in able[:MOST_COLUMNS] if facts[name].low >= 0 and facts[name].high <= 1]
    fitting = [(gini, name) for name in shares for gini, calibrated in [_fit(table[name], table[label])] if calibrated and gini]
    if fitting:
        yield Guess(max(fitting)[1], Role.SCORE, Kind.NUMERIC, f"its values are probabilities of '{label}'", False)


def _ranking(table: pd.DataFrame, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]) -> Iterator[Guess]:
    """Yield a column called a score that ranks a two-valued label but is no probability of it, where nothing else is known of a model; of
    one that ranks it the other way round a person has to say what it is."""
    label = _of(guesses, Role.LABEL)
    if label is None or label not in table or facts[label].distinct != 2 or {Role.SCORE, Role.PREDICTION} & {one.role for one in guesses}:
        return
    able = [one for one in guesses if one.role is Role.FEATURE and one.column in table and _called_score(facts[one.column])]
    ranked = [(gini, one) for one in able for gini in [_gini(table[one.column], table[label])] if abs(gini) >= CONTENT]
    if not ranked:
        return
    gini, best = max(ranked, key=lambda pair: abs(pair[0]))
    low, high = facts[best.column].low, facts[best.column].high
    told = f"it is called a score and ranks '{label}'"
    if gini < 0 and _ordered(table[label]):
        yield replace(best, reason=f"{told}, but the other way round: if it is what the model says, turn its sign and name it", sure=False)
        return
    why = f"{told}; from {low:g} to {high:g} it is no probability: how well it ranks is measured, calibration is not"
    yield replace(best, role=Role.SCORE, kind=Kind.NUMERIC, reason=why, sure=False)


def _called_score(fact: ColumnFacts) -> bool:
    numbers = guess_kind(fact)[0] is Kind.NUMERIC and fact.distinct > MOST_CLASSES and not 0 <= fact.low <= fact.high <= 1
    return numbers and (named_plainly(Role.SCORE, fact.name) or named_like(Role.SCORE, fact.name))


def _ordered(label: pd.Series) -> bool:
    """Say whether it is known which of two values is the positive one: the larger number, true, yes."""
    return pd.api.types.is_numeric_dtype(label) or yes_and_no({str(one) for one in label.dropna().unique()})


def _gini(score: pd.Series, label: pd.Series) -> float:
    """Return the Gini coefficient of a score for the larger of two values, 0 where chance would do."""
    gini, _ = _fit(score, label)
    ranks, most = score.rank(), label == label.dropna().max()
    return gini if ranks[most].mean() > ranks[~most & label.notna()].mean() else -gini


def _afterwards(table: pd.DataFrame, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]) -> Iterator[Guess]:
    """Yield columns that are known only afterwards: with one of their values there is no label."""
    label = _of(guesses, Role.LABEL)
    if label not in table or not table[label].isna().any():
        return
    gone = table[label].isna()
    for one in guesses:
        if one.role is not Role.FEATURE or one.column not in table or facts[one.column].distinct != 2:
            continue
        shares = gone.groupby(table[one.column]).agg(["mean", "sum"]).sort_values("mean")
        if shares["mean"].iloc[-1] >= AFTERWARDS and shares["sum"].iloc[-1] >= FEWEST // 5 and shares["mean"].iloc[0] < ELSE:
            reason = f"where it is {shares.index[-1]} there is no label: known only afterwards"
            yield replace(one, role=Role.IGNORE, reason=reason, sure=False)


def _twins(table: pd.DataFrame, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]) -> Iterator[Guess]:
    """Yield columns of which each level goes with one level of an earlier column, and the other way round."""
    able = [one for one in guesses if one.role is Role.FEATURE and one.column in table and one.kind is Kind.CATEGORICAL]
    codes = {one.column: pd.factorize(table[one.column])[0] for one in able[:MOST_COLUMNS] if facts[one.column].distinct > 2}
    seen: list[str] = []
    for one in (one for one in able if one.column in codes):
        twin = next((name for name in seen if _same(facts[name], facts[one.column]) and (codes[name] == codes[one.column]).all()), None)
        if twin is None:
            seen.append(one.column)
        else:
            yield replace(one, role=Role.IGNORE, reason=f"it says the same as '{twin}', level by level", sure=False)


def _same(one: ColumnFacts, other: ColumnFacts) -> bool:
    return one.distinct == other.distinct and one.present == other.present
