"""Rows of bursts, which count and which nobody wants: what is said of a challenger that is not said without them."""

from __future__ import annotations

from dataclasses import replace

from monitor.judgement.finding import Finding
from monitor.judgement.judged_shadow import JudgedShadow, Row
from monitor.judgement.narration.challengers import money
from monitor.judgement.narration.places import clean
from monitor.vocabulary import Status
from monitor.wording import plural

KEYS = ("comparison", "window", "segment", "metric")
CARRIED = 0.1
"""Part of an amount from which it is said with it that rows of bursts carry so much: more than rounding to two digits hides."""


def beside_bursts(judged: JudgedShadow, other: JudgedShadow) -> JudgedShadow:
    """Return what was judged with what all rows but those of bursts say: a segment that does not differ without them is none that does, and
    a finding names how many rows it hangs on."""
    found = replace(judged, without_bursts=other)
    rows = judged.table[judged.table["segment"].notna()].to_dict("records")
    parts = frozenset(str(row["segment"]) for row in rows if not judged.result.is_version(row["segment"]) and hangs(found, row))
    status = judged.table["status"].where(~judged.table["segment"].isin(parts), judged.table["status"].replace(*DIFFERS))
    return replace(
        found,
        table=judged.table.assign(status=status),
        hanging=tuple(sorted(parts)),
        findings=tuple(_with_bursts(found, one) for one in judged.findings),
    )


DIFFERS = (Status.WARNING.value, Status.STABLE.value)
"""Verdict on a segment that differs, and on one that does not."""


def _with_bursts(judged: JudgedShadow, finding: Finding) -> Finding:
    row = judged.of(finding.method) if not finding.where else None
    return finding if row is None or not hangs(judged, row) else replace(finding, hangs_on=burst_rows(judged))


def burst_rows(judged: JudgedShadow) -> int:
    """Return how many rows are of bursts."""
    return 0 if judged.result.wrong is None else sum(one.n for one in judged.result.wrong.bursts)


def calm(judged: JudgedShadow, row: Row) -> Row | None:
    """Return what a row of the table says without rows of bursts; None where there are none, or nothing is said."""
    if judged.without_bursts is None:
        return None
    key = tuple(row[name] for name in KEYS)
    rows = judged.without_bursts.table.to_dict("records")
    return next((one for one in rows if tuple(one[name] for name in KEYS) == key and one["reason"] is None), None)


def hangs(judged: JudgedShadow, row: Row) -> bool:
    """Say whether a difference is told of a row of the table that is not told, or the other way, without rows of bursts."""
    if judged.without_bursts is None or row["status"] != Status.WARNING.value:
        return False
    other = calm(judged, row)
    return other is None or other["status"] != row["status"] or float(other["difference"]) * float(row["difference"]) < 0


def without_text(judged: JudgedShadow, row: Row) -> str:
    """Say what an amount is without rows of bursts, where they carry more than a little of it: "; without 102 rows of a burst 900 EUR
    (-200 to 2,000)"."""
    other = calm(judged, row)
    if other is None:
        return ""
    (total, *_), (rest, low, high) = (_amounts(one) for one in (row, other))
    sure = [one["lower"] > 0 or one["upper"] < 0 for one in (row, other)]
    if sure[0] == sure[1] and (not sure[0] or abs(total - rest) < CARRIED * abs(total)):
        return ""
    currency = f" {clean(judged.result.currency)}" if judged.result.currency else ""
    return f"; without {bursts_text(judged)} {signed(rest)}{currency} ({signed(low)} to {signed(high)})"


def bursts_text(judged: JudgedShadow) -> str:
    """Write "102 rows of a burst"."""
    wrong = judged.result.wrong
    return f"{plural(burst_rows(judged), 'row')} of {'a burst' if wrong is not None and len(wrong.bursts) == 1 else 'bursts'}"


def _amounts(row: Row) -> tuple[float, float, float]:
    total, low, high = (float(row[name]) * int(row["n"]) for name in ("difference", "lower", "upper"))
    return total, low, high


def signed(amount: float) -> str:
    """Write an amount with its sign where it is a loss."""
    return f"−{money(abs(amount))}" if amount < 0 else money(amount)
