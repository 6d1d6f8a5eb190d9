"""Other tools' conventions, number for number."""
