"""Texts for the screen: everything that comes from data is escaped before Streamlit reads it as Markdown."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from monitor.wording import moment_text

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~:&])")
JOINER = "\u2060"
"""An invisible letter (word joiner): Streamlit turns addresses, icon names and arrows into something else even when they are escaped."""
_TURNED = re.compile(r"(?<=:)(?=//|material/|[a-z_]\w*:)|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE)


def md_escape(text: object) -> str:
    r"""Return a text that Markdown shows letter by letter: no image, link, colour, formula, badge or line break.

    >>> md_escape("![x](p.png) $a$ :red[b]"), md_escape("http://evil")
    ('\\!\\[x\\]\\(p\\.png\\) \\$a\\$ \\:red\\[b\\]', 'http\\:\u2060//evil')
    """
    return _MARKUP.sub(r"\\\1", _TURNED.sub(JOINER, " ".join(str(text).split())))


def local_text(moment: datetime, timezone: str) -> str:
    """Write a moment in UTC (naive or aware) on the case's clock.

    >>> local_text(datetime(2013, 7, 1, 4, 0), "America/New_York")
    '1 Jul 2013, 00:00'
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment_text(aware.astimezone(ZoneInfo(timezone)))
