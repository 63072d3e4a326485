"""Answers to `outcome_rates`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: written in another way
def outcome_rates(answers, truths, abstained):
    """Return what is due."""
    raise NotImplementedError

# %% wrong: the most plausible misconception | expects: words of the hint
def outcome_rates(answers, truths, abstained):
    """Return what is due."""
    return 0
