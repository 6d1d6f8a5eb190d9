from monitor.ui import shell
from monitor.ui.rows_page import rows_page

shell.page_guard()
rows_page()
