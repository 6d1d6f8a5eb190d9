"""How right a model is: metrics by window with their intervals, from labels, predictions and scores."""
