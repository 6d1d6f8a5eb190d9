"""Where an incident of a drill is put, and how values of those rows are set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.drill.bed import Bed

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Put:
    """Rows of production with an incident in them, `rows` that it concerns, the `columns` that it happened in; `inputs` (n,) rows whose
    inputs changed (None: none did)."""

    frame: pd.DataFrame
    rows: int
    columns: tuple[str, ...] = ()
    inputs: Bools | None = None


Inject = Callable[[Bed, Bools, np.random.Generator], Put | None]
"""(rows, which are hit, draw) -> rows with the incident; None where the case has nothing that it could happen to."""


def put_values(bed: Bed, hit: Bools, **values: pd.Series) -> Put | None:
    """Put values (n,) into columns of the rows that are hit."""
    frame = bed.production.assign(**{name: bed.production[name].where(~hit, new) for name, new in values.items()})
    return Put(frame, int(hit.sum()), tuple(values), hit)


def as_numbers(bed: Bed, *names: str) -> Bed:
    """Return rows whose columns can hold any number."""
    wide = {name: pd.to_numeric(bed.production[name], errors="coerce").astype(np.float64) for name in names}
    return Bed(**{**vars(bed), "production": bed.production.assign(**wide)})


def nullable(column: pd.Series) -> pd.Series:
    """Return a column that can lack values without turning into another type."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("boolean")
    return column.astype("Int64") if pd.api.types.is_integer_dtype(column.dtype) else column
