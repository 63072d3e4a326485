"""What a mask does to a distribution, exactly: options as paths in a tree of tokens.

Masking renormalises at every step and cannot look ahead: an option whose first token is likely gets that token's whole
weight, however unlikely its rest is. The exact alternative weighs whole options.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from utils.decoding.arguments import token_ids, token_rows
from utils.decoding.checked import checked
from utils.decoding.decoders import Decoder, own_decoder


@dataclass(frozen=True)
class OptionDistribution:
    """Probabilities (n,) of n options after one prompt.

    Attributes:
        exact: the model's own probabilities of the options, divided by their sum.
        masked: what drawing token by token under the mask gives.
        greedy: index of the option that greedy decoding under the mask writes.
        mass: the options' probabilities together, before the division.
    """

    exact: np.ndarray
    masked: np.ndarray
    greedy: int
    mass: float

    @property
    def distortion(self) -> float:
        """Return the total variation between masked and exact: the most that any event's probability is off."""
        return float(0.5 * np.abs(self.exact - self.masked).sum())


@checked
@torch.inference_mode()
def option_distribution(
    decoder: Decoder, prompt: Sequence[int], options: Sequence[Sequence[int]]
) -> OptionDistribution:
    """Return exact and masked probabilities of options, each given by its tokens with what ends it.

    Args:
        decoder: the model; the prompt is read once.
        prompt: ids before the option.
        options: different, non-empty lists of ids; none may begin with another.

    Raises:
        ValueError: no options, an empty one, or one that begins with another.
    """
    paths = [tuple(option) for option in token_rows(options, "options", "option")]
    if not paths or any(not path for path in paths):
        raise ValueError(f"options must hold at least one option, each of at least one token, got {paths}")
    for a in paths:
        if sum(b[: len(a)] == a for b in paths) > 1:
            raise ValueError(f"options: the tokens {a} are an option, and another one begins with them or is the same")
    longest = max(map(len, paths))
    decoder = own_decoder(decoder)
    steps = [decoder.prefill([token_ids(prompt, "prompt")], reserve=longest).expand(len(paths), -1)]
    if longest > 1:
        decoder.select([0] * len(paths))
    wrong = [token for path in paths for token in path if not 0 <= token < steps[0].shape[-1]]
    if wrong:
        raise ValueError(f"options holds the id {wrong[0]}, outside 0 to {steps[0].shape[-1] - 1}")
    for depth in range(longest - 1):
        # A path that has ended goes on with any token: what follows it is not read.
        steps.append(decoder.step(torch.tensor([path[min(depth, len(path) - 1)] for path in paths])).clone())
    logprobs = torch.stack([logits.double().log_softmax(-1) for logits in steps], dim=1)  # (n, longest, V)
    allowed: dict[tuple[int, ...], set[int]] = {}
    for path in paths:
        for depth, token in enumerate(path):
            allowed.setdefault(path[:depth], set()).add(token)
    exact, masked = np.zeros(len(paths)), np.zeros(len(paths))
    best: dict[tuple[int, ...], int] = {}
    for row, path in enumerate(paths):
        for depth, token in enumerate(path):
            here = logprobs[row, depth]
            tokens = sorted(allowed[path[:depth]])
            exact[row] += here[token].item()
            masked[row] += (here[token] - here[tokens].logsumexp(0)).item()
            best[path[:depth]] = tokens[int(here[tokens].argmax())]
    written: tuple[int, ...] = ()
    while written not in paths:
        written = (*written, best[written])
    total = np.logaddexp.reduce(exact)
    return OptionDistribution(np.exp(exact - total), np.exp(masked), paths.index(written), float(np.exp(total)))
