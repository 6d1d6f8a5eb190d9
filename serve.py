"""What `driftscope app` serves: the screens of app.py, and in front of them plain answers to addresses (monitor/ui/front.py)."""

from starlette.middleware import Middleware
from streamlit.starlette import App

from monitor.ui.front import Front

app = App("app.py", middleware=[Middleware(Front)])
