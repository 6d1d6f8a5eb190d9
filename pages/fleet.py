from monitor.ui import shell
from monitor.ui.fleet_page import fleet_page

shell.page_guard()
fleet_page()
