"""Measuring: intervals now; calibration, consistency and verifiers as the notebooks that need them arrive."""
