"""Texts for the screen: everything that comes from data is escaped before Streamlit reads it as Markdown."""

from __future__ import annotations

import re

from monitor.wording import JOINER

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~:&])")
# Streamlit turns addresses, icon names and arrows into something else even when they are escaped.
_TURNED = re.compile(r"(?<=:)(?=//|material/|[a-z_]\w*:)|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE)


def md_escape(text: object) -> str:
    r"""Return a text that Markdown shows letter by letter: no image, link, colour, formula, badge or line break.

    >>> md_escape("![x](p.png) $a$ :red[b]"), md_escape("http://evil")
    ('\\!\\[x\\]\\(p\\.png\\) \\$a\\$ \\:red\\[b\\]', 'http\\:\u2060//evil')
    """
    return _MARKUP.sub(r"\\\1", _TURNED.sub(JOINER, " ".join(str(text).split())))
