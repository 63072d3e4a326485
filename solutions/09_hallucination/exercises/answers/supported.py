"""Answers to `supported`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: written in another way
def supported(answer, sources):
    """Return what is due."""
    raise NotImplementedError

# %% wrong: the most plausible misconception | expects: words of the hint
def supported(answer, sources):
    """Return what is due."""
    return 0
