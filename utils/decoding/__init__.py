"""Decoding: samplers, generation, search, grammars and masks."""
