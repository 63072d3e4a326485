"""How likely a model finds given texts: log-probabilities by teacher forcing, and classification by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn

from utils.decoding.arguments import shown, token_rows, whole_number
from utils.decoding.cached import Prompts
from utils.decoding.decoders import Decoder, own_decoder
from utils.models.gpt import GPT

Model = nn.Module | Callable[[Tensor], Tensor] | Decoder


@torch.inference_mode()
def token_logprobs(model: Model, prompts: Prompts, continuations: Prompts, batch_size: int = 16) -> list[Tensor]:
    """Return the log-probability (nats) of every token of each continuation, given its prompt and the tokens before.

    Args:
        model: a causal model, ids (B, T) -> logits (B, T, V) (or an object that holds them as `.logits`), which reads
            each row at once; or a decoder, which reads a prompt at once and the continuation token by token.
        prompts: token ids, N rows of any lengths, each at least one.
        continuations: token ids, N rows of any lengths; none give an empty tensor.
        batch_size: rows computed side by side.

    Returns:
        N float32 tensors on the CPU, of the continuations' lengths. Their sum is log p(continuation | prompt).

    Raises:
        ValueError: what is no model; rows that are no token ids, unequal numbers of them, an empty prompt,
            a row longer than the context, ids outside the vocabulary, or a batch size below 1.
    """
    model = _own(model)
    prompts = token_rows(prompts, "prompts", "prompt")
    continuations = token_rows(continuations, "continuations", "continuation")
    if len(prompts) != len(continuations):
        raise ValueError(f"prompts has {len(prompts)} rows and continuations {len(continuations)}: one each is needed")
    batch_size = whole_number(batch_size, "batch_size", 1)
    rows = list(zip(prompts, continuations, strict=True))
    _check_rows(rows, model)
    found = [torch.empty(0)] * len(rows)
    # Rows of similar length go together, so that little is computed for padding.
    order = sorted(range(len(rows)), key=lambda place: (sum(map(len, rows[place])), place))
    for first in range(0, len(order), batch_size):
        places = order[first : first + batch_size]
        for place, logprobs in zip(places, _score(model, [rows[place] for place in places]), strict=True):
            found[place] = logprobs.float().cpu()
    return found


def continuation_logprobs(
    model: Model,
    prompts: Prompts,
    options: Prompts,
    *,
    average: bool = False,
    batch_size: int = 16,
) -> Tensor:
    """Return the log-probability (N, M) of each of M options after each of N prompts.

    Args:
        model: as for `token_logprobs`.
        prompts: token ids of N prompts.
        options: token ids of M possible continuations, each at least one token. Where one option begins with
            another, end them all with a stop id: the shorter one is otherwise never the less likely.
        average: divide by the option's number of tokens.
        batch_size: rows computed side by side.

    Raises:
        ValueError: no options or an empty one, and all that `token_logprobs` refuses.
    """
    prompts = token_rows(prompts, "prompts", "prompt")
    options = token_rows(options, "options", "option")
    if not len(options):
        raise ValueError("options must hold at least one continuation, not none")
    for place, option in enumerate(options):
        if not len(option):
            raise ValueError(f"option {place} is empty")
    pairs = [(prompt, option) for prompt in prompts for option in options]
    logprobs = token_logprobs(model, [p for p, _ in pairs], [o for _, o in pairs], batch_size)
    scores = [float(tokens.double().mean() if average else tokens.double().sum()) for tokens in logprobs]
    return torch.tensor(scores).view(len(prompts), len(options))


def best_continuation(
    model: Model,
    prompts: Prompts,
    options: Prompts,
    *,
    average: bool = False,
    batch_size: int = 16,
) -> list[int]:
    """Return for each prompt the index of its likeliest option, the first of equal ones: a classifier without training.

    The arguments are those of `continuation_logprobs`.
    """
    scores = continuation_logprobs(model, prompts, options, average=average, batch_size=batch_size)
    return [int(place) for place in scores.argmax(-1)] if len(scores) else []


def _own(model: Model) -> Model:
    """Return the model, or of a decoder one that belongs to the caller; raise ValueError for neither."""
    if hasattr(model, "prefill"):
        return own_decoder(cast(Decoder, model))
    if not callable(model):
        raise ValueError(f"model must be a causal model or a decoder, not {shown(model)}")
    return model


def _check_rows(rows: list[tuple[list[int], list[int]]], model: Model) -> None:
    """Raise ValueError for an empty prompt, a row longer than the context or ids outside the vocabulary."""
    source = getattr(model, "config", model)
    context = getattr(source, "context_length", None)
    vocabulary = getattr(source, "vocab_size", None)
    for place, (prompt, text) in enumerate(rows):
        if not prompt:
            raise ValueError(f"prompt {place} is empty: the first token needs something before it")
        ids = prompt + text
        # The last token is predicted and never read.
        if isinstance(context, int) and text and len(ids) - 1 > context:
            raise ValueError(
                f"row {place} has {len(ids)} tokens, the context of {context} takes one more than it holds"
            )
        if isinstance(vocabulary, int) and not 0 <= min(ids) <= max(ids) < vocabulary:
            wrong = min(ids) if min(ids) < 0 else max(ids)
            raise ValueError(f"row {place} holds the id {wrong}, outside 0 to {vocabulary - 1}")


def _score(model: Model, rows: list[tuple[list[int], list[int]]]) -> tuple[Tensor, ...]:
    """Return the log-probabilities of one batch of rows of (prompt, continuation)."""
    if hasattr(model, "prefill"):
        return _by_steps(cast(Decoder, model), rows)
    return _at_once(cast(Callable[[Tensor], Any], model), rows)


def _at_once(model: Callable[[Tensor], Any], rows: list[tuple[list[int], list[int]]]) -> tuple[Tensor, ...]:
    """Return log-probabilities of continuations from one forward pass over all rows, padded on the right.

    Padding stands after everything that is read out, where a causal model cannot see it.
    """
    sizes = [len(text) for _, text in rows]
    if not any(sizes):
        return tuple(torch.empty(0) for _ in rows)
    parameters = model.parameters() if isinstance(model, nn.Module) else iter(())
    device = next((p.device for p in parameters), torch.device("cpu"))
    longest = max(len(prompt) + len(text) for prompt, text in rows)
    ids = torch.tensor([(prompt + text + [0] * longest)[:longest] for prompt, text in rows], device=device)
    texts = torch.tensor([token for _, text in rows for token in text], device=device)
    # The logits at one position are about the next.
    row = torch.tensor([row for row, size in enumerate(sizes) for _ in range(size)], device=device)
    column = torch.tensor([len(prompt) - 1 + i for prompt, text in rows for i in range(len(text))], device=device)
    if isinstance(model, GPT):
        # The output layer is as large as several blocks: only the positions that count go through it.
        logits = model.head(model.hidden(ids[:, :-1])[row, column])
    else:
        result = model(ids[:, :-1])
        logits = getattr(result, "logits", result)
        if not isinstance(logits, Tensor) or logits.dim() != 3 or logits.shape[:2] != ids[:, :-1].shape:
            got = list(logits.shape) if isinstance(logits, Tensor) else shown(logits)
            raise ValueError(f"model must give logits (B, T, V) for ids {[len(rows), longest - 1]}, not {got}")
        logits = logits[row, column]
    return logits.float().log_softmax(-1).gather(-1, texts[:, None])[:, 0].split(sizes)


def _by_steps(decoder: Decoder, rows: list[tuple[list[int], list[int]]]) -> tuple[Tensor, ...]:
    """Return log-probabilities of continuations, fed to a decoder token by token."""
    sizes = [len(text) for _, text in rows]
    logits = decoder.prefill([prompt for prompt, _ in rows], reserve=max(sizes))
    found: list[list[Tensor]] = [[] for _ in rows]
    live = list(range(len(rows)))
    for step in range(max(sizes)):
        ids = torch.tensor([rows[row][1][step] if step < sizes[row] else 0 for row in live], device=logits.device)
        logprobs = logits.float().log_softmax(-1).gather(-1, ids[:, None])[:, 0]
        for row, logprob in zip(live, logprobs, strict=True):
            if step < sizes[row]:
                found[row].append(logprob)
        # The last token of a row is not read any more: the context may be full.
        going = [place for place, row in enumerate(live) if step + 1 < sizes[row]]
        if not going:
            break
        if len(going) < len(live):
            decoder.select(going)
            live, ids = [live[place] for place in going], ids[going]
        logits = decoder.step(ids)
    return tuple(torch.stack(values) if values else torch.empty(0) for values in found)
