from monitor.ui import shell
from monitor.ui.findings_page import findings_page

shell.page_guard()
findings_page()
