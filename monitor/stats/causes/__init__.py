"""Formulas of causes: where and when counts went wrong, and which inverse of a change takes it away."""
