"""Code of single experiments, by topic; what several notebooks need lives in utils/evaluation."""
