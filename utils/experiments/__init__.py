"""The machinery of one notebook's experiments, a folder a topic, and of their recorded runs."""
