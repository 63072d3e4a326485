"""Measurements of notebook 02: what attention costs, where it looks, and what a recurrence forgets."""
