"""Stores of one case that were written in several places become one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pyarrow.compute as pc
import pyarrow.parquet as pq

from monitor.atomic import replacing
from monitor.engine.kept.copying import save_table
from monitor.engine.kept.manifest import DRAW, PARTS, LabelFile, Manifest, Partition, drawn, is_store, read_manifest, write_manifest
from monitor.errors import SourceError


def merge(folders: Sequence[Path], out: Path) -> Manifest:
    """Write a store with the partitions and labels of several.

    Raises
    ------
    SourceError
        One is no store, they were counted otherwise, one partition differs among them, or `out` has a store already.
    """
    if len(folders) < 2:
        raise SourceError("Name at least two stores to merge.")
    if is_store(out) or any(out.resolve() == folder.resolve() for folder in folders):
        raise SourceError(f"There is a store already in '{out}'. Name another folder.")
    stores = {folder: read_manifest(folder) for folder in folders}
    first = stores[folders[0]]
    for folder, one in stores.items():
        if (one.counted, one.name) != (first.counted, first.name):
            raise SourceError(
                f"'{folder}' was counted otherwise than '{folders[0]}': by another reference, other columns, roles or time zone, or it "
                "is of another case. Stores add up only where these are the same."
            )
    partitions = _together(stores, {folder: {one.key: one for one in store.partitions} for folder, store in stores.items()})
    labels = _together(stores, {folder: {one.key: one for one in store.labels} for folder, store in stores.items()})
    share = min(one.share for one in stores.values())
    kept = {key: _copied(folder, out, one, share, stores[folder]) for key, (folder, one) in partitions.items()}
    for folder, told in labels.values():
        _copy(folder / "labels" / told.file, out / "labels" / told.file)
    for name in first.references:
        _copy(folders[0] / "reference" / name, out / "reference" / name)
    found = replace(
        first.with_partitions(kept),
        labels=tuple(one for _, (_, one) in sorted(labels.items())),
        share=share,
        deleted_until=max(one.deleted_until for one in stores.values()),
    )
    write_manifest(out, found)
    return found


Held = TypeVar("Held", Partition, LabelFile)


def _together(stores: Mapping[Path, Manifest], parts: Mapping[Path, Mapping[str, Held]]) -> dict[str, tuple[Path, Held]]:
    """Return each part with the store that it is taken from."""
    found: dict[str, tuple[Path, Held]] = {}
    for folder in stores:
        for key, one in parts[folder].items():
            other, before = found.setdefault(key, (folder, one))
            if before.stamp != one.stamp:
                raise SourceError(f"'{key}' is in '{other}' and in '{folder}', and differs. Write one of the stores again with 'profile'.")
    return found


def _copied(folder: Path, out: Path, one: Partition, share: float, store: Manifest) -> Partition:
    for part in PARTS:
        _copy(folder / part / one.file, out / part / one.file)
    if share == store.share:
        return one
    # A row that drew a small number is in the samples of both shares: the larger one is thinned to the smaller.
    path = out / "sample" / one.file
    table = pq.read_table(path)
    fewer = table.filter(pc.less(table[DRAW], drawn(share)))
    save_table(fewer, path)
    return replace(one, sampled=fewer.num_rows)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)
