from monitor.ui import shell
from monitor.ui.segments_page import segments_page

shell.page_guard()
segments_page()
