"""Contracts as other tools write them: read with what was not understood, or what could be read in several ways; written the same way."""
