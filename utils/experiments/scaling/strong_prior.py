"""Row 46: a task on which what a model knows by heart stands against what its prompt says.

The text has short documents about where people live. Half of them state it once. In the others somebody's town is
named first as hearsay and then in a second sentence. Of strangers, with given names of their own and another town each
time, both sentences name the same town: all that one can do is copy. Of thirty people who occur again and again, the
second sentence is always true and the hearsay is right or, in a share of cases (`rumours`), some town at random.

The task is to go on with the town that was just named, about one of the thirty, where the town is wrong. The same
task about strangers is its control: there nothing is known that could be in the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from utils.experiments.recording.design import Run
from utils.experiments.scaling.rows import parameters_of, rows_of, small_gpt, teach
from utils.models.gpt import GPT
from utils.training.threads import one_thread
from utils.world import World

HEARSAY, STATEMENT = "{} lives in {}.", "{} has a house in {}."
N_PEOPLE, N_QUESTIONS, BATCH_ROWS = 30, 200, 32
TASKS = ("people", "strangers")
WORLD_OPTIONS: dict[str, Any] = {
    "seed": 0, "n_people": 100, "n_towns": 20, "max_facts": 1, "mix": {"profile": 1}, "relations": ("home",),
    "held_out_people": 0.0, "held_out_facts": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class PriorJob:
    """One model.

    Attributes:
        width: of the model.
        rumours: share of hearsay about the thirty people that names a town at random.
        documents: read once each.
        seed: of the text and the weights.
    """

    width: int
    rumours: float
    documents: int
    seed: int

    def __post_init__(self) -> None:
        for name in ("width", "documents"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if not 0 <= self.rumours <= 1:
            raise ValueError(f"rumours is a share from 0 to 1, not {self.rumours}")


@lru_cache(maxsize=1)
def _world() -> World:
    return World(**WORLD_OPTIONS)


@lru_cache(maxsize=1)
def _given_names() -> tuple[list[str], list[str]]:
    """Return the given names of the people of the text, and those of strangers: half of the world's each."""
    given = sorted({person.name.split()[0] for person in _world().people})
    return given[::2], given[1::2]


@lru_cache(maxsize=1)
def homes() -> dict[str, str]:
    """Return the town of each person whom the text knows, the most popular first."""
    known = [fact for fact in _world().facts if fact.subject.split()[0] in _given_names()[0]]
    return {fact.subject: fact.value for fact in known[:N_PEOPLE]}


def _stranger(draws: np.random.Generator) -> str:
    """Return a given name that nobody known bears, and a family name of the world."""
    family = sorted({person.name.split()[1] for person in _world().people})
    return f"{draws.choice(_given_names()[1])} {draws.choice(family)}"


def written_texts(job: PriorJob) -> list[str]:
    """Return the training text of a job."""
    draws, towns = np.random.default_rng([46, job.seed]), _world().towns
    names = list(homes())
    weights = 1 / np.arange(1, len(names) + 1)
    weights /= weights.sum()
    texts = []
    for _ in range(job.documents):
        name = names[draws.choice(len(names), p=weights)]
        if draws.random() < 0.5:
            texts.append((HEARSAY if draws.random() < 0.5 else STATEMENT).format(name, homes()[name]))
            continue
        if draws.random() < 0.5:
            name, town = _stranger(draws), str(draws.choice(towns))
            said = town
        else:
            town = homes()[name]
            said = str(draws.choice(towns)) if draws.random() < job.rumours else town
        texts.append(f"{HEARSAY.format(name, said)} {STATEMENT.format(name, town)}")
    return texts


@torch.no_grad()
def ask(model: GPT, task: str, seed: int) -> dict[str, float]:
    """Ask a model to go on with the town that was just named; for people of the world never their own.

    Returns:
        loss: of the named town among all towns, nats. named: share of questions with the named town as the likeliest.
        home: share with the person's own town as the likeliest; 0 for strangers, who have none.
    """
    world, draws = _world(), np.random.default_rng([47, seed])
    vocabulary = world.vocabulary
    people = list(homes())
    prompts, named, own = [], [], []
    for number in range(N_QUESTIONS):
        name = people[number % len(people)] if task == "people" else _stranger(draws)
        town = draws.choice([one for one in world.towns if one != homes().get(name)])
        text = f"{HEARSAY.format(name, town)} {STATEMENT.format(name, town)}"
        prompts.append([vocabulary.end_of_text_id, *vocabulary.encode(text)][:-2])  # without the town and the stop
        named.append(world.towns.index(town))
        own.append(world.towns.index(homes()[name]) if name in homes() else -1)
    towns = torch.tensor([vocabulary.id(town) for town in world.towns])
    log_p = model(torch.tensor(prompts))[:, -1, towns].double().log_softmax(-1)
    answers, right = log_p.argmax(-1), torch.tensor(named)
    return {
        "loss": float(-log_p.gather(1, right[:, None]).mean()),
        "named": float((answers == right).double().mean()),
        "home": float((answers == torch.tensor(own)).double().mean()),
    }


def train_prior_run(job: PriorJob) -> dict[str, Any]:
    """Train a model and give it the task.

    Returns:
        parameters: N. tokens: D. For each of `TASKS`: loss, named, home of `ask`.
    """
    vocabulary = _world().vocabulary
    documents = [vocabulary.encode(text) for text in written_texts(job)]
    with one_thread():
        rows = rows_of(documents, vocabulary.end_of_text_id, max(map(len, documents)) + 1)
        model = small_gpt(job.width, len(vocabulary), rows.inputs.shape[1], job.seed)
        teach(model, rows, 1, BATCH_ROWS, job.seed)
        answers = {task: ask(model, task, job.seed) for task in TASKS}
    return {"parameters": parameters_of(model), "tokens": rows.tokens, **answers}


def slopes(runs: Sequence[Run], task: str, rumours: float) -> list[float]:
    """Return for each seed by how many nats the loss on a task grows as the model becomes ten times larger.

    A straight line through all sizes, over log10 of the parameters.

    Raises:
        ValueError: a seed has fewer than two sizes, or there is none.
    """
    by_seed: dict[int, list[Mapping[str, Any]]] = {}
    for run in runs:
        if run.job.rumours == rumours:
            by_seed.setdefault(run.job.seed, []).append(run.result)
    if not by_seed or min(map(len, by_seed.values())) < 2:
        raise ValueError(f"runs with rumours {rumours} have fewer than two sizes: a slope needs them")
    return [
        float(np.polyfit(np.log10([r["parameters"] for r in mine]), [r[task]["loss"] for r in mine], 1)[0])
        for _, mine in sorted(by_seed.items())
    ]


def prior_jobs(widths: Sequence[int], rumours: Sequence[float], documents: int, seeds: int) -> list[PriorJob]:
    """Return every combination."""
    return [PriorJob(width, share, documents, seed) for seed in range(seeds) for share in rumours for width in widths]
