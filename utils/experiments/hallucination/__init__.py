"""The machinery of notebook 09: answers that differ, and answers that are made up."""
