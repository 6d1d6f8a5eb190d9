"""A training set handed to those who retrain, what came of it, and the case's own rules on when it is time to."""
