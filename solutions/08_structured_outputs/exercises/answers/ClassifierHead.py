"""Answers to `ClassifierHead`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: positions times mask
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.linear = nn.Linear(d_model, n_classes)

    def forward(self, hidden, mask):
        positions = torch.arange(hidden.shape[1])
        last = (positions * mask).argmax(dim=1)
        return self.linear(hidden[torch.arange(len(hidden)), last])


# %% right: the mask turned round, no bias
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model: int, n_classes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(d_model, n_classes) / d_model**0.5)

    def forward(self, hidden, mask):
        B, T, D = hidden.shape
        last = T - 1 - mask.long().flip(1).argmax(dim=1)
        chosen = hidden.gather(1, last.view(B, 1, 1).expand(B, 1, D)).squeeze(1)
        return chosen @ self.weight


# %% right: all logits first, a loop over rows
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.score = nn.Linear(d_model, n_classes, bias=False)

    def forward(self, hidden, mask):
        logits = self.score(hidden)
        return torch.stack([row[real.nonzero()[-1, 0]] for row, real in zip(logits, mask)])


# %% right: cumulative sums and a one-hot product
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.norm = nn.LayerNorm(d_model)
        self.out = nn.Linear(d_model, n_classes)

    def forward(self, hidden, mask):
        count = mask.long().cumsum(dim=1)
        is_last = (count == count[:, -1:]) & (mask > 0)
        pooled = (hidden * is_last[..., None].to(hidden.dtype)).sum(dim=1)
        return self.out(self.norm(pooled))


# %% right: two layers, zero at the start, boolean mask only
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(d_model, d_model), nn.Tanh(), nn.Dropout(0.1), nn.Linear(d_model, n_classes)
        )
        nn.init.zeros_(self.layers[-1].weight)
        nn.init.zeros_(self.layers[-1].bias)

    def forward(self, hidden, mask):
        positions = torch.arange(hidden.size(1)).expand(hidden.shape[:2])
        last = torch.where(mask, positions, -1).amax(dim=1)
        return self.layers(hidden[range(hidden.size(0)), last])


# %% right: padding on the left or on the right, told row by row
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.linear = nn.Linear(d_model, n_classes)

    def forward(self, hidden, mask):
        T = hidden.shape[1]
        ends = [T - 1 if row[-1] else int(row.sum()) - 1 for row in mask]
        return torch.cat([self.linear(hidden[i : i + 1, end]) for i, end in enumerate(ends)])


# %% wrong: position -1 | expects: right / last position / pad
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.linear = nn.Linear(d_model, n_classes)

    def forward(self, hidden, mask):
        return self.linear(hidden[:, -1])


# %% wrong: the number of real tokens less one | of: positions times mask | expects: left
# -         positions = torch.arange(hidden.shape[1])
# -         last = (positions * mask).argmax(dim=1)
# +         last = mask.long().sum(dim=1) - 1


# %% wrong: the number of real tokens | of: positions times mask | expects: one too far / off by one / beyond / minus 1 / range
# -         positions = torch.arange(hidden.shape[1])
# -         last = (positions * mask).argmax(dim=1)
# +         last = mask.long().sum(dim=1).clamp(max=hidden.shape[1] - 1)


# %% wrong: the mean over the real tokens | of: position -1 | expects: mean
# -         return self.linear(hidden[:, -1])
# +         weights = mask.to(hidden.dtype)[..., None]
# +         return self.linear((hidden * weights).sum(1) / weights.sum(1))


# %% wrong: the mean over all positions | of: position -1 | expects: mean
# -         return self.linear(hidden[:, -1])
# +         return self.linear(hidden.mean(dim=1))


# %% wrong: the first token | of: position -1 | expects: first
# -         return self.linear(hidden[:, -1])
# +         return self.linear(hidden[:, 0])


# %% wrong: the first real token | of: position -1 | expects: first
# -         return self.linear(hidden[:, -1])
# +         first = mask.long().argmax(dim=1)
# +         return self.linear(hidden[torch.arange(len(hidden)), first])


# %% wrong: the largest over time | of: position -1 | expects: max / largest
# -         return self.linear(hidden[:, -1])
# +         return self.linear(hidden.masked_fill(mask[..., None] == 0, -torch.inf).amax(dim=1))


# %% wrong: one position for the whole batch | of: position -1 | expects: row / batch / own
# -         return self.linear(hidden[:, -1])
# +         last = int(mask.long().sum(dim=1).max()) - 1
# +         return self.linear(hidden[:, last])


# %% wrong: the side of the padding is that of the first row | of: positions times mask | expects: row / own / batch / left
# -         positions = torch.arange(hidden.shape[1])
# -         last = (positions * mask).argmax(dim=1)
# +         if mask[0, 0] == 0:
# +             return self.linear(hidden[:, -1])
# +         last = mask.long().sum(dim=1) - 1


# %% wrong: left padding only if all rows end in a real token | of: positions times mask | expects: row / own / batch / left / number of real
# -         positions = torch.arange(hidden.shape[1])
# -         last = (positions * mask).argmax(dim=1)
# +         if bool((mask[:, -1] == 1).all()):
# +             return self.linear(hidden[:, -1])
# +         last = mask.long().sum(dim=1) - 1


# %% wrong: the mask turned round (1 = padding) | of: position -1 | expects: padding / inverted / 1 = real / 1 is
# -         return self.linear(hidden[:, -1])
# +         padding = mask.long() == 0
# +         positions = torch.arange(hidden.shape[1])
# +         last = (positions * padding).argmax(dim=1)
# +         return self.linear(hidden[torch.arange(len(hidden)), last])


# %% wrong: argmax of the mask turned round, not turned back | of: positions times mask | expects: position / first / flip / counted from
# -         positions = torch.arange(hidden.shape[1])
# -         last = (positions * mask).argmax(dim=1)
# +         last = mask.long().flip(1).argmax(dim=1)


# %% wrong: probabilities | of: positions times mask | expects: softmax / probabilit / logits
# -         return self.linear(hidden[torch.arange(len(hidden)), last])
# +         return torch.softmax(self.linear(hidden[torch.arange(len(hidden)), last]), dim=-1)


# %% wrong: log-probabilities | of: positions times mask | expects: softmax / log-prob / logits
# -         return self.linear(hidden[torch.arange(len(hidden)), last])
# +         return torch.log_softmax(self.linear(hidden[torch.arange(len(hidden)), last]), dim=-1)


# %% wrong: the class itself | of: positions times mask | expects: shape / class / logits
# -         return self.linear(hidden[torch.arange(len(hidden)), last])
# +         return self.linear(hidden[torch.arange(len(hidden)), last]).argmax(dim=-1)


# %% wrong: logits at each position | of: position -1 | expects: shape
# -         return self.linear(hidden[:, -1])
# +         return self.linear(hidden * mask[..., None])


# %% wrong: no parameters | expects: parameter / train
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.matrix = torch.randn(d_model, n_classes)

    def forward(self, hidden, mask):
        positions = torch.arange(hidden.shape[1])
        last = (positions * mask).argmax(dim=1)
        return hidden[torch.arange(len(hidden)), last] @ self.matrix


# %% wrong: as many classes as dimensions | of: positions times mask | expects: shape / n_classes
# -         self.linear = nn.Linear(d_model, n_classes)
# +         self.linear = nn.Linear(d_model, d_model)


# %% wrong: the token before the last real one | of: positions times mask | expects: before / off by one / one too early
# -         last = (positions * mask).argmax(dim=1)
# +         last = ((positions * mask).argmax(dim=1) - 1).clamp(min=0)


# %% wrong: the last position, padding set to 0 | of: position -1 | expects: pad / last position
# -         return self.linear(hidden[:, -1])
# +         return self.linear((hidden * mask[..., None])[:, -1])


# %% wrong: the mean of all classes' logits over the real tokens | of: position -1 | expects: mean
# -         return self.linear(hidden[:, -1])
# +         logits = self.linear(hidden)
# +         weights = mask.to(logits.dtype)[..., None]
# +         return (logits * weights).sum(1) / weights.sum(1)


# %% wrong: the sum of all real tokens | of: position -1 | expects: sum / mean
# -         return self.linear(hidden[:, -1])
# +         return self.linear((hidden * mask[..., None]).sum(dim=1))


# %% wrong: the sigmoid of the logits | of: positions times mask | expects: sigmoid / logits
# -         return self.linear(hidden[torch.arange(len(hidden)), last])
# +         return torch.sigmoid(self.linear(hidden[torch.arange(len(hidden)), last]))


# %% wrong: the hidden states that are 0 are taken for padding | of: position -1 | expects: mask / padding
# -         return self.linear(hidden[:, -1])
# +         real = (hidden != 0).any(dim=-1)
# +         positions = torch.arange(hidden.shape[1])
# +         last = (positions * real).argmax(dim=1)
# +         return self.linear(hidden[torch.arange(len(hidden)), last])


# %% wrong: a bias for each class and nothing else | of: position -1 | expects: same for every text
# -         return self.linear(hidden[:, -1])
# +         return self.linear.bias.expand(len(hidden), -1)


# %% wrong: the last real token and the mean of the text | of: position -1 | expects: nothing else / only the mask
# -         return self.linear(hidden[:, -1])
# +         last = (torch.arange(hidden.shape[1]) * mask).argmax(1)
# +         real = mask[..., None].to(hidden.dtype)
# +         mean = (hidden * real).sum(1) / real.sum(1)
# +         return self.linear(hidden[torch.arange(len(hidden)), last] + mean)


# %% wrong: the whole text at once, flattened | of: position -1 | expects: (B, T, D)
# -         return self.linear(hidden[:, -1])
# +         return self.linear((hidden * mask[..., None]).flatten(1))


# %% wrong: at most 64 positions | of: positions times mask | expects: last real
# -         positions = torch.arange(hidden.shape[1])
# -         last = (positions * mask).argmax(dim=1)
# +         hidden, mask = hidden[:, :64], mask[:, :64]
# +         last = (torch.arange(hidden.shape[1]) * mask).argmax(1)


# %% wrong: squeezes a batch of one | expects: squeeze
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.head = nn.Linear(d_model, n_classes)

    def forward(self, hidden, mask):
        last = (torch.arange(mask.shape[1]) * mask).argmax(1)
        return self.head(hidden[torch.arange(len(hidden)), last]).squeeze()


# %% wrong: a ReLU after the head | of: squeezes a batch of one | expects: below 0
# -         return self.head(hidden[torch.arange(len(hidden)), last]).squeeze()
# +         return self.head(hidden[torch.arange(len(hidden)), last]).relu()


# %% wrong: takes off the mean of the batch | of: squeezes a batch of one | expects: nothing else / same for every text / own
# -         return self.head(hidden[torch.arange(len(hidden)), last]).squeeze()
# +         h = hidden[torch.arange(len(hidden)), last]
# +         return self.head(h - h.mean(0))


# %% wrong: positions in a byte | expects: last real
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.head = nn.Linear(d_model, n_classes)

    def forward(self, hidden, mask):
        last = (torch.arange(mask.shape[1], dtype=torch.uint8) * mask.to(torch.uint8)).argmax(1)
        return self.head(hidden[torch.arange(len(hidden)), last])


# %% wrong: the hidden state comes back | of: position -1 | expects: a linear layer makes
# -         return self.linear(hidden[:, -1])
# +         last = (torch.arange(hidden.shape[1]) * mask).argmax(1)
# +         return hidden[torch.arange(len(hidden)), last]


# %% wrong: a logit too many | expects: shape must be (B, C)
import torch
from torch import nn


class ClassifierHead(nn.Module):
    def __init__(self, d_model, n_classes):
        super().__init__()
        self.linear = nn.Linear(d_model, n_classes + 1)

    def forward(self, hidden, mask):
        last = (torch.arange(hidden.shape[1]) * mask).argmax(1)
        return self.linear(hidden[torch.arange(len(hidden)), last])


# %% wrong: squeezes a single class | of: positions times mask | expects: no squeeze
# -         return self.linear(hidden[torch.arange(len(hidden)), last])
# +         return self.linear(hidden[torch.arange(len(hidden)), last]).squeeze(-1)


# %% wrong: positions in bfloat16 | of: positions times mask | expects: last real token and from nothing else
# -         last = (positions * mask).argmax(dim=1)
# +         last = (positions.bfloat16() * mask).argmax(dim=1)


# %% wrong: padding is set to 0 in the hidden states themselves | of: positions times mask | expects: in place
# -         positions = torch.arange(hidden.shape[1])
# +         positions = torch.arange(hidden.shape[1])
# +         hidden *= mask[..., None]
