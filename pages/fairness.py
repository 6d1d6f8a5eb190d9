from monitor.ui import shell
from monitor.ui.fairness_page import fairness_page

shell.page_guard()
fairness_page()
