from monitor.ui import shell
from monitor.ui.drill_page import drill_page

shell.page_guard()
drill_page()
