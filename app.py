from monitor.ui import shell

shell.main()
