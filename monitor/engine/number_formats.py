"""Numbers in clothes: what stands before and after them, what sets thousands apart. No data here: a format is words and SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.engine.identifiers import literal

CURRENCIES = (
    "AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHF|CLP|CNY|"
    "COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HRK|HTG|HUF|IDR|ILS|"
    "INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|"
    "MUR|MVR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|"
    "SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VES|VND|VUV|WST|XAF|XCD|"
    "XOF|XPF|YER|ZAR|ZMW|ZWL"
)
"""Currencies of ISO 4217, and the kuna that older data hold: other three capitals before a number (SKU12, LOT 12) make it a name."""
_SIGN = "[$¢-¥֏؋߾߿৲৳৻૱௹฿៛₠-⃀꠸﷼﹩＄￠￡￥￦]"
"""Signs of currencies of all writing systems (category Sc of Unicode)."""
_SHORT = r"kr|zł|Kč|Ft|Fr\.?|Rs\.?|Rp\.?|[KTU][Ss]h\.?|S/\.?|RM(?= )|Tk\.?(?= )"
"""Short forms of currencies; RM12 may be a room."""
_CURRENCY = rf"[A-Z]{{0,3}}{_SIGN}|{CURRENCIES}|{_SHORT}"
_WORD = r"(?:[^\W\d_]|[°²³/])(?:[^\W\d_]|[°²³/]|\^-?[0-9]){0,7}"
_UNIT = rf"[%‰\"″'′]|{_SIGN}/{_WORD}|10\^[0-9]{{1,2}}/{_WORD}|(?:{_WORD}\.? ?)?{_SIGN}|(?:{_WORD}\.? )?{_WORD}\.?"
"""A sign, or one or two words: kg, km/h, kg/m^2, k€, €/MWh, Mio. €, Tsd. EUR."""
_APART = "[1-9][0-9]{0,2}(?:[ '’][0-9]{3})+|[0-9]+"
_GROUPED = {
    "point": rf"(?:[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+|[1-9][0-9]?(?:,[0-9]{{2}})+,[0-9]{{3}}|{_APART})(?:\.[0-9]+)?|\.[0-9]+",
    "comma": rf"(?:(?:[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}})+|{_APART})(?:,[0-9]+)?|,[0-9]+)(?:[eE][+-]?[0-9]+)?",
}
"""Digits with what sets thousands apart (lakh and crore of India too) and decimals. A point with an exponent is plain."""
_ZERO_LED = re.compile(r"\s*[+-]?0\d")
POWER = re.compile("[0-9]+[eE][0-9]+")
"""Programs that write numbers as powers of ten give them a sign or a point (1e+05, 1.0E5): such are codes as likely."""
CODES = 0.05
"""Part of the values from which such are codes."""
_ODD, _PLAIN_ODD = "\u00a0\u202f\u2212\uff05\ufe6a\u066a", "  -%%%"
"""Signs that are read as another: blanks that do not break a line, minus, and percent (wide, small, Arabic)."""
_CELL = (r"^(?:=\"([^\"]*)\"|'([^']*))$", r"\1\2")
"""A number that a spreadsheet keeps as text: ="12.5" or '12.5."""
_AHEAD = (r"^([+-]?) ?% ?([^%]*)$", r"\1\2%")
"""A percent sign in front, as in Turkish, is put behind."""
_ROUND = "[.,][-–—]{1,2}"
"""What stands for no cents: 12.- and 12,-- in prices."""
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """Numbers as text: the decimal sign ("point" or "comma"; thousands may be set apart by the other sign, blanks or apostrophes), what
    stands before each ("$") and after each ("%", "kg")."""

    decimal: str = "point"
    before: str = ""
    after: str = ""
    bare: bool = False
    """Whether numbers without what stands before or after the others are taken for the same."""

    @property
    def plain(self) -> bool:
        """Whether nothing but digits, sign, point and exponent is read."""
        return self == NumberFormat()

    @property
    def words(self) -> str:
        """The format as it is written in [formats]."""
        worn = [f"currency {self.before}"] if self.before else []
        worn += ["percent"] if self.after == "%" else [f"unit {self.after}"] if self.after else []
        worn += ["bare"] if self.bare else []
        return ", ".join([*(["decimal comma"] if self.decimal == "comma" else []), *worn]) or "number"

    @property
    def told(self) -> str:
        """The format in a sentence."""
        if self.bare:
            return f"numbers ({replace(self, bare=False).words}); those without {self.before or self.after} are taken for the same"
        return "numbers" if self.plain else f"numbers ({self.words})"

    def sql(self, text: str) -> str:
        """Return SQL of a text as DOUBLE, NULL where it is no such number."""
        trimmed = f"trim(translate({text}, {literal(_ODD)}, {literal(_PLAIN_ODD)}))"
        for pattern, to in (_CELL, *([_AHEAD] if self.after == "%" else [])):
            trimmed = f"regexp_replace({trimmed}, {literal(pattern)}, {literal(to)})"
        plain = f"TRY_CAST({trimmed} AS DOUBLE)"
        before, after = (f"(?:{re.escape(one)}){'?' if self.bare else ''}" if one else "" for one in (self.before, self.after))
        core = _GROUPED[self.decimal]
        pattern = rf"\(?[+-]? ?{before} ?[+-]?(?:{core})(?:{_ROUND}|-)? ?{after}\)?"
        digits = f"regexp_extract({trimmed}, {literal(f'({core})(?:{_ROUND}|-)? ?{after}' + chr(92) + ')?$')}, 1)"
        other = "," if self.decimal == "point" else "."
        number = f"translate({digits}, {literal(other + ' ’' + chr(39))}, '')"
        if self.decimal == "comma":
            number = f"replace({number}, ',', '.')"
        sign = f"CASE WHEN regexp_matches({trimmed}, '^[(]|^[^0-9]*-|[0-9]-[^0-9]*$') THEN -1 ELSE 1 END"
        dressed = f"CASE WHEN regexp_full_match({trimmed}, {literal(pattern)}) THEN {sign} * TRY_CAST({number} AS DOUBLE) END"
        whole = not self.before and not self.after and self.decimal == "point"
        return f"coalesce({plain}, {dressed})" if whole else dressed


def number_candidates(values: Sequence[str]) -> list[NumberFormat]:
    """Return the formats that number-like texts could have: what the most of them wear, with either decimal sign."""
    if not values:
        return []
    worn = [_worn(value) for value in values]
    commonest = max(dict.fromkeys(worn), key=worn.count)
    if commonest is None or any(_ZERO_LED.match(value) for value in values):
        return []
    before, after = commonest
    if lettered(values) or coded(values):
        return []
    return [NumberFormat(decimal, before, after) for decimal in ("point", "comma")]


_LETTERED = re.compile(r"\s*\d+[A-Z]\s*")


def lettered(values: Sequence[str]) -> bool:
    """Say whether most texts are whole numbers with one capital right behind: seats and house numbers as likely as amperes.

    >>> lettered(["12A", "9C", "7A"]), lettered(["12.5V", "3.1V"]), lettered(["12 V", "3 V"])
    (True, False, False)
    """
    return bool(values) and 2 * sum(_LETTERED.fullmatch(value) is not None for value in values) > len(values)


def coded(values: Sequence[str]) -> bool:
    """Say whether some texts among numbers are like 12E5.

    >>> coded(["12E5", "17"]), coded(["1.2E5", "1e+05", "17"])
    (True, False)
    """
    return sum(POWER.fullmatch(value.strip()) is not None for value in values) > CODES * len(values)


def bare_candidates(values: Sequence[str]) -> list[NumberFormat]:
    """Return the formats of number-like texts of which some wear a percent sign, a currency or a unit and others nothing.

    Letters alone may be a part of a house number, and 0.12 beside 12% has another scale: neither is taken for the same.

    >>> [one.words for one in bare_candidates(["12%", "7", "8%"])], bare_candidates(["12%", "0.3", "8%"]), bare_candidates(["12b", "7"])
    (['percent, bare', 'decimal comma, percent, bare'], [], [])
    """
    worn = [_worn(value) for value in values]
    dresses = [one for one in worn if one is not None and any(one)]
    if not dresses or ("", "") not in worn or any(_ZERO_LED.match(value) for value in values):
        return []
    before, after = max(dict.fromkeys(dresses), key=dresses.count)
    if not before and len(after) == 1 and after.isalpha():
        return []
    bare = [value for value, one in zip(values, worn, strict=True) if one == ("", "")]
    if after == "%" and all(abs(_magnitude(value)) <= 1 for value in bare):
        return []
    return [NumberFormat(decimal, before, after, bare=True) for decimal in ("point", "comma")]


def _magnitude(value: str) -> float:
    return float(re.sub("[^0-9.eE+-]", "", value.replace(",", ".").replace("\u2212", "-")) or 0)


def dressed(values: Sequence[str]) -> bool:
    """Say whether texts are all numbers, but in different clothes ("3 kg" and "40 g"), so that they are no numbers of one unit.

    >>> dressed(["3 kg", "40 g"]), dressed(["3 kg", "4 kg"]), dressed(["3 kg", "x"])
    (True, False, False)
    """
    worn = [_worn(value) for value in values]
    return None not in worn and len(set(worn)) > 1


_SIGNED = re.compile(
    r"\s*(?:[<>≤≥~≈±=]{1,2}|ca\.?|circa|approx\.?|about|etwa|rund)?\s*[0-9][0-9.,'’ ]*\s*(?:\*+|\+|-|–|—)?\s*", re.IGNORECASE
)


def signed(values: Sequence[str]) -> bool:
    """Say whether texts are numbers, some of them with a sign that says that they are not exact, or a mark.

    >>> signed(["<5", "12", "> 300"]), signed(["ca. 12"]), signed(["12.5*"]), signed(["12,-"]), signed(["5-9"]), signed(["12"])
    (True, True, True, True, False, False)
    """
    return all(_SIGNED.fullmatch(value) for value in values) and not all(_PLAIN.fullmatch(value.strip()) for value in values)


_DRESS = re.compile(rf"\(?[+-]? ?(?P<before>{_CURRENCY})? ?[+-]?[0-9.,'’ ]*[0-9](?:[eE][+-]?[0-9]+|{_ROUND}|-)? ?(?P<after>{_UNIT})?\)?")


def _worn(value: str) -> tuple[str, str] | None:
    text = value.translate(str.maketrans(_ODD, _PLAIN_ODD)).strip()
    for pattern, to in (_CELL, _AHEAD):
        text = re.sub(pattern, to, text)
    if _PLAIN.fullmatch(text):
        return "", ""
    found = _DRESS.fullmatch(text)
    return (found["before"] or "", found["after"] or "") if found else None
