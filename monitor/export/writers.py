"""In which forms reports and stories are written: the ending of a file says which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from monitor.errors import SettingError, SourceError
from monitor.export.deck import Deck
from monitor.export.deck_html import deck_html
from monitor.export.deck_markdown import deck_markdown
from monitor.export.deck_pptx import deck_pptx
from monitor.export.html import to_html
from monitor.export.markdown import to_markdown
from monitor.export.pdf import check_browser, to_pdf
from monitor.export.pptx import to_pptx
from monitor.export.report import Report

T = TypeVar("T")
PDF = ".pdf"
REPORT_FORMS: Mapping[str, Callable[[Report], bytes]] = {
    ".html": to_html,
    ".md": to_markdown,
    ".pptx": to_pptx,
    PDF: lambda report: to_pdf(to_html(report)),
}
DECK_FORMS: Mapping[str, Callable[[Deck], bytes]] = {
    ".html": deck_html,
    ".md": deck_markdown,
    ".pptx": deck_pptx,
    PDF: lambda deck: to_pdf(deck_html(deck)),
}


def form_of(out: Path, forms: Mapping[str, T]) -> T:
    """Return how a file is written, by its ending; what cannot be written is refused before the work is done.

    Raises
    ------
    SettingError
        No form has that ending.
    SourceError
        Its folder does not exist.
    ExtensionMissingError
        It is a PDF, and no browser is there to print it.
    """
    suffix = out.suffix.lower()
    if suffix not in forms:
        raise SettingError(f"'{out}' must end in {' or '.join(forms)}.")
    if not out.absolute().parent.is_dir():
        raise SourceError(f"There is no folder '{out.parent}' to write '{out.name}' into. Make it first.")
    if suffix == PDF:
        check_browser()
    return forms[suffix]
