"""The methods of a case's own: functions of Python files in its folder, run only where the case file trusts them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from monitor.analyses.requests import PEER_METHODS, SETS
from monitor.case import Case, MethodSection
from monitor.errors import MethodError
from monitor.stats.methods.catalogue import CATALOGUE
from monitor.stats.methods.method import Catalogue, Method, custom
from monitor.tables import Skipped


@dataclass(frozen=True, slots=True)
class OwnMethods:
    """`catalogue`: ours and the case's own; `refused`: own methods that were not loaded, each with why; `key` changes when a file does."""

    catalogue: Catalogue
    refused: tuple[Skipped, ...] = ()
    key: str = ""

    def asked(self, methods: Sequence[str]) -> tuple[Skipped, ...]:
        """Return the refused methods that "all" would have run.

        Raises
        ------
        MethodError
            One of them was asked for by its id.
        """
        named = next((one for one in self.refused if one.what in methods), None)
        if named is not None:
            raise MethodError(named.message)
        return self.refused if "all" in methods else ()


def own_methods_of(case: Case) -> OwnMethods:
    """Return the catalogue of a case. A file that is not trusted is never run; one that fails is a refused method with its reason."""
    if not case.methods:
        return OwnMethods(CATALOGUE)
    root = case.root.resolve()
    return _load(root, case.methods, tuple(_digest(root, one) for one in case.methods))


def _digest(root: Path, section: MethodSection) -> str:
    path = _inside(root, section)
    return hashlib.sha256(path.read_bytes()).hexdigest() if section.trust and path is not None and path.is_file() else ""


def _inside(root: Path, section: MethodSection) -> Path | None:
    """Return the file of a method, or None if it (or what it links to) lies outside the case folder."""
    path = (root / section.place[0]).resolve()
    return path if path.is_relative_to(root) else None


@lru_cache(maxsize=32)
def _load(root: Path, sections: tuple[MethodSection, ...], digests: tuple[str, ...]) -> OwnMethods:
    catalogue, refused = CATALOGUE, []
    for section in sections:
        try:
            catalogue = catalogue.with_method(_method(root, section))
        except MethodError as error:
            reason = "not_trusted" if not section.trust else "not_loaded"
            refused.append(Skipped(section.id, reason, str(error)))
    written = "".join(section.model_dump_json() for section in sections)
    return OwnMethods(catalogue, tuple(refused), hashlib.sha256("".join([written, *digests]).encode()).hexdigest())


def _method(root: Path, section: MethodSection) -> Method:
    if section.id in SETS or section.id in PEER_METHODS:
        raise MethodError(f"'{section.id}' names a set of methods; give your method in [[methods]] another id.")
    low = -np.inf if section.low is None else section.low
    made = custom(section.id, _function(root, section), kinds=section.kinds, needs=section.needs, summary=section.summary)
    return replace(
        made,
        title=section.title or made.title,
        unit=section.unit,
        low=low,
        high=np.inf if section.high is None else section.high,
        direction="up" if low == 0 else "both",
        floor=section.floor,
    )


def _function(root: Path, section: MethodSection) -> Callable[[Any, Any], object]:
    file, name = section.place
    if not section.trust:
        raise _refusal(section, f"it runs Python code of the case. Read '{file}', then write trust = true in its [[methods]]")
    path = _inside(root, section)
    if path is None:
        raise _refusal(section, f"'{file}' leads out of the case folder '{root}'")
    if not path.is_file():
        raise _refusal(section, f"there is no file '{file}' in the case folder '{root}'")
    function: Callable[[Any, Any], object] | None = _run(path, section).get(name)
    if not callable(function):
        raise _refusal(section, f"'{file}' has no function '{name}'")
    return function


def _refusal(section: MethodSection, why: str) -> MethodError:
    return MethodError(f"Method '{section.id}' was not loaded: {why}.")


def _run(path: Path, section: MethodSection) -> dict[str, Any]:
    """Run a trusted file as a module of its own, which nothing else can import; return its names."""
    module = ModuleType(f"case_methods_{section.id}")
    module.__file__ = str(path)
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102 - the case file says that it is trusted
    except (Exception, SystemExit) as error:  # an analyst's own code may raise anything; it is told, not hidden
        raise _refusal(section, f"'{section.place[0]}' failed with {type(error).__name__}: {str(error)[:300]}") from error
    return module.__dict__
