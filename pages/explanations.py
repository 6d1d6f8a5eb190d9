from monitor.ui import shell
from monitor.ui.explanations_page import explanations_page

shell.page_guard()
explanations_page()
