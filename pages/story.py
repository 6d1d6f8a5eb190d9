from monitor.ui import shell
from monitor.ui.story_page import story_page

shell.page_guard()
story_page()
