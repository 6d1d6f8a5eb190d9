from monitor.ui import shell
from monitor.ui.adversaries_page import adversaries_page

shell.page_guard()
adversaries_page()
