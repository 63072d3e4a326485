"""Times of reading and writing, on one thread: steadier, and layers this small gain little from a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from utils.decoding.decoders import Decoder


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread within this block."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def shortest_ms(run: Callable[[], Tensor], repeats: int) -> float:
    """Return the milliseconds of the fastest run; reading a number of its result waits for the device.

    Raises:
        ValueError: there is no run to take the time of.
    """
    if repeats < 1:
        raise ValueError(f"repeats is {repeats}: at least one run is needed")
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run().sum().item()
        times.append(1e3 * (time.perf_counter() - start))
    return min(times)


@torch.no_grad()
def reading_ms(
    readers: Mapping[str, nn.Module],
    lengths: Sequence[int],
    width: int,
    repeats: int,
    device: str | torch.device = "cpu",
) -> dict[tuple[str, int], float]:
    """Return the milliseconds that each reader takes for four texts, by its name and their length.

    Args:
        readers: modules from (B, T, D) to (B, T, D), or to a tuple that begins with it.
        lengths: of the texts, in tokens.
        width: D.
        repeats: runs of each, of which the fastest counts.
        device: where they run.
    """
    found = {}
    with one_thread():
        for length in lengths:
            x = torch.randn(4, length, width, device=device)
            for name, reader in readers.items():
                moved = reader.to(device)

                def read(moved: nn.Module = moved, x: Tensor = x) -> Tensor:
                    result = moved(x)
                    return result[0] if isinstance(result, tuple) else result

                read()
                found[name, length] = shortest_ms(read, repeats)
    return found


def phase_ms(
    decoder: Decoder, batch: int, length: int, n_new: int, vocab_size: int, repeats: int = 3
) -> tuple[float, float]:
    """Return milliseconds per token of prefill and of decoding, the best of several runs each.

    Args:
        decoder: reads prompts and writes one token a step.
        batch: prompts side by side.
        length: tokens of each.
        n_new: tokens that are written to each.
        vocab_size: ids are drawn below it.
        repeats: runs.
    """
    generator = torch.Generator().manual_seed(batch * length)
    prompts = torch.randint(vocab_size, (batch, length), generator=generator).tolist()
    reading, writing = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        ids = decoder.prefill(prompts, reserve=n_new).argmax(-1)
        ids.tolist()  # waits for the device
        middle = time.perf_counter()
        for _ in range(n_new):
            ids = decoder.step(ids).argmax(-1)
        ids.tolist()
        reading.append(1e3 * (middle - start) / (batch * length))
        writing.append(1e3 * (time.perf_counter() - middle) / (batch * n_new))
    return min(reading), min(writing)


def next_token_ms(decoder: Decoder, span: int, repeats: int, vocab_size: int) -> float:
    """Return the milliseconds of one more token after a random prompt of `span` tokens, the best of several."""
    prompt = torch.randint(vocab_size, (span,), generator=torch.Generator().manual_seed(span)).tolist()
    ids = decoder.prefill([prompt], reserve=repeats).argmax(-1)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        ids = decoder.step(ids).argmax(-1)
        ids.tolist()
        times.append(1e3 * (time.perf_counter() - start))
    return min(times)
