"""From numbers by window to evidence: how windows vary without change, which runs of windows go beyond it, how surprising that is."""
