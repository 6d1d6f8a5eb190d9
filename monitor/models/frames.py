"""Rows of a data set as the libraries of models read them."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype, is_object_dtype


def readable(frame: pd.DataFrame, *, with_none: Collection[str] = ()) -> pd.DataFrame:
    """Return rows whose decimals and booleans with gaps are numbers, and whose missing texts are nan (None in columns `with_none`)."""
    return pd.DataFrame({name: _readable(frame[name], none=name in with_none) for name in frame.columns}, index=frame.index)


def _readable(column: pd.Series, *, none: bool) -> pd.Series:
    if is_numeric_dtype(column.dtype) or is_bool_dtype(column.dtype):
        return column.astype(np.float64) if isinstance(column.dtype, pd.api.extensions.ExtensionDtype) else column
    if is_object_dtype(column.dtype):
        present = column.dropna()
        if len(present) and present.map(lambda value: isinstance(value, (bool, np.bool_, Decimal))).all():
            return column.astype(np.float64)
    elif not pd.api.types.is_string_dtype(column.dtype):
        return column
    values = column.astype(object)
    return values.where(values.notna(), None if none else np.nan)
