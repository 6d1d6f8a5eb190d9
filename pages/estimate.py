from monitor.ui import shell
from monitor.ui.estimate_page import estimate_page

shell.page_guard()
estimate_page()
