"""Answers to `LoRALinear`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: two parameters
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        for parameter in linear.parameters():
            parameter.requires_grad = False
        self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.factor = alpha / rank

    def forward(self, x):
        return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% right: two linear layers without bias
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.base = linear.requires_grad_(False)
        self.down = nn.Linear(linear.in_features, rank, bias=False)
        self.up = nn.Linear(rank, linear.out_features, bias=False)
        nn.init.kaiming_uniform_(self.down.weight, a=math.sqrt(5))
        nn.init.zeros_(self.up.weight)
        self.scaling = alpha / rank

    def forward(self, x):
        return self.base(x) + self.up(self.down(x)) * self.scaling

    def merge(self):
        merged = nn.Linear(
            self.base.in_features, self.base.out_features, bias=self.base.bias is not None
        )
        state = {key: value.clone() for key, value in self.base.state_dict().items()}
        state["weight"] += self.scaling * (self.up.weight @ self.down.weight).detach()
        merged.load_state_dict(state)
        return merged


# %% right: matrices the other way round, and A the one that is 0
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.lora_a = nn.Parameter(torch.zeros(linear.in_features, rank))
        self.lora_b = nn.Parameter(torch.randn(rank, linear.out_features))
        self.register_buffer("weight", linear.weight.detach().clone())
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
        self.rank, self.alpha = rank, alpha

    def forward(self, x):
        plain = nn.functional.linear(x, self.weight, self.bias)
        return plain + (x @ self.lora_a @ self.lora_b) * self.alpha / self.rank

    def merge(self):
        out_features, in_features = self.weight.shape
        merged = nn.Linear(in_features, out_features, bias=self.bias is not None)
        merged.weight.data = (
            self.weight + (self.lora_a @ self.lora_b).T.detach() * self.alpha / self.rank
        )
        if self.bias is not None:
            merged.bias.data = self.bias.clone()
        return merged


# %% right: the weight is put together first | of: two parameters
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         weight = self.linear.weight + self.factor * self.B @ self.A
# +         return nn.functional.linear(x, weight, self.linear.bias)


# %% right: a deep copy of the given layer
import copy
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = copy.deepcopy(linear)
        for parameter in self.linear.parameters():
            parameter.requires_grad = False
        self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.factor = alpha / rank

    def forward(self, x):
        return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        merged = copy.deepcopy(self.linear)
        merged.weight += self.factor * self.B @ self.A
        return merged


# %% right: a subclass of nn.Linear
import math

import torch
from torch import nn


class LoRALinear(nn.Linear):
    def __init__(self, linear, rank, alpha):
        super().__init__(linear.in_features, linear.out_features, bias=linear.bias is not None)
        self.load_state_dict(linear.state_dict())
        self.requires_grad_(False)
        self.A = nn.Parameter(torch.empty(rank, linear.in_features).uniform_(-0.5, 0.5))
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.alpha_over_rank = alpha / rank

    def forward(self, x):
        return super().forward(x) + self.alpha_over_rank * torch.einsum(
            "...i,ri,or->...o", x, self.A, self.B
        )

    def merge(self):
        plain = nn.Linear(self.in_features, self.out_features, bias=self.bias is not None)
        with torch.no_grad():
            plain.weight.copy_(self.weight).add_(self.B @ self.A, alpha=self.alpha_over_rank)
            if self.bias is not None:
                plain.bias.copy_(self.bias)
        return plain


# %% wrong: no factor | of: two parameters | expects: factor is missing
# -         self.factor = alpha / rank
# +         self.factor = 1.0


# %% wrong: the factor alpha | of: two parameters | expects: not alpha alone
# -         self.factor = alpha / rank
# +         self.factor = alpha


# %% wrong: the factor upside down | of: two parameters | expects: upside down
# -         self.factor = alpha / rank
# +         self.factor = rank / alpha


# %% wrong: alpha over the root of the rank | of: two parameters | expects: root of the rank
# -         self.factor = alpha / rank
# +         self.factor = alpha / rank**0.5


# %% wrong: 1 over the rank | of: two parameters | expects: not 1 / rank
# -         self.factor = alpha / rank
# +         self.factor = 1 / rank


# %% wrong: alpha times rank | of: two parameters | expects: their product
# -         self.factor = alpha / rank
# +         self.factor = alpha * rank


# %% wrong: no low-rank part | of: two parameters | expects: no effect
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x)


# %% wrong: the low-rank part alone | of: two parameters | expects: low-rank part alone
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.factor * (x @ self.A.T @ self.B.T)


# %% wrong: subtracted | of: two parameters | expects: not subtracted
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) - self.factor * (x @ self.A.T @ self.B.T)


# %% wrong: a ReLU between | of: two parameters | expects: nonlinearity
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * (torch.relu(x @ self.A.T) @ self.B.T)


# %% wrong: a tanh between | of: two parameters | expects: nonlinearity
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * (torch.tanh(x @ self.A.T) @ self.B.T)


# %% wrong: the factor on both | of: two parameters | expects: factor belongs
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.factor * (self.linear(x) + x @ self.A.T @ self.B.T)


# %% wrong: the bias twice | of: two parameters | expects: added twice
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return (
# +             nn.functional.linear(x, self.linear.weight, self.linear.bias)
# +             + self.factor * (x @ self.A.T @ self.B.T)
# +             + (0 if self.linear.bias is None else self.linear.bias)
# +         )


# %% wrong: the bias left out | of: two parameters | expects: bias of the given layer is missing
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return x @ self.linear.weight.T + self.factor * (x @ self.A.T @ self.B.T)


# %% wrong: A and B both random | of: two parameters | expects: differs from the given one
# -         self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
# +         self.B = nn.Parameter(torch.randn(linear.out_features, rank))


# %% wrong: A and B both 0 | of: two parameters | expects: does not move
# -         self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
# +         self.A = nn.Parameter(torch.zeros(rank, linear.in_features))


# %% wrong: A and B small and random | of: two parameters | expects: differs from the given one
# -         self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
# +         self.B = nn.Parameter(torch.randn(linear.out_features, rank) * 0.02)


# %% wrong: the given layer trains | of: two parameters | expects: still trains
# -         for parameter in linear.parameters():
# -             parameter.requires_grad = False


# %% wrong: the bias still trains | of: two parameters | expects: still trains
# -         for parameter in linear.parameters():
# -             parameter.requires_grad = False
# +         linear.weight.requires_grad = False


# %% wrong: B is a buffer | of: two parameters | expects: two matrices are due
# -         self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
# +         self.register_buffer("B", torch.zeros(linear.out_features, rank))


# %% wrong: plain tensors | of: two parameters | expects: two matrices are due
# -         self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
# -         self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
# +         self.A = torch.randn(rank, linear.in_features)
# +         self.B = torch.zeros(linear.out_features, rank)


# %% wrong: a whole matrix | of: two parameters | expects: two matrices are due
# -         self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
# -         self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
# +         self.A = None
# +         self.B = nn.Parameter(torch.zeros(linear.out_features, linear.in_features))

# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * (x @ self.B.T)

# -         merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
# +         merged.weight.copy_(self.linear.weight + self.factor * self.B)


# %% wrong: thin layers with biases | of: two linear layers without bias | expects: else trains
# -         self.down = nn.Linear(linear.in_features, rank, bias=False)
# -         self.up = nn.Linear(rank, linear.out_features, bias=False)
# +         self.down = nn.Linear(linear.in_features, rank)
# +         self.up = nn.Linear(rank, linear.out_features)

# -         nn.init.zeros_(self.up.weight)
# +         nn.init.zeros_(self.up.weight)
# +         nn.init.zeros_(self.up.bias)
# +         nn.init.zeros_(self.down.bias)


# %% wrong: a trained factor | of: two parameters | expects: else trains
# -         self.factor = alpha / rank
# +         self.factor = nn.Parameter(torch.tensor(alpha / rank))


# %% wrong: detached | of: two parameters | expects: hang together
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * (x @ self.A.detach().T @ self.B.detach().T)


# %% wrong: the output is detached in full | of: two parameters | expects: hang together
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return (self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)).detach()


# %% wrong: merged without the factor | of: two parameters | expects: factor is missing
# -         merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
# +         merged.weight.copy_(self.linear.weight + self.B @ self.A)


# %% wrong: merged without the bias | of: two parameters | expects: bias
# -             merged.bias.copy_(bias)
# +             merged.bias.zero_()


# %% wrong: merged: the given layer | of: two parameters | expects: no effect
# -     def merge(self):
# +     def merge(self):
# +         return self.linear


# %% wrong: merged: the low-rank part alone | of: two parameters | expects: low-rank part alone
# -         merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
# +         merged.weight.copy_(self.factor * self.B @ self.A)


# %% wrong: merged: subtracted | of: two parameters | expects: not subtracted
# -         merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
# +         merged.weight.copy_(self.linear.weight - self.factor * self.B @ self.A)


# %% wrong: merged: inside of a container | of: two parameters | expects: `weight` (out
# -         return merged
# +         return nn.Sequential(merged)


# %% wrong: merged: the bias twice | of: two parameters | expects: added twice
# -             merged.bias.copy_(bias)
# +             merged.bias.copy_(2 * bias)


# %% wrong: merged: always with a bias | of: two parameters | expects: neither has the merged one
# -         merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
# +         merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=True)

# -         if bias is not None:
# -             merged.bias.copy_(bias)
# +         merged.bias.zero_() if bias is None else merged.bias.copy_(bias)


# %% wrong: merged: itself | of: two parameters | expects: plain
# -     def merge(self):
# +     def merge(self):
# +         return self


# %% wrong: merged in place | of: two parameters | expects: it came from
# -         bias = self.linear.bias
# -         merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
# -         merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
# -         if bias is not None:
# -             merged.bias.copy_(bias)
# -         return merged
# +         self.linear.weight += self.factor * self.B @ self.A
# +         plain = nn.Linear(
# +             self.linear.in_features, self.linear.out_features, bias=self.linear.bias is not None
# +         )
# +         plain.load_state_dict(self.linear.state_dict())
# +         return plain


# %% wrong: merged: a bias is a must | of: two parameters | expects: may have no bias
# -         if bias is not None:
# -             merged.bias.copy_(bias)
# +         merged.bias.copy_(bias)


# %% wrong: merged: in and out swapped | of: two parameters | expects: may have no bias / shapes
# -         merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
# +         merged = nn.Linear(self.linear.out_features, self.linear.in_features, bias=bias is not None)


# %% wrong: merged: A B in place of B A | of: two parameters | expects: merged weight
# -         merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
# +         merged.weight.copy_(
# +             self.linear.weight
# +             + self.factor * (self.A.T @ self.B.T).reshape(self.linear.weight.shape)
# +         )


# %% wrong: merged: the weight alone, no layer | of: two parameters | expects: plain nn.Linear
# -         return merged
# +         return merged.weight


# %% wrong: merged: a function | of: two parameters | expects: no function
# -         return merged
# +         return lambda x: merged(x)


# %% wrong: only two dimensions | of: two parameters | expects: leading dimensions
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * torch.mm(torch.mm(x, self.A.T), self.B.T)


# %% wrong: the gradients of B only | of: two parameters | expects: two matrices are due
# -         self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
# +         self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3, requires_grad=False)


# %% wrong: dropout before A | of: two parameters | expects: drawn A and B / B A x
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * (nn.functional.dropout(x, 0.5) @ self.A.T @ self.B.T)


# %% wrong: the rank ignored | of: two parameters | expects: two matrices are due
# -         super().__init__()
# +         super().__init__()
# +         rank = max(rank, 4)


# %% wrong: the shapes of A and B swapped | of: two parameters | expects: (rank, in)
# -         self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
# -         self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
# +         self.A = nn.Parameter(torch.randn(rank, linear.out_features) * 0.3)
# +         self.B = nn.Parameter(torch.zeros(linear.in_features, rank))


# %% wrong: merge adds to the given weight, and empties B so that the layer maps as before | expects: has changed the layer
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features))
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.scale = alpha / rank

    def forward(self, x):
        return self.linear(x) + self.scale * (x @ self.A.T @ self.B.T)

    def merge(self):
        with torch.no_grad():
            self.linear.weight += self.scale * self.B @ self.A
            self.B.zero_()
        return self.linear


# %% wrong: merge keeps its first result | expects: keeps its first result
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features))
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.scale = alpha / rank
        self.merged = []

    def forward(self, x):
        return self.linear(x) + self.scale * (x @ self.A.T @ self.B.T)

    def merge(self):
        if not self.merged:
            has_bias = self.linear.bias is not None
            merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=has_bias)
            with torch.no_grad():
                merged.weight.copy_(self.linear.weight + self.scale * self.B @ self.A)
                if has_bias:
                    merged.bias.copy_(self.linear.bias)
            self.merged.append(merged)
        return self.merged[0]


# %% wrong: A is detached | expects: one of the two matrices gets no gradient
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features))
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.scale = alpha / rank

    def forward(self, x):
        return self.linear(x) + self.scale * (x @ self.A.detach().T @ self.B.T)

    def merge(self):
        has_bias = self.linear.bias is not None
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=has_bias)
        with torch.no_grad():
            merged.weight.copy_(self.linear.weight + self.scale * self.B @ self.A)
            if has_bias:
                merged.bias.copy_(self.linear.bias)
        return merged


# %% wrong: all layers of one size share their matrices | expects: of its own
import torch
from torch import nn

SHARED = {}


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        sizes = (rank, linear.in_features, linear.out_features)
        if sizes not in SHARED:
            A = nn.Parameter(torch.randn(rank, linear.in_features))
            SHARED[sizes] = (A, nn.Parameter(torch.zeros(linear.out_features, rank)))
        self.A, self.B = SHARED[sizes]
        self.scale = alpha / rank

    def forward(self, x):
        return self.linear(x) + self.scale * (x @ self.A.T @ self.B.T)

    def merge(self):
        has_bias = self.linear.bias is not None
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=has_bias)
        with torch.no_grad():
            merged.weight.copy_(self.linear.weight + self.scale * self.B @ self.A)
            if has_bias:
                merged.bias.copy_(self.linear.bias)
        return merged


# %% right: the given weights as buffers, and one product with a weight put together by addmm
import torch
import torch.nn.functional as F
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.register_buffer("weight", linear.weight.detach())
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach())
        out, width = linear.weight.shape
        self.A, self.B = nn.Parameter(torch.empty(rank, width)), nn.Parameter(torch.zeros(out, rank))
        nn.init.kaiming_uniform_(self.A)
        self.scale = alpha / rank

    def whole(self):
        return torch.addmm(self.weight, self.B, self.A, alpha=self.scale)

    def forward(self, x):
        return F.linear(x, self.whole(), self.bias)

    def merge(self):
        plain = nn.Linear(*self.weight.shape[::-1], bias=self.bias is not None)
        plain.weight.data = self.whole().detach().clone()
        if self.bias is not None:
            plain.bias.data = self.bias.clone()
        return plain


# %% wrong: frozen by no_grad, so that layers before it learn nothing through it | expects: outside `no_grad`
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.factor = alpha / rank

    def forward(self, x):
        with torch.no_grad():
            given = self.linear(x)
        return given + self.factor * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: the low-rank part reads a detached x | of: frozen by no_grad, so that layers before it learn nothing through it | expects: do not detach x
# -         with torch.no_grad():
# -             given = self.linear(x)
# -         return given + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * (x.detach() @ self.A.T @ self.B.T)


# %% wrong: all of it reads a detached x | of: frozen by no_grad, so that layers before it learn nothing through it | expects: learn through x
# -         with torch.no_grad():
# -             given = self.linear(x)
# -         return given + self.factor * (x @ self.A.T @ self.B.T)
# +         x = x.detach()
# +         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)


# %% wrong: no gradient reaches x or the matrices | of: frozen by no_grad, so that layers before it learn nothing through it | expects: hang together with x
# -             given = self.linear(x)
# -         return given + self.factor * (x @ self.A.T @ self.B.T)
# +             return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)


# %% wrong: a bias of its own | of: frozen by no_grad, so that layers before it learn nothing through it | expects: there is a new one
# -         self.factor = alpha / rank
# +         self.factor = alpha / rank
# +         self.shift = nn.Parameter(torch.zeros(linear.out_features))

# -         with torch.no_grad():
# -             given = self.linear(x)
# -         return given + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T) + self.shift


# %% wrong: the module is not initialised before a layer is put into it | expects: cannot assign module
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        self.linear = linear.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features))
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.scale = alpha / rank

    def forward(self, x):
        return self.linear(x) + self.scale * (x @ self.A.T @ self.B.T)

    def merge(self):
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=self.linear.bias is not None)
        merged.load_state_dict(self.linear.state_dict())
        merged.weight.data += self.scale * self.B.data @ self.A.data
        return merged


# %% wrong: merged: the bias is not copied | expects: copy that of the given layer
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.factor = alpha / rank

    def forward(self, x):
        return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=self.linear.bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        return merged


# %% wrong: merged: a bias of its own where the given layer has none | of: merged: the bias is not copied | expects: leave it out
# -         merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=self.linear.bias is not None)
# -         merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
# +         merged = nn.Linear(self.linear.in_features, self.linear.out_features)
# +         merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
# +         if self.linear.bias is not None:
# +             merged.bias.copy_(self.linear.bias)


# %% wrong: a whole number as the factor | of: two parameters | expects: not //
# -         self.factor = alpha / rank
# +         self.factor = alpha // rank


# %% wrong: a factor of 1 at most | of: two parameters | expects: held at 1
# -         self.factor = alpha / rank
# +         self.factor = min(alpha / rank, 1.0)


# %% wrong: the factor stands in the class | of: two parameters | expects: in the class
# -         self.factor = alpha / rank
# +         LoRALinear.factor = alpha / rank


# %% wrong: a batch of one loses its dimension | of: two parameters | expects: squeeze
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return (self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)).squeeze(0)


# %% wrong: the low-rank part squeezed | of: two parameters | expects: squeeze
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T).squeeze()


# %% wrong: x turned round, which a single vector is not | of: two parameters | expects: or none
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return self.linear(x) + self.factor * (self.B @ (self.A @ x.mT)).mT


# %% wrong: merged: the bias is shared | of: two parameters | expects: shares its weight or bias
# -             merged.bias.copy_(bias)
# +             merged.bias = bias


# %% wrong: x scaled in place | of: two parameters | expects: in place
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         y = self.linear(x)
# +         with torch.no_grad():
# +             x.mul_(self.factor)
# +         return y + (x @ self.A.T @ self.B.T)


# %% wrong: the low-rank part in training only | of: two parameters | expects: After eval
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         if not self.training:
# +             return self.linear(x)
# +         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)


# %% wrong: a ReLU after eval | of: two parameters | expects: After eval
# -         return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         y = self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)
# +         return y if self.training else torch.relu(y)


# %% right: parameter list and einsum
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.given = linear
        linear.weight.requires_grad = False
        if linear.bias is not None:
            linear.bias.requires_grad = False
        m, n = linear.weight.shape
        self.thin = nn.ParameterDict(
            {"up": nn.Parameter(torch.zeros(m, rank)), "down": nn.Parameter(torch.empty(rank, n).uniform_(-1, 1))}
        )
        self.register_buffer("scale", torch.tensor(alpha / rank))

    def forward(self, x):
        return self.given(x) + torch.einsum("...i,ri,or,->...o", x, self.thin["down"], self.thin["up"], self.scale)

    def merge(self):
        m, n = self.given.weight.shape
        layer = nn.Linear(n, m, bias=self.given.bias is not None)
        delta = torch.einsum("ri,or->oi", self.thin["down"], self.thin["up"]) * self.scale
        layer.weight = nn.Parameter((self.given.weight + delta).detach().clone())
        if layer.bias is not None:
            layer.bias = nn.Parameter(self.given.bias.detach().clone())
        return layer


# %% right: merged by what it does to unit vectors
import copy

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = copy.deepcopy(linear).requires_grad_(False)
        self.product = nn.Sequential(
            nn.Linear(linear.in_features, rank, bias=False), nn.Linear(rank, linear.out_features, bias=False)
        )
        nn.init.zeros_(self.product[1].weight)
        self.alpha, self.rank = alpha, rank

    def forward(self, x):
        return torch.add(self.linear(x), self.product(x), alpha=self.alpha / self.rank)

    def merge(self):
        merged = copy.deepcopy(self.linear)
        with torch.no_grad():
            merged.weight += self.product(torch.eye(self.linear.in_features)).T * (self.alpha / self.rank)
        return merged


# %% right: double inside
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features))
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.scale = alpha / rank

    def weight(self):
        return self.linear.weight.double() + self.scale * (self.B.double() @ self.A.double())

    def forward(self, x):
        y = (self.weight() @ x.double().unsqueeze(-1)).squeeze(-1)
        if self.linear.bias is not None:
            y = y + self.linear.bias
        return y.to(x.dtype)

    def merge(self):
        m, n = self.linear.weight.shape
        out = nn.Linear(n, m, bias=self.linear.bias is not None)
        out.weight.data = self.weight().detach().float()
        if self.linear.bias is not None:
            out.bias.data = self.linear.bias.data.clone()
        return out
