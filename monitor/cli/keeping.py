"""`driftscope profile` and `merge`: a store beside the case, which is a case itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import tomlkit

from monitor.case import CASE_FILE, Case, load_case, write_atomically
from monitor.case.content import content_of
from monitor.cli.progress import shown_progress, tell
from monitor.engine.kept.manifest import PARTS, Manifest, is_store, read_manifest
from monitor.engine.kept.merging import merge
from monitor.engine.kept.writing import Keeping, Report, keep, storable
from monitor.engine.outputs import check_folder, make_folder
from monitor.errors import SettingError, SourceError
from monitor.export.profiles import TABLES
from monitor.runs.lease import held
from monitor.watch import Watch

STORED = tuple(f"{part}/1.parquet" for part in (*PARTS, "reference", "labels"))
"""Files such as a store holds."""
NAMED = {"counted": "counted", "replaced": "counted again", "kept": "as they were", "gone": "kept, their files are gone"}


def keep_case(case: Case, folder: Path, how: Keeping, *, quiet: bool) -> bool:
    """Write or renew the store of a case in a folder; False, with the reason told, where it cannot be one."""
    why = storable(case)
    if why:
        tell(f"No store was written, only tables of counts: {why}.", quiet=quiet)
        return False
    with held(folder), shown_progress(quiet=quiet) as progress:
        manifest, report = keep(case, folder, how, Watch(progress))
        write_case(case, folder, manifest)
    for line in _said(manifest, report):
        tell(line, quiet=quiet)
    return True


def _said(manifest: Manifest, report: Report) -> Iterator[str]:
    parts = [f"{len(found)} {words}" for name, words in NAMED.items() if (found := getattr(report, name))]
    parts += [f"{len(report.before)} left out, older than what is kept"] if report.before else []
    parts += [f"{len(report.deleted)} deleted, older than what is kept"] if report.deleted else []
    yield f"Partitions: {', '.join(parts)}."
    yield f"The store has {manifest.rows:,} rows of {len(manifest.partitions)} partitions and {manifest.sampled:,} whole rows of them."


def write_case(case: Case, folder: Path, manifest: Manifest) -> None:
    """Write the case.toml of a store, and beside it the files that the case brings.

    Raises
    ------
    SourceError
        The store lies in the folder of the case itself, whose case.toml it would replace.
    """
    document = tomlkit.parse((case.root / CASE_FILE).read_text(encoding="utf-8"))
    places = {"reference": "reference/*.parquet", "production": "rows/*.parquet"}
    document["data"] = places | ({"labels": "labels/*.parquet"} if manifest.labels else {})
    write_atomically(folder / CASE_FILE, tomlkit.dumps(document))
    for path in _brought(case):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(case.root / path, target)


def _brought(case: Case) -> Iterator[Path]:
    """Yield files that the case brings beside its data, relative to its folder: its code and model, runs of its pipelines."""
    names = [path for path, _ in content_of(case).files]
    runs = case.pipeline.runs if case.pipeline else ""
    names += [str(path.relative_to(case.root)) for path in case.root.glob(runs)] if runs and not Path(runs).is_absolute() else []
    for name in dict.fromkeys(names):
        path = Path(name)
        if not path.is_absolute() and ".." not in path.parts and (case.root / path).is_file() and not (case.root / path).is_symlink():
            yield path


def check_store(case: Case, folder: Path) -> None:
    """Refuse to write a store over a case, into the store of another, or where a case would read it as its data.

    Raises
    ------
    SettingError, SourceError
    """
    if folder.resolve() == case.root.resolve():
        raise SourceError(f"The store would lie in the folder of the case, '{folder}', and replace its case.toml. Name another folder.")
    if (folder / CASE_FILE).exists() and not is_store(folder):
        raise SourceError(f"'{folder}' holds another case, whose case.toml would be replaced. Name another folder.")
    if is_store(folder) and read_manifest(folder).name != case.name:
        raise SourceError(f"'{folder}' is the store of the case '{read_manifest(folder).name}'. Name another folder.")
    check_folder(folder, (*TABLES, *STORED), case)


def keeping(since: str, sample: int, keep_days: int | None) -> Keeping:
    """Return how a store is written, as the options say.

    Raises
    ------
    SettingError
        The day is none.
    """
    try:
        day = date.fromisoformat(since).isoformat() if since else ""
    except ValueError as error:
        raise SettingError(f"--since {since!r} is no day. Write one such as 2025-06-01.") from error
    return Keeping(since=day, sample=sample, keep_days=keep_days)


def merge_stores(stores: Sequence[Path], out: Path, *, quiet: bool) -> None:
    """Write one store of several, with the case.toml of the first."""
    case = load_case(stores[0])
    if (out / CASE_FILE).exists():
        raise SourceError(f"There is a case already in '{out}'. Name another folder.")
    check_folder(out, STORED, *(load_case(store) for store in stores))
    make_folder(out)
    manifest = merge(stores, out)
    write_case(case, out, manifest)
    tell(f"Written: {out} ({manifest.rows:,} rows of {len(manifest.partitions)} partitions)", quiet=quiet)
