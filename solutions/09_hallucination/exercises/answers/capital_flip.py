"""Answers to `capital_flip`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: written in another way
def capital_flip(prompt, position):
    """Return what is due."""
    raise NotImplementedError


def sensitivity(answer, prompts):
    """Return what is due."""
    raise NotImplementedError

# %% wrong: the most plausible misconception | expects: words of the hint
def capital_flip(prompt, position):
    """Return what is due."""
    return 0


def sensitivity(answer, prompts):
    """Return what is due."""
    return 0
