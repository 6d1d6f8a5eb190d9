from monitor.ui import shell
from monitor.ui.performance_page import performance_page

shell.page_guard()
performance_page()
