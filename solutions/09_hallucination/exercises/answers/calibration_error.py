"""Answers to `calibration_error`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: written in another way
def calibration_error(confidence, correct, n_bins=10):
    """Return what is due."""
    raise NotImplementedError

# %% wrong: the most plausible misconception | expects: words of the hint
def calibration_error(confidence, correct, n_bins=10):
    """Return what is due."""
    return 0
