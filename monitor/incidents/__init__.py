"""From alarms to incidents: what happened, where, since when, what it did, and what else may have been the cause."""
