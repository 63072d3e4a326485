"""Exercise `training_flops`: what a training run costs in operations."""


# %% solution
def training_flops(n_params: float, n_tokens: float) -> float:
    """Return the floating point operations of training, by the rule of six.

    Args:
        n_params: N, the parameters of the model.
        n_tokens: D, the tokens that it is trained on.
    """
    ### BEGIN SOLUTION
    forward = 2.0 * n_params * n_tokens
    backward = 2 * forward
    return forward + backward
    ### END SOLUTION


# %% hints
HINTS = (
    "One weight meets one token: how many operations on the way forward, and how many back?",
    "A multiplication and an addition forward; back, the same once for the input's gradient and"
    " once for the weight's. That is six, for each parameter and each token.",
)
EXPLANATION = """
Each weight multiplies one number and adds the product: two operations per token. The backward pass
computes two gradients, with respect to inputs and to weights, at the price of a forward pass each.
So training costs 6 N D, and using the model 2 N per token. Attention between positions and the
optimiser are left out; the experiment below counts how much that is.
"""

# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_nothing_kept

SIX = "Six operations for each parameter and each token: 6 N D."


def wrong_values(n, d):
    return {
        "This is the way forward only (2 N D). Training also goes back.": 2 * n * d,
        "This is the way back only (4 N D). Add the way forward.": 4 * n * d,
        "A multiplication and an addition are two operations, not one.": 3 * n * d,
        "The factor is missing: six operations for each parameter and token.": n * d,
        "8 N D counts activations that are computed again to save memory. Plain training has"
        " six.": 8 * n * d,
        "Every parameter meets every token: a product, parameters times tokens, no sum.": (
            6 * (n + d)
        ),
        "This is the cost per token. Every token of the training counts.": 6 * n,
        "This is the cost per parameter. Every parameter of the model counts.": 6 * d,
        "Another unit: return plain operations (FLOP), not PFLOP or PFLOP/s-days.": AnyOf(
            6 * n * d / 1e12, 6 * n * d / 1e15, 6 * n * d / 1e15 / 86_400
        ),
        "This is GPT-3's figure. Compute it for any other model too.": 3.15e23,
        "You ignore n_tokens: the number of tokens is an argument.": 120 * n**2,
    }


# %% examples
def examples(check):
    check(lambda: training_flops(1, 1), 6, "one parameter, one token")
    check(lambda: training_flops(100, 2_000), 1_200_000, "100 parameters, 2,000 tokens")
    check(lambda: training_flops(175e9, 300e9), 3.15e23, "GPT-3 on 300 billion tokens")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        what: Diagnosis(mistakes=wrong_values(n, d), otherwise=SIX)
        for what, n, d in (
            ("one parameter, one token", 1, 1),
            ("100 parameters, 2,000 tokens", 100, 2_000),
            ("GPT-3 on 300 billion tokens", 175e9, 300e9),
        )
    }


# %% graded: 1 point | 6 N D for models of any size.
def test_six_operations_per_parameter_and_token() -> None:
    rng = case_rng("training_flops", 1)
    for _ in range(6):
        n, d = rng.randint(10**3, 10**6), rng.randint(10**3, 10**6)
        check(
            lambda: training_flops(n, d),
            6 * n * d,
            f"{n:,} parameters, {d:,} tokens",
            mistakes=wrong_values(n, d),
            otherwise=SIX,
        )
    product = lambda n, d: 6 * n * d
    check_nothing_kept(training_flops, product, (7_003, 91_007), (12_011, 50_021), "small models")


# %% graded: 1 point | large models: whole numbers beyond 64 bits, and floats.
def test_large_models() -> None:
    rng = case_rng("training_flops", 2)
    for _ in range(4):
        n, d = rng.randint(10**11, 10**12), rng.randint(10**11, 10**13)
        for number in (int, float):
            check(
                lambda: training_flops(number(n), number(d)),
                6 * n * d,
                f"{n / 1e9:,.1f} billion parameters, {d / 1e9:,.1f} billion tokens",
                mistakes={
                    "The product overflows 64 bits. Python's whole numbers and floats do not.": (
                        lambda got: number is int and (6 * n * d - int(got)) % 2**64 == 0
                    ),
                }
                | wrong_values(n, d),
                otherwise=SIX,
            )
