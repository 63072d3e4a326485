"""The bytes of a key/value cache: one product of everything that has a key and a value."""


# %% solution
def kv_cache_bytes(
    n_layers: int,
    n_kv_heads: int,
    head_dim: int,
    seq_len: int,
    batch_size: int = 1,
    bytes_per_value: int = 2,
) -> int:
    """Return the bytes that the keys and values of a batch of texts take.

    Args:
        n_layers: layers of the model, each with keys and values of its own.
        n_kv_heads: key and value heads in each.
        head_dim: width of a head.
        seq_len: positions so far in each text.
        batch_size: texts.
        bytes_per_value: 2 for bfloat16, 4 for float32, 1 for 8 bits.
    """
    ### BEGIN SOLUTION
    keys_and_values = 2
    return (
        keys_and_values * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value
    )
    ### END SOLUTION


# %% hints
HINTS = (
    """
Count the numbers that one position keeps in one layer: a key and a value for each kv head.
""",
    """
It is one product of all six arguments, and a factor 2 for keys and values.
""",
)
EXPLANATION = """
Each position of each text keeps a key and a value of head_dim numbers, for every kv head of every
layer. Queries are used once and are not kept, so the factor is 2. The cache is linear in the
length, and grouped queries shrink it by the size of a group.
"""

# %% helpers
import math

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check

PRODUCT = "It is one product: keys and values, layers, heads, width, positions, texts, bytes."


def close_to(wanted):
    return lambda got: got != wanted and abs(got - wanted) < 5e-7 * wanted


def in_units(wanted):
    """Return the same bytes in larger units, exact and rounded down."""
    units = {
        "gibibytes (GiB)": 2**30,
        "mebibytes (MiB)": 2**20,
        "gigabytes (GB)": 10**9,
        "megabytes (MB)": 10**6,
    }
    return {
        f"These are {unit}. Return the number in bytes.": AnyOf(wanted / size, wanted // size)
        for unit, size in units.items()
    }


# %% examples
def examples(check):
    check(lambda: kv_cache_bytes(32, 32, 128, 1), 524_288, "one token of Llama 2-7B")
    sizes = {"n_layers": 2, "n_kv_heads": 3, "head_dim": 5, "seq_len": 7, "batch_size": 11}
    check(
        lambda: kv_cache_bytes(**sizes, bytes_per_value=4),
        2 * 2 * 3 * 5 * 7 * 11 * 4,
        "small numbers, all of them different",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "one token of Llama 2-7B": Diagnosis(
            mistakes={
                "Count keys and values: twice as much.": 262_144,
                "A number has two bytes by default.": AnyOf(131_072, 1_048_576),
                "These are bits. Return bytes.": 8 * 524_288,
            },
            otherwise=PRODUCT,
        ),
        "small numbers, all of them different": Diagnosis(
            mistakes={
                "bytes_per_value has no effect: a value may have other than 2 bytes.": 2
                * 2
                * 3
                * 5
                * 7
                * 11
                * 2,
                "The batch is left out: each text has a cache of its own.": 2 * 2 * 3 * 5 * 7 * 4,
            },
            otherwise=PRODUCT,
        ),
    }


# %% graded: 1 point | the bytes for any dimensions.
def test_counts_every_dimension_once() -> None:
    for case in range(4):
        # Distinct primes: leaving out or doubling any of them gives another product.
        chosen = case_rng("kv_cache_bytes", case).sample([5, 7, 11, 13, 17, 19, 23, 29, 31], 5)
        chosen[3] = (
            chosen[3] if case else 1_048_583
        )  # a prime too; float32 has no room for such a product
        layers, heads, width, length, batch = chosen
        size = 8
        wanted = 2 * math.prod(chosen) * size
        factors = {
            "There are keys and values: the factor 2 is missing.": 1 / 2,
            "Keys and values were doubled twice: their factor is 2.": 2,
            "Queries are not cached: there are keys and values only, a factor of 2.": 3 / 2,
            "These are bits. Return bytes.": 8,
            "The batch is left out: each text has a cache of its own.": 1 / batch,
            "One layer only: each layer has keys and values of its own.": 1 / layers,
            "These are numbers, not bytes: multiply by bytes_per_value.": 1 / size,
            "bytes_per_value has no effect: a value may have other than 2 bytes.": 2 / size,
            "bytes_per_value has no effect: a value may have other than 4 bytes.": 4 / size,
            "The kv heads are left out (n_kv_heads).": 1 / heads,
            "The width of a head (head_dim) is left out.": 1 / width,
            "The length is left out: each position has a key and a value (seq_len).": 1 / length,
            "The cache is linear in seq_len: keys and values, no square of scores.": length,
            "Every token counts, the last position too: seq_len, not seq_len - 1.": (length - 1)
            / length,
            "Only the positions so far count, and none after them: seq_len, not seq_len + 1.": (
                length + 1
            )
            / length,
        }
        check(
            lambda: kv_cache_bytes(
                layers, heads, width, length, batch_size=batch, bytes_per_value=size
            ),
            wanted,
            f"{layers} layers, {heads} kv heads of width {width}, {length} positions, {batch} texts, {size} bytes",
            rtol=1e-12,
            mistakes={hint: wanted * factor for hint, factor in factors.items()}
            | in_units(wanted)
            | {
                "The number is right to some digits only. Count in whole numbers, not in float32.": close_to(
                    wanted
                )
            },
            otherwise=PRODUCT,
        )


# %% graded: 1 point | one text of two bytes a value by default, and the models of Table 2-4.
def test_gives_the_models_of_the_table() -> None:
    for what, arguments, wanted in (
        # Everything is given here, so what is wrong after it is a default.
        ("Llama 2-7B, one text of 4,096 tokens, 2 bytes a value", (32, 32, 128, 4096, 1, 2), 2**31),
        ("Llama 2-7B, 4,096 tokens", (32, 32, 128, 4096), 2_147_483_648),
        ("Llama 2-70B, 4,096 tokens, eight kv heads", (80, 8, 128, 4096), 1_342_177_280),
        ("Llama 3-405B, 131,072 tokens, eight kv heads", (126, 8, 128, 131_072), 67_645_734_912),
        (
            "Llama 2-7B, 16 texts of 4,096 tokens (batch_size is the fifth argument)",
            (32, 32, 128, 4096, 16),
            2**35,
        ),
        ("Llama 2-7B, 4,096 tokens at 8 bits, one byte a value", (32, 32, 128, 4096, 1, 1), 2**30),
        ("Llama 2-7B, an empty cache", (32, 32, 128, 0), 0),
    ):
        doubled = (
            "The default of bytes_per_value is 2 bytes and that of batch_size one text: another one was used."
            if len(arguments) < 6
            else "A value may have fewer than 2 bytes: bytes_per_value is 1 at 8 bits."
        )
        if arguments[5:] == (2,):
            doubled = "This is half or twice as much: keys and values make a factor of 2, once."
        check(
            lambda: kv_cache_bytes(*arguments),
            wanted,
            what,
            rtol=1e-12,
            mistakes={
                doubled: AnyOf(2 * wanted, wanted // 2),
                "One layer only: each layer has keys and values of its own.": wanted
                // arguments[0],
            }
            | in_units(wanted),
            otherwise=PRODUCT,
        )
