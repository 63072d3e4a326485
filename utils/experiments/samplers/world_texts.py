"""Documents that a model of the world writes or continues, kept by groups, by beams and by drawing, and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from utils.decoding.arguments import whole_number
from utils.decoding.beam import beam_searches
from utils.decoding.checked import checked
from utils.decoding.decoders import Decoder
from utils.decoding.generation import Generation, generate
from utils.decoding.samplers import Temperature
from utils.decoding.scoring import token_logprobs
from utils.evaluation.intervals import Interval
from utils.experiments.samplers.sampler_measures import base_decoder, distinct_share, measure_documents
from utils.training.base_models import base_world
from utils.training.sweep import run_sweep
from utils.training.threads import one_thread
from utils.world import World

# The miniature world's documents are shorter; what has not ended by then has lost its way.
LONGEST_DOCUMENT = 64
LONGEST_CONTINUATION = 40


@dataclass(frozen=True)
class WrittenGroups:
    """Documents of a model in groups, of which one each is to be kept; all arrays are (groups, documents).

    Attributes:
        lengths: tokens, the end counted where it was reached.
        sums: total log-probability of these tokens under the model, in nats.
        true: whether the world could have written it.
    """

    lengths: np.ndarray
    sums: np.ndarray
    true: np.ndarray


@checked
def written_groups(decoder: Decoder, world: World, groups: int, size: int, seed: int) -> WrittenGroups:
    """Let a model of the world write groups of documents at temperature 1.

    Raises:
        ValueError: groups or size is below 1.
    """
    shape = (whole_number(groups, "groups", 1), whole_number(size, "size", 1))
    end = world.vocabulary.end_of_text_id
    choose = Temperature(1.0).seeded(seed)
    written = generate(decoder, [[end]], LONGEST_DOCUMENT, choose, [end], samples=shape[0] * shape[1])
    true = [
        one.finish == "stop" and world.log_probability(world.vocabulary.decode(one.ids)) > -np.inf for one in written
    ]
    lengths = [max(1, len(one.ids) + (one.finish == "stop")) for one in written]
    totals = _totals(decoder, [[end]] * len(written), written, end)
    return WrittenGroups(*(np.array(values).reshape(shape) for values in (lengths, totals, true)))


@dataclass(frozen=True)
class GroupsJob:
    """A base model's name, a number of groups, documents of each, and a seed."""

    model: str
    groups: int
    size: int
    seed: int


def run_groups_job(job: GroupsJob) -> WrittenGroups:
    """Return the groups of a job; the model is so small that threads would wait for each other."""
    with one_thread():
        return written_groups(base_decoder(job.model), base_world(), job.groups, job.size, job.seed)


def groups_by_seed(model: str, groups: int, size: int, seeds: Sequence[int], workers: int = 0) -> list[WrittenGroups]:
    """Return groups of documents of a base model of the world for each seed; 0 workers run all in this process."""
    jobs = [GroupsJob(model, groups, size, seed) for seed in seeds]
    return run_sweep(run_groups_job, jobs, workers=workers, description="documents")


def _totals(decoder: Decoder, prompts: Sequence[Sequence[int]], written: Sequence[Generation], end: int) -> list[float]:
    """Return the log-probability of each text with its end: `generate` itself leaves the end out."""
    whole = [one.ids + [end] * (one.finish == "stop") for one in written]
    found = token_logprobs(decoder, [list(prompt) for prompt in prompts], whole, batch_size=len(whole))
    return [float(one.double().sum()) for one in found]


@dataclass(frozen=True)
class Continuation:
    """A document of which the beginning was given.

    Attributes:
        beginning: its ids, without the end-of-text id in front.
        ids: the new ids, without the end.
        total: log-probability in nats, that of the end counted.
        finished: whether the end was reached.
    """

    beginning: list[int]
    ids: list[int]
    total: float
    finished: bool

    @property
    def average(self) -> float:
        """Log-probability per new token, the end being one of them."""
        return self.total / max(1, len(self.ids) + self.finished)


@checked
def by_beam(decoder: Decoder, world: World, beginnings: Sequence[Sequence[int]], width: int) -> list[Continuation]:
    """Continue each beginning (ids, without the end-of-text id in front) by beam search; the best average is taken."""
    end = world.vocabulary.end_of_text_id
    prompts = [[end, *beginning] for beginning in beginnings]
    with one_thread():
        searched = beam_searches(decoder, prompts, width, LONGEST_CONTINUATION, end)
    found = []
    for prompt, (best, *_) in zip(prompts, searched, strict=True):
        ids = best.ids[:-1] if best.finished else best.ids
        found.append(Continuation(prompt[1:], ids, best.total_logprob, best.finished))
    return found


@checked
def by_drawing(decoder: Decoder, world: World, beginnings: Sequence[Sequence[int]], seed: int) -> list[Continuation]:
    """Continue each beginning (ids, without the end-of-text id in front) by drawing at temperature 1."""
    end = world.vocabulary.end_of_text_id
    prompts = [[end, *beginning] for beginning in beginnings]
    choose = Temperature(1.0).seeded(seed)
    with one_thread():
        drawn = generate(decoder, prompts, LONGEST_CONTINUATION, choose, [end])
        totals = _totals(decoder, prompts, drawn, end)
    return [
        Continuation(list(beginning), one.ids, total, one.finish == "stop")
        for beginning, one, total in zip(beginnings, drawn, totals, strict=True)
    ]


@checked
def measure_continuations(world: World, continuations: Sequence[Continuation]) -> dict[str, float]:
    """Return mean log-probability a token ("average"), share of true ones, of different pairs of words, and tokens.

    Raises:
        ValueError: no continuations.
    """
    if not continuations:
        raise ValueError("continuations is empty: nothing can be measured")
    documents = [one.beginning + one.ids for one in continuations]
    found = measure_documents(world, documents, [0.0] * len(documents), [one.finished for one in continuations])
    return {
        "average": float(np.mean([one.average for one in continuations])),
        "true": found.true_share,
        "pairs": distinct_share(documents, 2),
        "tokens": float(np.mean([len(one.ids) for one in continuations])),
    }


@checked
def variety_lead(ours: Sequence[Continuation], others: Sequence[Sequence[Continuation]]) -> Interval:
    """Return the share of different pairs of words in ours less its mean in several others, of the same beginnings.

    The interval is the jackknife's, over the beginnings (Efron and Stein, 1981): a bootstrap would take a beginning
    twice, and a text that stands there twice has no new pairs.

    Args:
        ours: one continuation of each beginning.
        others: several sets of continuations of the same beginnings.

    Raises:
        ValueError: fewer than three beginnings, no others, or others of another number of beginnings.
    """
    n = len(ours)
    if n < 3 or not others or any(len(one) != n for one in others):
        raise ValueError(f"ours has {n} continuations: at least three are needed, and as many in each of the others")

    def lead(kept: Sequence[int]) -> float:
        shares = [distinct_share([one[at].beginning + one[at].ids for at in kept], 2) for one in (ours, *others)]
        return shares[0] - float(np.mean(shares[1:]))

    whole = lead(range(n))
    without = np.array([lead([at for at in range(n) if at != left_out]) for left_out in range(n)])
    error = np.sqrt((n - 1) * without.var()) * stats.t.ppf(0.975, n - 1)
    return Interval(whole, whole - float(error), whole + float(error), n)
