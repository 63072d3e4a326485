"""Experiments of notebook 07: sampled solutions, verifiers, and what the notebook measures of texts."""
