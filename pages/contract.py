from monitor.ui import shell
from monitor.ui.contract_page import contract_page

shell.page_guard()
contract_page()
