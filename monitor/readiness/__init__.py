"""May a model go live: one row for each question, made of what other analyses found, and a record of who signed."""
