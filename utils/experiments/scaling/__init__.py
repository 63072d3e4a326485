"""Experiments of notebook 04: small transformers on the world's text, trained over orders of magnitude of compute."""
