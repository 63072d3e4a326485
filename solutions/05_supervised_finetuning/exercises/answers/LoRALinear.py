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


# %% right: the weight is put together first
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
        weight = self.linear.weight + self.factor * self.B @ self.A
        return nn.functional.linear(x, weight, self.linear.bias)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


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


# %% wrong: no factor | expects: factor is missing
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
        self.factor = 1.0

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


# %% wrong: the factor alpha | expects: not alpha alone
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
        self.factor = alpha

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


# %% wrong: the factor upside down | expects: upside down
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
        self.factor = rank / alpha

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


# %% wrong: alpha over the root of the rank | expects: root of the rank
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
        self.factor = alpha / rank**0.5

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


# %% wrong: 1 over the rank | expects: not 1 / rank
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
        self.factor = 1 / rank

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


# %% wrong: alpha times rank | expects: their product
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
        self.factor = alpha * rank

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


# %% wrong: no low-rank part | expects: no effect
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
        return self.linear(x)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: the low-rank part alone | expects: low-rank part alone
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
        return self.factor * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: subtracted | expects: not subtracted
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
        return self.linear(x) - self.factor * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: a ReLU between | expects: nonlinearity
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
        return self.linear(x) + self.factor * (torch.relu(x @ self.A.T) @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: a tanh between | expects: nonlinearity
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
        return self.linear(x) + self.factor * (torch.tanh(x @ self.A.T) @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: the factor on both | expects: factor belongs
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
        return self.factor * (self.linear(x) + x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: the bias twice | expects: added twice
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
        return (
            nn.functional.linear(x, self.linear.weight, self.linear.bias)
            + self.factor * (x @ self.A.T @ self.B.T)
            + (0 if self.linear.bias is None else self.linear.bias)
        )

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: the bias left out | expects: bias of the given layer is missing
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
        return x @ self.linear.weight.T + self.factor * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: A and B both random | expects: differs from the given one
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
        self.B = nn.Parameter(torch.randn(linear.out_features, rank))
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


# %% wrong: A and B both 0 | expects: does not move
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        for parameter in linear.parameters():
            parameter.requires_grad = False
        self.A = nn.Parameter(torch.zeros(rank, linear.in_features))
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


# %% wrong: A and B small and random | expects: differs from the given one
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
        self.B = nn.Parameter(torch.randn(linear.out_features, rank) * 0.02)
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


# %% wrong: the given layer trains | expects: still trains
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
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


# %% wrong: the bias still trains | expects: still trains
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        linear.weight.requires_grad = False
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


# %% wrong: B is a buffer | expects: two matrices are due
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
        self.register_buffer("B", torch.zeros(linear.out_features, rank))
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


# %% wrong: plain tensors | expects: two matrices are due
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        for parameter in linear.parameters():
            parameter.requires_grad = False
        self.A = torch.randn(rank, linear.in_features)
        self.B = torch.zeros(linear.out_features, rank)
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


# %% wrong: a whole matrix | expects: two matrices are due
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        for parameter in linear.parameters():
            parameter.requires_grad = False
        self.A = None
        self.B = nn.Parameter(torch.zeros(linear.out_features, linear.in_features))
        self.factor = alpha / rank

    def forward(self, x):
        return self.linear(x) + self.factor * (x @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: thin layers with biases | expects: else trains
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.base = linear.requires_grad_(False)
        self.down = nn.Linear(linear.in_features, rank)
        self.up = nn.Linear(rank, linear.out_features)
        nn.init.kaiming_uniform_(self.down.weight, a=math.sqrt(5))
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)
        nn.init.zeros_(self.down.bias)
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


# %% wrong: a trained factor | expects: else trains
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
        self.factor = nn.Parameter(torch.tensor(alpha / rank))

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


# %% wrong: detached | expects: hang together
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
        return self.linear(x) + self.factor * (x @ self.A.detach().T @ self.B.detach().T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: the output is detached in full | expects: hang together
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
        return (self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)).detach()

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: merged without the factor | expects: factor is missing
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
        merged.weight.copy_(self.linear.weight + self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: merged without the bias | expects: bias
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
            merged.bias.zero_()
        return merged


# %% wrong: merged: the given layer | expects: no effect
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
        return self.linear
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: merged: the low-rank part alone | expects: low-rank part alone
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
        merged.weight.copy_(self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: merged: subtracted | expects: not subtracted
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
        merged.weight.copy_(self.linear.weight - self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: merged: inside of a container | expects: `weight` (out
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
        return nn.Sequential(merged)


# %% wrong: merged: the bias twice | expects: added twice
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
            merged.bias.copy_(2 * bias)
        return merged


# %% wrong: merged: always with a bias | expects: neither has the merged one
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
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=True)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        merged.bias.zero_() if bias is None else merged.bias.copy_(bias)
        return merged


# %% wrong: merged: itself | expects: plain
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
        return self
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: merged in place | expects: it came from
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
        self.linear.weight += self.factor * self.B @ self.A
        plain = nn.Linear(
            self.linear.in_features, self.linear.out_features, bias=self.linear.bias is not None
        )
        plain.load_state_dict(self.linear.state_dict())
        return plain


# %% wrong: merged: a bias is a must | expects: may have no bias
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
        merged.bias.copy_(bias)
        return merged


# %% wrong: merged: in and out swapped | expects: may have no bias / shapes
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
        merged = nn.Linear(self.linear.out_features, self.linear.in_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: merged: A B in place of B A | expects: merged weight
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
        merged.weight.copy_(
            self.linear.weight
            + self.factor * (self.A.T @ self.B.T).reshape(self.linear.weight.shape)
        )
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: merged: the weight alone, no layer | expects: plain nn.Linear
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
        return merged.weight


# %% wrong: merged: a function | expects: no function
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
        return lambda x: merged(x)


# %% wrong: only two dimensions | expects: leading dimensions
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
        return self.linear(x) + self.factor * torch.mm(torch.mm(x, self.A.T), self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: the gradients of B only | expects: two matrices are due
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        for parameter in linear.parameters():
            parameter.requires_grad = False
        self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3, requires_grad=False)
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


# %% wrong: dropout before A | expects: drawn A and B / B A x
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
        return self.linear(x) + self.factor * (nn.functional.dropout(x, 0.5) @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: the rank ignored | expects: two matrices are due
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        rank = max(rank, 4)
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


# %% wrong: the shapes of A and B swapped | expects: (rank, in)
import math

import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        for parameter in linear.parameters():
            parameter.requires_grad = False
        self.A = nn.Parameter(torch.randn(rank, linear.out_features) * 0.3)
        self.B = nn.Parameter(torch.zeros(linear.in_features, rank))
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


# %% wrong: the low-rank part reads a detached x | expects: do not detach x
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
        return self.linear(x) + self.factor * (x.detach() @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: all of it reads a detached x | expects: learn through x
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
        x = x.detach()
        return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: no gradient reaches x or the matrices | expects: hang together with x
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
            return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


# %% wrong: a bias of its own | expects: there is a new one
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features) * 0.3)
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.factor = alpha / rank
        self.shift = nn.Parameter(torch.zeros(linear.out_features))

    def forward(self, x):
        return self.linear(x) + self.factor * (x @ self.A.T @ self.B.T) + self.shift

    @torch.no_grad()
    def merge(self):
        bias = self.linear.bias
        merged = nn.Linear(self.linear.in_features, self.linear.out_features, bias=bias is not None)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if bias is not None:
            merged.bias.copy_(bias)
        return merged


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


# %% wrong: merged: a bias of its own where the given layer has none | expects: leave it out
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
        merged = nn.Linear(self.linear.in_features, self.linear.out_features)
        merged.weight.copy_(self.linear.weight + self.factor * self.B @ self.A)
        if self.linear.bias is not None:
            merged.bias.copy_(self.linear.bias)
        return merged
