"""Guessing what a column is (role) and how it is measured (kind), always with the reason."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from monitor.case import Roles
from monitor.engine.columns import EPOCHS, family
from monitor.engine.identifiers import quote
from monitor.vocabulary import Kind, Role, Task

FEW_VALUES = 2
TEXT_SHARE = 0.9
NUMBER_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a deterministic sample says of a column; shares are in [0, 1], `words` is the mean number of words of a value."""

    name: str
    type: str
    rows: int
    present: int
    distinct: int
    numbers: float = 0.0
    times: float = 0.0
    zero_led: float = 0.0
    words: float = 0.0
    low: float = float("nan")
    high: float = float("nan")
    examples: tuple[str, ...] = ()

    @property
    def distinct_share(self) -> float:
        """Distinct values among the values present."""
        return self.distinct / self.present if self.present else 0.0


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column seems to be, why, and whether a person need not look."""

    column: str
    role: Role
    kind: Kind
    reason: str
    sure: bool


def column_facts(connection: duckdb.DuckDBPyConnection, relation: str, types: Mapping[str, str]) -> dict[str, ColumnFacts]:
    """Look at a sample once and return the facts of every column that can be measured; `relation` stands after FROM."""
    usable = {name: sql_type for name, sql_type in types.items() if family(sql_type) not in ("nested", "other")}
    if not usable:
        return {}
    columns = ", ".join(f"{_readable(name, sql_type)} AS c{position}" for position, (name, sql_type) in enumerate(usable.items()))
    sample = connection.sql(f"SELECT {columns} FROM {relation}").to_arrow_table()
    return {
        name: _facts_of(connection, name, sql_type, sample.column(position).combine_chunks())
        for position, (name, sql_type) in enumerate(usable.items())
    }


def _readable(name: str, sql_type: str) -> str:
    sort = family(sql_type)
    if sort in ("integer", "decimal", "float"):
        return f"CAST({quote(name)} AS DOUBLE)"
    return f"CAST({quote(name)} AS VARCHAR)"


def _facts_of(connection: duckdb.DuckDBPyConnection, name: str, sql_type: str, values: pa.Array) -> ColumnFacts:
    present = values.drop_null()
    unique = pc.unique(present).to_pylist()
    facts = ColumnFacts(
        name,
        sql_type,
        len(values),
        len(present),
        len(unique),
        examples=tuple(f"{value:.6g}" if isinstance(value, float) else str(value)[:40] for value in unique[:5]),
    )
    if not unique:
        return facts
    if not isinstance(unique[0], str):
        finite = [value for value in unique if math.isfinite(value)]
        return replace(facts, low=min(finite, default=math.nan), high=max(finite, default=math.nan))
    return _text_facts(connection, facts, present, unique) if family(sql_type) == "text" else facts


def _text_facts(connection: duckdb.DuckDBPyConnection, facts: ColumnFacts, present: pa.Array, unique: list[str]) -> ColumnFacts:
    numbers = {text: number for text in unique if (number := _number(text)) is not None}
    share = pc.mean(pc.is_in(present, value_set=pa.array(list(numbers), pa.string()))).as_py()
    dated = sum(re.match(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d", text) is not None for text in unique) / len(unique)
    times = 0.0
    if dated == 1.0:
        sql = "SELECT avg(CAST(TRY_CAST(x AS TIMESTAMPTZ) IS NOT NULL AS INT)) FROM unnest(?) AS t(x)"
        row = next(iter(connection.execute(sql, [unique]).fetchall()), None)  # read to the end: else the connection stays busy
        times = float(row[0]) if row else 0.0
    finite = [number for number in numbers.values() if math.isfinite(number)]
    return replace(
        facts,
        numbers=share,
        times=times,
        zero_led=sum(re.match("0[0-9]", text) is not None for text in unique) / len(unique),
        words=sum(len(text.split()) for text in unique[:1000]) / len(unique[:1000]),
        low=min(finite, default=math.nan),
        high=max(finite, default=math.nan),
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


_BY_TYPE = {
    "boolean": Kind.BOOLEAN,
    "datetime": Kind.DATETIME,
    "integer": Kind.NUMERIC,
    "float": Kind.NUMERIC,
    "decimal": Kind.NUMERIC,
    "clock": Kind.NUMERIC,
    "null": Kind.NUMERIC,
}
_REASONS = {"boolean": "true or false", "datetime": "dates or times", "clock": "time of day or duration, in hours"}


def guess_kind(facts: ColumnFacts) -> tuple[Kind, str, str]:
    """Return kind, reason and the encoding of a datetime."""
    sort = family(facts.type)
    if facts.present == 0:
        return _BY_TYPE.get(sort, Kind.CATEGORICAL), "no value at all; by its type", "native"
    if sort == "text":
        return _guess_text_kind(facts)
    if sort == "integer" and facts.distinct <= FEW_VALUES and facts.rows > 20:
        return Kind.CATEGORICAL, f"whole numbers with only {facts.distinct} different value(s)", "native"
    return _BY_TYPE.get(sort, Kind.CATEGORICAL), _REASONS.get(sort, "numbers"), "native"


def _guess_text_kind(facts: ColumnFacts) -> tuple[Kind, str, str]:
    if facts.numbers >= NUMBER_SHARE and facts.zero_led == 0.0:
        share = "all values" if facts.numbers == 1.0 else f"{facts.numbers:.1%} of the values; the rest counts as missing"
        return Kind.NUMERIC, f"text that holds numbers ({share})", "text"
    if facts.times == 1.0:
        return Kind.DATETIME, "text that holds dates or times (all values looked at)", "text"
    average_words = facts.words
    if facts.present >= 100 and (facts.distinct_share > TEXT_SHARE or (facts.distinct_share > 0.5 and average_words >= 3)):
        return Kind.TEXT, f"text, {facts.distinct_share:.0%} of the values differ", "native"
    return Kind.CATEGORICAL, f"text with {facts.distinct:,} different values", "native"


def epoch_of(facts: ColumnFacts) -> str | None:
    """Recognise Unix time between 1990 and 2100 by its magnitude; None when it is not."""
    early, late = 631_152_000, 4_102_444_800
    fits = (name for name, factor in EPOCHS.items() if early * factor <= facts.low and facts.high <= late * factor)
    return next(fits, None)


_NAMES: tuple[tuple[Role, str], ...] = (
    (Role.LABEL_TIMESTAMP, r"label_(available_at|timestamp|time|at|date)|outcome_(time|at)"),
    (Role.TIMESTAMP, r"timestamp|ts|event_time|datetime|date_time|time|date|created_at|prediction_time|event_timestamp"),
    (Role.CHALLENGER_SCORE, r"(challenger|shadow)_(score|proba?|probability)"),
    (Role.CHALLENGER_PREDICTION, r"(challenger|shadow)_pred(iction|icted)?"),
    (Role.PREDICTION, r"y_pred|pred|prediction|predicted|predicted_(class|value|label)|y_hat"),
    (Role.SCORE, r"score|y_score|y_pred_proba|pred(icted)?_proba(bility)?|proba|probability"),
    (Role.LABEL, r"label|target|y|y_true|outcome|class|ground_truth|actual"),
    (Role.MODEL_VERSION, r"model_version|model_id|model"),
    (Role.LATENCY_MS, r"latency(_ms)?|response_time(_ms)?|duration_ms"),
    (Role.COST, r"cost|price_usd|cost_usd"),
    (Role.STATUS, r"status|status_code|outcome_status"),
    (Role.VARIANT, r"variant|arm|experiment_arm|ab_group"),
    (Role.PROTECTED, r"sex|gender|race|ethnicity|religion|disability"),
)
_OPTIONAL_CERTAIN = {Role.MODEL_VERSION, Role.LATENCY_MS, Role.LABEL_TIMESTAMP, Role.PREDICTION, Role.SCORE}


def guess_roles(facts: Mapping[str, ColumnFacts]) -> list[Guess]:
    """Guess role and kind of every column by name, type and content; one column at most per single role."""
    taken: set[Role] = set()
    guesses: dict[str, Guess] = {}
    for role, pattern in _NAMES:
        for name, fact in facts.items():
            if name in guesses or (role in taken and role is not Role.PROTECTED):
                continue
            guess = _guess_named(role, pattern, fact)
            if guess is not None:
                guesses[name] = guess
                taken.add(role)
    for name, fact in facts.items():
        if name not in guesses:
            guesses[name] = _guess_other(fact, taken)
            taken.add(guesses[name].role)
    return [guesses[name] for name in facts]


def _guess_named(role: Role, pattern: str, fact: ColumnFacts) -> Guess | None:
    if not re.fullmatch(pattern, fact.name.strip().lower().replace(" ", "_").replace("-", "_")):
        return None
    kind, why, _ = guess_kind(fact)
    if role in (Role.TIMESTAMP, Role.LABEL_TIMESTAMP):
        epoch = epoch_of(fact) if kind is Kind.NUMERIC else None
        if kind is not Kind.DATETIME and epoch is None:
            return None
        content = f"holds Unix time ({epoch})" if epoch else f"holds {why}"
        return Guess(fact.name, role, Kind.DATETIME, f"its name, and it {content}", True)
    if role in (Role.SCORE, Role.CHALLENGER_SCORE):
        probable = kind is Kind.NUMERIC and fact.low >= 0 and fact.high <= 1
        return Guess(fact.name, role, kind, "its name" + (", and all values lie in 0..1" if probable else ""), probable)
    if role in (Role.LATENCY_MS, Role.COST) and kind is not Kind.NUMERIC:
        return None
    return Guess(fact.name, role, kind, f"its name; {why}", role in _OPTIONAL_CERTAIN)


def _guess_other(fact: ColumnFacts, taken: set[Role]) -> Guess:
    kind, why, _ = guess_kind(fact)
    unique = fact.present == fact.rows and fact.distinct == fact.present and fact.rows >= 20
    named = re.search(r"(^|_)(id|uuid|key|guid)$", fact.name.lower()) is not None
    if Role.ID not in taken and named and unique and family(fact.type) in ("integer", "text"):
        return Guess(fact.name, Role.ID, kind, "its name, and every value differs", True)
    if Role.TIMESTAMP not in taken and kind is Kind.DATETIME:
        return Guess(fact.name, Role.TIMESTAMP, kind, f"the first column with {why}", False)
    if unique and (named or kind is Kind.TEXT) and family(fact.type) in ("integer", "text"):
        return Guess(fact.name, Role.IGNORE, kind, "every value differs: an identifier rather than a feature", False)
    if fact.present == 0:
        return Guess(fact.name, Role.FEATURE, kind, why, False)
    odd = family(fact.type) == "text" and kind in (Kind.NUMERIC, Kind.TEXT)
    return Guess(fact.name, Role.FEATURE, kind, why, not odd)


def roles_from(guesses: Sequence[Guess]) -> Roles:
    """Turn guesses into the [roles] of a case; features stay the default (every other column)."""
    singles = {guess.role.value: guess.column for guess in guesses if guess.role.value in Roles.model_fields}
    protected = tuple(guess.column for guess in guesses if guess.role is Role.PROTECTED)
    ignored = tuple(guess.column for guess in guesses if guess.role is Role.IGNORE)
    return Roles.model_validate({**singles, "protected": protected, "ignore": ignored})


def guess_task(facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]) -> tuple[Task, bool]:
    """Guess the task from the label (else the prediction); without a prediction or score data alone are watched, which is not certain."""
    found = {guess.role: facts[guess.column] for guess in guesses}
    if not {Role.PREDICTION, Role.SCORE} & set(found):
        return Task.NONE, False
    target = found.get(Role.LABEL) or found.get(Role.PREDICTION)
    if target is None:
        return Task.BINARY, False
    if target.distinct <= FEW_VALUES:
        return Task.BINARY, True
    return (Task.REGRESSION, True) if guess_kind(target)[0] is Kind.NUMERIC and target.distinct > 20 else (Task.MULTICLASS, True)
