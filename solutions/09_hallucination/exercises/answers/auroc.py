"""Answers to `auroc`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: written in another way
def auroc(scores, labels):
    """Return what is due."""
    raise NotImplementedError

# %% wrong: the most plausible misconception | expects: words of the hint
def auroc(scores, labels):
    """Return what is due."""
    return 0
