"""Answers to `causal_mask`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: positions compared
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    positions = torch.arange(key_len - query_len, key_len)
    return torch.arange(key_len)[None, :] <= positions[:, None]


# %% right: the lower triangle, shifted
import torch


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    offset = key_len - query_len
    if offset < 0:
        raise ValueError(f"{query_len} queries need at least as many keys, got key_len={key_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(diagonal=offset)


# %% right: two loops over plain lists
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    elif key_len < query_len:
        raise ValueError(f"more queries ({query_len}) than keys ({key_len})")
    rows = []
    for i in range(query_len):
        seen = key_len - query_len + i + 1
        rows.append([True] * seen + [False] * (key_len - seen))
    return torch.tensor(rows, dtype=torch.bool).reshape(query_len, key_len)


# %% right: the last rows of the square mask, from numpy
import numpy as np
import torch


def causal_mask(query_len, key_len=None):
    n_keys = query_len if key_len is None else key_len
    if not n_keys >= query_len:
        raise ValueError(f"key_len must be at least query_len {query_len}, got {key_len}")
    square = np.tri(n_keys, dtype=bool)
    return torch.from_numpy(square[n_keys - query_len :].copy())


# %% wrong: the upper triangle | expects: future / later / upper / inver / earlier
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).triu(diagonal=key_len - query_len)


# %% wrong: True where masked | expects: True / inver / may be used / reversed
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).triu(diagonal=key_len - query_len + 1)


# %% wrong: own position left out | expects: own position / itself / its own / own key
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(diagonal=key_len - query_len - 1)


# %% wrong: one position ahead | expects: ahead / next / future / one too
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(diagonal=key_len - query_len + 1)


# %% wrong: the first query is always the first position | expects: offset / first position / cache / key_len - query_len / aligned / shift / diagonal
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(diagonal=0)


# %% wrong: the offset with the wrong sign | expects: offset / sign / key_len - query_len / shift / diagonal
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(diagonal=query_len - key_len)


# %% wrong: more queries than keys accepted | expects: refused / key_len
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(diagonal=key_len - query_len)


# %% wrong: zero keys taken for no argument | expects: key_len 0 / key_len=0 / key_len = 0 / key_len is 0 / zero / no keys
import torch


def causal_mask(query_len, key_len=None):
    key_len = key_len or query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(diagonal=key_len - query_len)


# %% wrong: numbers instead of booleans | expects: bool
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len).tril(diagonal=key_len - query_len)


# %% wrong: an additive mask of 0 and -inf | expects: bool / -inf / additive
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.full((query_len, key_len), float("-inf")).triu(diagonal=key_len - query_len + 1)


# %% wrong: keys by queries | expects: transposed / (query_len, key_len) / rows / swapped / keys by queries
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(diagonal=key_len - query_len).T


# %% wrong: always square | expects: key_len / square
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, query_len, dtype=torch.bool).tril()


# %% wrong: the own position only | expects: earlier / diagonal / own position / past
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.arange(key_len)[None, :] == torch.arange(key_len - query_len, key_len)[:, None]


# %% wrong: equal lengths refused | expects: equal / same length / refus
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len <= query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(diagonal=key_len - query_len)


# %% wrong: the new queries see each other | expects: future / later / each other / block
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool)


# %% right: not the upper triangle
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if query_len > key_len:
        raise ValueError(f"query_len {query_len} is more than key_len {key_len}")
    return ~torch.triu(torch.ones((query_len, key_len), dtype=torch.bool), diagonal=key_len - query_len + 1)


# %% right: a view of a lower triangle
import torch


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len={key_len} < query_len={query_len}")
    return torch.tril(torch.ones(key_len, key_len)).to(torch.bool)[key_len - query_len :]


# %% wrong: fewer keys than queries raise an assertion | expects: ValueError
import torch


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    assert key_len >= query_len, "too few keys"
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len)


# %% wrong: a buffer of 64 positions | expects: keys 0 to i / up to its own
import torch


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} must be at least query_len {query_len}")
    return torch.ones(64, 64, dtype=torch.bool).tril()[key_len - query_len : key_len, :key_len]


# %% wrong: a window of three keys | expects: keys 0 to i / up to its own
import torch


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} must be at least query_len {query_len}")
    offset = key_len - query_len
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(offset).triu(offset - 2)


# %% wrong: only a key_len that is given and unequal is allowed | expects: not refused
import torch


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    if key_len != query_len:
        raise ValueError("lengths differ")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril()


# %% wrong: everything is refused | expects: not refused
def causal_mask(query_len, key_len=None):
    raise ValueError(f"key_len {key_len} must be at least query_len {query_len}")


# %% wrong: cut out of a buffer of 1,024 positions | expects: sees the keys up to its own
import torch

_BIG2 = torch.ones(1024, 1024, dtype=torch.bool).tril()


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len}")
    return _BIG2[key_len - query_len:key_len, :key_len]


# %% right: ones counted from the left
import torch


def causal_mask(query_len, key_len=None):
    if key_len is None:
        key_len = query_len
    if query_len > key_len:
        raise ValueError(f"{query_len} queries have only {key_len} keys (key_len)")
    counted = torch.ones(query_len, key_len).cumsum(1)
    return counted - torch.arange(query_len)[:, None] < key_len - query_len + 1.5


# %% wrong: key_len is what was there before the queries | expects: key_len / shape
import torch


def causal_mask(query_len, key_len=None):
    before = 0 if key_len is None else key_len
    if key_len is not None and key_len < query_len:
        raise ValueError(f"key_len {key_len} must be at least query_len {query_len}")
    return torch.ones(query_len, before + query_len, dtype=torch.bool).tril(before)


# %% wrong: a row for each key | expects: row for each key
import torch


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is below query_len {query_len}")
    return torch.ones(key_len, key_len, dtype=torch.bool).tril()


# %% wrong: key_len is needed | expects: Without key_len (None)
import torch


def causal_mask(query_len, key_len=None):
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is below query_len {query_len}")
    return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len)


# %% wrong: with dimensions for batch and heads | expects: leave out batch
import torch


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} is less than query_len {query_len}")
    return torch.ones(1, 1, query_len, key_len, dtype=torch.bool).tril(key_len - query_len)

# %% wrong: positions in half precision | of: the notebook's own | expects: Hide the later keys / up to its own
# -     return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len)
# +     q = torch.arange(key_len - query_len, key_len).half()
# +     return torch.arange(key_len).half() <= q[:, None]

# %% wrong: a window of 128 keys | of: the notebook's own | expects: up to its own
# -     return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len)
# +     return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len).triu(key_len - query_len - 127)

# %% wrong: plain lists | of: the notebook's own | expects: Return a tensor
# -     return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len)
# +     return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len).tolist()

# %% wrong: the queries spread over the keys | of: the notebook's own | expects: stands at position
# -     return torch.ones(query_len, key_len, dtype=torch.bool).tril(key_len - query_len)
# +     q = (torch.arange(query_len) + 1) * key_len // max(query_len, 1)
# +     return torch.arange(key_len) < q[:, None]

# %% right: an identity, summed from the right
import torch


def causal_mask(query_len, key_len=None):
    key_len = query_len if key_len is None else key_len
    if key_len - query_len < 0:
        raise ValueError("key_len %d is below query_len %d" % (key_len, query_len))
    own = torch.eye(key_len, dtype=torch.int64)[key_len - query_len :]
    return own.flip(1).cumsum(1).flip(1).bool()
