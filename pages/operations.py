from monitor.ui import shell
from monitor.ui.operations_page import operations_page

shell.page_guard()
operations_page()
