"""Where something went wrong, on real cases with a known cause: `python -m benchmarks localise`.

68 of the RS cases (`benchmarks/rs`): what is bad now are the counts of the minute of the anomaly, what was usual those of all minutes
before. A cause is found at rank k if the k-th predicate equals it in every column and level; a case may have several. Rules and constants
were chosen on the cases at even positions; the others are for reporting.
"""

from __future__ import annotations

import ast
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from monitor.stats.causes.scan import Leaves, Place, all_cells, parts_of, ranked

FOLDER = Path(__file__).parent / "rs"
COLUMNS = ("cdn", "bitrate", "p2p", "isp", "device")
RANKS = (1, 3, 5)
Predicate = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Case:
    """One anomaly: its rows up to its minute, and its causes."""

    rows: pd.DataFrame
    minute: int
    causes: list[Predicate]

    def answers(self, most: int = max(RANKS)) -> list[Predicate]:
        """Return the surest predicates, each level of several together on its own."""
        columns = [name for name in COLUMNS if self.rows[name].notna().any()]
        coded = [pd.factorize(self.rows[name].astype(str)) for name in columns]
        leaves = self._leaves(np.stack([code for code, _ in coded], axis=1).astype(np.int64))
        levels = [list(known) for _, known in coded]
        found = [part for place in ranked(all_cells(leaves)) for part in parts_of(place)]
        return list(dict.fromkeys(_predicate(part, columns, levels) for part in found))[:most]

    def _leaves(self, codes: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> Leaves:
        now = (self.rows["min"] == self.minute).to_numpy()
        bad, rows = (self.rows[name].to_numpy(dtype=np.float64) for name in ("value", "cnt"))
        return Leaves(codes, bad * now, rows * now, bad * ~now, rows * ~now)


def _predicate(place: Place, columns: list[str], levels: list[list[str]]) -> Predicate:
    return frozenset((columns[column], levels[column][level]) for column, level in zip(place.columns, place.levels, strict=True))


def cases() -> list[Case]:
    """Return all cases, in the order of the file."""
    rows = pd.read_parquet(FOLDER / "rs_cases.parquet")
    told = json.loads((FOLDER / "rs_causes.json").read_text(encoding="utf-8"))
    return [_case(rows, one) for one in told]


def _case(rows: pd.DataFrame, one: dict[str, object]) -> Case:
    told, minute = ast.literal_eval(str(one["cause"])), int(str(one["minute"]))
    causes = told if isinstance(told, list) else [told]
    known = rows[(rows["case"] == one["case"]) & (rows["min"] <= minute)]
    return Case(known, minute, [frozenset((name, str(level)) for name, level in cause.items()) for cause in causes])


def found_within(some: list[Case]) -> dict[int, float]:
    """Return the share of cases of which a cause is among the first k answers, by k."""
    answers = [(one.answers(), one.causes) for one in some]
    return {rank: float(np.mean([any(cause in given[:rank] for cause in causes) for given, causes in answers])) for rank in RANKS}


def report() -> None:
    """Print both halves."""
    every = cases()
    print("| cases | n | " + " | ".join(f"top {rank}" for rank in RANKS) + " | seconds a case |")
    print("|---|---:|" + "---:|" * (len(RANKS) + 1))
    for name, some in (("chosen on", every[::2]), ("reported on", every[1::2])):
        begun = time.process_time()
        shares = found_within(some)
        cells = " | ".join(f"{share:.2f}" for share in shares.values())
        print(f"| {name} | {len(some)} | {cells} | {(time.process_time() - begun) / len(some):.2f} |")
