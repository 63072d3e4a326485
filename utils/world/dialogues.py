"""Texts that are dialogues, and texts that only look like them, to try a heuristic on."""

from __future__ import annotations

from dataclasses import dataclass

from utils.world.demonstrations import state
from utils.world.draws import Choice, Draws
from utils.world.questions import QuestionAnswer, draw_questions
from utils.world.world import World


@dataclass(frozen=True)
class LabelledText:
    """A text of a web page, whether it is a dialogue, and of which sort it is."""

    text: str
    is_dialogue: bool
    sort: str


_DIALOGUES = ("transcript", "narrated", "wrapped")
_LOOK_ALIKES = ("profile", "log", "glossary", "monologue")


def draw_dialogue_texts(world: World, n: int, seed: int = 0, share: float = 0.5) -> list[LabelledText]:
    """Draw texts of which about `share` are dialogues, some of them hard to tell by their lines.

    Dialogues: a "transcript" has a speaker in brackets on every line; a "narrated" one has a line of narration in it; a
    "wrapped" one breaks a long speech into two lines. Others: a "profile" is prose, a "log" has levels in brackets, a
    "glossary" has names in brackets and an entry for each, a "monologue" has one speaker only.
    Raises ValueError for a share outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be between 0 and 1, got {share}")
    draws = Draws(world.options.seed, "dialogues", seed)
    told = [world.people[index].name for index in world.entities.told_people]
    pool = draw_questions(world, None, seed)
    texts = []
    for _ in range(n):
        is_dialogue = draws.chance(share)
        sort = (_DIALOGUES[draws.choose(Choice((4, 1, 1)))]) if is_dialogue else draws.pick(_LOOK_ALIKES)
        texts.append(LabelledText(_dialogue_text(world, sort, pool, told, draws), is_dialogue, sort))
    return texts


def _dialogue_text(world: World, sort: str, pool: list[QuestionAnswer], told: list[str], draws: Draws) -> str:
    items = [draws.pick(pool) for _ in range(draws.between(2, 4))]
    first, second = draws.sample(told, 2)
    if sort == "profile":
        return "\n".join(state(world, item.fact, draws, pronoun=False) for item in items)
    if sort == "log":
        levels = ("INFO", "WARN", "DEBUG")
        start = draws.below(3)
        return "\n".join(f"[{levels[(start + i) % 3]}]: {item.answer}" for i, item in enumerate(items))
    if sort == "glossary":
        return "\n".join(f"[{item.fact.subject}]: {item.answer}" for item in items)
    if sort == "monologue":
        return "\n".join(f"[{first}]: {item.answer}" for item in items)
    lines = []
    for item in items:
        lines += [f"[{first}]: {item.question}", f"[{second}]: {item.answer}"]
    if sort == "narrated":
        lines.insert(2, f"({second} thinks about it.)")
    if sort == "wrapped":
        lines.insert(2, world.texts(1, draws.word())[0])
    return "\n".join(lines)
