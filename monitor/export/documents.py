"""Where text becomes the bytes of a document: what steers a terminal or turns the order of letters round is not part of any."""

from __future__ import annotations

_TURNS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Marks that show the letters after them in another order than they are written in."""
_CONTROL = (*range(0x20), *range(0x7F, 0xA0))
_REPLACED = dict.fromkeys((*_CONTROL, *_TURNS), "\ufffd") | {ord("\n"): "\n", ord("\t"): "\t"}


def document(text: str) -> bytes:
    r"""Return the text of a document in UTF-8, with what is no letter replaced by the sign for that.

    >>> document("two\r\nlines\x1b[31m\u202e").decode()
    'two\nlines�[31m�'
    """
    return text.replace("\r\n", "\n").translate(_REPLACED).encode(errors="replace")
