"""One essay, scored again and again by the real model: the chances of each score, and what sampling makes of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from utils.decoding.arguments import finite_number, whole_number
from utils.decoding.cached import CachedDecoder
from utils.decoding.checked import checked
from utils.decoding.samplers import Temperature
from utils.experiments.hallucination.real_answers import chat_prompt, next_logits, real_model

SCORES = (1, 2, 3, 4, 5)
OPENING = "Score:"
REQUESTS = (
    "Score this essay from 1 to 5, where 5 is best.",
    "Grade this essay from 1 to 5, where 5 is best.",
    "How good is this essay, from 1 to 5, where 5 is best?",
)
# Written for the course: four that say something, four with faults that a teacher would mark.
ESSAYS = (
    "Bees do more than make honey. On their way from flower to flower they carry pollen, and without it many fruits "
    "would not grow. Where bees are rare, farmers hire hives. Protecting wild meadows is cheaper in the end.",
    "A map leaves out nearly everything. That is its use: a traveller needs the road and not each tree beside it. The "
    "art of drawing maps is the art of choosing what to forget.",
    "My grandmother kept her letters in a tin box. When we opened it we found that she had answered some of them only "
    "in her head. I write back at once now, even if it is one line.",
    "Ships once carried their time with them. A good clock told the captain how far east he had come, since noon at "
    "home and noon at sea differ. A few seconds of error could wreck a fleet.",
    "Summer is good because of it is warm and I like the summer very much. In summer there is summer holiday. Summer "
    "is my favourite season because I like it the most of all seasons.",
    "The internet have many informations. Some is true and other is not true. Peoples should be carefully. In "
    "conclusion the internet have good sides and bad sides.",
    "Dogs are better than cats. Everybody knows this. Anyone who says otherwise is wrong and has no idea. I have "
    "proved my point.",
    "Exercise is important. My uncle has a car. Health is wealth and water is wet. To sum up, one should think about "
    "it, and so on.",
)


def essay_prompts(request: int = 0) -> list[list[int]]:
    """Return the prompts that ask for a score of each essay, in one of three wordings.

    Raises:
        ValueError: there is no such wording.
    """
    if not 0 <= whole_number(request, "request", 0) < len(REQUESTS):
        raise ValueError(f"request must be below {len(REQUESTS)}, not {request}")
    return [chat_prompt(f"{REQUESTS[request]}\n\n{essay}", OPENING) for essay in ESSAYS]


def score_ids() -> list[int]:
    """Return the ids of the tokens that stand for the five scores after the opening."""
    ids = [real_model().encode(f"{OPENING} {score}")[-1] for score in SCORES]
    if len(set(ids)) != len(SCORES):
        raise ValueError(f"scores must be different tokens, not {ids}")
    return ids


def score_logits(prompts: Sequence[Sequence[int]]) -> Tensor:
    """Return the logits (N, 5) of the five scores after each prompt; the answer is held to them."""
    real = real_model()
    spaced = real.encode(f"{OPENING} 1")[len(real.encode(OPENING)) : -1]  # a space that is a token of its own
    return next_logits([[*prompt, *spaced] for prompt in prompts])[:, score_ids()]


@checked
def agreement_at(logits: Tensor, temperature: float) -> np.ndarray:
    """Return for each row the exact chance that two runs agree: the sum of the squared probabilities.

    Args:
        logits: (N, 5).
        temperature: above 0; at 0 every run gives the likeliest score.
    """
    if finite_number(temperature, "temperature", 0.0) == 0:
        return np.ones(len(logits))
    return ((logits.double() / temperature).softmax(-1) ** 2).sum(-1).numpy()


@checked
def sampled_scores(logits: Tensor, temperature: float, runs: int, seed: int) -> np.ndarray:
    """Return the scores (runs, N) of several runs; a run scores all rows as one batch, with one generator for all."""
    sampler = Temperature(temperature).seeded(seed) if temperature else None
    rows = []
    for _ in range(whole_number(runs, "runs", 1)):
        ids = logits.argmax(-1) if sampler is None else sampler(logits)
        rows.append(ids.numpy() + SCORES[0])
    return np.array(rows)


@checked
def seeded_in_company(logits: Tensor, row: int, temperature: float, seed: int, before: int) -> int:
    """Return the score of one row when a run with this seed has so many other rows of the batch before it."""
    others = [place for place in range(len(logits)) if place != row][: whole_number(before, "before", 0)]
    batch = logits[torch.tensor([*others, row])]
    return int(Temperature(temperature).seeded(seed)(batch)[-1]) + SCORES[0]


def version_logits(prompts: Sequence[Sequence[int]]) -> Tensor:
    """Return what `score_logits` gives when the same model is served in 8 bits: another version, as a provider makes it."""
    real = real_model()
    decoder = CachedDecoder(real.model, "int8")
    spaced = real.encode(f"{OPENING} 1")[len(real.encode(OPENING)) : -1]
    return decoder.prefill([[*prompt, *spaced] for prompt in prompts])[:, score_ids()]
