"""Exercise `weight_bytes` with `nonzero_parameters`: how much memory weights take, and what
pruning leaves.
"""


# %% solution
def weight_bytes(n_params: float, bits: int = 16) -> float:
    """Return the bytes that the weights take.

    Args:
        n_params: number of parameters.
        bits: bits for each.
    """
    ### BEGIN SOLUTION
    return n_params * bits / 8
    ### END SOLUTION


def nonzero_parameters(n_params: float, sparsity: float) -> float:
    """Return how many parameters are not zero.

    Args:
        n_params: number of parameters, zeros included.
        sparsity: fraction of zeros, from 0 to 1.
    """
    ### BEGIN SOLUTION
    return n_params * (1 - sparsity)
    ### END SOLUTION


# %% hints
HINTS = (
    "How many bits has a byte? And is sparsity the share that is zero or the share that is not?",
    "`n_params * bits / 8`; `n_params * (1 - sparsity)`.",
)
EXPLANATION = """
Two bytes for 16 bits: 7 billion parameters take 14 GB. At 4 bits a byte holds two parameters, so
the number may end in one half. A sparsity of 0.9 says that nine in ten weights are zero, and 0.7
of 7 billion remain.
"""


# %% helpers
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_nothing_kept

PARTS = (
    "Neither bytes nor counts are rounded: a part of one may be left over, so do not cut it off."
)
DIGITS = (
    "The number is right to some digits only: round nothing on the way, and leave float32 aside."
)


def in_units(exact, *units):
    """A predicate: whether a number is this one in another unit, rounded or not."""
    return lambda got: exact and any(abs(got * unit - exact) < 0.06 * unit for unit in units)


# %% examples
def examples(check):
    check(lambda: weight_bytes(7e9), 14e9, "7 billion parameters at 16 bits")
    check(lambda: weight_bytes(1000, bits=4), 500.0, "1,000 parameters at 4 bits")
    check(lambda: nonzero_parameters(7e9, 0.9), 0.7e9, "7 billion parameters, 90% of them zero")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "7 billion parameters at 16 bits": Diagnosis(
            mistakes={
                "These are bits. A byte has 8 bits: divide by 8.": 112e9,
                "This is in GB. Return bytes.": 14.0,
                "The default is 16 bits.": AnyOf(28e9, 7e9, 3.5e9),
            },
            otherwise="16 bits are 2 bytes.",
        ),
        "1,000 parameters at 4 bits": Diagnosis(
            mistakes={
                "The argument `bits` has no effect.": 2000.0,
                "Two parameters fit into one byte.": 1000.0,
            },
            otherwise="4 bits are half a byte.",
        ),
        "7 billion parameters, 90% of them zero": Diagnosis(
            mistakes={
                "These are the zeros. Return what is left.": 6.3e9,
                "Sparsity is a fraction from 0 to 1, not a percentage.": AnyOf(
                    7e9 * (1 - 0.009), 7e9 * (100 - 0.9)
                ),
            },
            otherwise="A tenth of them is left.",
        ),
    }


# %% graded: 2 points | bytes for any number of bits, 16 by default.
def test_bytes() -> None:
    for case, bits in enumerate((None, 32, 8, 4, 16, 12, 2, 64)):
        n_params = case_rng("weight_bytes", case).randint(10**8, 10**10) * 8 + 8
        used = 16 if bits is None else bits
        exact = n_params * used / 8
        check(
            lambda: weight_bytes(n_params) if bits is None else weight_bytes(n_params, bits),
            exact,
            f"{n_params} parameters at {'the default of 16' if bits is None else bits} bits",
            rtol=1e-9,
            mistakes={
                "These are bits. A byte has 8 bits: divide by 8.": exact * 8,
                "You used whole bytes for each weight. With fewer than 8 bits, as with 4, several weights share a byte: divide last.": AnyOf(
                    n_params * (used // 8), n_params * -(-used // 8)
                ),
                "`bits` has no effect: you used 2 bytes each.": n_params * 2,
                "The default is 16 bits.": lambda got: (
                    bits is None and got in (n_params * 4, n_params)
                ),
                "More bits take more bytes: multiply by the bits, and divide by 8.": (
                    n_params * 8 / used
                ),
                "This is in another unit (GB, GiB, MB). Return bytes.": in_units(
                    exact, 1e9, 1e6, 1e3, 2**30, 2**20, 2**10
                ),
                DIGITS: lambda got: abs(got / exact - 1) < 1e-3,
            },
            otherwise="Bytes = parameters * bits / 8.",
        )
    for n_params, bits in ((3, 4), (1001, 4), (5, 1), (7, 3), (333, 2)):
        check(
            lambda: weight_bytes(n_params, bits),
            n_params * bits / 8,
            f"{n_params} parameters at {bits} bits",
            otherwise=PARTS,
        )
    check_nothing_kept(weight_bytes, lambda n, bits: n * bits / 8, (800, 16), (2400, 4), "bytes")


# %% graded: 1 point | parameters that are not zero.
def test_nonzero_parameters() -> None:
    for case, sparsity in enumerate((0.9, 0.35, 0.6, 0.0, 1.0, 0.125, 0.99947)):
        n_params = case_rng("nonzero_parameters", case).randint(10**9, 10**11) * 1000 + 137_000
        exact = n_params * (1 - sparsity)
        check(
            lambda: nonzero_parameters(n_params, sparsity),
            exact,
            f"{n_params} parameters, sparsity {sparsity}",
            rtol=1e-9,
            atol=1e-3,
            mistakes={
                "These are the zeros. What is left is n * (1 - sparsity).": n_params * sparsity,
                "Sparsity is a fraction here, not percent: do not divide it by 100.": (
                    n_params * (1 - sparsity / 100)
                ),
                "This is the number of bytes. Return the count of parameters.": AnyOf(
                    2 * exact, 4 * exact
                ),
                "Sparsity leaves fewer parameters: multiply by (1 - sparsity), do not divide by it.": (
                    lambda got: abs(got * (1 - sparsity) / n_params - 1) < 1e-3
                ),
                "The sparsity is added. It is taken off: 1 - sparsity.": n_params * (1 + sparsity),
                "All parameters are counted. With a sparsity above 0 fewer are left.": n_params,
                "The count is rounded or in billions. Return the number of parameters as it is.": (
                    AnyOf(
                        in_units(exact, 1e9),
                        lambda got: got == round(got, -6) and abs(got - exact) < 1e6,
                    )
                ),
                DIGITS: lambda got: abs(got - exact) < 1e-4 * n_params and sparsity < 1,
            },
            otherwise="Of n parameters n * (1 - sparsity) are not zero.",
        )
    for n_params, sparsity in ((7, 0.35), (10, 0.25), (3, 0.5), (1, 0.9)):
        check(
            lambda: nonzero_parameters(n_params, sparsity),
            n_params * (1 - sparsity),
            f"{n_params} parameters, sparsity {sparsity}",
            otherwise=PARTS,
        )
    first, second = (8000, 0.5), (400, 0.25)
    check_nothing_kept(nonzero_parameters, lambda n, s: n * (1 - s), first, second, "what is left")
