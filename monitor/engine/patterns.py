"""The files that a pattern names, without walking in circles or through a whole disk."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from fnmatch import translate
from functools import lru_cache
from pathlib import Path

from monitor.errors import SourceError

MOST_ENTRIES = 1_000_000
"""A pattern looks at so many names in folders."""
MOST_FILES = 100_000
"""A pattern may name so many files."""


class _Looked:
    """How many names in folders were looked at."""

    def __init__(self, most: int) -> None:
        self.names, self.most = 0, most

    def at(self, folder: str) -> Iterator[os.DirEntry[str]]:
        """Yield what lies in a folder; nothing where it cannot be read."""
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self.names += 1
                    if self.names > self.most:
                        raise _TooManyError
                    yield entry
        except OSError:
            return


class _TooManyError(Exception):
    """More names than a pattern may look at."""


def matching(data: str, pattern: str, root: Path, *, most_entries: int = MOST_ENTRIES, most_files: int = MOST_FILES) -> list[Path]:
    """Return the files that a pattern names, each once and in order; "**" stands for folders within each other and follows no link.

    Raises
    ------
    SourceError
        It names more files, or looks at more names, than anybody means.
    """
    found: set[Path] = set()
    looked = _Looked(most_entries)
    parts = Path(pattern).parts
    absolute = os.path.isabs(pattern)
    try:
        for path in _matches(str(parts[0] if absolute else root), list(parts[1:] if absolute else parts), looked):
            if os.path.isfile(path):
                found.add(Path(path).resolve())
            if len(found) > most_files:
                raise SourceError(f"{data}: '{pattern}' names more than {most_files:,} files. Name them more closely.")
    except _TooManyError as error:
        raise SourceError(
            f"{data}: '{pattern}' looks through more than {most_entries:,} names of files and folders. "
            "Begin it with the folder that is meant."
        ) from error
    return sorted(found)


def _matches(folder: str, parts: list[str], looked: _Looked) -> Iterator[str]:
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        while rest[:1] == ["**"]:
            rest = rest[1:]
        yield from _below(folder, rest or ["*"], looked)
    elif glob.has_magic(part):
        for entry in sorted(looked.at(folder), key=lambda one: one.name):
            if _fits(part, entry.name) and (not rest or entry.is_dir()):
                yield from _matches(entry.path, rest, looked)
    elif os.path.lexists(os.path.join(folder, part)):
        yield from _matches(os.path.join(folder, part), rest, looked)


def _below(folder: str, rest: list[str], looked: _Looked) -> Iterator[str]:
    """Yield what fits in a folder and in the folders within it, however deep."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        yield from _matches(here, rest, looked)
        inner = [entry.path for entry in looked.at(here) if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")]
        waiting.extend(sorted(inner, reverse=True))


def covers(pattern: str, path: Path, root: Path) -> bool:
    """Say whether a pattern would name a file at a path (links followed), be it there yet or not."""
    parts = Path(os.path.normpath(pattern)).parts
    fixed = next((i for i, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    base = root.joinpath(*parts[:fixed]).resolve()
    return path.is_relative_to(base) and _all_fit(parts[fixed:], path.relative_to(base).parts)


def _all_fit(parts: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Say whether names of folders, and of the file in them, fit the parts of a pattern."""
    if not parts:
        return not names
    if parts[0] != "**":
        return bool(names) and _fits(parts[0], names[0]) and _all_fit(parts[1:], names[1:])
    entered = next((i for i, name in enumerate(names) if name.startswith(".")), len(names))
    rest = parts[1:] or ("*",)
    return any(_all_fit(rest, names[i:]) for i in range(entered + 1))


def _fits(pattern: str, name: str) -> bool:
    """Say whether a name fits; a hidden one only where the pattern begins with a dot."""
    return (pattern.startswith(".") or not name.startswith(".")) and _compiled(pattern).match(name) is not None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))
