from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from monitor.ui.origin import OwnPagesOnly

# What `driftscope app` runs: the screens of app.py behind a guard.
app = st.App(Path(__file__).parent / "app.py", middleware=[Middleware(OwnPagesOnly)])
