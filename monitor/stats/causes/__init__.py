"""Causes: where and when something went wrong, from counts alone, and which inverse of a change takes it away."""
