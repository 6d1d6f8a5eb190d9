"""A page as its reader sees it: opened in its frame, and every text that is rendered as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from monitor.places import app_folder
from monitor.wording import JOINER

RENDERED = frozenset({"body", "label", "help", "title", "delta", "value"})
"""Fields of Streamlit's messages that may be rendered as Markdown."""
INERT = frozenset(
    {"arrow_data_frame", "vega_lite_chart", "code", "json", "selectbox", "multiselect", "text_input", "text_area", "number_input"}
)


def open_page(url: str, *, query: dict[str, str] | None = None, state: dict[str, Any] | None = None) -> AppTest:
    """Open a page in its frame with an address and widgets as given."""
    app = AppTest.from_file(str(app_folder() / "app.py"), default_timeout=150)
    for name, value in (query or {}).items():
        app.query_params[name] = value
    for name, value in (state or {}).items():
        app.session_state[name] = value
    app.switch_page(f"pages/{url}.py").run()
    return app


def rendered(app: AppTest) -> list[str]:
    """Return every text on the page that Streamlit reads as Markdown."""
    cells = [cell for table in app.table for cell in (*table.value.columns, *table.value.index, *table.value.to_numpy().ravel())]
    return [text for message in _messages(app._tree) for text in _texts(message)] + [str(cell) for cell in cells]


def said(app: AppTest) -> str:
    """Return all of it as one text, letter by letter as people read it."""
    return "\n".join(rendered(app)).replace("\\", "").replace(JOINER, "")


def _messages(block: Block) -> Iterator[Message]:
    for child in block.children.values():
        proto = getattr(child, "proto", None)
        if proto is not None and getattr(child, "type", "") not in INERT:
            yield proto
        if isinstance(child, Block):
            yield from _messages(child)


def _texts(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in value if field.is_repeated else [value]:
                yield from _texts(part)
        elif field.name in RENDERED and isinstance(value, str):
            yield value
