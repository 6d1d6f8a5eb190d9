from monitor.ui import shell
from monitor.ui.alerts_page import alerts_page

shell.page_guard()
alerts_page()
