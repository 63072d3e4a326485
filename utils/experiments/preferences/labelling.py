"""Pairs of a policy's own answers, labelled by a person who sees the gold reward through noise, a model, or a coin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from utils.experiments.finetuning.answering import ask
from utils.experiments.preferences.answer_model import GOLD, AnswerBench
from utils.models.gpt import GPT
from utils.posttraining.finetuning import pad_pairs
from utils.posttraining.logprobs import target_logprobs
from utils.posttraining.preferences import PreferencePair
from utils.posttraining.reward import RewardModel, pairwise_accuracy
from utils.world.labelers import Labeler
from utils.world.questions import QuestionAnswer, stated_values

# (question, answers) -> how much the judge likes each answer
Judge = Callable[[Sequence[QuestionAnswer], Sequence[Sequence[int]]], np.ndarray]
PERSON = Labeler("person", noise=0.5)


def person_judge(bench: AnswerBench, labeler: Labeler = PERSON) -> Judge:
    """Return a judge that feels the gold reward and its own tastes."""

    def judge(questions: Sequence[QuestionAnswer], answers: Sequence[Sequence[int]]) -> np.ndarray:
        worth = bench.gold(questions, answers)
        return np.array([labeler.utility(float(w), bench.text(a)) for w, a in zip(worth, answers, strict=True)])

    return judge


@torch.no_grad()
def mean_logprob(bench: AnswerBench, model: GPT, questions: Sequence[QuestionAnswer], answers: Sequence) -> np.ndarray:
    """Return how likely a model finds each answer: the mean log-probability of its tokens, in nats."""
    found = []
    rows = list(zip(bench.prompts(questions), answers, strict=True))
    for first in range(0, len(rows), 100):
        inputs, targets = pad_pairs(rows[first : first + 100])
        lengths = torch.tensor([len(answer) for _, answer in rows[first : first + 100]])
        found.append(target_logprobs(model, inputs, targets).sum(-1) / lengths)
    return torch.cat(found).numpy()


def model_judge(bench: AnswerBench, model: GPT) -> Judge:
    """Return a judge with the principles of the gold reward and the knowledge of a model.

    The model answers each question itself; then an answer that says the same counts as right, one that says something
    else as wrong. Where the model is mistaken, so is the judge.
    """

    def judge(questions: Sequence[QuestionAnswer], answers: Sequence[Sequence[int]]) -> np.ndarray:
        own = ask(model, bench.world, bench.codec, [question.question for question in questions])
        liked = []
        for question, said, answer in zip(questions, own, answers, strict=True):
            values = stated_values(bench.world, question.fact, said.text)
            believed = replace(question.fact, value=values[0] if values else "nobody knows")
            liked.append(GOLD(bench.world, believed, bench.text(answer)))
        return np.array(liked)

    return judge


def two_answers(bench: AnswerBench, seed: int) -> tuple[list[list[int]], list[list[int]]]:
    """Return two drawn answers of the bench's policy to each of its questions."""
    first, second = (bench.draw(bench.policy, bench.questions, 2 * seed + side) for side in (0, 1))
    return first, second


def labelled_pairs(
    bench: AnswerBench,
    judge: Judge | None,
    seed: int,
    noise: float = PERSON.noise,
    answers: tuple[list[list[int]], list[list[int]]] | None = None,
) -> list[PreferencePair]:
    """Return a pair for each question whose two drawn answers differ.

    Args:
        bench: who answers what.
        judge: who labels; None is a coin.
        seed: of answers and labels; the same seed gives the same answers, whoever labels.
        noise: temperature of the choice; 0 takes the one that is liked more.
        answers: the seed's `two_answers`, where another judge has seen them already; drawn when None.
    """
    questions = bench.questions
    first, second = answers or two_answers(bench, seed)
    draws = np.random.default_rng([seed, 6])
    gap = np.zeros(len(questions)) if judge is None else judge(questions, first) - judge(questions, second)
    if noise > 0:
        wins = draws.random(len(gap)) < 1 / (1 + np.exp(np.clip(-gap / noise, -50, 50)))
    else:
        wins = np.where(gap == 0, draws.random(len(gap)) < 0.5, gap > 0)
    pairs = []
    for prompt, a, b, win in zip(bench.prompts(questions), first, second, wins, strict=True):
        if a != b:
            chosen, rejected = (a, b) if win else (b, a)
            pairs.append(PreferencePair(tuple(prompt), tuple(chosen), tuple(rejected)))
    return pairs


def pair_scores(model: RewardModel, pairs: Sequence[PreferencePair]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the rewards of chosen and rejected answers."""
    return (
        model.score([[*pair.prompt, *pair.chosen] for pair in pairs]),
        model.score([[*pair.prompt, *pair.rejected] for pair in pairs]),
    )


def accuracy_on(model: RewardModel, pairs: Sequence[PreferencePair]) -> float:
    """Return how often a reward model agrees with the labels."""
    return pairwise_accuracy(*pair_scores(model, pairs))
