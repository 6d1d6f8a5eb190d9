"""Numbers and shares in sentences: pairs are written with as many digits as it takes to tell the two apart."""

from __future__ import annotations

import math
from collections.abc import Callable

from monitor.wording import number_text, share_text

Write = Callable[[float, int], str]
FEWEST, MOST = 2, 5
"""Significant digits that a before and after are written with: at least, at most."""
HONEST, SAME = 0.25, 0.01
"""How far, relatively, the difference of two written numbers may lie from their true difference."""
NOTHING_BESIDE = 1e-6
"""Part of the other number of a pair below which one is nothing."""
LONG = 1e15
"""Below it, whole numbers are written with all their digits; from it on, numbers are written as powers of ten."""
TINY_SHARE = 1e-5
SHORT = 6e-8
"""Part of a number by which single precision may miss it: half of its last bit."""


def number(value: float, digits: int = 3) -> str:
    """Write a number with at most `digits` significant digits.

    >>> number(71.34, 2), number(2310.0, 3), number(1e300)
    ('71', '2,310', '1e+300')
    """
    return f"{value:.{digits}g}" if LONG <= abs(value) < math.inf else number_text(value, digits)


def value(number_: float, digits: int = 3) -> str:
    """Write one value of a column: whole numbers exactly, others with `digits` significant digits.

    >>> value(31165.0), value(29.0551), value(-0.5), value(20240130.0)
    ('31,165', '29.1', '-0.5', '20,240,130')
    """
    whole = math.isfinite(number_) and abs(number_) < LONG and number_ == int(number_)
    return f"{int(number_):,d}" if whole else number(number_, digits)


def exact(number_: float) -> str:
    """Write the one value that rows have, with as many digits as it has, of which single precision keeps seven.

    >>> exact(140.2), exact(140.1999969482422), exact(31165.25), exact(5.0)
    ('140.2', '140.2', '31,165.25', '5')
    """
    enough = (digits for digits in range(3, 9) if abs(float(f"{number_:.{digits}g}") - number_) <= SHORT * abs(number_))
    return value(number_, next(enough, 9))


def share(part: float, digits: int = 2) -> str:
    """Write a share in [0, 1] as a percentage; only all rows are 100%.

    >>> share(0.1234), share(0.9996), share(1.0), share(0.99999999)
    ('12%', '99.96%', '100%', 'almost 100%')
    """
    texts = (share_text(part, more) for more in range(digits, MOST + 1))
    whole = share_text(1.0)
    return whole if part >= 1 else next((text for text in texts if text != whole), f"almost {whole}")


def pair(before: float, after: float, write: Write = value, *, honest: float = HONEST) -> tuple[str, str] | None:
    """Write a before and an after so that they, and about how far they are apart, can be told; None where they cannot. Beside how far that
    is, in figures, they are `honest` to within SAME parts of it.

    >>> pair(38.21, 71.34), pair(10.14, 10.43), pair(23.0, 2310.0), pair(0.1, 0.1000001)
    (('38', '71'), ('10.1', '10.4'), ('23', '2,310'), None)
    >>> pair(411.9, 437.5), pair(411.9, 437.5, honest=SAME)
    (('410', '440'), ('411.9', '437.5'))
    """
    both = ((before, after), (after, before))
    before, after = (0.0 if abs(one) < NOTHING_BESIDE * abs(other) < math.inf else one for one, other in both)
    digits = digits_of(before, after, write, honest=honest)
    return None if digits is None else (write(before, digits), write(after, digits))


def digits_of(before: float, after: float, write: Write = value, *, honest: float = HONEST) -> int | None:
    """Return the significant digits that a before and an after are told apart with; None where none do.

    >>> digits_of(38.21, 71.34), digits_of(10.14, 10.43), digits_of(0.1, 0.1000001)
    (2, 3, None)
    """
    apart = [digits for digits in range(FEWEST, MOST + 1) if write(before, digits) != write(after, digits)]
    return next((digits for digits in apart if _honest(before, after, digits, honest)), apart[-1] if apart else None)


def _honest(before: float, after: float, digits: int, honest: float) -> bool:
    shown = _rounded(after, digits) - _rounded(before, digits)
    true = after - before
    return math.isinf(true) or abs(shown - true) <= honest * abs(true)


def _rounded(number_: float, digits: int) -> float:
    return float(f"{number_:.{digits - 1}e}")


def value_pair(one: float, other: float) -> tuple[str, str]:
    """Write two values of a column, with more digits where they would read the same, if nine are enough.

    >>> value_pair(29.1, 31165.0), value_pair(1000000.2, 1000000.4)
    (('29.1', '31,165'), ('1,000,000.2', '1,000,000.4'))
    """
    pairs = ((value(one, digits), value(other, digits)) for digits in range(3, 10))
    texts = value(one), value(other)
    return texts if one == other else next((two for two in pairs if two[0] != two[1]), texts)


def about(before: float, after: float) -> str:
    """Write two numbers that no digits tell apart, with the way they moved.

    >>> about(5.0, 5.0000001)
    'about 5, slightly more'
    """
    return f"about {value(after)}, {_way(before, after)}"


def about_share(before: float, after: float, where: str = "of rows") -> str:
    """Write two shares that no digits tell apart, with the way they moved.

    >>> about_share(0.1, 0.1000001), about_share(2e-7, 1e-7)
    ('about 10% of rows, slightly more', 'under 0.001% of rows, slightly less')
    """
    text = "under 0.001%" if 0 < after < TINY_SHARE else share(after)
    loose = f"about {text}" if TINY_SHARE <= after < 1 - TINY_SHARE else text
    return f"{loose} {where}, {_way(before, after)}"


def _way(before: float, after: float) -> str:
    return "slightly more" if after > before else "slightly less" if after < before else "as before"
