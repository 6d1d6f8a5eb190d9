"""The methods of Driftscope: one frozen table, whose rows stand by the kinds of columns that they serve (`of_numbers`, `of_levels`,
`of_any`, `of_texts`). Adding a method = one function, one row there, one test.

`docs/methods.md` is generated from it (`python -m monitor.stats.methods.page`), the property tests run over all of it.
"""

from __future__ import annotations

from monitor.errors import MethodError
from monitor.stats.methods.method import Catalogue, Method
from monitor.stats.methods.of_any import OF_ANY
from monitor.stats.methods.of_levels import OF_LEVELS
from monitor.stats.methods.of_numbers import OF_NUMBERS
from monitor.stats.methods.of_texts import OF_TEXTS
from monitor.vocabulary import Kind

METHODS: tuple[Method, ...] = (*OF_NUMBERS, *OF_ANY, *OF_LEVELS, *OF_TEXTS)
CATALOGUE = Catalogue(METHODS)
_DEFAULTS: dict[Kind, tuple[str, ...]] = {
    Kind.NUMERIC: ("js", "wasserstein_sd", "missing_share", "out_of_range"),
    Kind.CATEGORICAL: ("js", "missing_share", "new_levels", "lost_levels"),
    Kind.BOOLEAN: ("js", "missing_share", "new_levels", "lost_levels"),
    Kind.TEXT: ("vocabulary_classifier", "new_words"),
}


def method(name: str) -> Method:
    """Return the method of that id; MethodError with the nearest one if there is none."""
    return CATALOGUE.method(name)


def default_methods(kind: Kind) -> tuple[str, ...]:
    """Return the ids of the methods that a column of that kind is measured by unless others are asked for.

    Raises
    ------
    MethodError
        Columns of that kind are measured only through numbers and levels derived from them (hour, weekday, lag).
    """
    if kind not in _DEFAULTS:
        raise MethodError(f"A {kind} column has no methods of its own; measure what is derived from it, such as its hour.")
    return _DEFAULTS[kind]
