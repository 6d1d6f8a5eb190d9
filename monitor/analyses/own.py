"""The methods of a case's own: functions of Python files in its folder, run only where the receiver trusts them."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from monitor.analyses.case_code import CaseCode
from monitor.analyses.requests import PEER_METHODS, SETS
from monitor.case import Case, MethodSection, MetricSection, Trust, trust_of
from monitor.errors import MethodError
from monitor.stats.methods.catalogue import CATALOGUE
from monitor.stats.methods.method import Catalogue, Method, custom
from monitor.tables import Skipped

Own = MethodSection | MetricSection


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
    """Return the catalogue of a case. Code that the receiver does not trust never runs; a method that fails is refused with its reason."""
    if not case.methods:
        return OwnMethods(CATALOGUE)
    return _load(case.methods, trust_of(case))


@lru_cache(maxsize=32)
def _load(sections: tuple[MethodSection, ...], trust: Trust) -> OwnMethods:
    catalogue, refused, folders = CATALOGUE, [], dict[str, CaseCode]()
    for section in sections:
        try:
            catalogue = catalogue.with_method(_method(section, trust, folders))
        except MethodError as error:
            reason = "not_loaded" if trust.given or trust.content.problem(_path(section)) else "not_trusted"
            refused.append(Skipped(section.id, reason, str(error)))
    written = "".join(section.model_dump_json() for section in sections)
    key = hashlib.sha256("".join([written, trust.content.digest, trust.state]).encode()).hexdigest()
    return OwnMethods(catalogue, tuple(refused), key)


def _method(section: MethodSection, trust: Trust, folders: dict[str, CaseCode]) -> Method:
    if section.id in SETS or section.id in PEER_METHODS:
        raise MethodError(f"'{section.id}' names a set of methods; give your method in [[methods]] another id.")
    low = -np.inf if section.low is None else section.low
    made = custom(section.id, function_of(section, trust, folders), kinds=section.kinds, needs=section.needs, summary=section.summary)
    return replace(
        made,
        title=section.title or made.title,
        unit=section.unit,
        low=low,
        high=np.inf if section.high is None else section.high,
        direction="up" if low == 0 else "both",
        floor=section.floor,
    )


def _path(section: Own) -> str:
    return os.path.normpath(section.place[0])


def function_of(section: Own, trust: Trust, folders: dict[str, CaseCode]) -> Callable[..., object]:
    """Return a function of a case's own, from the file that the receiver trusts.

    Raises
    ------
    MethodError
        It is not trusted, cannot be read, or its file fails.
    """
    path, name = _path(section), section.place[1]
    problem = trust.content.problem(path)
    if problem is not None:
        raise _refusal(section, f"'{path}' {problem}")
    if not trust.given:
        raise _refusal(section, f"it runs Python code of the case, and {trust.reason}. {to_trust(trust)}")
    function: Callable[..., object] | None = _run(path, section, trust, folders).get(name)
    if not callable(function):
        raise _refusal(section, f"'{path}' has no function '{name}'")
    return function


def to_trust(trust: Trust) -> str:
    """Say what a person does who wants to trust a case."""
    root = trust.content.root
    return f"Read its code, then trust it on the page Set-up or with: driftscope trust {shlex.quote(str(root))}"


def _refusal(section: Own, why: str) -> MethodError:
    what = "Metric" if isinstance(section, MetricSection) else "Method"
    return MethodError(f"{what} '{section.id}' was not loaded: {why}.")


def _run(path: str, section: Own, trust: Trust, folders: dict[str, CaseCode]) -> dict[str, Any]:
    """Run a trusted file, once for all its methods; return its names."""
    base, content = os.path.dirname(path), trust.content
    code = folders.setdefault(base, CaseCode(content.sources, root=str(content.root), base=base, key=content.digest))
    try:
        return code.run(path)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an analyst's own code may raise anything; it is told, not hidden
        raise _refusal(section, f"'{path}' failed with {type(error).__name__}: {str(error)[:300]}") from error
