"""Experiments of notebook 03: parts of the block taken away, its rivals, texts and tasks to train on."""
