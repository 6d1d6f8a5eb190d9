"""A training set of what a case knows now, and whether a model that learns from it would be better on rows that it has not seen."""
