from monitor.ui import shell
from monitor.ui.predictions_page import predictions_page

shell.page_guard()
predictions_page()
