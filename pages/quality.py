from monitor.ui import shell
from monitor.ui.quality_page import quality_page

shell.page_guard()
quality_page()
