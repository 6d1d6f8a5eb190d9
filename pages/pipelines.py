from monitor.ui import shell
from monitor.ui.pipelines_page import pipelines_page

shell.page_guard()
pipelines_page()
