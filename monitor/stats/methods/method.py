"""What is known of a method, and the immutable catalogue that methods are looked up in.

A method has up to two functions, and at least one unless it works from texts (`monitor.stats.methods.texts`):

- `on_cells(comparison) -> Outcomes`: all windows of a `Comparison` at once, from counts and moments alone. The fast path.
- `on_values(reference (n,), production (m,)) -> Outcome`: one pair of samples of raw numbers. The exact path.

Where both exist the first is exact up to the width of the cells. An analyst's own method is a `Method` too: `custom` makes one from a plain
function, `Catalogue.with_method` returns a catalogue that has it. Nothing is registered globally.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from monitor.errors import MethodError, nearest
from monitor.profile import ColumnCounts
from monitor.stats.counts.comparison import Comparison, Layout
from monitor.stats.methods.outcomes import Outcome, Outcomes, scores_only
from monitor.vocabulary import Kind

Floats = NDArray[np.float64]
OnCells = Callable[[Comparison], Outcomes]
OnValues = Callable[[Floats, Floats], Outcome]
Needs = Literal["cells", "moments", "levels", "values", "texts"]
Direction = Literal["up", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to put a number on the change of a column; see the module for its two functions."""

    id: str
    title: str
    kinds: frozenset[Kind]
    summary: str
    """One sentence that a person without statistics understands."""
    citation: str
    needs: Needs = "cells"
    """The least it can work from: counts of cells, moments, levels by name, every value, or a sample of texts."""
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    none: float = 0.0
    """The score when nothing changed; nan where that depends on the numbers of rows."""
    direction: Direction = "up"
    """`up`: the larger the more changed; `both`: away from `none` in either direction, which says which way."""
    floor: float | None = None
    """Smallest score that matters, where the method's author says so."""
    is_test: bool = False
    """Whether it has a p-value; its score is then the test statistic."""
    on_cells: OnCells | None = None
    on_values: OnValues | None = None
    exact: bool = False
    """Whether its score is taken from the values wherever those can be had: it says how far rows lie apart in units that people check."""

    def measure(self, reference: ColumnCounts, production: ColumnCounts) -> Outcomes:
        """Compare every production window with the reference (one window, or one per production window), from their counts."""
        return self.compare(Comparison.of(reference, production))

    def compare(self, comparison: Comparison) -> Outcomes:
        """Answer for every window of a comparison.

        Raises
        ------
        MethodError
            The method works on raw values only.
        """
        if self.on_cells is None:
            raise MethodError(f"Method '{self.id}' cannot be computed from counts; it needs the values of the column.")
        return self.on_cells(comparison)

    def on_counts(self, layout: Layout) -> Callable[[Floats, Floats], Floats]:
        """Return the score as a function of bare counts, f(reference (k,) or (w, k), production (w, k)) -> (w,), to simulate windows with.

        Rows stand at their cell's position and no level is new, on both sides alike.
        """
        return lambda reference, production: self.compare(Comparison.of_counts(reference, production, layout)).score

    def compare_values(self, reference: Floats, production: Floats) -> Outcome:
        """Answer for one pair of samples.

        Raises
        ------
        MethodError
            The method works on counts only.
        """
        if self.on_values is None:
            raise MethodError(f"Method '{self.id}' is defined on cells; it cannot be computed from bare values.")
        return self.on_values(reference, production)


@dataclass(frozen=True)  # without slots, so that methods are put in order by id once
class Catalogue:
    """An immutable, ordered set of methods."""

    methods: tuple[Method, ...]

    def __iter__(self) -> Iterator[Method]:
        """Iterate over the methods in their order."""
        return iter(self.methods)

    def __len__(self) -> int:
        """Return the number of methods."""
        return len(self.methods)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids in the order of the catalogue."""
        return tuple(method.id for method in self.methods)

    @cached_property
    def _by_id(self) -> dict[str, Method]:
        return dict(zip(self.ids, self.methods, strict=True))

    def method(self, name: str) -> Method:
        """Return the method of that id.

        Raises
        ------
        MethodError
            There is none; the text names the nearest.
        """
        if name in self._by_id:
            return self._by_id[name]
        raise MethodError(f"There is no method '{name}'.{nearest(name, self.ids)} Known are: {', '.join(self.ids)}.")

    def serving(self, kind: Kind) -> tuple[Method, ...]:
        """Return the methods for columns of that kind."""
        return tuple(method for method in self.methods if kind in method.kinds)

    def with_method(self, method: Method) -> Catalogue:
        """Return a catalogue that also has `method`; this one stays as it is.

        Raises
        ------
        MethodError
            Its id is taken or not fit for a command line, or it has no function.
        """
        if method.id in self.ids:
            raise MethodError(f"There is a method '{method.id}' already; give yours another id.")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", method.id):
            raise MethodError(f"'{method.id}' cannot be a method id: use small letters, digits and underscores, a letter first.")
        if method.on_cells is None and method.on_values is None:
            raise MethodError(f"Method '{method.id}' has neither a function of cells nor one of values.")
        return replace(self, methods=(*self.methods, method))


def custom(
    name: str,
    function: Callable[[Floats, Floats], object],
    *,
    kinds: Iterable[Kind] = (Kind.NUMERIC,),
    needs: Literal["cells", "values"] = "values",
    summary: str = "",
) -> Method:
    """Return a method made of an analyst's own function; the range of its score is not checked, nan is allowed.

    Whatever the function raises, and an answer of another shape, is a MethodError when the method is used; it cannot change its arguments.

    Parameters
    ----------
    function : with `needs="values"`, f(reference (n,), production (m,)) -> float or Outcome, on finite values (of categories: their levels
        as text), never on none;
        with `needs="cells"`, f(reference (k,) or (w, k), production (w, k)) -> (w,) floats or Outcomes, on the grouped counts,
        the last two cells being `other` and `missing`.

    Examples
    --------
    >>> median_gap = custom("median_gap", lambda a, b: float(np.median(b) - np.median(a)))
    >>> median_gap.compare_values(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])).score
    3.0
    """

    def on_cells(comparison: Comparison) -> Outcomes:
        before, after = comparison.grouped
        answer = _answer(name, function, before, after)
        return answer if isinstance(answer, Outcomes) else scores_only(_floats(name, answer, len(after)))

    def on_values(reference: Floats, production: Floats) -> Outcome:
        if not len(reference) or not len(production):
            return Outcome(float("nan"))
        answer = _answer(name, function, reference, production)
        return answer if isinstance(answer, Outcome) else Outcome(_float(name, answer))

    return Method(
        id=name,
        title=name.replace("_", " ").capitalize(),
        kinds=frozenset(kinds),
        summary=summary or "A method of this case's own.",
        citation="this case",
        needs=needs,
        low=-np.inf,
        high=np.inf,
        direction="both",
        on_cells=on_cells if needs == "cells" else None,
        on_values=on_values if needs == "values" else None,
    )


def _answer(name: str, function: Callable[[Floats, Floats], object], reference: Floats, production: Floats) -> object:
    try:
        return function(_locked(reference), _locked(production))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an analyst's own code may raise anything; it is told, not hidden
        raise MethodError(f"Method '{name}' failed with {type(error).__name__}: {str(error)[:300]}") from error


def _locked(values: Floats) -> Floats:
    view = np.asarray(values).view()
    view.flags.writeable = False
    return view


def _floats(name: str, answer: object, windows: int) -> Floats:
    """Return an answer as one number per window, (w,)."""
    wrong = MethodError(f"Method '{name}' returned {_seen(answer)}; it must return one number per window, an array of shape ({windows},).")
    try:
        found = np.asarray(answer, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise wrong from error
    if answer is None or found.shape != (windows,):
        raise wrong
    return found


def _float(name: str, answer: object) -> float:
    number = answer.item() if isinstance(answer, (np.generic, np.ndarray)) and answer.ndim == 0 else answer
    if not isinstance(number, (int, float)) or (isinstance(number, int) and abs(number) > sys.float_info.max):
        raise MethodError(f"Method '{name}' returned {_seen(answer)}; it must return one number.")
    return float(number)


def _seen(answer: object) -> str:
    shape = np.shape(answer) if isinstance(answer, np.ndarray) else (len(answer),) if isinstance(answer, (list, tuple)) else None
    if isinstance(answer, int) and answer.bit_length() > 1000:
        return f"int ({answer.bit_length():,} bits)"
    return f"{type(answer).__name__}" + (f" of shape {shape}" if shape is not None else f" ({str(answer)[:60]})")
