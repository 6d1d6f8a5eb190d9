from monitor.ui import shell
from monitor.ui.outliers_page import outliers_page

shell.page_guard()
outliers_page()
