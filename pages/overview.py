from monitor.ui import shell
from monitor.ui.overview_page import overview_page

shell.page_guard()
overview_page()
