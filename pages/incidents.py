from monitor.ui import shell
from monitor.ui.incidents_page import incidents_page

shell.page_guard()
incidents_page()
