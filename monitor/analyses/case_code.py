"""Python files of a trusted case as modules of their own, run from the very bytes that were trusted."""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from monitor.case.content import absolute_name


class CaseCode:
    """The modules of one folder of a case: they import each other, nothing else can import them, and no file is read again."""

    def __init__(self, sources: Mapping[str, bytes], *, root: str, base: str, key: str) -> None:
        """Take the sources by their path in the case; those below `base` can be imported, as beside a script.

        `key` tells these modules from others of the process.
        """
        self._root, self._base, self._key = root, base, key
        self._sources = {name: (path, source) for path, source in sources.items() if (name := _module_name(path, base))}
        self._packages = {name.rsplit(".", end)[0] for name in self._sources for end in range(1, name.count(".") + 1)}
        self._loaded: dict[str, ModuleType] = {}

    def run(self, path: str) -> dict[str, Any]:
        """Run a file and return its names; what it raises is its author's.

        Raises
        ------
        Exception
            Whatever the file raises.
        """
        return vars(self._module(_module_name(path, self._base)))

    def _module(self, name: str) -> ModuleType:
        if name in self._loaded:
            return self._loaded[name]
        parent, _, last = name.rpartition(".")
        around = self._module(parent) if parent else None
        if name in self._loaded:  # the package around it imported it
            return self._loaded[name]
        module = self._loaded[name] = sys.modules[self._full(name)] = self._empty(name)
        if name in self._sources:
            try:
                exec(compile(self._sources[name][1], str(module.__file__), "exec"), vars(module))  # noqa: S102 - the receiver trusts it
            except BaseException:
                del self._loaded[name], sys.modules[self._full(name)]
                raise
        if around is not None:
            setattr(around, last, module)
        return module

    def _full(self, name: str) -> str:
        """Return a name that no import statement can write; dataclasses and type hints look their module up by it."""
        return f"case:{self._key}:{self._base}:{name}"

    def _empty(self, name: str) -> ModuleType:
        path = self._sources[name][0] if name in self._sources else ""
        package = name in self._packages or os.path.basename(path) == "__init__.py"
        module = ModuleType(self._full(name))
        module.__file__ = os.path.join(self._root, path)
        module.__package__ = name if package else name.rpartition(".")[0]
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": self._import}
        return module

    def _import(
        self,
        name: str,
        names: Mapping[str, Any] | None = None,
        own: Mapping[str, Any] | None = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Do what `import` does: files of the case first, then what is installed."""
        absolute = absolute_name(name, str((names or {}).get("__package__") or ""), level)
        if not self._has(absolute.partition(".")[0]):
            return builtins.__import__(name, names, own, wanted or (), level)
        if not self._has(absolute):
            raise ModuleNotFoundError(f"No module named '{absolute}' in the case folder", name=absolute)
        module = self._module(absolute)
        for one in wanted or ():
            if self._has(f"{absolute}.{one}"):
                self._module(f"{absolute}.{one}")
        return module if wanted else self._module(absolute.partition(".")[0])

    def _has(self, name: str) -> bool:
        return name in self._sources or name in self._packages


def _module_name(path: str, base: str) -> str:
    """Return the name of a module by its path in the case, or an empty text where it does not lie below `base`.

    >>> _module_name("own/a/b.py", "own"), _module_name("own/a/__init__.py", "own"), _module_name("x.py", "own")
    ('a.b', 'a', '')
    """
    relative = os.path.relpath(path, base or ".")
    if relative.startswith(".."):
        return ""
    return relative.removesuffix(".py").removesuffix(f"{os.sep}__init__").replace(os.sep, ".")
