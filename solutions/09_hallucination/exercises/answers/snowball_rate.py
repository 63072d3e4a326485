"""Answers to `snowball_rate`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: written in another way
def snowball_rate(first_wrong, later_wrong):
    """Return what is due."""
    raise NotImplementedError

# %% wrong: the most plausible misconception | expects: words of the hint
def snowball_rate(first_wrong, later_wrong):
    """Return what is due."""
    return 0
