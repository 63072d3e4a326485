"""A model of the world that has room to improve: it was finetuned on answers good and bad.

It answers right, wrong, or not at all; curtly or with sentences nobody asked for; politely or not. What an answer is
worth is known (`GoldReward`), so whether preferences make it better is measured, not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from utils.models.gpt import GPT
from utils.posttraining.chat import ChatCodec, world_codec
from utils.posttraining.lora import with_adapter
from utils.posttraining.rollouts import roll_out
from utils.training.base_models import base_world, checkpoints_dir, load_base_model
from utils.training.checkpoints import CheckpointError, read
from utils.world.draws import Draws
from utils.world.preferences import draw_answers
from utils.world.questions import QuestionAnswer, ask, draw_questions
from utils.world.rewards import GoldReward
from utils.world.world import World

ANSWER_MODEL, BASE = "world-small-answers", "world-small"
COMMAND = "python scripts/make_answer_model.py"
GOLD = GoldReward()
MAX_NEW_TOKENS = 40


def mixed_chats(world: World, n: int, seed: int) -> list[list[dict[str, str]]]:
    """Return n conversations whose answers are good and bad as `draw_answers` mixes them."""
    pool, draws = draw_questions(world, None, seed), Draws(world.options.seed, "mixed answers", seed)
    chats = []
    for _ in range(n):
        question = ask(world, draws.pick(pool).fact, draws)
        [answer] = draw_answers(world, question.fact, 1, draws)
        turns = ({"role": "user", "content": question.question}, {"role": "assistant", "content": answer})
        chats.append(list(turns))
    return chats


def load_answer_model() -> GPT:
    """Return the model in evaluation mode; CheckpointError when its file is missing."""
    path = checkpoints_dir() / f"{ANSWER_MODEL}.safetensors"
    if not path.is_file():
        raise CheckpointError(f"{path} does not exist; {COMMAND} makes it")
    tensors, _ = read(path)
    return with_adapter(load_base_model(BASE), tensors)


@dataclass(frozen=True)
class AnswerBench:
    """A policy, the questions that it is asked, and how its answers are read.

    Attributes:
        world, codec, policy: of the model.
        questions: to make preferences from.
        tests: others, to measure with.
    """

    world: World
    codec: ChatCodec
    policy: GPT
    questions: tuple[QuestionAnswer, ...]
    tests: tuple[QuestionAnswer, ...]

    def prompts(self, questions: Sequence[QuestionAnswer]) -> list[list[int]]:
        """Return the ids that each answer follows."""
        return [
            self.codec.encode_chat([{"role": "user", "content": one.question}], add_generation_prompt=True).ids
            for one in questions
        ]

    def text(self, answer: Sequence[int]) -> str:
        """Return an answer's words without the end token."""
        return self.world.vocabulary.decode([token for token in answer if token != self.codec.end_id])

    def gold(self, questions: Sequence[QuestionAnswer], answers: Sequence[Sequence[int]]) -> np.ndarray:
        """Return what answers (N) are really worth."""
        pairs = zip(questions, answers, strict=True)
        return np.array([GOLD(self.world, one.fact, self.text(answer)) for one, answer in pairs])

    def draw(self, policy: GPT, questions: Sequence[QuestionAnswer], seed: int) -> list[list[int]]:
        """Return one answer to each question, drawn at temperature 1."""
        return roll_out(policy, self.prompts(questions), self.codec.end_id, MAX_NEW_TOKENS, 1.0, seed).answers


@cache
def answer_bench(n_questions: int = 1200, n_tests: int = 200) -> AnswerBench:
    """Return the bench; test questions are about other facts than those that preferences are made from."""
    world = base_world()
    pool = draw_questions(world, None, 11)
    draws = Draws(world.options.seed, "preference questions", 0)
    chosen = draws.sample(pool, n_questions + n_tests)
    return AnswerBench(
        world,
        world_codec(world.vocabulary),
        load_answer_model(),
        tuple(chosen[:n_questions]),
        tuple(chosen[n_questions:]),
    )
