from monitor.ui import shell
from monitor.ui.shadow_page import shadow_page

shell.page_guard()
shadow_page()
