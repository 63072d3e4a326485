"""Answers to `split_heads` and `merge_heads`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: view and transpose
import torch


def split_heads(x, n_heads):
    B, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"D {D} is not divisible by n_heads {n_heads}")
    return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)


def merge_heads(x):
    B, H, T, width = x.shape
    return x.transpose(1, 2).reshape(B, T, H * width)


# %% right: slices stacked and concatenated
import torch


def split_heads(x, n_heads):
    D = x.shape[-1]
    if D % n_heads != 0:
        raise ValueError(f"n_heads={n_heads} does not divide the width {D}")
    width = D // n_heads
    return torch.stack([x[..., h * width : (h + 1) * width] for h in range(n_heads)], dim=1)


def merge_heads(x):
    return torch.cat(x.unbind(dim=1), dim=-1)


# %% right: unflatten and flatten
import torch


def split_heads(x, n_heads):
    if x.size(-1) % n_heads:
        raise ValueError(f"cannot split {x.size(-1)} features into {n_heads} heads")
    return x.unflatten(-1, (n_heads, -1)).movedim(-2, -3).contiguous()


def merge_heads(x):
    return x.movedim(-3, -2).flatten(-2)


# %% right: element by element in einsum with an identity
import torch


def split_heads(x, n_heads):
    width, rest = divmod(x.shape[-1], n_heads)
    if rest:
        raise ValueError(f"width {x.shape[-1]} leaves {rest} features over for n_heads {n_heads}")
    choose = torch.eye(x.shape[-1], dtype=x.dtype).view(x.shape[-1], n_heads, width)
    return torch.einsum("btd,dhw->bhtw", x, choose)


def merge_heads(x):
    H, width = x.shape[1], x.shape[3]
    place = torch.eye(H * width, dtype=x.dtype).view(H, width, H * width)
    return torch.einsum("bhtw,hwd->btd", x, place)


# %% wrong: reshaped straight to (B, H, T, D/H) | of: view and transpose | expects: transpose / positions / mix / view / reshape / permute
# -     return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)
# +     return x.reshape(B, n_heads, T, D // n_heads)


# %% wrong: merged without transposing back | of: view and transpose | expects: transpose / mix / reshape / permute / inverse
# -     return x.transpose(1, 2).reshape(B, T, H * width)
# +     return x.reshape(B, T, H * width)


# %% wrong: the heads left behind the positions | of: view and transpose | expects: (B, H, T / shape / transpose / axes
# -     return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)
# +     return x.reshape(B, T, n_heads, D // n_heads)


# %% wrong: a view of a transposed tensor | of: view and transpose | expects: contiguous / view / reshape
# -     return x.transpose(1, 2).reshape(B, T, H * width)
# +     return x.transpose(1, 2).view(B, T, H * width)


# %% wrong: a width that does not divide raises RuntimeError | of: view and transpose | expects: ValueError / refused / divisible
# -     if D % n_heads:
# -         raise ValueError(f"D {D} is not divisible by n_heads {n_heads}")


# %% wrong: the features that do not divide are cut off | expects: refused / divisible
import torch


def split_heads(x, n_heads):
    B, T, D = x.shape
    width = D // n_heads
    return x[..., : n_heads * width].reshape(B, T, n_heads, D // n_heads).transpose(1, 2)


def merge_heads(x):
    B, H, T, width = x.shape
    return x.transpose(1, 2).reshape(B, T, H * width)


# %% wrong: every H-th feature to a head, both ways | expects: interleav / h D/H / consecutive / block / contiguous / neighbo
import torch


def split_heads(x, n_heads):
    B, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"D {D} is not divisible by n_heads {n_heads}")
    return x.reshape(B, T, D // n_heads, n_heads).permute(0, 3, 1, 2)


def merge_heads(x):
    B, H, T, width = x.shape
    return x.permute(0, 2, 3, 1).reshape(B, T, H * width)


# %% wrong: every H-th feature to a head in the split only | of: view and transpose | expects: interleav / h D/H / consecutive / block / contiguous / neighbo
# -     return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)
# +     return x.reshape(B, T, D // n_heads, n_heads).permute(0, 3, 1, 2)


# %% wrong: merges to interleaved features | of: view and transpose | expects: interleav / inverse / order / h D/H / consecutive / block
# -     return x.transpose(1, 2).reshape(B, T, H * width)
# +     return x.permute(0, 2, 3, 1).reshape(B, T, H * width)


# %% wrong: heads folded into the batch | of: view and transpose | expects: batch / shape / (B, H, T
# -     return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)
# +     return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2).reshape(B * n_heads, T, D // n_heads)


# %% wrong: the heads added up when merged | of: view and transpose | expects: concat / added / adding / summed / side by side / add the
# -     return x.transpose(1, 2).reshape(B, T, H * width)
# +     return x.sum(dim=1)


# %% wrong: the heads averaged when merged | of: view and transpose | expects: concat / mean / average / side by side
# -     return x.transpose(1, 2).reshape(B, T, H * width)
# +     return x.mean(dim=1)


# %% wrong: the heads in reverse order | of: view and transpose | expects: order / reverse
# -     return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)
# +     return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2).flip(1)


# %% wrong: n_heads taken for the width of a head | of: view and transpose | expects: number of heads / width / n_heads / shape
# -     return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)
# +     return x.reshape(B, T, D // n_heads, n_heads).transpose(1, 2)


# %% wrong: merged to (B, H T, D/H) | of: view and transpose | expects: (B, T, D) / shape / side by side / features
# -     return x.transpose(1, 2).reshape(B, T, H * width)
# +     return x.reshape(B, H * T, width)


# %% right: chunks and a permutation
import torch


def split_heads(x, n_heads):
    if x.shape[-1] % n_heads != 0:
        raise ValueError(f"D = {x.shape[-1]} is not divisible by n_heads = {n_heads}")
    return torch.stack(x.chunk(n_heads, dim=-1), 1)


def merge_heads(x):
    return x.permute(0, 2, 1, 3).contiguous().view(x.shape[0], x.shape[2], -1)


# %% wrong: a buffer of 64 positions | expects: The shape is wrong
import torch


def split_heads(x, n_heads):
    B, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"n_heads {n_heads} does not divide the width {D}")
    return x[:, :64].reshape(B, min(T, 64), n_heads, D // n_heads).transpose(1, 2)


def merge_heads(x):
    B, H, T, width = x.shape
    return x.transpose(1, 2)[:, :64].reshape(B, min(T, 64), H * width)


# %% wrong: the result is rounded to half precision | expects: keep their dtype
import torch


def split_heads(x, n_heads):
    B, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"n_heads {n_heads} does not divide the width {D}")
    return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)


def merge_heads(x):
    B, H, T, width = x.shape
    return x.transpose(1, 2).reshape(B, T, H * width).half().to(x.dtype)


# %% wrong: merged in reverse order | expects: reverse order
def split_heads(x, n_heads):
    B, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"n_heads {n_heads} does not divide the width {D}")
    return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)


def merge_heads(x):
    return x.flip(1).transpose(1, 2).flatten(2)


# %% right: an einsum of nothing but letters, and a fold of pieces
import torch


def split_heads(x, n_heads):
    if x.shape[-1] % n_heads:
        raise ValueError(f"{x.shape[-1]} features cannot be split among n_heads {n_heads}")
    return torch.einsum("bthd->bhtd", x.view(*x.shape[:2], n_heads, -1))


def merge_heads(x):
    merged = x[:, 0]
    for h in range(1, x.shape[1]):
        merged = torch.cat([merged, x[:, h]], dim=-1)
    return merged


# %% wrong: a batch of one squeezed away | expects: also where one of them is 1
import torch


def split_heads(x, n_heads):
    B, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"n_heads {n_heads} does not divide the width {D}")
    return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2).squeeze(0)


def merge_heads(x):
    B, H, T, d = x.shape
    return x.transpose(1, 2).reshape(B, T, H * d)


# %% wrong: a list of heads | of: a batch of one squeezed away | expects: separate heads
# -     return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2).squeeze(0)
# +     return x.split(D // n_heads, dim=-1)


# %% wrong: refused where it does not divide the tokens | expects: T may be anything
import torch


def split_heads(x, n_heads):
    B, T, D = x.shape
    if D % n_heads or T % n_heads:
        raise ValueError(f"n_heads {n_heads} does not divide the width {D}")
    return x.reshape(B, T, n_heads, D // n_heads).transpose(1, 2)


def merge_heads(x):
    B, H, T, d = x.shape
    return x.transpose(1, 2).reshape(B, T, H * d)


# %% wrong: merged heads in float32 | of: the result is rounded to half precision | expects: keep their dtype
# -     B, H, T, width = x.shape
# -     return x.transpose(1, 2).reshape(B, T, H * width).half().to(x.dtype)
# +     B, H, T, d = x.shape
# +     return x.float().transpose(1, 2).reshape(B, T, H * d)


# %% wrong: merged without a transpose where heads and tokens are as many | of: the result is rounded to half precision | expects: Positions got mixed
# -     B, H, T, width = x.shape
# -     return x.transpose(1, 2).reshape(B, T, H * width).half().to(x.dtype)
# +     B, H, T, d = x.shape
# +     return (x if H == T else x.transpose(1, 2)).reshape(B, T, H * d)


# %% wrong: merged heads with a dimension of their own | of: the result is rounded to half precision | expects: side by side in the features
# -     B, H, T, width = x.shape
# -     return x.transpose(1, 2).reshape(B, T, H * width).half().to(x.dtype)
# +     B, H, T, d = x.shape
# +     return x.transpose(1, 2)


# %% wrong: two texts taken for the heads of one | of: the result is rounded to half precision | expects: features h D/H to (h + 1) D/H of every token
# -     B, H, T, width = x.shape
# -     return x.transpose(1, 2).reshape(B, T, H * width).half().to(x.dtype)
# +     B, H, T, d = x.shape
# +     return x.permute(2, 1, 0, 3).reshape(T, B, H * d).transpose(0, 1)


# %% wrong: the tokens behind the features before a reshape | expects: of every token
import torch


def split_heads(x, n_heads):
    B, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"n_heads {n_heads} does not divide the width {D}")
    return x.transpose(1, 2).reshape(B, n_heads, T, D // n_heads)


def merge_heads(x):
    B, H, T, d = x.shape
    return x.reshape(B, H * d, T).transpose(1, 2)
