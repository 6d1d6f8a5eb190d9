from monitor.ui import shell
from monitor.ui.concept_page import concept_page

shell.page_guard()
concept_page()
