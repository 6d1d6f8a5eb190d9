"""Causes within columns: one file for each kind of change that rows can prove."""
