from monitor.ui import shell
from monitor.ui.retraining_page import retraining_page

shell.page_guard()
retraining_page()
