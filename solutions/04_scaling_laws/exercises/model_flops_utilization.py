"""Exercise `model_flops_utilization`: how much of a device's peak reaches the model."""


# %% solution
def model_flops_utilization(
    tokens_per_second: float, n_params: float, peak_flops_per_second: float
) -> float:
    """Return the share of the peak that training reaches, counted by what the model needs.

    Args:
        tokens_per_second: throughput of the training, all devices together.
        n_params: N, the parameters of the model.
        peak_flops_per_second: of all devices together.
    """
    ### BEGIN SOLUTION
    return 6 * n_params * tokens_per_second / peak_flops_per_second
    ### END SOLUTION


# %% hints
HINTS = (
    "How many operations does training one token take? How many are done in a second?",
    "`6 * n_params` operations for each token, times the tokens per second, over the peak.",
)
EXPLANATION = """
The numerator holds only what the model needs, 6 N per token. Activations that are computed twice to
save memory keep a device busy, but bring the model no further, so they do not count. That makes the
figure comparable between implementations.
"""

# %% helpers
from utils.notebook.checks import Diagnosis, case_rng, check, check_nothing_kept, without

ACHIEVED = "What the model needs per second, 6 N x tokens per second, over the peak."


def wrong_values(t, n, peak):
    right = 6 * n * t / peak
    return {
        "Training goes forward and back: 2 N is the way forward only.": right / 3,
        "Training goes forward and back: 4 N is the way back only.": right * 2 / 3,
        "Activations that are computed again do not count: 6 N per token, not 8 N.": right * 8 / 6,
        "The factor 6 is missing: six operations per parameter and token.": right / 6,
        "A multiplication and an addition are two operations: 6 N per token, not 3 N.": right / 2,
        "A share is due, not percent.": right * 100,
        "This is upside down: what is achieved stands over the peak.": 1 / right,
        "This is what is lost (idle). What is used was asked for.": 1 - right,
        "These are operations per second. Divide by the peak.": right * peak,
        "The size of the model, n_params, plays no part in your share.": 6 * t / peak,
        "The throughput, tokens_per_second, plays no part in your share.": 6 * n / peak,
        "Do not round.": lambda got: any(got == round(right, digits) for digits in range(1, 7)),
    }


# %% examples
def examples(check):
    check(lambda: model_flops_utilization(1, 1, 12), 0.5, "1 token/s, 1 parameter, peak 12")
    check(
        lambda: model_flops_utilization(4_000, 7e9, 312e12),
        0.538462,
        "4,000 tokens/s, 7 billion parameters, peak 312e12",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    cases = {
        "1 token/s, 1 parameter, peak 12": (1, 1, 12),
        "4,000 tokens/s, 7 billion parameters, peak 312e12": (4_000, 7e9, 312e12),
    }
    return {
        what: Diagnosis(mistakes=wrong_values(*case), otherwise=ACHIEVED)
        for what, case in cases.items()
    }


# %% graded: 2 points | the share of any model on any device.
def test_share_of_the_peak() -> None:
    rng = case_rng("model_flops_utilization", 1)
    for _ in range(8):
        n, peak = rng.uniform(1e6, 1e12), rng.uniform(1e12, 1e18)
        t = rng.uniform(0.05, 0.95) * peak / (6 * n)
        check(
            lambda: model_flops_utilization(t, n, peak),
            6 * n * t / peak,
            f"{t:.5g} tokens/s, {n:.4g} parameters, peak {peak:.4g} FLOP/s",
            mistakes={
                "A share lies between 0 and 1: no division in whole numbers.": (
                    lambda got: got == 0
                )
            }
            | wrong_values(t, n, peak),
            otherwise=ACHIEVED,
            atol=0,  # without n or t the share is so small that any two are alike
        )
    share = lambda t, n, peak: 6 * n * t / peak
    first, second = (4_000, 7e9, 3.12e14), (2_500, 9e9, 9.89e14)
    check_nothing_kept(model_flops_utilization, share, first, second, "two trainings")


# %% graded: 1 point | small models on a laptop, far below the peak.
def test_a_share_far_below_one_percent() -> None:
    rng = case_rng("model_flops_utilization", 2)
    for _ in range(4):
        n, t, peak = rng.randint(10**3, 10**5), rng.randint(10, 1_000), rng.randint(10, 99) * 10**9
        check(
            lambda: model_flops_utilization(t, n, peak),
            6 * n * t / peak,
            f"{t} tokens/s, {n} parameters, peak {peak:.2g} FLOP/s",
            mistakes={"A small share is no 0: do not round.": lambda got: (
                    any(got == round(6 * n * t / peak, digits) for digits in range(7))
                )}
            | without(wrong_values(t, n, peak), "Do not round"),
            otherwise=ACHIEVED,
            atol=0,
        )
