from monitor.ui import shell
from monitor.ui.imported_page import imported_page

shell.page_guard()
imported_page()
