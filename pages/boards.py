from monitor.ui import shell
from monitor.ui.boards_page import boards_page

shell.page_guard()
boards_page()
