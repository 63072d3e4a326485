"""Measurements of notebook 02: what a recurrence forgets, where attention looks and what it costs."""
