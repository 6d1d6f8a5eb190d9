"""Which columns hold money: no length, weight or time is what a sum of money is by mistake."""

from __future__ import annotations

import re

from monitor.case import Case

_MONEY = re.compile(
    r"[$€£¥₹₽₺₩]|(?<![a-z])(?:usd|eur|gbp|chf|jpy|cny|inr|brl|cad|aud|sek|nok|dkk|pln|czk|euros?|dollars?)(?![a-z])"
    r"|(?<![a-z])(?:amount|price|cost|fee|fare|salary|wage|income|revenue|turnover|profit|tax|premium|payment|paid|debt|loan|money)s?(?![a-z])",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"(?<![a-z])(?:kg|lbs?|g|oz|km|mi|cm|mm|m|ft|l|ml|hours?|min|days?|weight|mass|length|distance|volume)(?![a-z])", re.IGNORECASE
)
"""What a name says of a column that measures something beside money: amount_kg is no sum."""


def is_money(column: str, case: Case) -> bool:
    """Say whether a column holds money: decisions are priced by it, or its name or label says so.

    Parameters
    ----------
    column : its name in the data.
    """
    told = " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text) for text in (column, case.label(column)))
    priced = case.value is not None and column in case.value.columns()
    return priced or (_MONEY.search(told) is not None and _MEASURED.search(told) is None)
