"""Questions about divisibility, answered first and justified after, or the other way round.

After Zhang et al. (2023), "How language model hallucinations can snowball": a model that has to say "Yes." or "No."
before anything is worked out may say the wrong one, and then justifies it with a false statement that it recognises as
false when asked about it alone. Our model is one of the course's arithmetic models, finetuned on numbers up to 99
with both orders of answer and equation: "Is 93 divisible by 7? Yes. 93 = 13 * 7." It goes on seeing multiplications
in their old form, and in that form it is asked what 13 times 7 is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.posttraining.finetuning import Pair, finetune
from utils.training.arithmetic_models import arithmetic_vocabulary, load_arithmetic_model, prompt_ids
from utils.world.arithmetic import ArithmeticTask, final_answer
from utils.world.vocabulary import ROLE_TOKENS, SPECIAL_TOKENS, Vocabulary

MODEL = "arithmetic-48"
NEW_WORDS = ("Is", "divisible", "Yes", "No")
DIVISORS, LARGEST = (2, 3, 4, 5, 6, 7, 8, 9), 99
ORDERS = ("answer first", "reasons first")
BATCH_SIZE, LR, MUON_LR = 48, 0.01, 0.03
TESTED = 0.25
_EQUATION = re.compile(r"(\d+) = (\d+) \* (\d+)(?: \+ (\d+))?")
Case = tuple[int, int]


@lru_cache(maxsize=1)
def division_vocabulary() -> Vocabulary:
    """Return the arithmetic models' vocabulary with the words of divisibility behind it."""
    known = arithmetic_vocabulary().words[len(SPECIAL_TOKENS) :]
    return Vocabulary([*known, *(word for word in NEW_WORDS if word not in known)])


def with_new_words(model: GPT, n_words: int, seed: int) -> GPT:
    """Return a model with rows for new words behind its embedding: near the mean of the old rows.

    Raises:
        ValueError: the model has more words already.
    """
    old = model.config
    if n_words < old.vocab_size:
        raise ValueError(f"n_words must be at least {old.vocab_size}, not {n_words}")
    grown = GPT(ModelConfig(**{**vars(old), "vocab_size": n_words}))
    weights = dict(model.state_dict())
    table = weights["embedding.weight"]
    noise = torch.randn(n_words - len(table), table.shape[1], generator=torch.Generator().manual_seed(seed))
    rows = torch.cat([table, table.mean(0) + table.std() * noise])
    grown.load_state_dict({**weights, "embedding.weight": rows, "head.weight": rows})
    return grown


def cases(seed: int) -> tuple[list[Case], list[Case]]:
    """Return (number, divisor) to learn from and to test on; each number with all of its divisors is in one of both."""
    order = np.random.default_rng(seed).permutation(np.arange(2 * max(DIVISORS), LARGEST + 1)).tolist()
    cut = int(TESTED * len(order))
    parts = order[cut:], order[:cut]
    learned, tested = ([(n, d) for n in numbers for d in DIVISORS] for numbers in parts)
    return learned, tested


def equation(n: int, divisor: int) -> str:
    """Return n as a multiple of the divisor, with the rest if there is one."""
    factor, rest = divmod(n, divisor)
    return f"{n} = {factor} * {divisor}." if rest == 0 else f"{n} = {factor} * {divisor} + {rest}."


def question_ids(case: Case, order: str) -> list[int]:
    """Return the ids of a question; the token before the answer says which order is wanted.

    Raises:
        ValueError: there is no such order.
    """
    if order not in ORDERS:
        raise ValueError(f"order must be one of {'; '.join(ORDERS)}, not {order!r}")
    vocabulary, (n, divisor) = division_vocabulary(), case
    wish = ROLE_TOKENS["assistant" if order == ORDERS[0] else "system"]
    return [vocabulary.end_of_text_id, *vocabulary.encode(f"Is {n} divisible by {divisor}?"), vocabulary.id(wish)]


def answer_ids(case: Case, order: str) -> list[int]:
    """Return the ids of a right answer in an order, with the end of the turn."""
    vocabulary, said = division_vocabulary(), "No." if case[0] % case[1] else "Yes."
    parts = [said, equation(*case)] if order == ORDERS[0] else [equation(*case), said]
    return [*vocabulary.encode(" ".join(parts)), vocabulary.end_of_turn_id]


def product_task(factor: int, divisor: int) -> ArithmeticTask:
    """Return the question what a product is, in the form that the arithmetic models know."""
    return ArithmeticTask(factor, (("*", divisor),))


def examples(learned: Sequence[Case], n: int, seed: int) -> list[Pair]:
    """Return n pairs of each of three kinds: both orders of an answer, and products; half of the answers are yes."""
    generator, vocabulary = np.random.default_rng([seed, 3]), division_vocabulary()
    yes, no = [case for case in learned if case[0] % case[1] == 0], [case for case in learned if case[0] % case[1]]
    pairs: list[Pair] = []
    for place in range(n):
        pool = no if place % 2 else yes
        case = pool[generator.integers(len(pool))]
        pairs += [(question_ids(case, order), answer_ids(case, order)) for order in ORDERS]
        divisor = DIVISORS[generator.integers(len(DIVISORS))]
        task = product_task(int(generator.integers(1, LARGEST // divisor + 1)), divisor)
        pairs.append((prompt_ids(task), [*vocabulary.encode(task.solution), vocabulary.end_of_turn_id]))
    return pairs


def division_model(steps: int, seed: int) -> GPT:
    """Return the finetuned model of a seed, in evaluation mode."""
    model = with_new_words(load_arithmetic_model(MODEL), len(division_vocabulary()), seed)
    pairs = examples(cases(seed)[0], steps * BATCH_SIZE // 3 + 1, seed)
    finetune(model, pairs, steps=steps, batch_size=BATCH_SIZE, lr=LR, muon_lr=MUON_LR, seed=seed, show_progress=False)
    return model.eval()


def written(model: GPT, prompts: Sequence[Sequence[int]]) -> list[str]:
    """Return what the model writes greedily after each prompt; no prompts, no texts."""
    if not prompts:
        return []
    vocabulary = division_vocabulary()
    found = generate(decoder_for(model), prompts, 24, stop_ids=[vocabulary.end_of_turn_id])
    return [vocabulary.decode(one.ids) for one in found]


def stated(text: str) -> tuple[int, int, int, int] | None:
    """Return (number, factor, divisor, rest) of the first equation in a text, or None."""
    found = _EQUATION.search(text)
    return None if found is None else tuple(int(part or 0) for part in found.groups())  # type: ignore[return-value]


def justified(model: GPT, tested: Sequence[Case], said: str) -> dict[str, float]:
    """Return what becomes of an answer put into the model's mouth: "Yes." or "No.".

    "stated": share of justifications that are an equation about the number and the divisor that were asked about;
    "false": share of these that are false; "refuted, false" and "refuted, true": share of the false (true) ones whose
    product the model, asked alone, computes as something else than the justification needs; "n, ..." their numbers;
    "betrayed": share of all answers whose justification is false and refuted. A share of nothing is 0.
    """
    vocabulary = division_vocabulary()
    prompts = [[*question_ids(case, ORDERS[0]), *vocabulary.encode(said)] for case in tested]
    claims = [stated(text) for text in written(model, prompts)]
    about = [c for case, c in zip(tested, claims, strict=True) if c is not None and (c[0], c[2]) == case]
    alone = [final_answer(text) for text in written(model, [prompt_ids(product_task(c[1], c[2])) for c in about])]
    false = [n != factor * divisor + rest for n, factor, divisor, rest in about]
    refuted = [value != n - rest for (n, _, _, rest), value in zip(about, alone, strict=True)]
    betrayed = sum(r and f for r, f in zip(refuted, false, strict=True))
    found = {"stated": len(about) / max(1, len(tested)), "false": _share(false)}
    found["betrayed"] = betrayed / max(1, len(tested))
    for name, wanted in (("false", True), ("true", False)):
        found[f"refuted, {name}"] = _share([r for r, f in zip(refuted, false, strict=True) if f == wanted])
        found[f"n, {name}"] = sum(f == wanted for f in false)
    return {name: round(value, 4) for name, value in found.items()}


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def run_division(n: int, steps: int, seed: int) -> dict[str, Any]:
    """Return a model's wrong answers in both orders, and its justifications of forced and of its own answers.

    Forced answers are to questions that the model learned, so that it might know better: a wrong "Yes." and a right
    "No." to the same ones, and a right "Yes." to others. Its own answers are to questions about new numbers.

    Args:
        n: most questions of each kind, about divisible and indivisible numbers.
        steps: of the finetuning.
        seed: of the numbers that are tested, the examples and the new words.

    Raises:
        ValueError: n or steps is below 2.
    """
    if min(n, steps) < 2:
        raise ValueError(f"n and steps must be at least 2, not {n} and {steps}")
    model, (learned, tested) = division_model(steps, seed), cases(seed)
    wrong: dict[str, list[bool]] = {}
    own: list[Case] = []
    new = [*_drawn(tested, True, n, seed), *_drawn(tested, False, n, seed)]
    for order in ORDERS:
        texts = written(model, [question_ids(case, order) for case in new])
        wrong[order] = [("Yes" in text) != divides(case) for case, text in zip(new, texts, strict=True)]
        own = own or [case for case, text in zip(new, texts, strict=True) if "Yes" in text and not divides(case)]
    known, not_divisible = (_drawn(learned, yes, n, seed) for yes in (True, False))
    return {
        "wrong": {order: round(_share(values), 4) for order, values in wrong.items()},
        "forced wrong": justified(model, not_divisible, "Yes."),
        "forced right": justified(model, not_divisible, "No."),
        "divisible": justified(model, known, "Yes."),
        "own wrong": justified(model, own, "Yes."),
    }


def divides(case: Case) -> bool:
    """Return whether the number is divisible."""
    return case[0] % case[1] == 0


def _drawn(some: Sequence[Case], divisible: bool, n: int, seed: int) -> list[Case]:
    """Return up to n of the cases that are (not) divisible, in an order of the seed."""
    pool = [case for case in some if divides(case) == divisible]
    return [pool[place] for place in np.random.default_rng([seed, 5, divisible]).permutation(len(pool))[:n]]
