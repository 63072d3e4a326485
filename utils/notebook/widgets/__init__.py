"""Widgets that answer "what if": each is an ipywidgets view over pure functions, with a static picture as fallback.

    mixture             from a share of the data to the expected loss of each language
    preference_labeler  from choices between answers to what a reward model learns of them
    tokenizer_explorer  from a text to its tokens, its price and its time in several vocabularies
    training_bill       from parameters and tokens to operations, days, dollars and electricity
    text_stock          from stock and use of text to the year in which it runs out
    more_compute        from a share of the world's electricity to compute and loss

The pure functions return plain data and are what the tests hold; the views only call them.
"""
