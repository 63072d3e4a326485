"""Can a weaker model judge a stronger one? Judging picks the better of two answers, generating has to find one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.experiments.preferences.answer_model import AnswerBench
from utils.experiments.preferences.labelling import mean_logprob
from utils.models.gpt import GPT
from utils.world.questions import QuestionAnswer, judge


@dataclass(frozen=True)
class JudgedPair:
    """A question with two answers of one writer, the first right and the second wrong."""

    question: QuestionAnswer
    right: list[int]
    wrong: list[int]


def right_and_wrong(
    bench: AnswerBench, writer: GPT, questions: Sequence[QuestionAnswer], draws: int, seed: int
) -> tuple[list[JudgedPair], float]:
    """Return a pair for each question answered both rightly and wrongly, and the share of right answers."""
    rights: dict[int, list[int]] = {}
    wrongs: dict[int, list[int]] = {}
    n_right = 0
    for number in range(draws):
        for place, answer in enumerate(bench.draw(writer, questions, 50 * seed + number)):
            outcome = judge(bench.world, questions[place].fact, bench.text(answer))
            n_right += outcome == "correct"
            if outcome == "correct":
                rights.setdefault(place, answer)
            elif outcome == "wrong":
                wrongs.setdefault(place, answer)
    pairs = [JudgedPair(questions[p], rights[p], wrongs[p]) for p in sorted(rights) if p in wrongs]
    return pairs, n_right / (draws * len(questions))


def judged_rightly(bench: AnswerBench, judge_model: GPT, pairs: Sequence[JudgedPair]) -> np.ndarray:
    """Return for each pair whether a model finds the right answer likelier than the wrong one."""
    questions = [pair.question for pair in pairs]
    right = mean_logprob(bench, judge_model, questions, [pair.right for pair in pairs])
    wrong = mean_logprob(bench, judge_model, questions, [pair.wrong for pair in pairs])
    return (right > wrong).astype(float)
