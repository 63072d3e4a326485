"""Answers to `KVCache`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: concatenation
import torch


class KVCache:
    def __init__(self):
        self.k = None
        self.v = None

    def append(self, k, v):
        self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
        self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
        return self.k, self.v

    def __len__(self):
        return 0 if self.k is None else self.k.shape[-2]

    def reset(self):
        self.k = None
        self.v = None


# %% right: a list of pieces
import torch


class KVCache:
    def __init__(self):
        self.reset()

    def reset(self):
        self.pieces = []

    def append(self, k, v):
        self.pieces.append((k.clone(), v.clone()))
        keys, values = zip(*self.pieces)
        return torch.cat(keys, dim=-2), torch.cat(values, dim=-2)

    def __len__(self):
        return sum(k.size(-2) for k, _ in self.pieces)


# %% right: buffers that double
import torch


class KVCache:
    def __init__(self) -> None:
        self.buffers: list[torch.Tensor] = []
        self.length = 0

    def __len__(self) -> int:
        return self.length

    def reset(self) -> None:
        self.buffers, self.length = [], 0

    def append(self, k, v):
        end = self.length + k.shape[-2]
        if not self.buffers:
            self.buffers = [x.new_empty(*x.shape[:-2], 0, x.shape[-1]) for x in (k, v)]
        for index, new in enumerate((k, v)):
            buffer = self.buffers[index]
            if buffer.shape[-2] < end:
                room = new.new_empty(*new.shape[:-2], max(end, 2 * buffer.shape[-2]), new.shape[-1])
                room.narrow(-2, 0, self.length).copy_(buffer.narrow(-2, 0, self.length))
                self.buffers[index] = buffer = room
            buffer.narrow(-2, self.length, new.shape[-2]).copy_(new)
        self.length = end
        return tuple(buffer.narrow(-2, 0, end) for buffer in self.buffers)


# %% right: a module with the sequence dimension in front
import torch
from torch import nn


class KVCache(nn.Module):
    def __init__(self):
        super().__init__()
        self.store = {"k": [], "v": []}

    def append(self, k, v):
        for name, new in (("k", k), ("v", v)):
            self.store[name].extend(new.unbind(dim=-2))
        return torch.stack(self.store["k"], dim=-2), torch.stack(self.store["v"], dim=-2)

    def __len__(self):
        return len(self.store["k"])

    def reset(self):
        for positions in self.store.values():
            positions.clear()


# %% wrong: appended along the heads | of: concatenation | expects: dimension / -2 / sequence / heads
# -         self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
# -         self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
# +         self.k = k if self.k is None else torch.cat([self.k, k], dim=1)
# +         self.v = v if self.v is None else torch.cat([self.v, v], dim=1)


# %% wrong: returns only what is new | of: concatenation | expects: so far / earlier / only the new / new ones / new positions
# -         return self.k, self.v
# +         return k, v


# %% wrong: counts the calls | expects: positions / calls / how many
import torch


class KVCache:
    def __init__(self):
        self.k = None
        self.v = None
        self.calls = 0

    def append(self, k, v):
        self.calls += 1
        self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
        self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
        return self.k, self.v

    def __len__(self):
        return self.calls

    def reset(self):
        self.k = None
        self.v = None
        self.calls = 0


# %% wrong: the length is that of the first dimension | of: concatenation | expects: positions / batch / sequence
# -         return 0 if self.k is None else self.k.shape[-2]
# +         return 0 if self.k is None else len(self.k)


# %% wrong: an empty cache has no length | of: concatenation | expects: empty / length 0 / nothing appended / before / new cache / fresh
# -         return 0 if self.k is None else self.k.shape[-2]
# +         return self.k.shape[-2]


# %% wrong: reset forgets the length only | expects: reset
import torch


class KVCache:
    def __init__(self):
        self.k = None
        self.v = None
        self.length = 0

    def append(self, k, v):
        self.length += k.shape[-2]
        self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
        self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
        return self.k, self.v

    def __len__(self):
        return self.length

    def reset(self):
        self.length = 0


# %% wrong: reset empties the keys only | of: concatenation | expects: reset
# -     def reset(self):
# -         self.k = None
# -         self.v = None
# +     def reset(self):
# +         self.k = None


# %% wrong: new positions in front | of: concatenation | expects: order / front / at the end / behind / after the
# -         self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
# -         self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
# +         self.k = k if self.k is None else torch.cat([k, self.k], dim=-2)
# +         self.v = v if self.v is None else torch.cat([v, self.v], dim=-2)


# %% wrong: values returned before keys | of: concatenation | expects: swapped / order / keys / (k, v)
# -         return self.k, self.v
# +         return self.v, self.k


# %% wrong: the values are not kept | of: concatenation | expects: values
# -         self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
# +         self.v = v


# %% wrong: one store for all caches | expects: two caches / another cache / shared / class / of its own / separate / other cache
import torch


class KVCache:
    store = {}

    def append(self, k, v):
        for name, new in (("k", k), ("v", v)):
            self.store[name] = torch.cat([self.store[name], new], dim=-2) if name in self.store else new
        return self.store["k"], self.store["v"]

    def __len__(self):
        return self.store["k"].shape[-2] if self.store else 0

    def reset(self):
        self.store.clear()


# %% wrong: dimension 2 instead of -2 | of: concatenation | expects: -2 / dimension / leading / sequence
# -         self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
# -         self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
# +         self.k = k if self.k is None else torch.cat([self.k, k], dim=2)
# +         self.v = v if self.v is None else torch.cat([self.v, v], dim=2)


# %% wrong: one position per call | of: concatenation | expects: position / several / prompt / more than one / at once / last one
# -     def append(self, k, v):
# +     def append(self, k, v):
# +         k, v = k[..., -1:, :], v[..., -1:, :]


# %% wrong: a cache of eight positions | of: concatenation | expects: grow / full / positions / room / longer / so far
# -         self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
# +         self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
# +         self.k, self.v = self.k[..., -8:, :], self.v[..., -8:, :]


# %% wrong: append returns nothing | of: concatenation | expects: return
# -         return self.k, self.v


# %% wrong: the length survives a reset | of: reset forgets the length only | expects: reset
# -     def reset(self):
# -         self.length = 0
# +     def reset(self):
# +         self.k = None
# +         self.v = None


# %% right: cached in float64, returned as a list
import torch


class KVCache:
    def __init__(self):
        self.k = self.v = None

    def append(self, k, v):
        self.k = k.double() if self.k is None else torch.cat([self.k, k], dim=-2)
        self.v = v.double() if self.v is None else torch.cat([self.v, v], dim=-2)
        return [self.k.float(), self.v.float()]

    def __len__(self):
        return 0 if self.k is None else self.k.shape[-2]

    def reset(self):
        self.k = self.v = None


# %% wrong: the keys are not kept | of: cached in float64, returned as a list | expects: keys were not kept
# -         self.k = k.double() if self.k is None else torch.cat([self.k, k], dim=-2)
# -         self.v = v.double() if self.v is None else torch.cat([self.v, v], dim=-2)
# -         return [self.k.float(), self.v.float()]
# +         self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
# +         self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
# +         return k, self.v


# %% wrong: the length of what is new | expects: new positions only
import torch


class KVCache:
    def __init__(self):
        self.k = self.v = None
        self.n = 0
        self.n = 0

    def append(self, k, v):
        self.n = k.shape[-2]
        self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
        self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
        return self.k, self.v

    def __len__(self):
        return self.n

    def reset(self):
        self.k = self.v = None
        self.n = 0


# %% wrong: the length counts the heads | expects: number of heads
import torch


class KVCache:
    def __init__(self):
        self.k = self.v = None

    def append(self, k, v):
        self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
        self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
        return self.k, self.v

    def __len__(self):
        return 0 if self.k is None else self.k.shape[1]

    def reset(self):
        self.k = self.v = None


# %% wrong: reset empties the values only | of: the length counts the heads | expects: old keys
# -         return 0 if self.k is None else self.k.shape[1]
# +         return 0 if self.v is None else self.v.shape[-2]

# -     def reset(self):
# -         self.k = self.v = None
# +     def reset(self):
# +         self.v, self.n = None, 0


# %% wrong: a counter that reset sets to 0 too late | expects: length still counts
import torch


class KVCache:
    def __init__(self):
        self.k, self.v, self.n = None, None, 0

    def append(self, k, v):
        self.n += k.shape[-2]
        self.k = k if self.k is None else torch.cat([self.k, k], dim=-2)
        self.v = v if self.v is None else torch.cat([self.v, v], dim=-2)
        return self.k, self.v

    def __len__(self):
        return 0 if self.k is None else self.n

    def reset(self):
        self.k = self.v = None


# %% wrong: reset of an empty cache fails | of: the length counts the heads | expects: reset too
# -         return 0 if self.k is None else self.k.shape[1]
# +         return 0 if self.k is None else self.k.shape[-2]

# -     def reset(self):
# +     def reset(self):
# +         self.k.shape, self.v.shape


# %% wrong: a window of the last 64 positions | of: the length counts the heads | expects: Positions got lost / grow
# -         return self.k, self.v
# +         return self.k[..., -64:, :], self.v[..., -64:, :]

# -         return 0 if self.k is None else self.k.shape[1]
# +         return 0 if self.k is None else self.k.shape[-2]


# %% wrong: a new position replaces the newest one | of: cached in float64, returned as a list | expects: Only the new positions / Positions got lost
# -         self.k = k.double() if self.k is None else torch.cat([self.k, k], dim=-2)
# -         self.v = v.double() if self.v is None else torch.cat([self.v, v], dim=-2)
# -         return [self.k.float(), self.v.float()]
# +         self.k = k if self.k is None else torch.cat([self.k[..., :-1, :], k], dim=-2)
# +         self.v = v if self.v is None else torch.cat([self.v[..., :-1, :], v], dim=-2)
# +         return self.k, self.v


# %% wrong: everything of before in reverse | of: the length counts the heads | expects: behind the earlier ones
# -         return self.k, self.v
# +         return self.k.flip(-2), self.v.flip(-2)

# -         return 0 if self.k is None else self.k.shape[1]
# +         return 0 if self.k is None else self.k.shape[-2]


# %% wrong: reset leaves zeros behind | of: the length counts the heads | expects: holds what is appended from there on
# -         return 0 if self.k is None else self.k.shape[1]
# +         return -1 + 1 if self.k is None else self.k.shape[-2]

# -     def reset(self):
# -         self.k = self.v = None
# +     def reset(self):
# +         self.k, self.v = self.k[..., :1, :] * 0 if self.k is not None else None, self.v[..., :1, :] * 0 if self.v is not None else None


# %% wrong: the length is one too high | of: the length counts the heads | expects: number of positions so far
# -         return 0 if self.k is None else self.k.shape[1]
# +         return 0 if self.k is None else self.k.shape[-2] + 1


# %% wrong: the values are scaled by their number | expects: behind the earlier ones
import torch


class KVCache:
    def __init__(self):
        self.pieces = []

    def append(self, k, v):
        self.pieces.append((k, v))
        k, v = (torch.cat(one, dim=-2) for one in zip(*self.pieces))
        return k, v / k.shape[-2]

    def __len__(self):
        return sum(k.shape[-2] for k, _ in self.pieces)

    def reset(self):
        self.pieces = []


# %% wrong: the length of the dimension 2 | expects: size of the batch or the number of heads
import torch


class KVCache:
    def __init__(self):
        self.k = self.v = None

    def append(self, k, v):
        if self.k is None:
            self.k, self.v = k, v
        else:
            self.k, self.v = torch.cat([self.k, k], -2), torch.cat([self.v, v], -2)
        return self.k, self.v

    def __len__(self):
        return 0 if self.k is None else self.k.shape[2 if self.k.dim() > 3 else 1]

    def reset(self):
        self.k = self.v = None


# %% right: the store is made by __new__
import torch


class KVCache:
    def __new__(cls):
        self = super().__new__(cls)
        self._state = ()
        return self

    def append(self, k, v):
        self._state = (k, v) if not self._state else tuple(torch.cat(p, -2) for p in zip(self._state, (k, v)))
        return self._state

    def __len__(self):
        return self._state[0].shape[-2] if self._state else 0

    def reset(self):
        self._state = ()


# %% right: one tensor for each position
import torch


class KVCache:
    def __init__(self):
        self.positions = []

    def append(self, k, v):
        self.positions += zip(k.unbind(-2), v.unbind(-2))
        keys, values = zip(*self.positions)
        return torch.stack(keys, -2), torch.stack(values, -2)

    def __len__(self):
        return len(self.positions)

    def reset(self):
        self.positions.clear()


# %% wrong: the keys are joined along the batch | expects: along the batch
import torch


class KVCache:
    def __init__(self):
        self.reset()

    def append(self, k, v):
        self.keys.append(k)
        self.values.append(v)
        return torch.cat(self.keys), torch.cat(self.values, dim=-2)

    def __len__(self):
        return sum(k.shape[-2] for k in self.keys)

    def reset(self):
        self.keys, self.values = [], []


# %% wrong: joined along the features | of: the keys are joined along the batch | expects: or the features
# -         return torch.cat(self.keys), torch.cat(self.values, dim=-2)
# +         return torch.cat(self.keys, dim=-1), torch.cat(self.values, dim=-1)


# %% wrong: the length adds up the heads | of: the keys are joined along the batch | expects: number of heads
# -         return torch.cat(self.keys), torch.cat(self.values, dim=-2)
# +         return torch.cat(self.keys, dim=-2), torch.cat(self.values, dim=-2)

# -         return sum(k.shape[-2] for k in self.keys)
# +         return sum(k.shape[1] for k in self.keys) if self.keys and self.keys[0].dim() > 2 else 0


# %% wrong: an empty cache that counts one | expects: Its length is 0
import torch


class KVCache:
    def __init__(self):
        self.k = self.v = None

    def append(self, k, v):
        if self.k is not None:
            k, v = torch.cat([self.k, k], dim=-2), torch.cat([self.v, v], dim=-2)
        self.k, self.v = k, v
        return k, v

    def __len__(self):
        return 1 if self.k is None else self.k.shape[-2]

    def reset(self):
        self.k = self.v = None


# %% wrong: a batch of one squeezed away | of: an empty cache that counts one | expects: leading dimensions changed
# -         return k, v
# +         return k.squeeze(0), v.squeeze(0)

# -         return 1 if self.k is None else self.k.shape[-2]
# +         return 0 if self.k is None else self.k.shape[-2]


# %% wrong: every position twice | of: cached in float64, returned as a list | expects: stored twice
# -         self.k = k.double() if self.k is None else torch.cat([self.k, k], dim=-2)
# -         self.v = v.double() if self.v is None else torch.cat([self.v, v], dim=-2)
# -         return [self.k.float(), self.v.float()]
# +         if self.k is not None:
# +             k, v = torch.cat([self.k, k], dim=-2), torch.cat([self.v, v], dim=-2)
# +         self.k, self.v = k.repeat_interleave(2, -2), v.repeat_interleave(2, -2)
# +         return self.k, self.v


# %% wrong: kept in half precision | of: an empty cache that counts one | expects: were rounded
# -         self.k, self.v = k, v
# +         self.k, self.v = k, v = k.half(), v.half()

# -         return 1 if self.k is None else self.k.shape[-2]
# +         return 0 if self.k is None else self.k.shape[-2]


# %% wrong: reset to no positions of the old sizes | of: an empty cache that counts one | expects: sizes of the old keys
# -         return 1 if self.k is None else self.k.shape[-2]
# +         return 0 if self.k is None else self.k.shape[-2]

# -     def reset(self):
# -         self.k = self.v = None
# +     def reset(self):
# +         if self.k is not None:
# +             self.k, self.v = self.k[..., :0, :], self.v[..., :0, :]
