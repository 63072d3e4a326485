"""Answers to `TransformerBlock`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: everything by hand, with rotary positions
import torch
import torch.nn.functional as F
from torch import nn


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


def turn(x):
    T, d = x.shape[-2:]
    angles = torch.outer(torch.arange(T).float(), 10000.0 ** (-torch.arange(0, d, 2).float() / d))
    first, second = x.chunk(2, dim=-1)
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


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
        q = turn(self.q_proj(x).view(B, T, self.n_heads, self.width).transpose(1, 2))
        k = turn(self.k_proj(x).view(B, T, self.n_kv_heads, self.width).transpose(1, 2))
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


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1, self.attention = Norm(config.d_model), Attention(config)
        self.norm2, self.mlp = Norm(config.d_model), MLP(config)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% right: from the course's pieces, without rotary positions
from torch import nn

from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = RMSNorm(config.d_model)
        self.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads)
        self.norm2 = RMSNorm(config.d_model)
        self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% right: torch's modules, LayerNorm without bias, a mask that may be given
import torch
import torch.nn.functional as F
from torch import nn


class CausalAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads):
        super().__init__()
        self.heads = (n_heads, n_kv_heads, n_kv_heads)
        self.width = d_model // n_heads
        self.project = nn.Linear(d_model, sum(self.heads) * self.width, bias=False)
        self.out = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, mask=None):
        parts = self.project(x).split([heads * self.width for heads in self.heads], dim=-1)
        q, k, v = (
            part.unflatten(-1, (heads, self.width)).transpose(1, 2)
            for part, heads in zip(parts, self.heads)
        )
        group = self.heads[0] // self.heads[1]
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        return self.out(mixed.transpose(1, 2).flatten(2))


class GatedUnit(nn.Module):
    def __init__(self, d_model, d_ff):
        super().__init__()
        self.w1 = nn.Linear(d_model, d_ff, bias=False)
        self.w2 = nn.Linear(d_ff, d_model, bias=False)
        self.w3 = nn.Linear(d_model, d_ff, bias=False)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        d_model = config.d_model
        self.norm1 = nn.LayerNorm(d_model, bias=False)
        self.attention = CausalAttention(
            d_model, config.n_heads, config.n_kv_heads or config.n_heads
        )
        self.norm2 = nn.LayerNorm(d_model, bias=False)
        if config.gated:
            self.mlp = GatedUnit(d_model, config.d_ff)
        else:
            self.mlp = nn.Sequential(
                nn.Linear(d_model, config.d_ff, bias=False),
                nn.GELU(),
                nn.Linear(config.d_ff, d_model, bias=False),
            )

    def forward(self, x, mask=None):
        attended = torch.add(x, self.attention(self.norm1(x), mask))
        return torch.add(attended, self.mlp(self.norm2(attended)))


# %% right: other names for the parts, the sublayers in a list
from torch import nn

from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP, GatedMLP


class PreNorm(nn.Module):
    def __init__(self, d_model, sublayer):
        super().__init__()
        self.normalise = nn.RMSNorm(d_model, eps=1e-5)
        self.sublayer = sublayer

    def forward(self, x):
        return self.sublayer(self.normalise(x)) + x


class TransformerBlock(nn.Sequential):
    def __init__(self, config):
        attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads)
        mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)
        super().__init__(PreNorm(config.d_model, attention), PreNorm(config.d_model, mlp))


# %% wrong: norms after the residual sums | of: from the course's pieces, without rotary positions | expects: post-norm / pre-norm / after
# -         x = x + self.attention(self.norm1(x))
# -         return x + self.mlp(self.norm2(x))
# +         x = self.norm1(x + self.attention(x))
# +         return self.norm2(x + self.mlp(x))


# %% wrong: no residual around the attention | of: from the course's pieces, without rotary positions | expects: residual
# -         x = x + self.attention(self.norm1(x))
# +         x = self.attention(self.norm1(x))


# %% wrong: no residual around the MLP | of: from the course's pieces, without rotary positions | expects: residual
# -         return x + self.mlp(self.norm2(x))
# +         return self.mlp(self.norm2(x))


# %% wrong: the residual is the normalised input | of: from the course's pieces, without rotary positions | expects: residual / normalised / normalized
# -         x = x + self.attention(self.norm1(x))
# +         x = self.norm1(x)
# +         x = x + self.attention(x)


# %% wrong: attention and MLP side by side | of: from the course's pieces, without rotary positions | expects: parallel / side by side / after the attention / sequence / then
# -         x = x + self.attention(self.norm1(x))
# -         return x + self.mlp(self.norm2(x))
# +         attended = self.attention(self.norm1(x))
# +         return x + attended + self.mlp(self.norm2(x))


# %% wrong: the MLP without a norm | of: from the course's pieces, without rotary positions | expects: norm2 / norm / MLP
# -         return x + self.mlp(self.norm2(x))
# +         return x + self.mlp(x)


# %% wrong: the attention without a norm | of: from the course's pieces, without rotary positions | expects: norm1 / norm / attention
# -         x = x + self.attention(self.norm1(x))
# +         x = x + self.attention(x)


# %% wrong: the output of the sublayers is normalised | of: from the course's pieces, without rotary positions | expects: pre-norm / before / output / input
# -         x = x + self.attention(self.norm1(x))
# -         return x + self.mlp(self.norm2(x))
# +         x = x + self.norm1(self.attention(x))
# +         return x + self.norm2(self.mlp(x))


# %% wrong: attention over all positions | of: from the course's pieces, without rotary positions | expects: causal / future / later
# - from torch import nn
# + import torch
# + from torch import nn

# -         x = x + self.attention(self.norm1(x))
# +         everything = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool)
# +         x = x + self.attention(self.norm1(x), everything)


# %% wrong: the MLP before the attention | of: from the course's pieces, without rotary positions | expects: order / attention first / before / comes first
# -         x = x + self.attention(self.norm1(x))
# -         return x + self.mlp(self.norm2(x))
# +         x = x + self.mlp(self.norm2(x))
# +         return x + self.attention(self.norm1(x))


# %% wrong: the block's input added at the end again | of: from the course's pieces, without rotary positions | expects: residual / twice / input
# -     def forward(self, x):
# +     def forward(self, x):
# +         start = x

# -         return x + self.mlp(self.norm2(x))
# +         return start + x + self.mlp(self.norm2(x))


# %% wrong: the second residual goes back to the input of the block | of: from the course's pieces, without rotary positions | expects: residual / second / input / after the attention
# -     def forward(self, x):
# +     def forward(self, x):
# +         start = x

# -         return x + self.mlp(self.norm2(x))
# +         return start + self.mlp(self.norm2(x))


# %% wrong: one norm for both | of: from the course's pieces, without rotary positions | expects: norm / shared / same / parameter
# -         self.norm2 = RMSNorm(config.d_model)

# -         return x + self.mlp(self.norm2(x))
# +         return x + self.mlp(self.norm1(x))


# %% wrong: grouped queries ignored | of: from the course's pieces, without rotary positions | expects: n_kv_heads / kv head / parameter / grouped
# -         self.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads)
# +         self.attention = MultiHeadAttention(config.d_model, config.n_heads)


# %% wrong: the MLP is left out | of: from the course's pieces, without rotary positions | expects: MLP
# -         return x + self.mlp(self.norm2(x))
# +         return x


# %% wrong: four times the width in the MLP, whatever d_ff is | of: from the course's pieces, without rotary positions | expects: d_ff / parameter / width
# -         self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)
# +         self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, 4 * config.d_model)


# %% wrong: always a gated MLP | of: from the course's pieces, without rotary positions | expects: gated / parameter
# - from utils.models.mlp import MLP, GatedMLP
# + from utils.models.mlp import GatedMLP

# -         self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)
# +         self.mlp = GatedMLP(config.d_model, config.d_ff)


# %% wrong: dropout that never stops | of: from the course's pieces, without rotary positions | expects: dropout / random / twice / same input
# - from torch import nn
# + import torch
# + from torch import nn

# -         return x + self.mlp(self.norm2(x))
# +         return x + torch.dropout(self.mlp(self.norm2(x)), 0.1, True)


# %% wrong: adds to its input in place | of: from the course's pieces, without rotary positions | expects: in place / modified
# -         x = x + self.attention(self.norm1(x))
# +         x += self.attention(self.norm1(x))


# %% wrong: the norm's gains are not used before the attention | expects: gains
import torch
from torch import nn

from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm


class Gainless(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = Gainless(config.d_model)
        self.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads)
        self.norm2 = RMSNorm(config.d_model)
        self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% wrong: the norm's gains are not used before the MLP | of: the norm's gains are not used before the attention | expects: gains
# -         self.norm1 = Gainless(config.d_model)
# +         self.norm1 = RMSNorm(config.d_model)

# -         self.norm2 = RMSNorm(config.d_model)
# +         self.norm2 = Gainless(config.d_model)


# %% wrong: no gains at all | expects: gains
import torch
from torch import nn

from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP, GatedMLP


def norm(x):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = norm
        self.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads)
        self.norm2 = norm
        self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% wrong: LayerNorm with its bias | of: from the course's pieces, without rotary positions | expects: bias
# - from utils.models.norms import RMSNorm

# -         self.norm1 = RMSNorm(config.d_model)
# +         self.norm1 = nn.LayerNorm(config.d_model)

# -         self.norm2 = RMSNorm(config.d_model)
# +         self.norm2 = nn.LayerNorm(config.d_model)


# %% wrong: no residual at all | of: from the course's pieces, without rotary positions | expects: residual
# -         x = x + self.attention(self.norm1(x))
# -         return x + self.mlp(self.norm2(x))
# +         return self.mlp(self.norm2(self.attention(self.norm1(x))))


# %% wrong: the stream is scaled down by each residual | of: from the course's pieces, without rotary positions | expects: residual / nothing to add
# -         x = x + self.attention(self.norm1(x))
# -         return x + self.mlp(self.norm2(x))
# +         x = 0.5**0.5 * (x + self.attention(self.norm1(x)))
# +         return 0.5**0.5 * (x + self.mlp(self.norm2(x)))


# %% wrong: each sublayer's result is added with the factor one half | of: from the course's pieces, without rotary positions | expects: scaled / as it is
# -         x = x + self.attention(self.norm1(x))
# -         return x + self.mlp(self.norm2(x))
# +         x = x + 0.5 * self.attention(self.norm1(x))
# +         return x + 0.5 * self.mlp(self.norm2(x))


# %% wrong: only the attention's result is added with a factor | of: from the course's pieces, without rotary positions | expects: scaled / as it is
# -         x = x + self.attention(self.norm1(x))
# +         x = x + 0.5 * self.attention(self.norm1(x))


# %% wrong: the MLP's output is normalised | of: from the course's pieces, without rotary positions | expects: before / pre-norm
# -         return x + self.mlp(self.norm2(x))
# +         return x + self.norm2(self.mlp(x))


# %% wrong: the last position only | of: from the course's pieces, without rotary positions | expects: shape
# -         return x + self.mlp(self.norm2(x))
# +         return (x + self.mlp(self.norm2(x)))[:, -1]


# %% wrong: without a batch | of: from the course's pieces, without rotary positions | expects: (B, T, D)
# -         x = x + self.attention(self.norm1(x))
# +         T, D = x.shape
# +         x = x + self.attention(self.norm1(x)[None])[0]


# %% wrong: each position attends to itself alone | of: from the course's pieces, without rotary positions | expects: mix
# -         x = x + self.attention(self.norm1(x))
# +         B, T, D = x.shape
# +         x = x + self.attention(self.norm1(x).reshape(B * T, 1, D)).reshape(B, T, D)


# %% wrong: attention over the batch | of: from the course's pieces, without rotary positions | expects: batch / mix
# -         x = x + self.attention(self.norm1(x))
# +         x = x + self.attention(self.norm1(x).transpose(0, 1)).transpose(0, 1)


# %% wrong: attention over batch and positions as one sequence | of: from the course's pieces, without rotary positions | expects: batch / mix
# -         x = x + self.attention(self.norm1(x))
# +         flat = self.norm1(x).flatten(0, 1)[None]
# +         x = x + self.attention(flat).reshape(x.shape)


# %% wrong: no nonlinearity in the MLP | expects: nonlinearity
from torch import nn

from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP
from utils.models.norms import RMSNorm


class Hidden(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.up = nn.Linear(config.d_model, config.d_ff, bias=False)
        self.gate = nn.Linear(config.d_model, config.d_ff, bias=False) if config.gated else None
        self.down = nn.Linear(config.d_ff, config.d_model, bias=False)
        self.act = lambda z: z

    def forward(self, x):
        return self.down(
            self.act(self.up(x)) if self.gate is None else self.act(self.gate(x)) * self.up(x)
        )


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = RMSNorm(config.d_model)
        self.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads)
        self.norm2 = RMSNorm(config.d_model)
        self.mlp = Hidden(config)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% wrong: ReLU for the activation in the MLP | of: no nonlinearity in the MLP | expects: ReLU
# - from torch import nn
# + import torch.nn.functional as F
# + from torch import nn

# -         self.act = lambda z: z
# +         self.act = F.relu


# %% wrong: a sigmoid for the gate, and a hyperbolic tangent in the MLP | of: no nonlinearity in the MLP | expects: nonlinearity
# - from torch import nn
# + import torch
# + from torch import nn

# -         self.act = lambda z: z
# +         self.act = torch.sigmoid if config.gated else torch.tanh


# %% wrong: an MLP of another formula | of: no nonlinearity in the MLP | expects: silu(gate
# - from torch import nn
# + import torch.nn.functional as F
# + from torch import nn

# -         self.act = lambda z: z

# -             self.act(self.up(x)) if self.gate is None else self.act(self.gate(x)) * self.up(x)
# +             F.gelu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) + self.up(x)


# %% wrong: biases in the MLP | of: from the course's pieces, without rotary positions | expects: bias
# -         self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)
# +         self.mlp = (
# +             nn.Sequential(
# +                 nn.Linear(config.d_model, config.d_ff),
# +                 nn.GELU(),
# +                 nn.Linear(config.d_ff, config.d_model),
# +             )
# +             if not config.gated
# +             else GatedMLP(config.d_model, config.d_ff)
# +         )


# %% wrong: no MLP at all | expects: MLP
from torch import nn

from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP
from utils.models.norms import RMSNorm


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = RMSNorm(config.d_model)
        self.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads)
        self.norm2 = None
        self.mlp = None

    def forward(self, x):
        return x + self.attention(self.norm1(x))


# %% wrong: half the width in the MLP | of: from the course's pieces, without rotary positions | expects: d_ff / parameters
# -         self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)
# +         self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff // 2 + 3)


# %% wrong: attention without its scale | expects: scaled / sqrt
import torch
from torch import nn

from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads = config.n_heads, config.n_kv_heads
        self.width = config.d_model // config.n_heads
        self.q, self.o = (nn.Linear(config.d_model, config.d_model, bias=False) for _ in range(2))
        self.k, self.v = (
            nn.Linear(config.d_model, self.heads[1] * self.width, bias=False) for _ in range(2)
        )

    def forward(self, x):
        q = self.q(x).unflatten(-1, (self.heads[0], self.width)).transpose(1, 2)
        k, v = (
            part(x).unflatten(-1, (self.heads[1], self.width)).transpose(1, 2)
            for part in (self.k, self.v)
        )
        k, v = (part.repeat_interleave(self.heads[0] // self.heads[1], 1) for part in (k, v))
        scores = q @ k.mT
        later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        return self.o(
            (scores.masked_fill(later, -torch.inf).softmax(-1) @ v).transpose(1, 2).flatten(2)
        )


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = RMSNorm(config.d_model)
        self.attention = Attention(config)
        self.norm2 = RMSNorm(config.d_model)
        self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% wrong: attention scaled by the whole width | of: attention without its scale | expects: scaled / sqrt
# -         scores = q @ k.mT
# +         scores = q @ k.mT / x.shape[-1] ** 0.5


# %% wrong: values that leave their own position out of the sum | of: attention without its scale | expects: single position
# -         scores = q @ k.mT
# +         scores = q @ k.mT / self.width**0.5

# -             (scores.masked_fill(later, -torch.inf).softmax(-1) @ v).transpose(1, 2).flatten(2)
# +             (scores.masked_fill(later, -torch.inf).softmax(-1).tril(-1) @ v)
# +             .transpose(1, 2)
# +             .flatten(2)


# %% right: a mask in a buffer of the context's size, one matrix for q, k and v, GELU in its tanh form
import torch
import torch.nn.functional as F
from torch import nn

from utils.models.norms import RMSNorm


class Fused(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.width, self.sizes = (
            config.d_model // config.n_heads,
            (config.n_heads, config.n_kv_heads, config.n_kv_heads),
        )
        self.qkv = nn.Linear(config.d_model, self.width * sum(self.sizes), bias=False)
        self.o = nn.Linear(config.d_model, config.d_model, bias=False)
        size = config.context_length
        self.register_buffer("allowed", torch.ones(size, size, dtype=torch.bool).tril())

    def forward(self, x):
        T = x.shape[1]
        parts = self.qkv(x).unflatten(-1, (-1, self.width)).transpose(1, 2).split(self.sizes, 1)
        q, k, v = (
            parts[0],
            *(part.repeat_interleave(self.sizes[0] // self.sizes[1], 1) for part in parts[1:]),
        )
        scores = torch.where(self.allowed[:T, :T], q @ k.mT * self.width**-0.5, -torch.inf)
        return self.o((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))


class Feed(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.both = nn.Linear(config.d_model, config.d_ff * (2 if config.gated else 1), bias=False)
        self.down = nn.Linear(config.d_ff, config.d_model, bias=False)
        self.gated = config.gated

    def forward(self, x):
        if self.gated:
            gate, up = self.both(x).chunk(2, -1)
            return self.down(F.silu(gate) * up)
        return self.down(F.gelu(self.both(x), approximate="tanh"))


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = nn.RMSNorm(config.d_model, eps=1e-6)
        self.attention = Fused(config)
        self.norm2 = nn.RMSNorm(config.d_model, eps=1e-6)
        self.mlp = Feed(config)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% right: parameters as plain matrices (in, out), attention step by step
import torch
import torch.nn.functional as F
from torch import nn

from utils.models.norms import RMSNorm


class Matrices(nn.Module):
    def __init__(self, config):
        super().__init__()
        D, kv = config.d_model, config.d_model // config.n_heads * config.n_kv_heads
        self.n_heads, self.width = config.n_heads, config.d_model // config.n_heads
        self.w_q, self.w_o = (nn.Parameter(torch.randn(D, D) / D**0.5) for _ in range(2))
        self.w_k, self.w_v = (nn.Parameter(torch.randn(D, kv) / D**0.5) for _ in range(2))

    def forward(self, x):
        q, k, v = x @ self.w_q, x @ self.w_k, x @ self.w_v
        rows, group = [], q.shape[-1] // k.shape[-1]
        for t in range(x.shape[1]):
            heads = []
            for head in range(self.n_heads):
                one = slice(head * self.width, (head + 1) * self.width)
                kv = slice(head // group * self.width, (head // group + 1) * self.width)
                scores = (k[:, : t + 1, kv] @ q[:, t, one, None]).squeeze(-1) / self.width**0.5
                heads.append((scores.softmax(-1)[..., None] * v[:, : t + 1, kv]).sum(1))
            rows.append(torch.cat(heads, -1))
        return torch.stack(rows, 1) @ self.w_o


class Feed(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ways = nn.ParameterList(
            torch.randn(config.d_model, config.d_ff) / 9 for _ in range(2 if config.gated else 1)
        )
        self.out = nn.Parameter(torch.randn(config.d_ff, config.d_model) / 9)

    def forward(self, x):
        first, *up = (x @ way for way in self.ways)
        return (F.silu(first) * up[0] if up else F.gelu(first)) @ self.out


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = RMSNorm(config.d_model)
        self.attention = Matrices(config)
        self.norm2 = RMSNorm(config.d_model)
        self.mlp = Feed(config)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% right: an output projection for each head
import torch
from torch import nn
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        D, H, K = config.d_model, config.n_heads, config.n_kv_heads
        self.group, d = H // K, D // H
        make = lambda a, b, n: nn.ModuleList([nn.Linear(a, b, bias=False) for _ in range(n)])
        self.q, self.k, self.v, self.o = make(D, d, H), make(D, d, K), make(D, d, K), make(d, D, H)
        self.norm1, self.norm2 = nn.RMSNorm(D, eps=1e-5), nn.RMSNorm(D, eps=1e-5)
        self.mlp = GatedMLP(D, config.d_ff) if config.gated else MLP(D, config.d_ff)

    def forward(self, x):
        h, total = self.norm1(x), x
        T = x.shape[1]
        for i, (q, o) in enumerate(zip(self.q, self.o)):
            k, v = self.k[i // self.group](h), self.v[i // self.group](h)
            s = (q(h) @ k.mT / k.shape[-1] ** 0.5) + torch.full((T, T), -torch.inf).triu(1)
            total = total + o(s.softmax(-1) @ v)
        return total + self.mlp(self.norm2(total))


# %% right: torch's attention with distances as biases, gate and up in one matrix
import torch
import torch.nn.functional as F
from torch import nn


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        D, self.H, self.K = config.d_model, config.n_heads, config.n_kv_heads
        self.d, self.gated = D // self.H, config.gated
        self.ln_1, self.ln_2 = (nn.LayerNorm(D, bias=False) for _ in "ab")
        self.qkv = nn.Linear(D, D + 2 * self.K * self.d, bias=False)
        self.out = nn.Linear(D, D, bias=False)
        self.up = nn.Linear(D, config.d_ff * (2 if config.gated else 1), bias=False)
        self.down = nn.Linear(config.d_ff, D, bias=False)

    def attend(self, x):
        B, T, D = x.shape
        q, k, v = self.qkv(x).split((D, self.K * self.d, self.K * self.d), -1)
        q, k, v = (y.unflatten(-1, (-1, self.d)).transpose(1, 2) for y in (q, k, v))
        i = torch.arange(T)
        far = (i[:, None] - i).float()
        slopes = 2.0 ** (-8 * torch.arange(1, self.H + 1) / self.H)
        bias = (-slopes[:, None, None] * far).masked_fill(far < 0, -torch.inf)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, enable_gqa=self.K != self.H)
        return self.out(y.transpose(1, 2).flatten(-2))

    def forward(self, x):
        x = x + self.attend(self.ln_1(x))
        h = self.up(self.ln_2(x))
        if self.gated:
            a, b = h.chunk(2, -1)
            h = F.silu(a) * b
        else:
            h = F.gelu(h)
        return x + self.down(h)


# %% right: a dictionary of parameters, float64 inside, masks kept by length
import math
import torch
import torch.nn.functional as F
from torch import nn


class TransformerBlock(nn.Module):
    masks = {}

    def __init__(self, config):
        super().__init__()
        D, F_, kv = (
            config.d_model,
            config.d_ff,
            config.d_model // config.n_heads * config.n_kv_heads,
        )
        sizes = dict(wq=(D, D), wk=(kv, D), wv=(kv, D), wo=(D, D), up=(F_, D), down=(D, F_))
        if config.gated:
            sizes["gate"] = (F_, D)
        self.p = nn.ParameterDict(
            {n: nn.Parameter(torch.randn(s) / s[1] ** 0.5) for n, s in sizes.items()}
        )
        self.g = nn.ParameterList([nn.Parameter(torch.ones(D)) for _ in range(2)])
        self.d, self.H, self.gated = D // config.n_heads, config.n_heads, config.gated

    def norm(self, x, i):
        return x * (x * x).mean(-1, keepdim=True).add(1e-5).rsqrt() * self.g[i].double()

    def forward(self, x):
        dtype, w = x.dtype, {n: p.double() for n, p in self.p.items()}
        x = x.double()
        B, T, D = x.shape
        mask = self.masks.setdefault(T, torch.tril(torch.ones(T, T, dtype=torch.bool)))
        h = self.norm(x, 0)
        q, k, v = (
            torch.einsum("btd,od->bto", h, w[n]).reshape(B, T, -1, self.d)
            for n in ("wq", "wk", "wv")
        )
        q = q.reshape(B, T, k.shape[2], -1, self.d)
        s = torch.einsum("bikgd,bjkd->bkgij", q, k) / math.sqrt(self.d)
        a = torch.where(mask, s, -torch.inf).softmax(-1)
        y = torch.einsum("bkgij,bjkd->bikgd", a, v).reshape(B, T, D)
        x = x + y @ w["wo"].T
        h = self.norm(x, 1)
        up = h @ w["up"].T
        z = F.silu(h @ w["gate"].T) * up if self.gated else F.gelu(up)
        return (x + z @ w["down"].T).to(dtype)


# %% wrong: a mask of 1024 positions | expects: context_length
import torch
from torch import nn
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        D, self.H, self.K = config.d_model, config.n_heads, config.n_kv_heads
        self.d = D // self.H
        self.q = nn.Linear(D, D, bias=False)
        self.k = nn.Linear(D, self.K * self.d, bias=False)
        self.v = nn.Linear(D, self.K * self.d, bias=False)
        self.o = nn.Linear(D, D, bias=False)
        self.register_buffer("mask", torch.full((1024, 1024), -torch.inf).triu(1), persistent=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q(x).view(B, T, self.H, self.d).transpose(1, 2)
        k = self.k(x).view(B, T, self.K, self.d).transpose(1, 2)
        v = self.v(x).view(B, T, self.K, self.d).transpose(1, 2)
        k, v = (one.repeat_interleave(self.H // self.K, 1) for one in (k, v))
        s = (q @ k.transpose(-2, -1) / self.d**0.5 + self.mask[:T, :T]).softmax(-1)
        y = (s @ v).transpose(1, 2).reshape(B, T, D)
        return self.o(y)


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = RMSNorm(config.d_model, config.norm_eps)
        self.attention = Attention(config)
        self.norm2 = RMSNorm(config.d_model, config.norm_eps)
        self.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% wrong: the mask of the first call | of: a mask of 1024 positions | expects: earlier call
# -         self.register_buffer("mask", torch.full((1024, 1024), -torch.inf).triu(1), persistent=False)
# +         self.mask = None

# -         k, v = (one.repeat_interleave(self.H // self.K, 1) for one in (k, v))
# +         k, v = (one.repeat_interleave(self.H // self.K, 1) for one in (k, v))
# +         if self.mask is None:
# +             self.mask = torch.full((T, T), -torch.inf).triu(1)


# %% wrong: keys and values are kept from call to call | of: a mask of 1024 positions | expects: earlier call
# -         self.register_buffer("mask", torch.full((1024, 1024), -torch.inf).triu(1), persistent=False)
# +         self.cache = None

# -         s = (q @ k.transpose(-2, -1) / self.d**0.5 + self.mask[:T, :T]).softmax(-1)
# +         if self.cache is not None and self.cache[0].shape[0] == B:
# +             k, v = (torch.cat(pair, 2) for pair in zip(self.cache, (k, v)))
# +         self.cache = k, v
# +         L = k.shape[2]
# +         s = (
# +             q @ k.transpose(-2, -1) / self.d**0.5 + torch.full((T, L), -torch.inf).triu(L - T + 1)
# +         ).softmax(-1)


# %% wrong: results kept by shape | expects: earlier call
from torch import nn
from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm
from utils.models.rotary import Rotary


def parts_of(block, config):
    rotary = Rotary(config.d_model // config.n_heads, config.context_length, config.rope_base)
    block.norm1 = RMSNorm(config.d_model, config.norm_eps)
    block.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads, rotary)
    block.norm2 = RMSNorm(config.d_model, config.norm_eps)
    block.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        parts_of(self, config)

    def forward(self, x):
        if not hasattr(self, "kept") or self.kept.shape != x.shape:
            self.kept = self.attention(self.norm1(x))
        x = x + self.kept
        return x + self.mlp(self.norm2(x))


# %% wrong: norm1 twice, norm2 built and not used | of: results kept by shape | expects: no effect
# -         if not hasattr(self, "kept") or self.kept.shape != x.shape:
# -             self.kept = self.attention(self.norm1(x))
# -         x = x + self.kept
# -         return x + self.mlp(self.norm2(x))
# +         x = x + self.attention(self.norm1(x))
# +         return x + self.mlp(self.norm1(x))


# %% wrong: one set of parts for all blocks | expects: share
from torch import nn
from utils.models.attention import MultiHeadAttention
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm
from utils.models.rotary import Rotary


def parts_of(block, config):
    rotary = Rotary(config.d_model // config.n_heads, config.context_length, config.rope_base)
    block.norm1 = RMSNorm(config.d_model, config.norm_eps)
    block.attention = MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads, rotary)
    block.norm2 = RMSNorm(config.d_model, config.norm_eps)
    block.mlp = (GatedMLP if config.gated else MLP)(config.d_model, config.d_ff)


MADE = {}


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        key = config.d_model, config.n_heads, config.n_kv_heads, config.d_ff, config.gated
        if key not in MADE:
            parts_of(self, config)
            MADE[key] = dict(self._modules)
        self._modules.update(MADE[key])

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


# %% wrong: only the first key/value head is used | of: a mask of 1024 positions | expects: no effect
# -         self.register_buffer("mask", torch.full((1024, 1024), -torch.inf).triu(1), persistent=False)
# +         pass

# -         k, v = (one.repeat_interleave(self.H // self.K, 1) for one in (k, v))
# -         s = (q @ k.transpose(-2, -1) / self.d**0.5 + self.mask[:T, :T]).softmax(-1)
# +         k, v = (one[:, :1].expand(-1, self.H, -1, -1) for one in (k, v))
# +         s = (
# +             (q @ k.transpose(-2, -1) / self.d**0.5)
# +             .masked_fill(torch.ones(T, T).triu(1).bool(), float("-inf"))
# +             .softmax(-1)
# +         )


# %% wrong: norm over the sequence | of: results kept by shape | expects: norm runs over positions
# - from torch import nn
# + import torch.nn.functional as F
# + from torch import nn

# -         if not hasattr(self, "kept") or self.kept.shape != x.shape:
# -             self.kept = self.attention(self.norm1(x))
# -         x = x + self.kept
# +         a = F.rms_norm(x, x.shape[1:]) * self.norm1.weight
# +         x = x + self.attention(a)


# %% wrong: MLP norm over the positions | of: results kept by shape | expects: norm runs over positions
# -         if not hasattr(self, "kept") or self.kept.shape != x.shape:
# -             self.kept = self.attention(self.norm1(x))
# -         x = x + self.kept
# -         return x + self.mlp(self.norm2(x))
# +         x = x + self.attention(self.norm1(x))
# +         a = x / (x.pow(2).mean(1, keepdim=True) + 1e-5).sqrt() * self.norm2.weight
# +         return x + self.mlp(a)


# %% wrong: softmax over the queries | of: a mask of 1024 positions | expects: causal
# -         self.register_buffer("mask", torch.full((1024, 1024), -torch.inf).triu(1), persistent=False)
# +         pass

# -         s = (q @ k.transpose(-2, -1) / self.d**0.5 + self.mask[:T, :T]).softmax(-1)
# +         s = (
# +             (q @ k.transpose(-2, -1) / self.d**0.5)
# +             .masked_fill(torch.ones(T, T).triu(1).bool(), float("-inf"))
# +             .softmax(-2)
# +         )


# %% wrong: heads joined without transposing back | of: a mask of 1024 positions | expects: causal / mix
# -         self.register_buffer("mask", torch.full((1024, 1024), -torch.inf).triu(1), persistent=False)
# +         pass

# -         s = (q @ k.transpose(-2, -1) / self.d**0.5 + self.mask[:T, :T]).softmax(-1)
# -         y = (s @ v).transpose(1, 2).reshape(B, T, D)
# +         s = (
# +             (q @ k.transpose(-2, -1) / self.d**0.5)
# +             .masked_fill(torch.ones(T, T).triu(1).bool(), float("-inf"))
# +             .softmax(-1)
# +         )
# +         y = (s @ v).reshape(B, T, D)


# %% wrong: masked with 0 before the softmax | of: a mask of 1024 positions | expects: causal
# - import torch

# -         self.register_buffer("mask", torch.full((1024, 1024), -torch.inf).triu(1), persistent=False)
# +         pass

# -         s = (q @ k.transpose(-2, -1) / self.d**0.5 + self.mask[:T, :T]).softmax(-1)
# +         s = (q @ k.transpose(-2, -1) / self.d**0.5).tril().softmax(-1)


# %% right: all matrices in one list, both gains in one vector
import torch
from torch import nn
from torch.nn import functional as F


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, D = config, config.d_model
        kv = D // config.n_heads * config.n_kv_heads
        wide = [config.d_ff] * (2 if config.gated else 1)
        rows = [D, kv, kv, D, *wide]
        self.weights = nn.ParameterList(nn.Parameter(torch.randn(n, D) / D**0.5) for n in rows)
        self.down = nn.Parameter(torch.randn(D, config.d_ff) / config.d_ff**0.5)
        self.gains = nn.Parameter(torch.ones(2 * D))

    def forward(self, x):
        (B, T, D), c = x.shape, self.config
        first, second = self.gains.chunk(2)
        w_q, w_k, w_v, w_o, *ways_in = self.weights

        def heads(rows, n):
            return rows.unflatten(-1, (n, -1)).movedim(-2, 1)

        h = F.rms_norm(x, (D,), first, 1e-5)
        q, k, v = heads(h @ w_q.T, c.n_heads), *(heads(h @ w.T, c.n_kv_heads) for w in (w_k, w_v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = torch.addmm(x.reshape(-1, D), mixed.movedim(1, 2).reshape(-1, D), w_o.T).view(B, T, D)
        h = F.rms_norm(x, (D,), second, 1e-5)
        ins = [h @ way.T for way in ways_in]
        return x + (F.silu(ins[0]) * ins[1] if c.gated else F.gelu(ins[0])) @ self.down.T


# %% wrong: only the queries are normalised | expects: norm
from torch import nn
from torch.nn import functional as F

from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, D = config, config.d_model
        kv = D // config.n_heads * config.n_kv_heads
        self.q, self.k, self.v, self.o = (nn.Linear(D, n, bias=False) for n in (D, kv, kv, D))
        self.norm1, self.norm2 = RMSNorm(D), RMSNorm(D)
        self.mlp = (GatedMLP if config.gated else MLP)(D, config.d_ff)

    def forward(self, x):
        c = self.config
        q = self.q(self.norm1(x)).unflatten(-1, (c.n_heads, -1)).transpose(1, 2)
        k, v = (w(x).unflatten(-1, (c.n_kv_heads, -1)).transpose(1, 2) for w in (self.k, self.v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self.o(mixed.transpose(1, 2).flatten(-2))
        return x + self.mlp(self.norm2(x))


# %% wrong: scores divided by the root of the number of heads | of: everything by hand, with rotary positions | expects: scaled / sqrt
# - def turn(x):
# -     T, d = x.shape[-2:]
# -     angles = torch.outer(torch.arange(T).float(), 10000.0 ** (-torch.arange(0, d, 2).float() / d))
# -     first, second = x.chunk(2, dim=-1)
# -     cos, sin = angles.cos(), angles.sin()
# -     return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)
# -
# -

# -         q = turn(self.q_proj(x).view(B, T, self.n_heads, self.width).transpose(1, 2))
# -         k = turn(self.k_proj(x).view(B, T, self.n_kv_heads, self.width).transpose(1, 2))
# +         q = self.q_proj(x).view(B, T, self.n_heads, self.width).transpose(1, 2)
# +         k = self.k_proj(x).view(B, T, self.n_kv_heads, self.width).transpose(1, 2)

# -         scores = q @ k.transpose(-2, -1) / self.width**0.5
# +         scores = q @ k.transpose(-2, -1) / self.n_heads**0.5


# %% wrong: weights from distances, so that keys unlike the query weigh most | of: everything by hand, with rotary positions | expects: wrong sign
# - def turn(x):
# -     T, d = x.shape[-2:]
# -     angles = torch.outer(torch.arange(T).float(), 10000.0 ** (-torch.arange(0, d, 2).float() / d))
# -     first, second = x.chunk(2, dim=-1)
# -     cos, sin = angles.cos(), angles.sin()
# -     return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)
# -
# -

# -         q = turn(self.q_proj(x).view(B, T, self.n_heads, self.width).transpose(1, 2))
# -         k = turn(self.k_proj(x).view(B, T, self.n_kv_heads, self.width).transpose(1, 2))
# +         q = self.q_proj(x).view(B, T, self.n_heads, self.width).transpose(1, 2)
# +         k = self.k_proj(x).view(B, T, self.n_kv_heads, self.width).transpose(1, 2)

# -         scores = q @ k.transpose(-2, -1) / self.width**0.5
# +         scores = -(q @ k.transpose(-2, -1)) / self.width**0.5


# %% wrong: the attention's result taken off | of: from the course's pieces, without rotary positions | expects: is taken off
# -         x = x + self.attention(self.norm1(x))
# +         x = x - self.attention(self.norm1(x))


# %% wrong: the MLP's result taken off | of: from the course's pieces, without rotary positions | expects: is taken off
# -         return x + self.mlp(self.norm2(x))
# +         return x - self.mlp(self.norm2(x))


# %% wrong: no return | of: from the course's pieces, without rotary positions | expects: `return` missing
# -         return x + self.mlp(self.norm2(x))
# +         x = x + self.mlp(self.norm2(x))


# %% wrong: a window of 32 positions | of: everything by hand, with rotary positions | expects: without a window
# -         allowed = torch.ones(T, T, dtype=torch.bool).tril()
# +         allowed = torch.ones(T, T, dtype=torch.bool).tril().triu(-31)


# %% wrong: only the first position sees itself | of: everything by hand, with rotary positions | expects: sees itself too
# -         allowed = torch.ones(T, T, dtype=torch.bool).tril()
# +         allowed = torch.ones(T, T, dtype=torch.bool).tril(-1)
# +         allowed[0, 0] = True


# %% wrong: scores divided by the root of the width of all keys | of: everything by hand, with rotary positions | expects: depends on n_kv_heads
# -         scores = q @ k.transpose(-2, -1) / self.width**0.5
# +         scores = q @ k.transpose(-2, -1) / (self.n_kv_heads * self.width) ** 0.5


# %% wrong: dropout while training | of: everything by hand, with rotary positions | expects: dropout in training
# -         return x + self.mlp(self.norm2(x))
# +         return x + F.dropout(self.mlp(self.norm2(x)), 0.1, self.training)
