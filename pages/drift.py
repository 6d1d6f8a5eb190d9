from monitor.ui import shell
from monitor.ui.drift_page import drift_page

shell.page_guard()
drift_page()
