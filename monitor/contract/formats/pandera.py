"""A contract as Python for pandera: a schema that a pipeline can import. Nothing of pandera is needed to write it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from monitor.contract.formats.reading import Written
from monitor.contract.model import DataContract, Lifecycle, RangeBy, RowRule, Sort, Terms

_DTYPES = {"integer": '"Int64"', "number": "float", "boolean": '"boolean"', "text": "str", "datetime": '"datetime64[ns]"'}
_BROKEN = {"<=": ">", "<": ">=", ">=": "<", ">": "<="}
"""What rows do that break an order of two columns."""
_COLUMN = r'("(?:[^"]|"")+"|[A-Za-z_]\w*)'
_TWO = re.compile(rf"\s*{_COLUMN}\s*(<=|<|>=|>)\s*{_COLUMN}\s*")
_HEAD = '''"""Schema of {name}, written from its contract.toml by Driftscope."""

import pandera.pandas as pa

SCHEMA = pa.DataFrameSchema(
    {{
'''


def write_pandera(contract: DataContract, name: str) -> Written:
    """Return the Python of a schema, with notes on what it does not say."""
    notes = []
    lines = [_HEAD.format(name=_line(name).replace('"', "'").replace("\\", ""))]
    for column, terms in contract.columns.items():
        if terms.lifecycle is not Lifecycle.ACTIVE:
            notes.append(f"{column}: it is {terms.lifecycle.value}, so nothing is asked of it.")
            continue
        lines.append(_column(column, terms))
        if terms.shift is not None:
            notes.append(f"{column}: the shift against the reference cannot be said.")
    lines.append(f"    }},\n    strict={'True' if contract.complete and not notes else 'False'},\n    checks=[\n")
    for never in contract.never:
        first, second = (f"frame[{name!r}].astype(str)" for name in never.columns)
        test = f"lambda frame: [pair not in set({list(never.pairs)!r}) for pair in zip({first}, {second})]"
        lines.append(f"        pa.Check({test}, name={never.id!r}),\n")
    ordered = {one.id: _order(one, contract.columns) for one in contract.rules}
    lines += [_check(f"~{ordered[one.id]}", one.id, one.outside) for one in contract.rules if ordered[one.id]]
    lines += [_check(f"~{_beyond(one)}", one.id, one.outside) for one in contract.ranges]
    lines.append("    ],\n)\n")
    notes += [f"rule '{one.id}': SQL cannot be said: {one.holds}" for one in contract.rules if not ordered[one.id]]
    head = "".join(f"# Not said: {_line(note)}\n" for note in notes)
    return Written(head + "".join(lines), tuple(notes))


def _check(kept: str, name: str, outside: float) -> str:
    """Return a check of whole rows: each is `kept`, or all but a share."""
    return f"        pa.Check(lambda frame: {f'({kept}).mean() >= {1 - outside!r}' if outside else kept}, name={name!r}),\n"


def _order(rule: RowRule, columns: Collection[str]) -> str:
    """Return which rows break a rule that puts two columns in order; a missing value breaks none. Empty where it says anything else: a bare
    word is a column only where the contract has it (`current_date` is none)."""
    found = None if rule.when else _TWO.fullmatch(rule.holds)
    if found is None:
        return ""
    first, sign, second = found.groups()
    names = [one[1:-1].replace('""', '"') if one.startswith('"') else one for one in (first, second)]
    if any(bare not in columns for bare in (first, second) if not bare.startswith('"')):
        return ""
    return f"(frame[{names[0]!r}] {_BROKEN[sign]} frame[{names[1]!r}]).fillna(False).astype(bool)"


def _beyond(rule: RangeBy) -> str:
    """Return which rows lie beyond the range of their level; a missing value, or another level, does not."""
    ends = ({level: two[i] for level, two in rule.ranges.items()} for i in (0, 1))
    of, level = f"frame[{rule.column!r}].astype(float)", f"frame[{rule.by!r}].astype(str)"
    low, high = (f"({of} {sign} {level}.map({end!r}))" for sign, end in zip("<>", ends, strict=True))
    return f"({low} | {high})"


def _line(text: str) -> str:
    return " ".join(text.split())


def _column(name: str, terms: Terms) -> str:
    checks = ", ".join(_checks(terms))
    dtype = "None" if terms.type is None else _DTYPES[terms.type.value]
    return (
        f"        {name!r}: pa.Column({dtype}, checks=[{checks}], nullable={terms.missing != 0}, unique={terms.unique}, "
        f"required={terms.required and not terms.absent_in}, coerce=True),\n"
    )


def _checks(terms: Terms) -> Iterator[str]:
    if terms.missing:
        yield f"pa.Check(lambda s: s.isna().mean() <= {terms.missing!r}, ignore_na=False, name='missing')"
    tests = []
    if terms.min is not None:
        tests.append(f"(s >= {terms.min!r})")
    if terms.max is not None:
        tests.append(f"(s <= {terms.max!r})")
    if terms.levels is not None:
        lowered = ".str.lower()" if terms.type is Sort.BOOLEAN else ""
        tests.append(f"s.astype(str){lowered}.isin({list(terms.levels)!r})")
    if terms.pattern:
        tests.append(f"s.astype(str).str.fullmatch({terms.pattern!r})")
    for test in tests:
        yield f"pa.Check(lambda s: {test}.mean() >= {1 - terms.outside!r})" if terms.outside else f"pa.Check(lambda s: {test})"
    if terms.constant:
        yield "pa.Check(lambda s: s.nunique() <= 1, name='constant')"
    if terms.monotone:
        yield f"pa.Check(lambda s: s.is_monotonic_{terms.monotone}, name='monotone')"
