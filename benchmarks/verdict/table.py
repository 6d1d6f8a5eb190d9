"""The tables of benchmarks/README.md from the records of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.verdict import changes
from benchmarks.verdict.noise import BY_NAME, INDEPENDENT

Record = dict[str, Any]
POOLED, UPPER, MINORITY, SINGLE, ONSET, INNOCENT = 0.05, 0.065, 0.10, 0.12, 0.90, 0.05
SHARES = {60: (0.70, 0.75), 30: (0.55, 0.70), 14: (0.35, 0.60)}
"""By reference windows: how much of what the oracle finds is to be found, and with independent rows."""


def upper(k: int, n: int) -> float:
    """Return the upper 95 % limit of a share k / n (Clopper and Pearson 1934)."""
    return 1.0 if k >= n else float(stats.beta.ppf(0.95, k + 1, n - k))


def lower(k: int, n: int) -> float:
    """Return the lower 95 % limit of a share k / n (Clopper and Pearson 1934)."""
    return 0.0 if k <= 0 else float(stats.beta.ppf(0.05, k, n - k + 1))


def tables(records: Sequence[Record]) -> str:
    """Return everything as Markdown."""
    still = [record for record in records if not record["cell"]["change"]]
    one = [record for record in records if record["cell"]["change"] and not record["cell"]["planted"]]
    many = [record for record in records if record["cell"]["planted"]]
    parts = [_costs(records)]
    parts += [_no_change(still), _blamed(still)] if still else []
    parts += [_summary(one), _change(one)] if one else []
    parts += [_many(many)] if many else []
    return "\n\n".join(parts)


def _costs(records: Sequence[Record]) -> str:
    if not records:
        return "Nothing was run."
    drawn, judged = (1000 * float(np.median([record[key] for record in records])) for key in ("simulating", "judging"))
    return f"{len(records):,} screens; median {drawn:.0f} ms to simulate one, {judged:.0f} ms to judge it. Seeds: {records[0]['seeds']}."


def _groups(records: Iterable[Record], key: Callable[[Record], Any]) -> dict[Any, list[Record]]:
    found: dict[Any, list[Record]] = {}
    for record in records:
        found.setdefault(key(record), []).append(record)
    return found


def _cell(*names: str) -> Callable[[Record], tuple[Any, ...]]:
    return lambda record: tuple(record["cell"][name] for name in names)


def innocents(record: Record, *, facts: bool = False) -> set[str]:
    """Return the columns without change that are named by a test (or, `facts`, by a fact)."""
    return {name["column"] for name in record["named"] if name["fact"] == facts and name["column"] not in record["planted"]}


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.1f} %"


# No change.


def _no_change(records: Sequence[Record]) -> str:
    head = ["noise", "ref.", "rows", "prod.", "screens", "named", "share", "upper 95 %", "columns a screen", "facts only", "target"]
    lines = ["### Nothing changed", "", _row(head), "|---|" + "---:|" * 9 + "---|"]
    lines += [_false(group, *key) for key, group in _groups(records, _cell("noise", "reference", "rows", "production")).items()]
    lines += ["", "Pooled:", "", _row(head), "|---|" + "---:|" * 9 + "---|"]
    lines += [
        _false(group, noise, length, "all", "all") for (noise, length), group in _groups(records, _cell("noise", "reference")).items()
    ]
    lines += [_false(group, noise, "all", "all", "all") for (noise,), group in _groups(records, _cell("noise")).items()]
    return "\n".join(lines)


def _false(records: Sequence[Record], noise: str, reference: object, rows: object, production: object) -> str:
    named = [innocents(record) for record in records]
    k, n = sum(bool(columns) for columns in named), len(records)
    facts = sum(bool(innocents(record, facts=True)) and not innocents(record) for record in records)
    most = SINGLE if rows != "all" else MINORITY if BY_NAME[noise].minority else POOLED
    ok = k / n <= most and (most != POOLED or upper(k, n) <= UPPER)
    said = "met" if ok else "**missed**" if lower(k, n) > most else "too few screens to say"
    columns = sum(len(one) for one in named) / n
    return _row([noise, reference, rows, production, n, k, _percent(k / n), _percent(upper(k, n)), f"{columns:.3f}", facts, said])


def _said(ok: bool) -> str:
    return "met" if ok else "**missed**"


def _blamed(records: Sequence[Record]) -> str:
    """Count the columns that are named by mistake: which, and by which question or fact."""
    found: dict[tuple[str, str], int] = {}
    for record in records:
        for column in {name["column"] for name in record["named"]}:
            key = column, record["columns"][column]["question"]
            found[key] = found.get(key, 0) + 1
    questions = sorted({question for _, question in found})
    lines = ["### Named by mistake", "", _row(["column", "all", "per 1,000 screens", *questions]), "|---|" + "---:|" * (2 + len(questions))]
    for column in sorted({column for column, _ in found}):
        counts = [found.get((column, question), 0) for question in questions]
        lines.append(_row([column, sum(counts), f"{1000 * sum(counts) / len(records):.1f}", *(count or "" for count in counts)]))
    return "\n".join(lines)


# Change.


@dataclass(frozen=True)
class Score:
    """What was found of planted runs: shares of screens; onset and direction among those that were found."""

    screens: int
    found: float
    oracle: float
    onset: float
    oracle_onset: float
    direction: float
    innocent: float

    @classmethod
    def of(cls, records: Sequence[Record]) -> Score:
        """Add up records of one planted column; the oracle finds every fact."""
        hits = [(record, hit) for record in records if (hit := first_hit(record))]
        ups = [(changes.BY_NAME[record["cell"]["change"]].up, hit["direction"]) for record, hit in hits]
        oracles = [record["oracle"] or {"power": 1.0, "onset": 1.0} for record in records]
        return cls(
            screens=len(records),
            found=len(hits) / len(records),
            oracle=float(np.mean([one["power"] for one in oracles])),
            onset=_mean([abs(hit["start"] - record["start"]) <= 1 for record, hit in hits]),
            oracle_onset=_mean([one["onset"] for one in oracles]),
            direction=_mean([up == told for up, told in ups if up]),
            innocent=float(np.mean([bool(innocents(record)) for record in records])),
        )

    @property
    def share(self) -> float:
        """Found, of what the oracle finds."""
        return self.found / self.oracle if self.oracle > 0 else float("nan")


def first_hit(record: Record) -> dict[str, Any] | None:
    """Return the first thing named of the planted column whose windows overlap the planted run."""
    start, end = record["start"], record["start"] + record["cell"]["length"] - 1
    for name in record["named"]:
        last = record["cell"]["production"] if name["end"] is None else name["end"]
        if name["column"] in record["planted"] and name["start"] <= end and last >= start:
            return dict(name)
    return None


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


FIGURES = ("screens", "oracle", "ours", "ours / oracle", "onset within 1", "oracle's", "direction", "innocents")


def _figures(score: Score) -> list[str]:
    shares = (score.oracle, score.found, score.share, score.onset, score.oracle_onset, score.direction, score.innocent)
    return [str(score.screens), *map(_percent, shares)]


def _change(records: Sequence[Record]) -> str:
    keys = ("change", "column", "length", "noise", "reference", "rows")
    lines = ["### One column changed", "", _row([*keys, "size", *FIGURES]), "|---|---|---:|---|" + "---:|" * 11]
    for key, group in sorted(_groups(records, _cell(*keys)).items()):
        oracle, fixed = group[0]["oracle"], changes.BY_NAME[key[0]].size
        lines.append(_row([*key, f"{oracle['size'] if oracle else fixed:.3g}", *_figures(Score.of(group))]))
    return "\n".join(lines)


def _summary(records: Sequence[Record]) -> str:
    """Pool by reference length: changes that the oracle sized, and facts apart."""
    lines = ["### Beside the oracle", "", _row(["changes", "ref.", *FIGURES, "target"]), "|---|" + "---:|" * 9 + "---|"]

    def kind(record: Record) -> tuple[str, int]:
        noise = "independent rows" if record["cell"]["noise"] == INDEPENDENT.name else "other noise"
        return (f"sized, {noise}" if record["oracle"] else f"fixed size, {noise}", record["cell"]["reference"])

    able = [record for record in records if not record["oracle"] or record["oracle"]["power"] >= 0.85]
    for (name, reference), group in sorted(_groups(able, kind).items()):
        score = Score.of(group)
        least = SHARES[reference][name.endswith("independent rows")] if reference in SHARES and name.startswith("sized") else None
        target = "–" if least is None else f"{least:.0%}: {_said(score.share >= least)}"
        lines.append(_row([name, reference, *_figures(score), target]))
    every = Score.of(records)
    lines += [
        "",
        f"Innocent columns on at most {INNOCENT:.0%} of screens: {_percent(every.innocent)}, {_said(every.innocent <= INNOCENT)}.",
    ]
    lines += [f"Onset within one window in {ONSET:.0%} of what is found: {_percent(every.onset)}, {_said(every.onset >= ONSET)}."]
    lines += ["Settings in which even the largest change is not found by the oracle in 85 % are left out of the pooled rows."]
    return "\n".join(lines)


def _many(records: Sequence[Record]) -> str:
    head = ["changed columns", "noise", "ref.", "screens", "changed columns named", "screens with an innocent", "upper 95 %", "target"]
    lines = ["### Many columns changed", "", _row(head), "|---:|---|" + "---:|" * 5 + "---|"]
    for key, group in sorted(_groups(records, _cell("planted", "noise", "reference")).items()):
        told = [len({name["column"] for name in record["named"]} & set(record["planted"])) / len(record["planted"]) for record in group]
        k = sum(bool(innocents(record)) for record in group)
        figures = [len(group), _percent(_mean(told)), _percent(k / len(group)), _percent(upper(k, len(group)))]
        lines.append(_row([*key, *figures, _said(k / len(group) <= INNOCENT)]))
    return "\n".join(lines)
