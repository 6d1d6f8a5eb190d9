"""The grammar of a sentence: claim, when, figures; and the figures that several forms share."""

from __future__ import annotations

import math
from dataclasses import dataclass

from monitor.judgement.finding import Finding
from monitor.judgement.narration.figures import about_share, pair, share
from monitor.judgement.narration.places import ELLIPSIS
from monitor.wording import plural

MOST_WORDS = 15
"""Words of a headline, and of a sentence before its first comma."""
LONG_TIME = 6
"""Words from which a time stands apart whatever the label's length: "in the week of 30 Dec"."""
REFERENCE = "the reference"
FEW_ROWS, FEW_SHARE = 10, 0.005
"""Fewer rows than this, and less than this share of all, are counted instead of told as a share."""


@dataclass(frozen=True, slots=True)
class Clause:
    """What a sentence is made of: `claim` names the column and what moved, `figures` how far; `joint` stands between the two."""

    claim: str
    figures: str = ""
    joint: str = ": "


def words_before_comma(text: str) -> int:
    """Count the words before the first comma.

    >>> words_before_comma("Amount is higher since 4 Mar: mean 2,310 against 23.")
    10
    """
    return len(text.split(", ", maxsplit=1)[0].split())


def assemble(clause: Clause, when: str) -> str:
    """Put a sentence together, with a comma where it would otherwise be too long to take in; a long time before figures that
    follow a comma always stands apart, so that sentences of one screen read alike.

    >>> assemble(Clause("Amount is higher", "mean 5 against 3"), "since 4 Mar")
    'Amount is higher since 4 Mar: mean 5 against 3.'
    >>> assemble(Clause("Amount is missing in 5% of rows", "against 3%", joint=", "), "in the week of 4 Mar")
    'Amount is missing in 5% of rows, in the week of 4 Mar, against 3%.'
    """
    told = f"{clause.claim} {when}".rstrip()
    apart = f"{clause.claim}, {when}" if when else told
    comma = ", " if clause.joint == ": " else clause.joint
    usual, early = (f"{joint}{clause.figures}" if clause.figures else "" for joint in (clause.joint, comma))
    forms = (f"{told}{usual}.", f"{told}{early}.", f"{apart}{usual}.")
    if clause.joint == ", " and len(when.split()) >= LONG_TIME:
        return forms[-1]
    return next((text for text in forms if words_before_comma(text) <= MOST_WORDS), forms[-1])


def shortened(text: str, words: int = MOST_WORDS) -> str:
    """Return a text of at most so many words.

    >>> shortened("one two three", 2)
    'one two…'
    """
    parts = text.split()
    return text if len(parts) <= words else " ".join(parts[:words]).rstrip(",;:") + ELLIPSIS


def elsewhere(against: str) -> str:
    """Name what figures are compared with, where it is not the reference.

    >>> elsewhere("the reference"), elsewhere("the window before")
    ('', ' in the window before')
    """
    return "" if against == REFERENCE else f" in {against}"


def of_rows(finding: Finding) -> str:
    """Say what a share is a share of.

    >>> from monitor.judgement.narration.examples import example
    >>> of_rows(example()), of_rows(example(some_missing=True))
    ('of rows', 'of rows with a value')
    """
    rows = "of its rows" if finding.version else "of rows"
    return f"{rows} with a value" if finding.some_missing else rows


def shares_told(finding: Finding, against: str, place: str = "") -> str:
    """Return such as "12% of rows against 3%" (`place`: "of rows above 58 °F"); empty where they are not known.

    >>> from monitor.judgement.narration.examples import example
    >>> shares_told(example(before=0.03, after=0.12), "the reference", "above 58 °F")
    '12% of rows above 58 °F against 3%'
    """
    before, after = finding.before, finding.after
    where = f"of {'values' if finding.some_missing else 'rows'} {place}" if place else of_rows(finding)
    if math.isnan(after) or after == before:
        return ""
    if math.isnan(before):
        return f"{share(after)} {where}"
    told = pair(before, after, share)
    if told is None:
        return about_share(before, after, where)
    return f"{told[1]} {where} against {told[0]}{elsewhere(against)}"


def pooled_share(finding: Finding) -> float:
    """Return the share of the run's rows that a fact is about; nan if it is not known.

    >>> from monitor.judgement.narration.examples import example
    >>> pooled_share(example(share_rows=0.2)), pooled_share(example(after=0.3))
    (0.2, 0.3)
    """
    return finding.share_rows if math.isnan(finding.after) else finding.after


def counted(finding: Finding) -> bool:
    """Say whether the rows of a fact are told as a count: few of very many, or of unknown many.

    >>> from monitor.judgement.narration.examples import example
    >>> counted(example(rows=3, after=0.0001)), counted(example(rows=3, after=0.5))
    (True, False)
    """
    part = pooled_share(finding)
    return finding.rows > 0 and (math.isnan(part) or (finding.rows < FEW_ROWS and part < FEW_SHARE))


def extent(finding: Finding) -> str:
    """Say how many rows a fact is about: "86% of rows", "3 rows", "all rows"; empty where it is not known.

    >>> from monitor.judgement.narration.examples import example
    >>> extent(example(rows=3, after=0.0001)), extent(example(rows=900, after=0.86))
    ('3 rows', '86% of rows')
    """
    part = pooled_share(finding)
    if counted(finding):
        return plural(finding.rows, "row")
    return "" if math.isnan(part) else of_rows(finding).replace("of", "all", 1) if part >= 1 else f"{share(part)} {of_rows(finding)}"
