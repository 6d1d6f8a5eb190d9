"""Names of months of other languages, and what stands around them in dates, as English abbreviations: text in, text out, and as SQL."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from monitor.engine.identifiers import literal

NAMED = "%Ob"
"""The name of a month in any of twelve languages (`_MONTHS`), long or short, in a format (alternative names, as POSIX has "%OB")."""
_MONTHS = {
    "Jan": "january|январ[ья]|янв|ocak|oca|januar|jänner|janner|enero|ene|janvier|janv|gennaio|gen|janeiro|januari|jän|jan",
    "Feb": "february|феврал[ья]|февр?|şubat|şub|februar|febrero|février|fevrier|févr|fevr|febbraio|fevereiro|februari|febr|fev|fév|feb",
    "Mar": "march|марта?|мар|mart|märz|maerz|mrz|mär|marzo|mars|março|marco|maart|mrt|marts|mar",
    "Apr": "april|апрел[ья]|апр|nisan|nis|abril|abr|avril|avr|aprile|apr",
    "May": "ма[йя]|mayıs|mai|mayo|maggio|mag|maio|mei|maj|may",
    "Jun": "june|июн[ья]|июн|haziran|haz|juni|junio|juin|giugno|giu|junho|jun",
    "Jul": "july|июл[ья]|июл|temmuz|tem|juli|julio|juillet|juil|luglio|lug|julho|jul",
    "Aug": "august|августа?|авг|ağustos|ağu|agosto|ago|août|aout|augustus|augusti|aug",
    "Sep": "september|сентябр[ья]|сент?|eylül|eyl|septiembre|setiembre|septembre|settembre|setembro|sept|set|sep",
    "Oct": "october|октябр[ья]|окт|ekim|eki|oktober|octubre|octobre|ottobre|ott|outubro|out|okt|oct",
    "Nov": "november|ноябр[ья]|нояб?|kasım|kas|noviembre|novembre|novembro|nov",
    "Dec": "december|декабр[ья]|дек|aralık|ara|dezember|diciembre|décembre|decembre|déc|dicembre|dezembro|desember|dez|des|dic|dec",
}
"""Months in English, German, Spanish, French, Italian, Portuguese, Dutch, Swedish, Danish, Norwegian, Turkish and Russian: none of these
names is that of another month in any of them (listopad is October to some and November to others: other Slavic names are left out)."""
_ANY = "|".join(_MONTHS)
_STEPS = (
    *((rf"(^|<other>)(?:{names})\.?($|<other>)", rf"\1{short}\2") for short, names in _MONTHS.items()),
    (rf"([0-9])(?:(?:\.|st|nd|rd|th|er|º|ª|°) *| +)(?:(?:de|del|of) |d')? *({_ANY})\b", r"\1 \2"),
    (rf"\b({_ANY})[.,]* +(?:(?:de|del|of) )?([0-9])", r"\1 \2"),
    (rf"\b({_ANY}) ([0-9]{{1,2}})(?:\.|st|nd|rd|th|º|ª),? ", r"\1 \2, "),
    (rf"^<letter>+\.?,? +([0-9]{{1,2}}[ ./-]+(?:{_ANY})\b|(?:{_ANY})\b)", r"\1"),
    (r"([0-9]{4}) ?г(?:\.|ода?)?($|[, ])", r"\1\2"),
    (r",? (?:um|at|à|a las|às|alle|kl\.?) ([0-9])", r" \1"),
)
"""What is replaced, in this order, whatever its case: months; ordinals and "de" before and after them; the day of the week; a word for
year; "at"."""
_PYTHON, _RE2 = {"<letter>": r"[^\W\d_]", "<other>": r"[\W\d_]"}, {"<letter>": r"\p{L}", "<other>": r"\P{L}"}


def _steps(letters: dict[str, str]) -> list[tuple[str, str]]:
    return [(pattern.replace("<letter>", letters["<letter>"]).replace("<other>", letters["<other>"]), to) for pattern, to in _STEPS]


_HERE = [(re.compile(pattern, re.IGNORECASE), to) for pattern, to in _steps(_PYTHON)]
_NAMED = re.compile(rf"(^|[\W\d_])({'|'.join(_MONTHS.values())})($|[\W\d_])", re.IGNORECASE)
LOOKED_AT, PART = 300, 0.02
"""Values by which it is told whether there are names of months (reading all of every text would take longer than all else), and the part of
them that has one at least: one data set may write them and the other not."""
_ENGLISH = re.compile(rf"(^|[^A-Za-z])({_ANY})(?:uary|ch|il|e|y|ust|tember|ober|ember)?($|[^A-Za-z])")


def plain_months(text: str) -> str:
    """Return a date with its month as an English abbreviation.

    >>> [plain_months(one) for one in ("1. März 2025 10:30", "3 de enero de 2025", "Mon, May 5th, 2025", "01-Mrz-25", "1er août 2025")]
    ['1 Mar 2025 10:30', '3 Jan 2025', 'May 5, 2025', '01-Mar-25', '1 Aug 2025']
    """
    found = unicodedata.normalize("NFC", text)
    for pattern, to in _HERE:
        found = pattern.sub(to, found, count=1)
    return found


def plain_months_sql(text: str) -> str:
    """Return SQL of a text with its month as an English abbreviation."""
    found = f"nfc_normalize({text})"
    for pattern, to in _steps(_RE2):
        found = f"regexp_replace({found}, {literal(pattern)}, {literal(to)}, 'i')"
    return found


def named_otherwise(values: Sequence[str]) -> bool:
    """Say whether texts have months that only their plain forms have as such; some of them, spread over all, tell.

    >>> [named_otherwise([one]) for one in ("4 March 2024", "4. March 2024", "4 marzo 2024", "2024-03-04", "K 4")]
    [False, True, True, False, False]
    """
    some = values[:: max(1, len(values) // LOOKED_AT)]
    named = [one for one in some if any(char.isdigit() for char in one) and _NAMED.search(one)]
    return len(named) >= PART * len(some) and any(_otherwise(one) for one in named)


def _otherwise(text: str) -> bool:
    plain = plain_months(text)
    return plain != text and re.search(rf"\b({_ANY})\b", plain) is not None and plain != _ENGLISH.sub(r"\1\2\3", text)


_NUMBERS = {"%Y": "1987", "%y": "65", "%d": "43"}


def plain_format(words: str) -> str:
    """Return the format in which the plain form of a date is written of which this is the format.

    >>> plain_format("%d. %B %Y"), plain_format("%d de %B de %Y %H:%M"), plain_format("%d.%m.%Y")
    ('%d %Ob %Y', '%d %Ob %Y %H:%M', '%d.%m.%Y')
    """
    if re.search("%[bB]", words) is None:
        return words
    march = re.sub("%[bB]", "Mar", words)
    for code, number in _NUMBERS.items():
        march = march.replace(code, number)
    plain = re.sub("^%[aA][.,]* *", "", plain_months(march)).replace("Mar", NAMED)
    for code, number in _NUMBERS.items():
        plain = plain.replace(number, code)
    return plain
