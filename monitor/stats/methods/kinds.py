"""Kinds of columns that methods serve, and the numbers and units that their rows repeat."""

from __future__ import annotations

import math

from monitor.vocabulary import Kind

NUMBERS = frozenset({Kind.NUMERIC})
LEVELS = frozenset({Kind.CATEGORICAL, Kind.BOOLEAN})
TEXTS = frozenset({Kind.TEXT})
ALL = NUMBERS | LEVELS
SD = "reference standard deviations"
NAN, INFINITY = math.nan, math.inf
