"""Experiments of notebook 08: records, repairs, retries, masks, heads, queries."""
