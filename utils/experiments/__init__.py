"""Code of single experiments, by topic; what several notebooks measure with is in utils.evaluation."""
