"""Experiments of notebook 08: repairs, retries, masks, heads, queries."""
