"""Drift of the whole table: formulas that look at several columns at once."""
