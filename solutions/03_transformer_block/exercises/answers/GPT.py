"""Answers to `GPT`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: from the course's pieces, with rotary positions
import torch
from torch import nn

from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm
from utils.models.rotary import rotate


def turn(x):
    return rotate(x, torch.arange(x.shape[-2]))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = RMSNorm(config.d_model)
        self.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads, turn)
        self.norm2 = RMSNorm(config.d_model)
        self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.norm = RMSNorm(config.d_model)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight

    def forward(self, ids):
        if ids.shape[1] > self.config.context_length:
            raise ValueError(
                f"ids of length {ids.shape[1]} exceed the context length {self.config.context_length}"
            )
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %% right: the embedding used as a matrix when tied, blocks in a Sequential
import torch
from torch import nn

from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP, GatedMLP
from utils.models.rotary import rotate


def turn(x):
    return rotate(x, torch.arange(x.shape[-2]))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.before = nn.ModuleList(nn.RMSNorm(config.d_model, eps=1e-5) for _ in range(2))
        self.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads, turn)
        self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)

    def forward(self, x):
        attended = x + self.attention(self.before[0](x))
        return attended + self.mlp(self.before[1](attended))


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.context_length = config.context_length
        self.tokens = nn.Embedding(config.vocab_size, config.d_model)
        nn.init.normal_(self.tokens.weight, std=0.02)
        self.layers = nn.Sequential(*[Block(config) for _ in range(config.n_layers)])
        self.final = nn.RMSNorm(config.d_model, eps=1e-5)
        self.unembedding = None
        if not config.tied:
            self.unembedding = nn.Parameter(torch.randn(config.vocab_size, config.d_model) * 0.02)

    def forward(self, ids):
        B, T = ids.shape
        if T > self.context_length:
            raise ValueError(f"{T} positions do not fit into the context of {self.context_length}")
        hidden = self.final(self.layers(self.tokens(ids)))
        matrix = self.tokens.weight if self.unembedding is None else self.unembedding
        return torch.einsum("btd,vd->btv", hidden, matrix)


# %% right: everything by hand, with fixed sinusoidal positions
import torch
import torch.nn.functional as F
from torch import nn


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.n_heads, self.n_kv_heads = config.n_heads, config.n_kv_heads
        self.width = config.d_model // config.n_heads
        self.q_proj = nn.Linear(config.d_model, config.d_model, bias=False)
        self.k_proj = nn.Linear(config.d_model, self.n_kv_heads * self.width, bias=False)
        self.v_proj = nn.Linear(config.d_model, self.n_kv_heads * self.width, bias=False)
        self.o_proj = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.width).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, self.width).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.width).transpose(1, 2)
        group = self.n_heads // self.n_kv_heads
        k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        scores = q @ k.transpose(-2, -1) / self.width**0.5
        allowed = torch.ones(T, T, dtype=torch.bool).tril()
        weights = torch.softmax(scores.masked_fill(~allowed, -torch.inf), dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


class MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.up = nn.Linear(config.d_model, config.d_ff, bias=False)
        self.gate = nn.Linear(config.d_model, config.d_ff, bias=False) if config.gated else None
        self.down = nn.Linear(config.d_ff, config.d_model, bias=False)

    def forward(self, x):
        hidden = F.gelu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) * self.up(x)
        return self.down(hidden)


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.attentions = nn.ModuleList([Attention(config) for _ in range(config.n_layers)])
        self.mlps = nn.ModuleList([MLP(config) for _ in range(config.n_layers)])
        self.norms = nn.ModuleList([Norm(config.d_model) for _ in range(2 * config.n_layers + 1)])
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.embedding.weight = self.head.weight
        steps = torch.arange(0, config.d_model, 2).float() / config.d_model
        angles = torch.outer(torch.arange(config.context_length).float(), 10000.0**-steps)
        self.register_buffer("positions", torch.cat([angles.sin(), angles.cos()], dim=-1))

    def forward(self, ids):
        T = ids.size(1)
        if T > len(self.positions):
            raise ValueError(f"ids have {T} positions, the context length is {len(self.positions)}")
        x = self.embedding(ids) + self.positions[:T]
        for layer, (attention, mlp) in enumerate(zip(self.attentions, self.mlps)):
            x = x + attention(self.norms[2 * layer](x))
            x = x + mlp(self.norms[2 * layer + 1](x))
        return self.head(self.norms[-1](x))


# %% wrong: never tied | of: from the course's pieces, with rotary positions | expects: tied
# -         if config.tied:
# -             self.head.weight = self.embedding.weight


# %% wrong: always tied | of: from the course's pieces, with rotary positions | expects: tied
# -         if config.tied:
# -             self.head.weight = self.embedding.weight
# +         self.head.weight = self.embedding.weight


# %% wrong: tied by a copy | of: from the course's pieces, with rotary positions | expects: tied / copy / shared / same
# -             self.head.weight = self.embedding.weight
# +             self.head.weight.data = self.embedding.weight.data.clone()


# %% wrong: any length accepted | of: from the course's pieces, with rotary positions | expects: context / refused
# -         if ids.shape[1] > self.config.context_length:
# -             raise ValueError(
# -                 f"ids of length {ids.shape[1]} exceed the context length {self.config.context_length}"
# -             )


# %% wrong: the context length itself refused | of: from the course's pieces, with rotary positions | expects: context / exactly / refused
# -         if ids.shape[1] > self.config.context_length:
# +         if ids.shape[1] >= self.config.context_length:


# %% wrong: too long an input is cut | of: from the course's pieces, with rotary positions | expects: context / refused / cut
# -         if ids.shape[1] > self.config.context_length:
# -             raise ValueError(
# -                 f"ids of length {ids.shape[1]} exceed the context length {self.config.context_length}"
# -             )
# +         ids = ids[:, -self.config.context_length :]


# %% wrong: the batch compared with the context | of: from the course's pieces, with rotary positions | expects: batch / context
# -         if ids.shape[1] > self.config.context_length:
# +         if ids.shape[0] > self.config.context_length:


# %% wrong: too long an input raises an AssertionError | of: from the course's pieces, with rotary positions | expects: ValueError
# -         if ids.shape[1] > self.config.context_length:
# -             raise ValueError(
# -                 f"ids of length {ids.shape[1]} exceed the context length {self.config.context_length}"
# -             )
# +         assert ids.shape[1] <= self.config.context_length, "longer than the context"


# %% wrong: probabilities instead of logits | of: from the course's pieces, with rotary positions | expects: probabilit / softmax / logits
# -         return self.head(self.norm(x))
# +         return self.head(self.norm(x)).softmax(dim=-1)


# %% wrong: the last position only | of: from the course's pieces, with rotary positions | expects: every position / shape / last position / (B, T, V) / each position
# -         return self.head(self.norm(x))
# +         return self.head(self.norm(x[:, -1]))


# %% wrong: hidden states instead of logits | of: from the course's pieces, with rotary positions | expects: head / logits / unembedding / shape / vocabulary / (B, T, V)
# -         return self.head(self.norm(x))
# +         return self.norm(x)


# %% wrong: one block used for every layer | of: from the course's pieces, with rotary positions | expects: block / layer / shared / parameter
# -         self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
# +         self.blocks = nn.ModuleList([Block(config)] * config.n_layers)


# %% wrong: blocks in a plain list | of: from the course's pieces, with rotary positions | expects: ModuleList / parameter / registered / list / block
# -         self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
# +         self.blocks = [Block(config) for _ in range(config.n_layers)]


# %% wrong: one block, whatever n_layers is | of: from the course's pieces, with rotary positions | expects: n_layers / layer / block / parameter
# -         self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
# +         self.blocks = nn.ModuleList(Block(config) for _ in range(1))


# %% wrong: the blocks are never called | of: from the course's pieces, with rotary positions | expects: block / layer / earlier / position
# -             x = block(x)
# +             block(x)


# %% wrong: later tokens are seen | of: from the course's pieces, with rotary positions | expects: causal / future / later
# -         x = x + self.attention(self.norm1(x))
# +         everything = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool)
# +         x = x + self.attention(self.norm1(x), everything)


# %% wrong: the logits shifted by one inside | of: from the course's pieces, with rotary positions | expects: shift / shape / every position / (B, T, V)
# -         return self.head(self.norm(x))
# +         return self.head(self.norm(x))[:, :-1]


# %% wrong: classes before positions | of: from the course's pieces, with rotary positions | expects: (B, T, V) / shape / transpos
# -         return self.head(self.norm(x))
# +         return self.head(self.norm(x)).transpose(1, 2)


# %% wrong: dropout that never stops | of: from the course's pieces, with rotary positions | expects: dropout / random / twice / same input
# -         x = self.embedding(ids)
# +         x = nn.functional.dropout(self.embedding(ids), 0.1)


# %% wrong: logits and loss | of: from the course's pieces, with rotary positions | expects: tuple / logits / only / alone / pair
# -         return self.head(self.norm(x))
# +         return self.head(self.norm(x)), None


# %% wrong: the last norm before the blocks | expects: norm
from torch import nn

from utils.models.block import TransformerBlock as Block
from utils.models.norms import RMSNorm


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.context_length = config.context_length
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.norm = RMSNorm(config.d_model)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight

    def forward(self, ids):
        if ids.shape[1] > self.context_length:
            raise ValueError(
                f"{ids.shape[1]} tokens are more than the context length {self.context_length}"
            )
        x = self.embedding(ids)
        x = self.norm(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


# %% wrong: x + block(x) | of: the last norm before the blocks | expects: block(x)
# -         x = self.norm(x)

# -             x = block(x)
# -         return self.head(x)
# +             x = x + block(x)
# +         return self.head(self.norm(x))


# %% wrong: log-probabilities instead of logits | of: the last norm before the blocks | expects: log
# -         x = self.norm(x)

# -         return self.head(x)
# +         return self.head(self.norm(x)).log_softmax(-1)


# %% wrong: logits averaged over the positions | of: the last norm before the blocks | expects: shape
# -         x = self.norm(x)

# -         return self.head(x)
# +         return self.head(self.norm(x)).mean(1, keepdim=True).repeat(1, 2, 1)


# %% wrong: centred over the batch | of: the last norm before the blocks | expects: rows of a batch
# -         x = self.norm(x)

# -         return self.head(x)
# +         return self.head(self.norm(x - x.mean(0, keepdim=True)))


# %% wrong: no last norm | of: the last norm before the blocks | expects: norm
# - from utils.models.norms import RMSNorm

# -         self.norm = RMSNorm(config.d_model)
# +         self.norm = nn.Identity()

# -         x = self.norm(x)

# -         return self.head(x)
# +         return self.head(self.norm(x))


# %% wrong: a bias in the head | of: the last norm before the blocks | expects: bias
# -         self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
# +         self.head = nn.Linear(config.d_model, config.vocab_size, bias=True)

# -         x = self.norm(x)

# -         return self.head(x)
# +         return self.head(self.norm(x))


# %% wrong: learned positions | of: the last norm before the blocks | expects: position
# - from torch import nn
# + import torch
# + from torch import nn

# -             self.head.weight = self.embedding.weight
# +             self.head.weight = self.embedding.weight
# +         self.positions = nn.Embedding(config.context_length, config.d_model)

# -         x = self.norm(x)
# +         x = x + self.positions(torch.arange(ids.shape[1]))

# -         return self.head(x)
# +         return self.head(self.norm(x))


# %% wrong: a second norm that nothing needs | of: the last norm before the blocks | expects: norm (D) / parameters
# -             self.head.weight = self.embedding.weight
# +             self.head.weight = self.embedding.weight
# +         self.first_norm = RMSNorm(config.d_model)

# -         x = self.norm(x)
# +         x = self.first_norm(x)

# -         return self.head(x)
# +         return self.head(self.norm(x))


# %% wrong: one token is refused | of: the last norm before the blocks | expects: one token
# -             )
# +             )
# +         if ids.shape[1] < 2:
# +             raise ValueError("one token gives nothing to attend to")

# -         x = self.norm(x)

# -         return self.head(x)
# +         return self.head(self.norm(x))


# %% right: the embedding scaled by the root of its width, LayerNorm without bias at the end | of: the last norm before the blocks
# - from utils.models.norms import RMSNorm

# -         self.norm = RMSNorm(config.d_model)
# +         self.norm = nn.LayerNorm(config.d_model, bias=False)

# -         x = self.norm(x)
# +         x = x * x.shape[-1] ** 0.5

# -         return self.head(x)
# +         return self.head(self.norm(x))


# %% right: recursion over the layers, rows one by one
import torch
from torch import nn
from utils.models.block import TransformerBlock as Block
from utils.models.norms import RMSNorm


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.context_length = config.context_length
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.n_layers)])
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight
        pass

    def forward(self, ids):
        if ids.shape[1] > self.context_length:
            raise ValueError(f"{ids.shape[1]} tokens are more than {self.context_length}")
        return torch.stack(
            [self.head(self.norm(self.through(self.embedding(row)[None], 0)))[0] for row in ids]
        )

    def through(self, x, layer):
        return x if layer == len(self.blocks) else self.through(self.blocks[layer](x), layer + 1)


# %% right: a product with one-hot rows, layers by name, a head in float64
import torch.nn.functional as F
from torch import nn
from utils.models.block import TransformerBlock as Block
from utils.models.norms import RMSNorm


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.V, self.C, self.L, self.tied = (
            config.vocab_size,
            config.context_length,
            config.n_layers,
            config.tied,
        )
        self.e = nn.Linear(self.V, config.d_model, bias=False)
        for i in range(self.L):
            self.add_module(f"layer{i}", Block(config))
        self.n = RMSNorm(config.d_model, config.norm_eps)
        if not self.tied:
            self.u = nn.Linear(config.d_model, self.V, bias=False)

    def forward(self, ids):
        if ids.shape[-1] > self.C:
            raise ValueError(f"too long: {ids.shape[-1]} > {self.C}")
        x = self.e(F.one_hot(ids, self.V).float())
        for i in range(self.L):
            x = getattr(self, f"layer{i}")(x)
        x = self.n(x).double()
        w = self.e.weight.double() if self.tied else self.u.weight.double().T
        return (x @ w).float()


# %% wrong: the embedding is added again at the end | expects: once more
from torch import nn
from utils.models.block import TransformerBlock as Block
from utils.models.norms import RMSNorm


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.context_length = config.context_length
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.n_layers)])
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight
        pass

    def forward(self, ids):
        if ids.shape[1] > self.context_length:
            raise ValueError(f"{ids.shape[1]} tokens are more than {self.context_length}")
        x = start = self.embedding(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x + start))


# %% wrong: the last norm after every block | of: the embedding is added again at the end | expects: after every block
# -         x = start = self.embedding(ids)
# +         x = self.embedding(ids)

# -             x = block(x)
# -         return self.head(self.norm(x + start))
# +             x = self.norm(block(x))
# +         return self.head(x)


# %% wrong: the norm on the embedding too | of: the embedding is added again at the end | expects: goes through a norm
# -         x = start = self.embedding(ids)
# +         x = self.norm(self.embedding(ids))

# -         return self.head(self.norm(x + start))
# +         return self.head(self.norm(x))


# %% wrong: mean of the blocks | of: recursion over the layers, rows one by one | expects: side by side
# -         return torch.stack(
# -             [self.head(self.norm(self.through(self.embedding(row)[None], 0)))[0] for row in ids]
# -         )
# -
# -     def through(self, x, layer):
# -         return x if layer == len(self.blocks) else self.through(self.blocks[layer](x), layer + 1)
# +         x = self.embedding(ids)
# +         x = torch.stack([block(x) for block in self.blocks]).mean(0)
# +         return self.head(self.norm(x))


# %% wrong: the limit of the last model that was built | expects: exactly
from torch import nn
from utils.models.block import TransformerBlock as Block
from utils.models.norms import RMSNorm


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        global LIMIT
        LIMIT = config.context_length
        self.context_length = LIMIT
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.n_layers)])
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight
        pass

    def forward(self, ids):
        if ids.shape[1] > LIMIT:
            raise ValueError(f"{ids.shape[1]} tokens are more than {self.context_length}")
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %% wrong: a limit of 1024 | of: the limit of the last model that was built | expects: exactly
# -         global LIMIT
# -         LIMIT = config.context_length
# -         self.context_length = LIMIT
# +         self.context_length = config.context_length

# -         if ids.shape[1] > LIMIT:
# +         if ids.shape[1] > min(1024, self.context_length):


# %% wrong: an embedding shared by all models of one size | expects: share
from torch import nn
from utils.models.block import TransformerBlock as Block
from utils.models.norms import RMSNorm


TABLES = {}


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.context_length = config.context_length
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.n_layers)])
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight
        self.embedding = TABLES.setdefault((config.vocab_size, config.d_model), self.embedding)
        if config.tied:
            self.head.weight = self.embedding.weight

    def forward(self, ids):
        if ids.shape[1] > self.context_length:
            raise ValueError(f"{ids.shape[1]} tokens are more than {self.context_length}")
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %% wrong: earlier ids are remembered | expects: same input / state / random
import torch
from torch import nn
from utils.models.block import TransformerBlock as Block
from utils.models.norms import RMSNorm


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.context_length = config.context_length
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.n_layers)])
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight
        self.past = None

    def forward(self, ids):
        if ids.shape[1] > self.context_length:
            raise ValueError(f"{ids.shape[1]} tokens are more than {self.context_length}")
        past = self.past
        if (
            past is not None
            and past.shape[0] == ids.shape[0]
            and past.shape[1] + ids.shape[1] <= self.context_length
        ):
            full = torch.cat((past, ids), 1)
        else:
            full = ids
        self.past = full
        x = self.embedding(full)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))[:, -ids.shape[1] :]


# %% wrong: context counted in all ids | of: the limit of the last model that was built | expects: exactly / batch / shape
# -         global LIMIT
# -         LIMIT = config.context_length
# -         self.context_length = LIMIT
# +         self.context_length = config.context_length

# -         if ids.shape[1] > LIMIT:
# +         if ids.numel() > self.context_length:


# %% right: bare parameters, blocks found as children, logits five tokens of the vocabulary at a time
import torch
from torch import nn
from torch.nn import functional as F

from utils.models.block import TransformerBlock


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.longest = config.context_length
        V, D = config.vocab_size, config.d_model
        self.table = nn.Parameter(torch.randn(V, D) / 50)
        if not config.tied:
            self.unembedding = nn.Parameter(torch.randn(D, V) / 50)
        for number in range(config.n_layers):
            self.add_module(f"layer {number}", TransformerBlock(config))
        self.gain = nn.Parameter(torch.ones(D))

    def forward(self, ids):
        if ids.size(-1) > self.longest:
            raise ValueError(f"{ids.size(-1)} tokens, and the context has {self.longest}")
        stream = self.table[ids]
        for block in self.children():
            stream = block(stream)
        last = F.rms_norm(stream, stream.shape[-1:], self.gain, 1e-5)
        columns = getattr(self, "unembedding", self.table.T)
        return torch.cat([last @ part for part in columns.split(5, dim=1)], -1)


# %% wrong: one block too few | expects: one block too many, or too few
from torch import nn

from utils.models.block import TransformerBlock as Block
from utils.models.norms import RMSNorm


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.context_length = config.context_length
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList(Block(config) for _ in range(1, config.n_layers))
        self.norm = RMSNorm(config.d_model)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight

    def forward(self, ids):
        if ids.shape[1] > self.context_length:
            raise ValueError(f"{ids.shape[1]} ids are more than {self.context_length}")
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %% wrong: no return | of: one block too few | expects: `return` missing
# -         self.blocks = nn.ModuleList(Block(config) for _ in range(1, config.n_layers))
# +         self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))

# -         return self.head(self.norm(x))
# +         logits = self.head(self.norm(x))


# %% wrong: embeddings times the root of the width | of: from the course's pieces, with rotary positions | expects: root of d_model
# -         x = self.embedding(ids)
# +         x = self.embedding(ids) * self.config.d_model**0.5


# %% wrong: logits divided by the root of the width | of: from the course's pieces, with rotary positions | expects: multiplied by a number
# -         return self.head(self.norm(x))
# +         return self.head(self.norm(x)) / self.config.d_model**0.5


# %% wrong: all texts of a batch in one row | of: from the course's pieces, with rotary positions | expects: rows of a batch
# -         x = self.embedding(ids)
# +         x = self.embedding(ids.reshape(1, -1))

# -         return self.head(self.norm(x))
# +         return self.head(self.norm(x)).reshape(*ids.shape, -1)
