from monitor.ui import shell
from monitor.ui.multivariate_page import multivariate_page

shell.page_guard()
multivariate_page()
