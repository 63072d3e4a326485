"""Exercise `kv_cache_bytes` of notebook 02."""


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
HINTS = ()
EXPLANATION = ""

# %% helpers
import math

from utils.notebook.checks import Diagnosis, case_rng, check


# %% examples
def examples(check):
    check(lambda: kv_cache_bytes(32, 32, 128, 1), 524288, "one token of Llama 2-7B")
    check(
        lambda: kv_cache_bytes(
            n_layers=2, n_kv_heads=3, head_dim=5, seq_len=7, batch_size=11, bytes_per_value=4
        ),
        2 * 2 * 3 * 5 * 7 * 11 * 4,
        "small numbers, all of them different",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["one token of Llama 2-7B"] = Diagnosis(
        mistakes={
            "Count keys and values: twice as much.": 262144,
            "A number has two bytes by default.": 262144 // 2,
        }
    )
    found["small numbers, all of them different"] = Diagnosis(
        otherwise="It is one product: keys and values, layers, heads, width, positions, texts, bytes."
    )
    return found


# %% graded: 1 point | the bytes for any dimensions.
def test_1() -> None:
    for case in range(4):
        rng = case_rng("kv_cache_bytes", case)
        # Distinct primes: leaving out or doubling any of them gives another product.
        layers, heads, width, length, batch = rng.sample([5, 7, 11, 13, 17, 19, 23, 29, 31], 5)
        size = 8
        wanted = 2 * math.prod((layers, heads, width, length, batch, size))
        check(
            lambda: kv_cache_bytes(
                layers, heads, width, length, batch_size=batch, bytes_per_value=size
            ),
            wanted,
            f"{layers} layers, {heads} kv heads of width {width}, {length} positions, {batch} texts, {size} bytes",
            mistakes={
                "There are keys and values: the factor 2 is missing.": wanted / 2,
                "Keys and values were doubled twice: their factor is 2.": wanted * 2,
                "Queries are not cached: there are keys and values only, a factor of 2.": wanted
                * 3
                / 2,
                "These are bits. Return bytes.": wanted * 8,
                "The batch is left out: each text has a cache of its own.": wanted / batch,
                "One layer only: each layer has keys and values of its own.": wanted / layers,
                "These are numbers, not bytes: multiply by bytes_per_value.": wanted / size,
                "bytes_per_value has no effect: a value may have other than 2 bytes.": wanted
                / size
                * 2,
                "bytes_per_value has no effect: a value may have other than 4 bytes.": wanted
                / size
                * 4,
                "The kv heads are left out (n_kv_heads).": wanted / heads,
                "The width of a head (head_dim) is left out.": wanted / width,
                "The length is left out: each position has a key and a value (seq_len).": wanted
                / length,
                "The cache is linear in seq_len: keys and values, no square of scores.": wanted
                * length,
                "Every token counts, the last position too: seq_len, not seq_len - 1.": wanted
                * (length - 1)
                // length,
                "These are gigabytes (GB). Return the number in bytes.": wanted / 1e9,
                "These are megabytes. Return the number in bytes.": wanted / 1e6,
                "These are gibibytes (GiB). Return the number in bytes.": lambda got: (
                    got in (wanted / 2**30, wanted // 2**30)
                ),
                "These are mebibytes (MiB). Return the number in bytes.": lambda got: (
                    got in (wanted / 2**20, wanted // 2**20)
                ),
            },
            otherwise="It is one product: keys and values, layers, heads, width, positions, texts, bytes.",
        )


# %% graded: 1 point | one text of two bytes a value by default, and the models of Table 2-4.
def test_2() -> None:
    for what, arguments, wanted in (
        ("Llama 2-7B, 4,096 tokens", (32, 32, 128, 4096), 2_147_483_648),
        ("Llama 2-70B, 4,096 tokens, eight kv heads", (80, 8, 128, 4096), 1_342_177_280),
        ("Llama 3-405B, 131,072 tokens, eight kv heads", (126, 8, 128, 131_072), 67_645_734_912),
    ):
        check(
            lambda: kv_cache_bytes(*arguments),
            wanted,
            what,
            mistakes={
                "The default of bytes_per_value is 2 bytes, not 4.": 2 * wanted,
                "The default of bytes_per_value is 2 bytes, not 1.": wanted / 2,
            },
            otherwise="By default there is one text, and a value has two bytes.",
        )
    check(
        lambda: kv_cache_bytes(32, 32, 128, 4096, 16),
        16 * 2_147_483_648,
        "Llama 2-7B, 16 texts of 4,096 tokens",
        otherwise="The fifth argument is batch_size.",
    )
