from monitor.ui import shell
from monitor.ui.setup import setup_page

shell.page_guard()
setup_page()
