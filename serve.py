"""What `driftscope app` serves: the screens of app.py behind a guard (ui/origin.py) and plain answers to addresses (ui/front.py)."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from monitor.access import public_host, server_settings
from monitor.ui.front import Front
from monitor.ui.origin import OwnPagesOnly

app = st.App(
    Path(__file__).parent / "app.py", middleware=[Middleware(OwnPagesOnly, host=public_host(server_settings())), Middleware(Front)]
)
