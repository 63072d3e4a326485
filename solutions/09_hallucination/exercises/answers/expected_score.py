"""Answers to `expected_score`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: written in another way
def expected_score(p_correct, wrong_penalty):
    """Return what is due."""
    raise NotImplementedError


def should_answer(p_correct, wrong_penalty):
    """Return what is due."""
    raise NotImplementedError

# %% wrong: the most plausible misconception | expects: words of the hint
def expected_score(p_correct, wrong_penalty):
    """Return what is due."""
    return 0


def should_answer(p_correct, wrong_penalty):
    """Return what is due."""
    return 0
