"""Widgets that answer "what if": each is an ipywidgets view over pure functions, with a static picture as fallback.

    mixture             from a share of the data to the expected loss of each language
    preference_labeler  from choices between answers to what a reward model learns of them
    tokenizer_explorer  from a text to its tokens, its price and its time in several vocabularies

The pure functions return plain data and are what the tests hold; the views only call them.
"""
