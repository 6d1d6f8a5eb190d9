"""The looking glass itself: it must see what Streamlit would render, wherever it stands."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.seen import rendered


def page_of_markup() -> None:
    import streamlit as st

    st.set_page_config(page_title="x")
    with st.container(), st.expander("![expander]"):
        st.metric("![metric]", "1", delta="![delta]", help="![help]")
    with st.popover("![popover]"):
        st.button("![button]")
        st.checkbox("![checkbox]")
    st.caption("![caption]")
    st.subheader("![heading]")
    st.error("![error]", title="![title]")
    st.table({"![key]": "![cell]"})
    st.tabs(["![tab]"])
    st.download_button("![download]", b"")
    st.code("![code]")
    st.dataframe({"![column]": ["![value]"]})


def test_every_place_that_renders_markdown_is_seen() -> None:
    text = "\n".join(rendered(AppTest.from_function(page_of_markup).run()))
    places = "expander metric delta help popover button checkbox caption heading error title key cell tab download"
    assert [place for place in places.split() if f"![{place}]" not in text] == []
    assert [place for place in ("code", "column", "value") if f"![{place}]" in text] == []
