"""Where results may be written: never over what a case is made of, nor where a case would read them as its data."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from monitor.case import CASE_FILE, Case, load_case
from monitor.contract.file import CONTRACT_FILE
from monitor.engine.patterns import covers
from monitor.engine.sources import files_of
from monitor.errors import SettingError, SourceError


def check_output(out: Path, *cases: Case) -> None:
    """Refuse a file that is a folder, or that one of `cases`, or the case in whose folder it would lie, is made of or would read.

    Raises
    ------
    SourceError
        It is a folder.
    SettingError
        It belongs to a case.
    CaseError
        It lies in the folder of a case whose case.toml cannot be read: nobody knows what that case is made of.
    """
    if out.is_dir():
        raise SourceError(f"'{out}' is a folder. Name a file.")
    if out.name.lower() == CASE_FILE:
        raise SettingError(f"'{out}' is the name of a case's settings, which would be lost. Write the result elsewhere.")
    check_apart(out, *cases, *around(out.parent, cases))


def check_apart(out: Path, *cases: Case) -> None:
    """Refuse a file that one of the cases is made of, or would read.

    Raises
    ------
    SettingError
    """
    path = out.resolve()
    for case in cases:
        if path in _own_files(case) or (path.exists() and path in files_of(case)):
            raise SettingError(f"'{out}' belongs to the case '{case.name}' itself and would be lost. Write the result elsewhere.")
        if named := next((place for place in _named(case) if _reads(case.root, place, out)), None):
            raise SettingError(
                f"'{out}' lies where the case '{case.name}' looks for its data ('{named}'), and would be read as such. Write it elsewhere."
            )


def check_folder(folder: Path, names: Iterable[str], *cases: Case) -> None:
    """Refuse a folder, to become a case of its own, of which a case that is there before would lose or read a file.

    Raises
    ------
    SettingError, CaseError
    """
    found = (*cases, *around(folder.absolute().parent, cases))
    for name in names:
        check_apart(folder / name, *found)


def around(folder: Path, known: tuple[Case, ...] = ()) -> Iterator[Case]:
    """Yield the case in whose folder a folder lies, unless it is known already."""
    here = folder.resolve()
    root = next((one for one in (here, *here.parents) if (one / CASE_FILE).is_file()), None)
    if root is not None and all(root != case.root.resolve() for case in known):
        yield load_case(root)


def make_folder(folder: Path) -> None:
    """Make a folder for results, unless it is there.

    Raises
    ------
    SourceError
        A file is in its place, or it may not be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError(f"The folder '{folder}' cannot be made: {error.strerror}. Name another.") from error


def _own_files(case: Case) -> Iterator[Path]:
    """Yield what a case is made of beside its data: its settings and contract, its code and its model."""
    model = [case.model.path] if case.model is not None and case.model.path else []
    for name in (CASE_FILE, CONTRACT_FILE, *(one.place[0] for one in case.code()), *model):
        yield (case.root / name).resolve()


def _named(case: Case) -> list[str]:
    """Return the paths and patterns of what a case reads."""
    runs = [case.pipeline.runs] if case.pipeline is not None and case.pipeline.runs else []
    places = [place.partition("::")[0] for named in (case.data.reference, case.data.production, case.data.labels or ()) for place in named]
    return [place for place in (*places, *runs) if "://" not in place]


def _reads(root: Path, place: str, out: Path) -> bool:
    """Say whether a path, a pattern or the folder of a table takes in a file, be it there yet or not."""
    asked = {out.resolve(), out.parent.resolve() / out.name}
    if os.path.isdir(root / place):
        return any(path.is_relative_to((root / place).resolve()) for path in asked)
    return any(covers(place, path, root) for path in asked)
