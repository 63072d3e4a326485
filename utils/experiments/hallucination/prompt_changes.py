"""Small changes of a question that change nothing for a person, and how often they change a model's answer.

The answer is one token: the likeliest first word of an answer that has been begun ("The capital is"). With options, it
is the likeliest of the options.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from utils.decoding.arguments import whole_number
from utils.decoding.checked import checked
from utils.evaluation.sensitivity import capital_flip
from utils.experiments.hallucination.real_answers import chat_prompt, next_logits, real_model
from utils.experiments.hallucination.real_facts import RealQuestion, fair_questions

CHANGES = ("the same again", "case of one letter", "other words", "order of options")
CONTROL = CHANGES[0]
ASKED_KINDS = ("capital", "currency", "language")  # numbers and symbols are another thing in another case
LETTERS, N_OPTIONS = 3, 4


@checked
def change_questions(n: int, seed: int = 0) -> list[RealQuestion]:
    """Draw n questions about countries.

    Raises:
        ValueError: there are not so many.
    """
    pool = [one for one in fair_questions() if one.kind in ASKED_KINDS]
    if not 1 <= whole_number(n, "n", 1) <= len(pool):
        raise ValueError(f"n must be from 1 to {len(pool)}, not {n}")
    return [pool[place] for place in np.random.default_rng(seed).permutation(len(pool))[:n]]


def flipped(text: str, n: int, draws: np.random.Generator) -> list[str]:
    """Return n texts, each with another letter in the other case."""
    letters = [place for place, character in enumerate(text) if character.isalpha()]
    return [capital_flip(text, int(place)) for place in draws.permutation(letters)[:n]]


def options_of(question: RealQuestion, draws: np.random.Generator) -> list[str]:
    """Return the right answer and three wrong ones of the same kind, in any order."""
    others = sorted({one.answers[0] for one in fair_questions() if one.kind == question.kind} - {question.answers[0]})
    # Two options that begin with the same letters might begin with the same token.
    chosen = [question.answers[0]]
    for place in draws.permutation(len(others)):
        if all(others[place][:2].lower() != one[:2].lower() for one in chosen):
            chosen.append(others[place])
        if len(chosen) == N_OPTIONS:
            break
    return [chosen[place] for place in draws.permutation(N_OPTIONS)]


def with_options(question: RealQuestion, options: Sequence[str]) -> str:
    """Return the question with its options."""
    return f"{question.text()} Choose one: {', '.join(options[:-1])} or {options[-1]}."


@dataclass(frozen=True)
class Changed:
    """What became of the answers of one question.

    Attributes:
        differs: for each of CHANGES the share of changed prompts whose answer is another one.
        right: whether the answer to the unchanged question begins a right one.
        right_option: whether the right option was chosen before its order was changed.
    """

    differs: dict[str, float]
    right: bool
    right_option: bool


def changed_answers(questions: Sequence[RealQuestion], seed: int = 0) -> list[Changed]:
    """Ask each question as it is, again, with three letters changed one by one, in other words, and with options.

    Asked again, a question stands in a batch with others than before: what company does is in the control.
    """
    prompts: list[list[int]] = []
    owners: list[int] = []
    options: list[list[list[str]]] = []
    for number, question in enumerate(questions):
        draws = np.random.default_rng([seed, number, len(question.subject)])
        opening = question.opening(named=False)
        texts = [question.text(), *flipped(question.text(), LETTERS, draws), question.text(1)]
        given = options_of(question, draws)
        options.append([given, given[::-1], [given[1], given[3], given[0], given[2]]])
        texts += [with_options(question, one) for one in options[-1]]
        prompts += [chat_prompt(text, opening) for text in texts]
        owners += [number] * len(texts)
    logits = next_logits(prompts)
    again = next_logits([prompts[owners.index(number)] for number in range(len(questions))]).argmax(-1).tolist()
    return [
        _changed(question, logits[[owner == number for owner in owners]], again[number], options[number])
        for number, question in enumerate(questions)
    ]


def _changed(question: RealQuestion, rows: torch.Tensor, again: int, options: Sequence[Sequence[str]]) -> Changed:
    """Compare the answers to a question: rows are the logits of the prompts in the order of `changed_answers`."""
    first, *letters, words = rows[: 2 + LETTERS].argmax(-1).tolist()
    chosen = [_chosen(row, given) for row, given in zip(rows[2 + LETTERS :], options, strict=True)]
    differs = {
        CHANGES[0]: float(again != first),
        CHANGES[1]: float(np.mean([one != first for one in letters])),
        CHANGES[2]: float(words != first),
        CHANGES[3]: float(np.mean([one != chosen[0] for one in chosen[1:]])),
    }
    begun = real_model().decode([first]).strip()
    right = len(begun) > 1 and any(one.startswith(begun) for one in question.answers)
    return Changed(differs, right, chosen[0] == question.answers[0])


def _chosen(logits: torch.Tensor, options: Sequence[str]) -> str:
    """Return the option whose first token is the likeliest."""
    first = [real_model().encode(f" {one}")[0] for one in options]
    return options[int(logits[first].argmax())]
