"""How a page asks for a choice: a widget that shows what the address says and writes what a person chooses back into it.

Each function names a row of `monitor.ui.parameters`; what the address asks for and the page does not offer is said and left standing.
While presenting no widget is shown and the address still holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from monitor.errors import nearest
from monitor.ui import here
from monitor.ui.parameters import FIRST_DAY, LAST_DAY, LONGEST, parameter, shown


def picked(name: str, options: Sequence[str], usual: str) -> str:
    """Return what is chosen among options without showing a widget; else `usual`, and why."""
    asked = here.asked(name)
    if asked is None or asked in options:
        return asked or usual
    among = f" Choose one of: {', '.join(options)}." if len(options) <= 6 else " Choose another one."
    told = f"There is no {shown(asked)} here for {parameter(name).what}: {shown(usual)} is shown.{nearest(asked, options)}{among}"
    here.refuse(name, told)
    return usual


def ask_one(name: str, label: str, options: Sequence[str], *, usual: str, **look: Any) -> str:
    """Ask for one of several by a list."""
    value = picked(name, options, usual)
    if here.presenting():
        return value
    prepare(name, value)
    return str(st.selectbox(label, options, key=name, on_change=_chosen, args=(name, usual), **look) or usual)


def ask_part(name: str, label: str, options: Sequence[str], *, usual: str) -> str:
    """Ask for one of a few that stand side by side."""
    value = picked(name, options, usual)
    if here.presenting():
        return value
    prepare(name, value)
    chosen = st.segmented_control(
        label, options, key=name, required=True, label_visibility="collapsed", on_change=_chosen, args=(name, usual)
    )
    return str(chosen or usual)


def ask_two(name: str, label: str, usual: str, others: Mapping[str, str]) -> str:
    """Ask for one of a few whose words on screen depend on the data: `others` maps what the address says to them; "" is usual."""
    value = picked(name, list(others), "")
    if here.presenting():
        return value
    words = {"": usual, **others}
    prepare(name, value)
    chosen = st.segmented_control(
        label, list(words), format_func=words.__getitem__, key=name, required=True, label_visibility="collapsed",
        on_change=_chosen, args=(name, ""),
    )  # fmt: skip
    return str(chosen or "")


def ask_number(name: str, label: str, *, top: float, usual: float, **look: Any) -> float:
    """Ask for a number from 0 to `top` by a slider."""
    asked = here.asked(name)
    value = usual if asked is None else float(asked)
    if value > top:
        here.refuse(name, f"{parameter(name).what.capitalize()} is at most {top:g} here and not {shown(str(asked))}: {usual:g} is shown.")
        value = usual
    if here.presenting():
        return value
    prepare(name, value)
    return float(st.slider(label, 0.0, top, step=top / 100, key=name, on_change=_chosen, args=(name, str(usual)), **look))


def ask_text(name: str, label: str, **look: Any) -> str:
    """Ask for a text."""
    value = here.asked(name) or ""
    if here.presenting():
        return value
    prepare(name, value)
    return str(st.text_input(label, key=name, max_chars=LONGEST, on_change=_chosen, args=(name, ""), **look) or "")


def ask_page(name: str, count: int, *, usual: int = 1) -> int:
    """Ask which of `count` pages of a list is shown, from 1 on."""
    asked = here.asked(name)
    value = usual if asked is None else int(asked)
    if value > count:
        here.refuse(name, f"There {'is one page' if count == 1 else f'are {count} pages'} here, and the address asks for page {value}.")
        value = 1
    if here.presenting() or count == 1:
        return value
    prepare(name, value)
    return int(st.pagination(count, key=name, on_change=_chosen, args=(name, str(usual))))


def bar_text(name: str, label: str, *, in_form: bool = False, **look: Any) -> None:
    """Show a field of the bar for a text; within a form it waits until the form is applied."""
    prepare(name, here.asked(name) or "")
    st.text_input(label, key=name, max_chars=LONGEST, **_at_once(name, "", in_form), **look)


def bar_day(name: str, label: str) -> None:
    """Show a field of a form for a day."""
    asked = here.asked(name)
    prepare(name, date.fromisoformat(asked) if asked else None)
    st.date_input(label, None, FIRST_DAY, LAST_DAY, key=name, width=150)


def bar_one(name: str, label: str, options: Sequence[str], *, usual: str | None = None, in_form: bool = False, **look: Any) -> None:
    """Show a list of the bar; what the address asks for stays in it, so that the page can say what is wrong with it."""
    asked = here.asked(name)
    every = [*options, *([asked] if asked and asked not in options else [])]
    if every:
        prepare(name, asked or usual)
        place = None if usual is None else 0
        st.selectbox(label, every, index=place, key=name, **_at_once(name, usual or "", in_form), **look)


def bar_part(name: str, label: str, options: Sequence[str], *, value: str) -> None:
    """Show a few choices of a form side by side."""
    prepare(name, value)
    st.segmented_control(label, options, key=name, required=True, label_visibility="collapsed")


def entered(name: str) -> str:
    """Return what stands in the widget of a parameter, as the address would say it; for callbacks."""
    return _text(st.session_state.get(name))


def _at_once(name: str, usual: str, in_form: bool) -> dict[str, Any]:
    return {} if in_form else {"on_change": _chosen, "args": (name, usual)}


def prepare(name: str, value: object) -> None:
    """Let the widget show what the address says; leave it alone where it does, so that a hand on it is not disturbed."""
    if name not in st.session_state or st.session_state[name] != value:
        st.session_state[name] = value


def prepare_once(name: str, value: object) -> None:
    """Let a widget that waits for a button begin with what the address says."""
    if name not in st.session_state:
        st.session_state[name] = value


def _chosen(name: str, usual: str) -> None:
    text = _text(st.session_state.get(name))
    here.choose({name: None if text == usual else text})


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value if value is not None else "").strip()


def on_change_of(name: str, usual: str, *, then: Callable[[], Mapping[str, str | None]] = dict) -> Callable[[], None]:
    """Return the callback of a widget that is made elsewhere under the parameter's name; `then` gives what else changes."""

    def changed() -> None:
        text = _text(st.session_state.get(name))
        here.choose({**then(), name: None if text == usual else text})

    return changed
