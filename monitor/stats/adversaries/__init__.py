"""Formulas on coded rows that tell concerted behaviour: rows alike, combinations that never were, rows at one moment."""
