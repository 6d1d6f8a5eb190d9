"""What the analyst asked for: names of methods turned into methods, per kind of column."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.errors import MethodError, nearest
from monitor.stats.compat import evidently, nannyml
from monitor.stats.compat.profiles import PeerMethod
from monitor.stats.methods.catalogue import CATALOGUE, default_methods
from monitor.stats.methods.method import Catalogue, Method
from monitor.vocabulary import Kind

PROFILES = ("evidently", "nannyml")
SETS = ("default", "all", *PROFILES, *(f"{name}.all" for name in PROFILES))
PEER_METHODS: dict[str, PeerMethod] = {method.id: method for method in (*evidently.METHODS, *nannyml.METHODS)}


def own_methods(names: Iterable[str], kind: Kind, catalogue: Catalogue = CATALOGUE) -> tuple[Method, ...]:
    """Return the methods of the catalogue that were asked for and serve the kind, in order, each once.

    Raises
    ------
    MethodError
        A name is neither a method nor a set of methods.
    """
    found: dict[str, Method] = {}
    for name in names:
        if name == "default":
            chosen: Iterable[Method] = (catalogue.method(one) for one in default_methods(kind))
        elif name == "all":
            chosen = catalogue.serving(kind)
        elif name in SETS or name in PEER_METHODS:
            continue
        else:
            chosen = (method for method in [_known(name, catalogue)] if kind in method.kinds)
        found.update((method.id, method) for method in chosen)
    return tuple(found.values())


def peer_methods(names: Iterable[str], kind: Kind) -> tuple[str, ...]:
    """Return the ids of compatibility methods that were asked for and serve the kind; `<profile>.default` where it chooses itself."""
    found: list[str] = []
    for name in names:
        if name in PROFILES:
            found.append(f"{name}.default")
        elif name.removesuffix(".all") in PROFILES:
            prefix = name.removesuffix("all")
            found += [method.id for method in PEER_METHODS.values() if method.id.startswith(prefix) and kind in method.kinds]
        elif name in PEER_METHODS and kind in PEER_METHODS[name].kinds:
            found.append(name)
    return tuple(dict.fromkeys(found))


def _known(name: str, catalogue: Catalogue) -> Method:
    if name not in catalogue.ids:
        known = (*catalogue.ids, *SETS, *PEER_METHODS)
        raise MethodError(f"There is no method '{name}'.{nearest(name, known)} Use {', '.join(SETS)} or ids of docs/methods.md.")
    return catalogue.method(name)
