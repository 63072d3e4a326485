"""Answers to `kv_cache_bytes`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: one product
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value


# %% right: math.prod
import math


def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    per_token = math.prod([2, n_kv_heads, head_dim, bytes_per_value])
    return n_layers * per_token * seq_len * batch_size


# %% right: numpy, an int64 as result
import numpy as np


def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    shape = np.array([2, n_layers, batch_size, n_kv_heads, seq_len, head_dim], dtype=np.int64)
    return shape.prod() * bytes_per_value


# %% right: layer by layer, keys and values apart
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    total = 0
    for _layer in range(n_layers):
        for _kind in ("keys", "values"):
            total += batch_size * seq_len * n_kv_heads * head_dim * bytes_per_value
    return int(total)


# %% wrong: keys only | expects: values / twice / keys and values / factor 2
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value


# %% wrong: bits instead of bytes | expects: bits / byte
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value * 8


# %% wrong: the batch is left out | expects: batch
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * bytes_per_value


# %% wrong: one layer only | expects: layer
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value


# %% wrong: values counted, not their bytes | expects: bytes_per_value / bytes / byte
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size


# %% wrong: always two bytes | expects: bytes_per_value / bytes per value
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * 2


# %% wrong: four bytes by default | expects: default / bytes_per_value / 2 bytes / two bytes / bytes per value
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=4):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value


# %% wrong: the kv heads are left out | expects: n_kv_heads / kv heads / heads
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * head_dim * seq_len * batch_size * bytes_per_value


# %% wrong: quadratic in the length, as the score matrix | expects: square / quadratic / linear / seq_len / length
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len**2 * batch_size * bytes_per_value


# %% wrong: doubled twice | expects: twice / doubled / factor / double
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 4 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value


# %% wrong: gigabytes | expects: GB / gigabyte / unit / 1e9 / in bytes
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value / 1e9


# %% wrong: gibibytes | expects: GiB / gibibyte / unit / 2**30 / in bytes / gigabyte
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value // 2**30


# %% wrong: the width of a head is left out | expects: head_dim / width of a head / head dimension
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * seq_len * batch_size * bytes_per_value


# %% wrong: the last token is not counted | expects: seq_len / last token / last position / positions / every token
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * (seq_len - 1) * batch_size * bytes_per_value


# %% wrong: the queries too | expects: quer / keys and values
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 3 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value


# %% wrong: printed instead of returned | expects: return
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    print(2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value)


# %% right: bytes of one token first
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    per_token = n_layers * (n_kv_heads * head_dim + n_kv_heads * head_dim) * bytes_per_value
    return int(seq_len * batch_size * per_token)


# %% wrong: seq_len is left out | expects: length is left out
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * batch_size * bytes_per_value


# %% wrong: megabytes | expects: megabytes
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value / 1e6


# %% wrong: mebibytes | expects: mebibytes
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value / 2**20


# %% wrong: the sum of all sizes | expects: one product
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * (n_layers + n_kv_heads + head_dim + seq_len + batch_size) * bytes_per_value


# %% wrong: gibibytes | expects: gibibytes
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value / 2**30


# %% wrong: in float32 | expects: some digits only
import torch

def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return int(torch.tensor([2, n_layers, n_kv_heads, head_dim, seq_len, batch_size, bytes_per_value]).float().prod())


# %% wrong: at least two bytes | expects: fewer than 2 bytes
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * max(2, bytes_per_value)


# %% wrong: two texts by default | expects: batch_size one text
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=2, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value


# %% wrong: the factor for keys and values is forgotten | expects: half or twice as much
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value


# %% wrong: one position more | expects: not seq_len + 1
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * (seq_len + 1) * batch_size * bytes_per_value


# %% wrong: blocks of 16 positions | expects: one product
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * (-(-seq_len // 16) * 16) * batch_size * bytes_per_value


# %% wrong: no more than 131,072 positions | expects: one product
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * min(seq_len, 131_072) * batch_size * bytes_per_value


# %% wrong: an empty cache with one position | expects: one product
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * max(seq_len, 1) * batch_size * bytes_per_value


# %% wrong: a scale for each layer at 8 bits | expects: one product
def kv_cache_bytes(n_layers, n_kv_heads, head_dim, seq_len, batch_size=1, bytes_per_value=2):
    return 2 * n_layers * n_kv_heads * head_dim * seq_len * batch_size * bytes_per_value + 4 * n_layers * (bytes_per_value == 1)
