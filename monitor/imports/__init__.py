"""What other tools left: their results as history that stands beside ours, their logged rows as the data of a case."""
