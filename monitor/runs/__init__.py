"""Runs of cases by a schedule: who is at it, what was judged last, and what of it others read."""
