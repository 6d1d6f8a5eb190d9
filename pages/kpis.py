from monitor.ui import shell
from monitor.ui.kpis_page import kpis_page

shell.page_guard()
kpis_page()
