"""The commands, a module of them for each thing that people do; each imports what it needs when it runs."""
