"""What a store holds, as one file: its partitions, how they were counted and how their columns are read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from monitor.case import write_atomically
from monitor.engine.store import digest
from monitor.errors import SourceError

FILE = "store.json"
FORMAT = 1
MOST_BYTES = 64_000_000
PARTS = ("rows", "sample", "counts", "checks")
"""Folders with a file of each partition: the narrow table of all rows, the sample of whole rows, counts by day, failed checks by day."""
SHARE_STEPS = 1_000_000
DRAW = "@driftscope.draw"
"""Hidden column of the sample: the number that each row drew, 0 to SHARE_STEPS - 1; those below the share are kept."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One file of production as it was counted: `key` its path in the case, `stamp` what tells whether it changed, `counted` how it was
    counted, `file` its name in each folder of the store; `first` and `last` day that it has rows of (ISO, "" without)."""

    key: str
    stamp: str
    counted: str
    file: str
    rows: int
    sampled: int
    untimed: int
    first: str
    last: str
    types: Mapping[str, str]

    def overlaps(self, other: Partition) -> bool:
        """Say whether both have rows of one day."""
        return bool(self.first and other.first) and self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A file of labels that was copied."""

    key: str
    stamp: str
    file: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A store: `counted` says how (a digest of cells and columns), `measured` are the columns that are counted, in the order of their
    positions: numbers, then levels; `inputs` those that "lacking" counts; `share` of rows that the sample has."""

    name: str
    reference: str
    counted: str
    timezone: str
    numbers: tuple[str, ...]
    levels: tuple[str, ...]
    narrow: tuple[str, ...]
    inputs: tuple[str, ...]
    share: float
    seed: int
    partitions: tuple[Partition, ...] = ()
    labels: tuple[LabelFile, ...] = ()
    facts: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[tuple[str, str, str], ...] = ()
    deleted_until: str = ""
    references: tuple[str, ...] = ()
    format: int = field(default=FORMAT)

    @property
    def rows(self) -> int:
        """Rows of all partitions."""
        return sum(one.rows for one in self.partitions)

    @property
    def sampled(self) -> int:
        """Whole rows that are kept of them."""
        return sum(one.sampled for one in self.partitions)

    @property
    def types(self) -> dict[str, str]:
        """SQL type of every column that a partition has; where they differ that of the first."""
        found: dict[str, str] = {}
        for one in self.partitions:
            for name, sql_type in one.types.items():
                found.setdefault(name, sql_type)
        return found

    @property
    def fingerprint(self) -> str:
        """The sha256 hex of what is held of production."""
        return digest("store", self.counted, [(one.key, one.stamp, one.rows) for one in self.partitions], self.share, self.seed)

    def with_partitions(self, partitions: Mapping[str, Partition]) -> Manifest:
        """Return the store with other partitions, in the order of their names."""
        return replace(self, partitions=tuple(partitions[key] for key in sorted(partitions)))


def sharing(partitions: Iterable[Partition]) -> list[str]:
    """Return the partitions that have rows of days that the one before them has too."""
    ordered = sorted((one for one in partitions if one.first), key=lambda one: (one.first, one.last))
    return [later.key for earlier, later in pairwise(ordered) if earlier.overlaps(later)]


def drawn(share: float) -> int:
    """Return the draw below which rows are in a sample of a share of all."""
    return max(1, round(share * SHARE_STEPS))


def is_store(folder: Path) -> bool:
    """Say whether a folder is a store."""
    return (folder / FILE).is_file() and not (folder / FILE).is_symlink()


def read_manifest(folder: Path) -> Manifest:
    """Read what a store holds.

    Raises
    ------
    SourceError
        There is none, it is damaged, was written by a later version, or names files outside of it.
    """
    path = folder / FILE
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("too large")
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.get("format") != FORMAT:
            raise SourceError(
                f"The store '{folder}' has the form {told.get('format')!r}; this version reads {FORMAT}. Write it again with 'profile'."
            )
        partitions = tuple(Partition(**one) for one in told.pop("partitions"))
        labels = tuple(LabelFile(**one) for one in told.pop("labels"))
        lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list) and name != "notes"}
        notes = tuple((str(a), str(b), str(c)) for a, b, c in told["notes"])
        found = Manifest(**{**told, **lists, "notes": notes, "partitions": partitions, "labels": labels})
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SourceError(f"'{path}' cannot be read as a profile store: {type(error).__name__}. Write it again with 'profile'.") from error
    named = [*(one.file for one in found.partitions), *(one.file for one in found.labels), *found.references]
    for name in named:
        if re.fullmatch(r"[A-Za-z0-9_.=-]+\.parquet", str(name)) is None:
            raise SourceError(f"'{path}' names the file {str(name)[:80]!r}, which no store writes. Write it again with 'profile'.")
    return found


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace what a store says it holds, in one step."""
    write_atomically(folder / FILE, json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n")


def file_name(key: str, stamp: str) -> str:
    """Return the name of a partition's files: readable, and another one where the content is.

    >>> file_name("production/2025-03 (2).csv", "ab12cd34ef")
    '2025-03_2_.csv-ab12cd34ef.parquet'
    """
    readable = re.sub(r"[^A-Za-z0-9_.=-]+", "_", os.path.basename(key))[:80]
    return f"{readable}-{stamp[:12]}.parquet"


def remove_unnamed(folder: Path, manifest: Manifest) -> None:
    """Remove files of partitions that the store does not name any more."""
    kept = {one.file for one in manifest.partitions}
    for part in PARTS:
        for path in (folder / part).glob("*.parquet"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
