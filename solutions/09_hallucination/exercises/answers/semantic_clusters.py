"""Answers to `semantic_clusters`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: written in another way
def semantic_clusters(answers, same):
    """Return what is due."""
    raise NotImplementedError


def semantic_entropy(answers, same):
    """Return what is due."""
    raise NotImplementedError

# %% wrong: the most plausible misconception | expects: words of the hint
def semantic_clusters(answers, same):
    """Return what is due."""
    return 0


def semantic_entropy(answers, same):
    """Return what is due."""
    return 0
