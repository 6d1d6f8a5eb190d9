"""What a case brings that would run, read once: the files of its own methods, what these import from beside them, and its model."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from monitor.case.model import Case
from monitor.errors import CaseError

MOST_CODE_BYTES = 1_000_000
"""Size of a Python file from which it is no code that a person has read."""
MOST_MODEL_BYTES = 8 * 2**30
MOST_FILES = 200
PLAIN_MODELS = (".skops", ".onnx", ".txt", ".json", ".ubj", ".cbm")
"""Endings of models that hold numbers and no code; any other may run code when it is loaded."""


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A Python file of the case: path relative to the case folder, and the very bytes that are hashed and run."""

    path: str
    source: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """What a case brings. `files` has the sha256 of each by its path; `code` the Python files; `problems` (path, reason) what would run
    but cannot be read as it stands, `apart` what holds no code and cannot; `runs` the paths whose use runs code; `asks` whether the case
    asks to be trusted."""

    root: Path
    files: tuple[tuple[str, str], ...]
    code: tuple[CodeFile, ...]
    problems: tuple[tuple[str, str], ...]
    apart: tuple[tuple[str, str], ...]
    runs: tuple[str, ...]
    asks: bool
    entries: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The sha256 hex of all of it: which files, what they hold, which functions are called."""
        return hashlib.sha256(json.dumps([self.files, self.problems, self.entries]).encode()).hexdigest()

    def problem(self, path: str) -> str | None:
        """Return why a file cannot be used, or None."""
        return dict(self.problems).get(path)

    @property
    def sources(self) -> Mapping[str, bytes]:
        """The source of each Python file by its path."""
        return {one.path: one.source for one in self.code}


def content_of(case: Case) -> Content:
    """Read what a case brings; what cannot be read is a problem with its reason, never followed out of the case folder."""
    root = case.root.resolve()
    reader = _Reader(root)
    scripts = [os.path.normpath(method.place[0]) for method in case.code()]
    for path in scripts:
        reader.code(path)
    model = os.path.normpath(case.model.path) if case.model is not None and case.model.path else None
    if model is not None:
        reader.model(model)
    plain = model is not None and Path(model).suffix.lower() in PLAIN_MODELS
    apart = {model: reader.problems.pop(model)} if model is not None and plain and model in reader.problems else {}
    running = [model] if model is not None and not plain else []
    return Content(
        root=root,
        files=tuple(sorted(reader.hashes.items())),
        code=tuple(CodeFile(path, source) for path, source in sorted(reader.sources.items())),
        problems=tuple(sorted(reader.problems.items())),
        apart=tuple(sorted(apart.items())),
        runs=tuple(sorted({*reader.sources, *scripts, *running})),
        asks=any(method.trust for method in case.code()) or (case.model is not None and case.model.trust),
        entries=tuple(sorted([*(f"{one.id} = {one.function}" for one in case.code()), *([f"model = {model}"] if model else [])])),
    )


class _Reader:
    """Reads files of one case folder, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.hashes: dict[str, str] = {}
        self.sources: dict[str, bytes] = {}
        self.problems: dict[str, str] = {}
        self.seen: set[tuple[str, str]] = set()

    def code(self, path: str) -> None:
        """Read a Python file and, in turn, those that it imports from its own folder."""
        base, waiting = os.path.dirname(path), [path]
        while waiting:
            one = waiting.pop()
            if (base, one) in self.seen:
                continue
            self.seen.add((base, one))
            source = self._source(one)
            if source is not None:
                package = _package_of(os.path.relpath(one, base or "."))
                waiting += [found for name in imported(source, package) for found in module_files(self.root, base, name)]

    def model(self, path: str) -> None:
        """Hash the model file."""
        try:
            self.hashes[path] = _hash_file(*_stamp(checked_file(self.root, path, most=MOST_MODEL_BYTES)))
        except CaseError as error:
            self.problems[path] = str(error)

    def _source(self, path: str) -> bytes | None:
        """Return a Python file, read once, or None with the problem noted."""
        if path in self.sources or path in self.problems:
            return self.sources.get(path)
        if len(self.sources) >= MOST_FILES:
            self.problems[path] = f"is one of more than {MOST_FILES} Python files that import each other; bring fewer"
            return None
        try:
            source = checked_file(self.root, path, most=MOST_CODE_BYTES).read_bytes()
            self.sources[path], self.hashes[path] = source, hashlib.sha256(source).hexdigest()
            return source
        except OSError as error:
            self.problems[path] = str(error) if isinstance(error, CaseError) else f"cannot be read: {error.strerror}"
        except CaseError as error:
            self.problems[path] = str(error)
        return None


def checked_file(root: Path, path: str, *, most: int) -> Path:
    """Return a regular file inside the folder `root`, links resolved.

    Raises
    ------
    CaseError
        It leads out of the folder, is no regular file, has more than `most` bytes or may not be read; the text is why.
    """
    try:
        resolved = (root / path).resolve()
        if not resolved.is_relative_to(root):
            raise CaseError(f"leads out of the case folder '{root}'")
        facts = resolved.stat()
    except FileNotFoundError as error:
        raise CaseError(f"is not there (looked in the case folder '{root}')") from error
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise CaseError(f"cannot be read: {error}") from error
    if not stat.S_ISREG(facts.st_mode):
        raise CaseError("is no regular file")
    if facts.st_size > most:
        raise CaseError(f"has {facts.st_size:,} bytes; at most {most:,} are read")
    if not os.access(resolved, os.R_OK):
        raise CaseError("may not be read; check its permissions")
    return resolved


def _stamp(path: Path) -> tuple[str, int, int, int, int]:
    facts = path.stat()
    return str(path), facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino


@lru_cache(maxsize=32)
def _hash_file(path: str, size: int, changed: int, touched: int, inode: int) -> str:
    """Return the sha256 hex of a file; large models are read again only when their stamp changed."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CaseError(f"cannot be read: {error.strerror}") from error


def _package_of(path: str) -> str:
    """Return the package of a module by its path relative to the importing folder: "a/b.py" is in "a", "a/__init__.py" is "a"."""
    return ".".join(Path(path).parent.parts)


@lru_cache(maxsize=256)
def imported(source: bytes, package: str) -> tuple[str, ...]:
    r"""Return the absolute names of everything that a Python source imports, wherever it stands; none where it is no Python.

    >>> imported(b"import a.b\ndef f():\n    from .c import d", "p")
    ('a.b', 'p.c', 'p.c.d')
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(dict.fromkeys(name for node in ast.walk(tree) for name in _names_of(node, package) if name))


def _names_of(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        name = absolute_name(node.module or "", package, node.level)
        yield name
        yield from (f"{name}.{alias.name}" if name else alias.name for alias in node.names if alias.name != "*")


def absolute_name(name: str, package: str, level: int) -> str:
    """Return the absolute name of what is imported from within a package; `level` counts the dots before the name.

    >>> absolute_name("c", "a.b", 1), absolute_name("c", "a.b", 2), absolute_name("c", "a.b", 0)
    ('a.b.c', 'a.c', 'c')
    """
    if level == 0:
        return name
    parts = package.split(".") if package else []
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])


def module_files(root: Path, base: str, name: str) -> list[str]:
    """Return the files of a module and of the packages around it that lie below the folder `base` of a case, relative to `root`."""
    parts, found = name.split("."), []
    for end in range(1, len(parts) + 1):
        place = os.path.normpath(os.path.join(base, *parts[:end]))
        found += [path for path in (os.path.join(place, "__init__.py"), f"{place}.py") if os.path.lexists(root / path)][:1]
    return found
