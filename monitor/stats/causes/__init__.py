"""Causes: where and when something went wrong, from counts alone."""
