"""Answers to `MultiHeadAttention`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: matmul, the kv heads repeated
import math

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        self.n_heads = n_heads
        self.n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
        self.o_proj = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, mask=None):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        group = self.n_heads // self.n_kv_heads
        k = k.repeat_interleave(group, dim=1)
        v = v.repeat_interleave(group, dim=1)
        if mask is None:
            mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.head_dim)
        weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).nan_to_num(0.0)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% right: einsum over groups, nothing repeated
import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model: int, n_heads: int, n_kv_heads: int | None = None):
        super().__init__()
        self.n_heads, self.n_kv_heads = n_heads, n_kv_heads or n_heads
        width = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * width, bias=False)
        self.k_proj = nn.Linear(d_model, self.n_kv_heads * width, bias=False)
        self.v_proj = nn.Linear(d_model, self.n_kv_heads * width, bias=False)
        self.o_proj = nn.Linear(n_heads * width, d_model, bias=False)

    def forward(self, x, mask=None):
        T = x.shape[1]
        q = self.q_proj(x).unflatten(-1, (self.n_kv_heads, self.n_heads // self.n_kv_heads, -1))
        k = self.k_proj(x).unflatten(-1, (self.n_kv_heads, -1))
        v = self.v_proj(x).unflatten(-1, (self.n_kv_heads, -1))
        scores = torch.einsum("btkgd,bskd->bkgts", q, k) * q.shape[-1] ** -0.5
        if mask is None:
            positions = torch.arange(T, device=x.device)
            mask = positions[None, :] <= positions[:, None]
        scores = scores.where(mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1) * mask
        return self.o_proj(torch.einsum("bkgts,bskd->btkgd", weights, v).flatten(2))


# %% right: one query head after the other
import math

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        self.n_heads = n_heads
        self.n_kv_heads = n_kv_heads if n_kv_heads is not None else n_heads
        self.width = d_model // n_heads
        sizes = {"q": n_heads, "k": self.n_kv_heads, "v": self.n_kv_heads}
        for name, heads in sizes.items():
            setattr(self, f"{name}_proj", nn.Linear(d_model, heads * self.width, bias=False))
        self.o_proj = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, mask=None):
        T = x.size(-2)
        allowed = torch.tril(torch.ones(T, T)).bool() if mask is None else mask
        queries = self.q_proj(x).split(self.width, dim=-1)
        keys = self.k_proj(x).split(self.width, dim=-1)
        values = self.v_proj(x).split(self.width, dim=-1)
        outputs = []
        for h, query in enumerate(queries):
            kv = h // (self.n_heads // self.n_kv_heads)
            scores = torch.bmm(query, keys[kv].transpose(1, 2)) / math.sqrt(self.width)
            powers = torch.exp(scores - scores.amax(dim=-1, keepdim=True).detach()) * allowed
            weights = powers / powers.sum(dim=-1, keepdim=True).clamp(min=1e-30)
            outputs.append(torch.bmm(weights, values[kv]))
        return self.o_proj(torch.cat(outputs, dim=-1))


# %% right: kv heads expanded, and one additive mask
import torch
from torch import Tensor, nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError(f"d_model {d_model}, n_heads {n_heads} and n_kv_heads {n_kv_heads} do not divide")
        self.d_model, self.n_heads, self.n_kv_heads = d_model, n_heads, n_kv_heads
        kv_width = d_model * n_kv_heads // n_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, kv_width, bias=False)
        self.v_proj = nn.Linear(d_model, kv_width, bias=False)
        self.o_proj = nn.Linear(d_model, d_model, bias=False)

    def _heads(self, x: Tensor, n_heads: int) -> Tensor:
        B, T, width = x.shape
        heads = x.reshape(B, T, n_heads, 1, width // n_heads)
        repeated = heads.expand(B, T, n_heads, self.n_heads // n_heads, width // n_heads)
        return repeated.reshape(B, T, self.n_heads, width // n_heads).permute(0, 2, 1, 3)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        B, T, D = x.shape
        q = self._heads(self.q_proj(x), self.n_heads)
        k = self._heads(self.k_proj(x), self.n_kv_heads)
        v = self._heads(self.v_proj(x), self.n_kv_heads)
        if mask is None:
            bias = torch.full((T, T), float("-inf"), dtype=x.dtype).triu(1)
        else:
            bias = torch.zeros(T, T, dtype=x.dtype).masked_fill(mask.logical_not(), float("-inf"))
        scores = torch.matmul(q, k.transpose(2, 3)) / (D // self.n_heads) ** 0.5 + bias
        weights = torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True))
        weights = torch.where(torch.isnan(weights), torch.zeros_like(weights), weights)
        return self.o_proj(torch.matmul(weights, v).permute(0, 2, 1, 3).reshape(B, T, D))


# %% wrong: not causal when no mask is given | of: matmul, the kv heads repeated | expects: causal
# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +             mask = torch.ones(T, T, dtype=torch.bool, device=x.device)


# %% wrong: no scale | of: matmul, the kv heads repeated | expects: scale / sqrt(d) / sqrt(head_dim) / sqrt
# -         scores = q @ k.transpose(-2, -1) / math.sqrt(self.head_dim)
# +         scores = q @ k.transpose(-2, -1)


# %% wrong: scaled by the width of the model | of: matmul, the kv heads repeated | expects: head_dim / head dimension / width of a head / d_model / scale
# -         scores = q @ k.transpose(-2, -1) / math.sqrt(self.head_dim)
# +         scores = q @ k.transpose(-2, -1) / math.sqrt(D)


# %% wrong: projections with bias | of: matmul, the kv heads repeated | expects: bias
# -         self.q_proj = nn.Linear(d_model, d_model, bias=False)
# -         self.k_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# -         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# -         self.o_proj = nn.Linear(d_model, d_model, bias=False)
# +         self.q_proj = nn.Linear(d_model, d_model)
# +         self.k_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim)
# +         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim)
# +         self.o_proj = nn.Linear(d_model, d_model)


# %% wrong: kv heads repeated in the wrong order | of: matmul, the kv heads repeated | expects: h // group / repeat_interleave / group / kv head
# -         k = k.repeat_interleave(group, dim=1)
# -         v = v.repeat_interleave(group, dim=1)
# +         k = k.repeat(1, group, 1, 1)
# +         v = v.repeat(1, group, 1, 1)


# %% wrong: the output projection left out | of: matmul, the kv heads repeated | expects: o_proj / output projection
# -         return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))
# +         return (weights @ v).transpose(1, 2).reshape(B, T, D)


# %% wrong: the heads merged without transposing back | of: matmul, the kv heads repeated | expects: merge / transpose / heads
# -         return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))
# +         return self.o_proj((weights @ v).reshape(B, T, D))


# %% wrong: the heads split without transposing | of: matmul, the kv heads repeated | expects: split / transpose / heads
# -         q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
# -         k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# -         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# +         q = self.q_proj(x).view(B, self.n_heads, T, self.head_dim)
# +         k = self.k_proj(x).view(B, self.n_kv_heads, T, self.head_dim)
# +         v = self.v_proj(x).view(B, self.n_kv_heads, T, self.head_dim)


# %% wrong: always causal, whatever mask is given | of: matmul, the kv heads repeated | expects: given mask / mask / ignored
# -         if mask is None:
# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +         mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()


# %% wrong: a given mask is cut to the causal one | of: matmul, the kv heads repeated | expects: given mask / causal / mask
# -         if mask is None:
# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +         causal = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +         mask = causal if mask is None else mask & causal


# %% wrong: a given mask the wrong way round | of: matmul, the kv heads repeated | expects: True / inver / may be used / reversed / wrong way
# -         if mask is None:
# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +         mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril() if mask is None else ~mask


# %% wrong: keys and values at full width | of: matmul, the kv heads repeated | expects: n_kv_heads / k_proj / kv head
# -         self.k_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# -         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.k_proj = nn.Linear(d_model, d_model, bias=False)
# +         self.v_proj = nn.Linear(d_model, d_model, bias=False)

# -         k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# -         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# +         k = (
# +             self.k_proj(x)[..., : self.n_kv_heads * self.head_dim]
# +             .view(B, T, self.n_kv_heads, self.head_dim)
# +             .transpose(1, 2)
# +         )
# +         v = (
# +             self.v_proj(x)[..., : self.n_kv_heads * self.head_dim]
# +             .view(B, T, self.n_kv_heads, self.head_dim)
# +             .transpose(1, 2)
# +         )


# %% wrong: n_kv_heads ignored | of: matmul, the kv heads repeated | expects: n_kv_heads / kv heads / grouped
# -         self.n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
# +         self.n_kv_heads = n_heads


# %% wrong: every query head uses the first kv head | of: matmul, the kv heads repeated | expects: kv head / h // group / group
# -         k = k.repeat_interleave(group, dim=1)
# -         v = v.repeat_interleave(group, dim=1)
# +         k = k[:, :1].expand(B, self.n_heads, T, self.head_dim)
# +         v = v[:, :1].expand(B, self.n_heads, T, self.head_dim)


# %% wrong: keys repeated in one order, values in the other | of: matmul, the kv heads repeated | expects: repeat_interleave / h // group / values / group / kv head
# -         v = v.repeat_interleave(group, dim=1)
# +         v = v.repeat(1, group, 1, 1)


# %% wrong: the attribute n_kv_heads stays None | expects: n_kv_heads
import math

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        self.n_heads = n_heads
        self.n_kv_heads = n_kv_heads
        kv_heads = n_kv_heads or n_heads
        self.kv_heads = kv_heads
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, self.kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(d_model, self.kv_heads * self.head_dim, bias=False)
        self.o_proj = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, mask=None):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.kv_heads, self.head_dim).transpose(1, 2)
        group = self.n_heads // self.kv_heads
        k = k.repeat_interleave(group, dim=1)
        v = v.repeat_interleave(group, dim=1)
        if mask is None:
            mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.head_dim)
        weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).nan_to_num(0.0)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong: queries and keys swapped | of: matmul, the kv heads repeated | expects: swapped / queries and keys / q and k / k_proj / exchanged
# -         scores = q @ k.transpose(-2, -1) / math.sqrt(self.head_dim)
# +         scores = k @ q.transpose(-2, -1) / math.sqrt(self.head_dim)


# %% wrong: the softmax over the queries | of: matmul, the kv heads repeated | expects: queries / axis / dimension / dim / keys
# -         weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).nan_to_num(0.0)
# +         weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-2).nan_to_num(0.0)


# %% wrong: a residual connection inside | of: matmul, the kv heads repeated | expects: residual / adds / added / x +
# -         return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))
# +         return x + self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong: dropout on the weights | of: matmul, the kv heads repeated | expects: dropout / random / twice / same input
# -         weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).nan_to_num(0.0)
# +         weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).nan_to_num(0.0)
# +         weights = torch.dropout(weights, 0.1, True)


# %% wrong: the own position masked too | of: matmul, the kv heads repeated | expects: own position / itself / first position
# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril(-1)


# %% wrong: torch's own attention | of: matmul, the kv heads repeated | expects: scaled_dot_product_attention
# -         scores = q @ k.transpose(-2, -1) / math.sqrt(self.head_dim)
# -         weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).nan_to_num(0.0)
# -         return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))
# +         mixed = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
# +         return self.o_proj(mixed.transpose(1, 2).reshape(B, T, D))


# %% right: the causal mask in a registered buffer named bias | of: matmul, the kv heads repeated
# -         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.register_buffer("bias", torch.ones(1, 1, 1024, 1024, dtype=torch.bool).tril())

# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +             mask = self.bias[:, :, :T, :T]


# %% right: a buffer that is not saved, and dropout of 0 | of: matmul, the kv heads repeated
# -         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.register_buffer("mask", torch.tril(torch.ones(512, 512)) == 1, persistent=False)
# +         self.dropout = nn.Dropout(0.0)

# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +             mask = self.mask[:T, :T]

# -         return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))
# +         return self.dropout(1.0 * self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D)))


# %% right: computed in float64 | of: matmul, the kv heads repeated
# -         scores = q @ k.transpose(-2, -1) / math.sqrt(self.head_dim)
# +         scores = q.double() @ k.double().transpose(-2, -1) / math.sqrt(self.head_dim)

# -         return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))
# +         return self.o_proj((weights.to(v.dtype) @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong: a buffer of 64 positions | of: matmul, the kv heads repeated | expects: any length
# -         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.register_buffer("mask", torch.ones(64, 64, dtype=torch.bool).tril())

# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +             mask = self.mask[:T, :T]


# %% wrong: a given mask has no effect | of: matmul, the kv heads repeated | expects: no effect
# -         if mask is None:
# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +         given = mask
# +         mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +         if given is not None:
# +             mask = torch.ones_like(mask)


# %% wrong: without a mask it is inverted | of: matmul, the kv heads repeated | expects: this mask is inverted
# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +             mask = ~torch.ones(T, T, dtype=torch.bool, device=x.device).tril()


# %% wrong: keys repeated in another order than the values | of: matmul, the kv heads repeated | expects: keys' heads
# -         k = k.repeat_interleave(group, dim=1)
# +         k = k.repeat(1, group, 1, 1)


# %% wrong: a sequence instead of nn.Linear | of: matmul, the kv heads repeated | expects: nn.Linear
# - from torch import nn
# + from torch import nn
# +
# +
# + class Plain(nn.Module):
# +     def __init__(self, width):
# +         super().__init__()
# +         self.weight = nn.Parameter(torch.randn(width, width) / width**0.5)
# +
# +     def forward(self, x):
# +         return x @ self.weight.T

# -         self.q_proj = nn.Linear(d_model, d_model, bias=False)
# +         self.q_proj = Plain(d_model)


# %% wrong: the attribute n_heads is the width of a head | of: matmul, the kv heads repeated | expects: both arguments as attributes / n_kv_heads
# -         self.head_dim = d_model // n_heads
# +         self.head_dim, self.heads = d_model // n_heads, n_heads
# +         self.n_heads = self.head_dim

# -         q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
# +         q = self.q_proj(x).view(B, T, self.heads, self.head_dim).transpose(1, 2)

# -         group = self.n_heads // self.n_kv_heads
# +         group = self.heads // self.n_kv_heads


# %% wrong: a window of four positions | of: matmul, the kv heads repeated | expects: attend in each head
# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril().triu(-3)


# %% wrong: values of the group averaged | of: matmul, the kv heads repeated | expects: kv head h // group
# -         v = v.repeat_interleave(group, dim=1)
# +         v = v.repeat_interleave(group, dim=1)
# +         v = v if group == 1 else v.mean(1, keepdim=True).expand_as(v)


# %% wrong: kv heads not repeated at all | of: matmul, the kv heads repeated | expects: group
# -         k = k.repeat_interleave(group, dim=1)
# -         v = v.repeat_interleave(group, dim=1)


# %% wrong: one kv head, always | of: matmul, the kv heads repeated | expects: map to n_kv_heads * head_dim
# -         self.k_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# -         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.k_proj = nn.Linear(d_model, self.head_dim, bias=False)
# +         self.v_proj = nn.Linear(d_model, self.head_dim, bias=False)

# -         k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# -         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# -         group = self.n_heads // self.n_kv_heads
# +         k = self.k_proj(x).view(B, T, 1, self.head_dim).transpose(1, 2)
# +         v = self.v_proj(x).view(B, T, 1, self.head_dim).transpose(1, 2)
# +         group = self.n_heads


# %% wrong: the attribute n_kv_heads is n_heads | of: matmul, the kv heads repeated | expects: n_kv_heads has no effect
# -         self.n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
# +         self.n_kv_heads, self.kv = n_heads, n_heads if n_kv_heads is None else n_kv_heads

# -         self.k_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# -         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.k_proj = nn.Linear(d_model, self.kv * self.head_dim, bias=False)
# +         self.v_proj = nn.Linear(d_model, self.kv * self.head_dim, bias=False)

# -         k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# -         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# -         group = self.n_heads // self.n_kv_heads
# +         k = self.k_proj(x).view(B, T, self.kv, self.head_dim).transpose(1, 2)
# +         v = self.v_proj(x).view(B, T, self.kv, self.head_dim).transpose(1, 2)
# +         group = self.n_heads // self.kv


# %% wrong: a mask for each text and head | of: matmul, the kv heads repeated | expects: serves every text
# -         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# +         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# +         if mask is not None:
# +             texts, heads, rows, columns = mask.shape


# %% wrong: the mask of the first text is kept | of: matmul, the kv heads repeated | expects: first one that came
# -         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.mask = None

# -             mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +             if self.mask is None:
# +                 self.mask = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
# +             mask = self.mask


# %% wrong: the longest text so far stays in the scores | of: matmul, the kv heads repeated | expects: kept between calls
# -         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
# +         self.last = 0

# -         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# +         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# +         x = x + (0.1 if self.last > T else 0)
# +         k = k + (0.1 if self.last > T else 0) * torch.arange(k.shape[-1])
# +         v = v + (0.1 if self.last > T else 0)
# +         self.last = T


# %% wrong: a given mask is forgotten with grouped queries | of: matmul, the kv heads repeated | expects: grouped queries too
# -         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# +         v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
# +         if self.n_kv_heads < self.n_heads:
# +             mask = None


# %% wrong: the mask of its first text | expects: belongs to the text at hand
import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        self.n_heads = n_heads
        self.n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
        self.o_proj = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, mask=None):
        B, T, D = x.shape
        q = self.q_proj(x).reshape(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).reshape(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).reshape(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, 1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, 1)
        if mask is None:
            if not hasattr(self, 'm'):
                self.m = torch.ones(T, T, dtype=torch.bool).tril()
            mask = self.m[:T, :T]
        s = (q @ k.transpose(-2, -1) / self.head_dim ** 0.5).masked_fill(~mask, float("-inf"))
        w = s.softmax(-1).nan_to_num(0.0)
        return self.o_proj((w @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong: a mask of 128 positions | of: the mask of its first text | expects: belongs to the text at hand / any length
# -         self.o_proj = nn.Linear(d_model, d_model, bias=False)
# +         self.o_proj = nn.Linear(d_model, d_model, bias=False)
# +         self.register_buffer("tri", torch.ones(128, 128, dtype=torch.bool).tril(), persistent=False)

# -             if not hasattr(self, 'm'):
# -                 self.m = torch.ones(T, T, dtype=torch.bool).tril()
# -             mask = self.m[:T, :T]
# +             mask = self.tri[:T, :T]


# %% wrong: weights beside the output | of: the mask of its first text | expects: without the weights
# -             if not hasattr(self, 'm'):
# -                 self.m = torch.ones(T, T, dtype=torch.bool).tril()
# -             mask = self.m[:T, :T]
# +             mask = torch.ones(T, T, dtype=torch.bool).tril()

# -         return self.o_proj((w @ v).transpose(1, 2).reshape(B, T, D))
# +         return self.o_proj((w @ v).transpose(1, 2).reshape(B, T, D)), w


# %% wrong: torch's attention held by a default argument | of: the mask of its first text | expects: does this exercise for you
# -     def forward(self, x, mask=None):
# +     def forward(self, x, mask=None, _f=nn.functional.scaled_dot_product_attention):

# -             if not hasattr(self, 'm'):
# -                 self.m = torch.ones(T, T, dtype=torch.bool).tril()
# -             mask = self.m[:T, :T]
# -         s = (q @ k.transpose(-2, -1) / self.head_dim ** 0.5).masked_fill(~mask, float("-inf"))
# -         w = s.softmax(-1).nan_to_num(0.0)
# -         return self.o_proj((w @ v).transpose(1, 2).reshape(B, T, D))
# +             mask = torch.ones(T, T, dtype=torch.bool).tril()
# +         return self.o_proj(_f(q, k, v, attn_mask=mask).nan_to_num(0.0).transpose(1, 2).reshape(B, T, D))


# %% right: a buffer that grows | of: the mask of its first text
# -         self.o_proj = nn.Linear(d_model, d_model, bias=False)
# +         self.o_proj = nn.Linear(d_model, d_model, bias=False)
# +         self.register_buffer("tri", torch.ones(4, 4, dtype=torch.bool).tril(), persistent=False)

# -             if not hasattr(self, 'm'):
# -                 self.m = torch.ones(T, T, dtype=torch.bool).tril()
# -             mask = self.m[:T, :T]
# +             if T > len(self.tri):
# +                 self.tri = torch.ones(2 * T, 2 * T, dtype=torch.bool).tril()
# +             mask = self.tri[:T, :T]


# %% right: a subclass of its own class
import torch
from torch import nn


class _Base(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        self.n_heads = n_heads
        self.n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        self.head_dim = d_model // n_heads
        for name, width in dict(o=d_model, v=self.n_kv_heads * self.head_dim, k=self.n_kv_heads * self.head_dim, q=d_model).items():
            setattr(self, f'{name}_proj', nn.Linear(d_model, width, bias=False))

    def forward(self, x, mask=None):
        B, T, D = x.shape
        q = self.q_proj(x).reshape(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).reshape(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).reshape(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, 1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, 1)
        if mask is None:
            mask = torch.ones(T, T, dtype=torch.bool).tril()
        s = (q @ k.transpose(-2, -1) / self.head_dim ** 0.5).masked_fill(~mask, float("-inf"))
        w = s.softmax(-1).nan_to_num(0.0)
        return self.o_proj((w @ v).transpose(1, 2).reshape(B, T, D))


class MultiHeadAttention(_Base):
    pass


# %% right: one matrix of all pairs of positions and heads, and a mask of blocks
import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        self.n_heads, self.n_kv_heads = n_heads, n_kv_heads or n_heads
        for name in "qkvo":
            n = self.n_kv_heads if name in "kv" else n_heads
            setattr(self, f"{name}_proj", nn.Linear(d_model, d_model // n_heads * n, bias=False))

    def forward(self, x, mask=None):
        B, T, D = x.shape
        mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask
        q, k, v = (getattr(self, f"{name}_proj")(x).reshape(B, -1, D // self.n_heads) for name in "qkv")
        # Rows are (position, head), columns (position, kv head).
        own = torch.arange(self.n_heads)[:, None] * self.n_kv_heads // self.n_heads == torch.arange(self.n_kv_heads)
        allowed = torch.kron(mask.int(), own.int()).bool()
        scores = torch.bmm(q, k.mT).mul((D // self.n_heads) ** -0.5).masked_fill(~allowed, float("-inf"))
        return self.o_proj(torch.bmm(scores.softmax(-1).nan_to_num(0.0), v).reshape(B, T, D))


# %% wrong: multiplied by the scale | expects: are multiplied by
import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        self.n_heads = n_heads
        self.n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(d_model, self.n_kv_heads * self.head_dim, bias=False)
        self.o_proj = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, mask=None):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, -1).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, -1).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, -1).transpose(1, 2)
        group = self.n_heads // self.n_kv_heads
        k, v = (one.repeat_interleave(group, dim=1) for one in (k, v))
        if mask is None:
            mask = torch.ones(T, T, dtype=torch.bool).tril()
        scores = (q @ k.transpose(-2, -1) * self.head_dim**0.5).masked_fill(~mask, -torch.inf)
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0.0)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong: divided by the width of a head | of: multiplied by the scale | expects: its square root
# -         scores = (q @ k.transpose(-2, -1) * self.head_dim**0.5).masked_fill(~mask, -torch.inf)
# +         scores = (q @ k.transpose(-2, -1) / self.head_dim).masked_fill(~mask, -torch.inf)


# %% wrong: the mask the wrong way round in one of two places | of: multiplied by the scale | expects: No value comes through
# -         scores = (q @ k.transpose(-2, -1) * self.head_dim**0.5).masked_fill(~mask, -torch.inf)
# +         scores = (q @ k.transpose(-2, -1) / self.head_dim**0.5).masked_fill(mask, -torch.inf)


# %% wrong: a given mask cut to the causal one leaves a query without keys | expects: combined with the causal one
import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        self.n_heads, self.n_kv_heads = n_heads, n_kv_heads or n_heads
        kv_width = d_model // n_heads * self.n_kv_heads
        for name, width in (("q", d_model), ("k", kv_width), ("v", kv_width), ("o", d_model)):
            self.add_module(f"{name}_proj", nn.Linear(d_model, width, bias=False))

    def forward(self, x, mask=None):
        (B, T, D), d = x.shape, x.shape[2] // self.n_heads
        projected = (self.q_proj(x), self.k_proj(x), self.v_proj(x))
        q, k, v = (one.view(B, T, -1, d).transpose(1, 2) for one in projected)
        k, v = (one.repeat_interleave(self.n_heads // self.n_kv_heads, 1) for one in (k, v))
        mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
        scores = (q @ k.mT / d**0.5).masked_fill(~mask, -torch.inf)
        mixed = scores.softmax(-1) @ v
        return self.o_proj(mixed.transpose(1, 2).reshape(B, T, D))


# %% wrong: a given mask beside the causal one | of: a given mask cut to the causal one leaves a query without keys | expects: added to the causal one
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() | (False if mask is None else mask)


# %% wrong: a given mask transposed | of: a given mask cut to the causal one leaves a query without keys | expects: A given mask is transposed
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask.T


# %% wrong: one key too many | of: a given mask cut to the causal one leaves a query without keys | expects: one key too many
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril(1) if mask is None else mask


# %% wrong: the upper triangle | of: a given mask cut to the causal one leaves a query without keys | expects: upper triangle
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).triu() if mask is None else mask


# %% wrong: masked scores of 0 | of: a given mask cut to the causal one leaves a query without keys | expects: exp(0) is 1
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# -         scores = (q @ k.mT / d**0.5).masked_fill(~mask, -torch.inf)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask
# +         scores = (q @ k.mT / d**0.5).masked_fill(~mask, 0.0)


# %% wrong: masked after the softmax | of: a given mask cut to the causal one leaves a query without keys | expects: less than 1
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# -         scores = (q @ k.mT / d**0.5).masked_fill(~mask, -torch.inf)
# -         mixed = scores.softmax(-1) @ v
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask
# +         scores = (q @ k.mT / d**0.5)
# +         mixed = (scores.softmax(-1) * mask) @ v


# %% wrong: a softmax that overflows | of: a given mask cut to the causal one leaves a query without keys | expects: stable softmax
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask

# -         mixed = scores.softmax(-1) @ v
# +         mixed = scores.exp() / scores.exp().sum(-1, keepdim=True) @ v


# %% wrong: the softmax over the heads | of: a given mask cut to the causal one leaves a query without keys | expects: over the heads
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask

# -         mixed = scores.softmax(-1) @ v
# +         mixed = scores.softmax(1) @ v


# %% wrong: split and merged by a reshape alone | of: a given mask cut to the causal one leaves a query without keys | expects: neither split nor merged
# -         q, k, v = (one.view(B, T, -1, d).transpose(1, 2) for one in projected)
# +         q, k, v = (one.view(B, -1, T, d) for one in projected)

# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask

# -         return self.o_proj(mixed.transpose(1, 2).reshape(B, T, D))
# +         return self.o_proj(mixed.reshape(B, T, D))


# %% wrong: values from the key projection | of: a given mask cut to the causal one leaves a query without keys | expects: came from k_proj
# -         projected = (self.q_proj(x), self.k_proj(x), self.v_proj(x))
# +         projected = (self.q_proj(x), self.k_proj(x), self.k_proj(x))

# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask


# %% wrong: a batch of one squeezed away | of: a given mask cut to the causal one leaves a query without keys | expects: also for a single text
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask

# -         return self.o_proj(mixed.transpose(1, 2).reshape(B, T, D))
# +         return self.o_proj(mixed.transpose(1, 2).reshape(B, T, D)).squeeze(0)


# %% wrong: one token: its values as they are | of: a given mask cut to the causal one leaves a query without keys | expects: no special case
# -         (B, T, D), d = x.shape, x.shape[2] // self.n_heads
# +         (B, T, D), d = x.shape, x.shape[2] // self.n_heads
# +         if T == 1:
# +             return self.v_proj(x).repeat(1, 1, self.n_heads // self.n_kv_heads)

# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask


# %% wrong: one token: no output projection | of: a given mask cut to the causal one leaves a query without keys | expects: where there is one token
# -         mask = torch.ones(T, T, dtype=torch.bool).tril() & (True if mask is None else mask)
# +         if T == 1:
# +             return v.reshape(B, T, D)
# +         mask = torch.ones(T, T, dtype=torch.bool).tril() if mask is None else mask

# %% wrong: one layer for keys and values | of: the notebook's own | expects: weights of their own
# -         self.v_proj = nn.Linear(d_model, kv_width, bias=False)
# +         self.v_proj = self.k_proj

# %% wrong: the given mask is turned around in place | of: the notebook's own | expects: in place
# -         weights = scores.masked_fill(~mask, float("-inf")).softmax(dim=-1).masked_fill(~mask, 0.0)
# +         mask.logical_not_()
# +         weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1).masked_fill(mask, 0.0)

# %% wrong: causal only while it trains | of: the notebook's own | expects: eval()
# -         if mask is None:
# +         if mask is None and not self.training:
# +             mask = torch.ones(T, T, dtype=torch.bool, device=x.device)
# +         if mask is None:

# %% right: einsum, the heads one after another
import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, width, heads, kv=None):
        super().__init__()
        kv = kv or heads
        d = width // heads
        self.q_proj, self.o_proj = (nn.Linear(width, width, bias=False) for _ in range(2))
        self.k_proj, self.v_proj = (nn.Linear(width, kv * d, bias=False) for _ in range(2))
        self.n_heads, self.n_kv_heads, self.d = heads, kv, d

    def forward(self, x, mask=None):
        T = x.size(1)
        if mask is None:
            mask = torch.arange(T)[:, None] >= torch.arange(T)
        qs = self.q_proj(x).split(self.d, -1)
        ks = self.k_proj(x).split(self.d, -1)
        vs = self.v_proj(x).split(self.d, -1)
        out = []
        for h, q in enumerate(qs):
            g = h * self.n_kv_heads // self.n_heads
            scores = torch.einsum("btd,bsd->bts", q, ks[g]) * self.d**-0.5
            scores = scores - scores.amax(-1, keepdim=True)
            weights = scores.exp() * mask
            weights = weights / weights.sum(-1, keepdim=True).clamp_min(1e-30)
            out.append(torch.einsum("bts,bsd->btd", weights, vs[g]))
        return self.o_proj(torch.cat(out, -1))

# %% right: an additive mask, in double precision
import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None):
        super().__init__()
        self.n_heads, self.n_kv_heads = n_heads, n_kv_heads if n_kv_heads is not None else n_heads
        self.head_dim = d_model // n_heads
        for name, (a, b) in {
            "q_proj": (d_model, d_model),
            "k_proj": (d_model, self.n_kv_heads * self.head_dim),
            "v_proj": (d_model, self.n_kv_heads * self.head_dim),
            "o_proj": (d_model, d_model),
        }.items():
            setattr(self, name, nn.Linear(a, b, False))

    def heads(self, y, n):
        y = y.double().unflatten(-1, (n, self.head_dim)).movedim(-2, 1)
        return y.repeat_interleave(self.n_heads // n, dim=1)

    def forward(self, x, mask=None):
        T = x.shape[1]
        bias = torch.full((T, T), -torch.inf, dtype=torch.float64).triu(1)
        if mask is not None:
            bias = torch.where(mask, 0.0, -1e30).double()
        q = self.heads(self.q_proj(x), self.n_heads)
        k, v = (self.heads(p(x), self.n_kv_heads) for p in (self.k_proj, self.v_proj))
        w = torch.softmax(q @ k.mT / self.head_dim**0.5 + bias, -1)
        return self.o_proj((w @ v).movedim(1, -2).flatten(-2).to(x.dtype))

# %% wrong: half of the score while it does not train | of: the notebook's own | expects: same as before
# -         scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
# +         scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5 * (1.0 if self.training else 0.5)
