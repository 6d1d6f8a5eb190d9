"""What a method is given: rows of both sides counted on shared cells, and how cells are merged."""
