from monitor.ui import shell
from monitor.ui.readiness_page import readiness_page

shell.page_guard()
readiness_page()
