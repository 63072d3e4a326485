"""Ask a pretrained model many things at once: greedy answers to a batch of prompts, with cached keys and values.

The smallest decoder that is fast enough for a notebook's experiments: prompts of different lengths are padded on the
left and answered side by side, and each step computes one position. Positions are counted from the padding's start,
which changes nothing, because rotary attention sees distances only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from utils.models.attention import MultiHeadAttention, merge_heads, split_heads
from utils.models.block import TransformerBlock
from utils.models.gpt import GPT, visible_positions
from utils.models.pretrained import PretrainedModel
from utils.models.rotary import Rotary, rotary_table, rotate_by

Cache = list[tuple[Tensor, Tensor]]


def ask(
    pretrained: PretrainedModel, questions: Sequence[str], max_new_tokens: int = 24, batch_size: int = 16
) -> list[str]:
    """Return the model's most likely answer to each question, asked as a user in a chat of its own.

    Args:
        pretrained: an instruction-tuned model with its chat template.
        questions: what to ask.
        max_new_tokens: answers are cut after so many tokens.
        batch_size: questions answered side by side.

    Raises:
        ValueError: no chat template, a batch size below 1, or prompt and answer do not fit into the context.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}: at least one question has to be asked at a time")
    prompts = [pretrained.encode_chat([{"role": "user", "content": question}]) for question in questions]
    # Prompts of similar length go together, so that little is computed for padding.
    order = sorted(range(len(prompts)), key=lambda place: (len(prompts[place]), place))
    answers = [""] * len(prompts)
    for first in range(0, len(order), batch_size):
        places = order[first : first + batch_size]
        batch = [prompts[place] for place in places]
        for place, ids in zip(
            places, greedy_tokens(pretrained.model, batch, max_new_tokens, pretrained.eos_ids), strict=True
        ):
            answers[place] = pretrained.decode(ids, skip_special_tokens=True).strip()
    return answers


@torch.inference_mode()
def greedy_tokens(
    model: GPT, prompts: Sequence[Sequence[int]], max_new_tokens: int, stop_ids: Collection[int] = ()
) -> list[list[int]]:
    """Return the most likely continuation of each prompt, token by token.

    Args:
        model: in evaluation mode, with rotary positions.
        prompts: token ids, at least one each.
        max_new_tokens: length of the longest continuation.
        stop_ids: ids that end a continuation; they are not part of it.

    Raises:
        ValueError: an empty prompt, or prompt and continuation do not fit into the context.
    """
    if not prompts or max_new_tokens < 1:
        return [[] for _ in prompts]
    if not all(len(prompt) for prompt in prompts):
        raise ValueError("prompts holds an empty one: there is nothing to continue")
    longest = max(len(prompt) for prompt in prompts)
    if longest + max_new_tokens > model.config.context_length:
        raise ValueError(
            f"max_new_tokens is {max_new_tokens}: with a prompt of {longest} tokens that exceeds the context of"
            f" {model.config.context_length}"
        )
    device = model.embedding.weight.device
    ids = torch.zeros(len(prompts), longest, dtype=torch.long, device=device)
    real = torch.zeros(len(prompts), longest, dtype=torch.bool, device=device)
    for row, prompt in enumerate(prompts):
        ids[row, longest - len(prompt) :] = torch.tensor(list(prompt), device=device)
        real[row, longest - len(prompt) :] = True
    stop = torch.tensor(sorted(stop_ids), dtype=torch.long, device=device)
    cache: Cache = []
    logits = _next_logits(model, ids, visible_positions(real, ids), cache)
    chosen: list[Tensor] = []
    done = torch.zeros(len(prompts), dtype=torch.bool, device=device)
    for _ in range(max_new_tokens):
        token = logits.argmax(-1)
        chosen.append(token)
        done |= torch.isin(token, stop)
        if done.all() or len(chosen) == max_new_tokens:
            break
        real = torch.cat([real, torch.ones_like(real[:, :1])], dim=1)
        logits = _next_logits(model, token[:, None], real[:, None, :], cache)
    return [_until(row, stop_ids) for row in torch.stack(chosen, dim=1).tolist()]


def _next_logits(model: GPT, ids: Tensor, visible: Tensor, cache: Cache) -> Tensor:
    """Return logits (B, V) after new ids (B, T), whose keys and values are added to the cache."""
    start = cache[0][0].shape[-2] if cache else 0
    x = model.embedding(ids)
    for number, module in enumerate(model.blocks):
        block = cast(TransformerBlock, module)
        past = cache[number] if start else None
        attended, present = _attend(block.attention, block.norm1(x), visible, past, start)
        cache[number : number + 1] = [present]
        x = x + attended
        x = x + block.mlp(block.norm2(x))
    return model.head(model.norm(x[:, -1]))


def _attend(
    layer: MultiHeadAttention, x: Tensor, visible: Tensor, past: tuple[Tensor, Tensor] | None, start: int
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Return the layer's output for new positions x (B, T, D), and keys and values of all positions so far."""
    q = split_heads(layer.q_proj(x), layer.n_heads)
    k = split_heads(layer.k_proj(x), layer.n_kv_heads)
    v = split_heads(layer.v_proj(x), layer.n_kv_heads)
    if isinstance(layer.rotary, Rotary):
        cos, sin = rotary_table(layer.rotary.context_length, layer.rotary.head_dim, layer.rotary.base, x.device)
        here = slice(start, start + x.shape[1])
        q, k = rotate_by(q, cos[here], sin[here]), rotate_by(k, cos[here], sin[here])
    if past is not None:
        k, v = torch.cat([past[0], k], dim=-2), torch.cat([past[1], v], dim=-2)
    group = layer.n_heads // layer.n_kv_heads
    out = F.scaled_dot_product_attention(
        q, k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1), attn_mask=visible[:, None]
    )
    return layer.o_proj(merge_heads(out)), (k, v)


def _until(ids: Sequence[int], stop_ids: Collection[int]) -> list[int]:
    """Return the ids before the first one that stops."""
    for place, one in enumerate(ids):
        if one in stop_ids:
            return list(ids[:place])
    return list(ids)
