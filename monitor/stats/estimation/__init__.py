"""How right a model is where labels are missing: expected metrics, the beliefs behind them, what few labels add, which to label next."""
