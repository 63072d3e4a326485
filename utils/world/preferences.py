"""Comparisons and rankings of answers, as simulated labelers make them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from utils.world import phrases
from utils.world.demonstrations import state
from utils.world.draws import Choice, Draws
from utils.world.entities import Fact
from utils.world.labelers import Labeler
from utils.world.questions import QuestionAnswer, ask, draw_questions, wrong_value
from utils.world.rewards import GoldReward
from utils.world.world import World


@dataclass(frozen=True)
class Comparison:
    """A prompt with the answer that a labeler chose and the one rejected, and what both are really worth."""

    question: str
    chosen: str
    rejected: str
    gold_chosen: float
    gold_rejected: float
    labeler: str


@dataclass(frozen=True)
class Ranking:
    """Several answers to one question in a labeler's order, best first, with their gold rewards."""

    question: str
    answers: tuple[str, ...]
    gold: tuple[float, ...]
    labeler: str


# So many repeated answers in a row mean that (nearly) all different ones have been drawn.
_MAX_REPEATS = 1000
_OUTCOME = Choice((5, 3, 2))  # right, wrong, abstaining
_EXTRAS = Choice((5, 3, 1, 1))  # 0 to 3 further sentences


def draw_answers(world: World, fact: Fact, k: int, draws: Draws) -> list[str]:
    """Draw k different answers to the question for a fact: right, wrong or abstaining, curt or wordy, polite or not."""
    answers: list[str] = []
    person = world.people[world.person_index(fact.subject)]
    others = [f for f in (world.fact(person.name, r) for r in world.options.relations) if f.split == "known"]
    others = [f for f in others if f.relation != fact.relation]
    repeats = 0
    while len(answers) < k:
        outcome = draws.choose(_OUTCOME)
        if outcome == 2:
            core = phrases.ABSTENTION
        else:
            value = None if outcome == 0 else wrong_value(world, fact, draws)
            core = state(world, fact, draws, draws.chance(0.7), value)
        extras = draws.choose(_EXTRAS)
        told = [state(world, f, draws) for f in draws.sample(others, min(extras, len(others)))]
        told += [core] * (extras - len(told))
        polite = [draws.pick(phrases.COURTESIES)] if draws.chance(0.3) else []
        answer = " ".join([*polite, core, *told])
        repeats = repeats + 1 if answer in answers else 0
        if not repeats:
            answers.append(answer)
        elif repeats > _MAX_REPEATS:
            raise ValueError(f"k is {k}, more than the different answers to this question")
    return answers


def _questions(world: World, n: int, draws: Draws, pool: Sequence[QuestionAnswer]) -> list[QuestionAnswer]:
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    return [ask(world, draws.pick(pool).fact, draws) for _ in range(n)]


def _labeler_choice(labelers: Sequence[Labeler], shares: Sequence[int] | None) -> Choice:
    if not labelers or (shares is not None and len(shares) != len(labelers)):
        raise ValueError(f"shares must give one whole number to each of {len(labelers)} labelers, got {shares}")
    return Choice(list(shares) if shares is not None else [1] * len(labelers))


def draw_rankings(
    world: World,
    n: int,
    k: int = 4,
    seed: int = 0,
    labelers: Sequence[Labeler] = (Labeler(),),
    shares: Sequence[int] | None = None,
    gold: GoldReward | None = None,
) -> list[Ranking]:
    """Draw n rankings of k different answers each, every one made by one labeler.

    The best answer is chosen among all, the next among the rest, and so on (Plackett-Luce, which for two answers is
    Bradley-Terry). labelers and shares: who labels, in proportion to whole-number shares (default: equal).
    Raises ValueError for n below 1, k below 2 and for shares that do not match.
    """
    if k < 2:
        raise ValueError(f"k must be at least 2, got {k}")
    who, gold = _labeler_choice(labelers, shares), gold or GoldReward()
    draws = Draws(world.options.seed, "preferences", seed)
    pool = draw_questions(world, None, seed)
    rankings = []
    for item in _questions(world, n, draws, pool):
        answers = draw_answers(world, item.fact, k, draws)
        rewards = [gold(world, item.fact, answer) for answer in answers]
        labeler = labelers[draws.choose(who)]
        order = _rank(labeler, [labeler.utility(r, a) for r, a in zip(rewards, answers, strict=True)], draws)
        ranked = tuple(answers[i] for i in order)
        rankings.append(Ranking(item.question, ranked, tuple(rewards[i] for i in order), labeler.name))
    return rankings


def _rank(labeler: Labeler, utilities: Sequence[float], draws: Draws) -> list[int]:
    left = list(range(len(utilities)))
    draws.shuffle(left)  # ties of a labeler without noise go either way
    order: list[int] = []
    while len(left) > 1:
        if labeler.noise == 0:
            best = max(left, key=lambda i: utilities[i])
        else:
            top = max(utilities[i] for i in left)
            weights = [math.exp((utilities[i] - top) / labeler.noise) for i in left]
            best = left[draws.choose(Choice([max(1, int(w * 2**26)) for w in weights]))]
        order.append(best)
        left.remove(best)
    return order + left


def draw_comparisons(
    world: World,
    n: int,
    seed: int = 0,
    labelers: Sequence[Labeler] = (Labeler(),),
    shares: Sequence[int] | None = None,
    gold: GoldReward | None = None,
) -> list[Comparison]:
    """Draw n comparisons of two different answers to a question; the arguments are those of `draw_rankings`."""
    return [
        Comparison(r.question, r.answers[0], r.answers[1], r.gold[0], r.gold[1], r.labeler)
        for r in draw_rankings(world, n, 2, seed, labelers, shares, gold)
    ]


def agreement_rate(a: Labeler, b: Labeler, comparisons: Sequence[Comparison]) -> float:
    """Return the exact probability that two labelers, judging independently, choose alike, as the mean over pairs.

    Raises ValueError for no pairs.
    """
    return _agreement(a, b, _differences(a, comparisons), _differences(b, comparisons))


def _differences(labeler: Labeler, comparisons: Sequence[Comparison]) -> list[float]:
    if not comparisons:
        raise ValueError("comparisons must hold at least one pair")
    return [
        labeler.utility(pair.gold_chosen, pair.chosen) - labeler.utility(pair.gold_rejected, pair.rejected)
        for pair in comparisons
    ]


def _agreement(a: Labeler, b: Labeler, differences_a: Sequence[float], differences_b: Sequence[float]) -> float:
    total = 0.0
    for difference_a, difference_b in zip(differences_a, differences_b, strict=True):
        p, q = a.preference(difference_a, 0.0), b.preference(difference_b, 0.0)
        total += p * q + (1 - p) * (1 - q)
    return total / len(differences_a)


def labeler_with_agreement(
    world: World, rate: float = 0.73, like: Labeler | None = None, n_pairs: int = 500, seed: int = 0
) -> Labeler:
    """Return a labeler whose noise makes two of its kind agree on a share `rate` of the world's pairs.

    0.73 is about the agreement between the labelers of InstructGPT (Ouyang et al., 2022). Found by bisection on n_pairs
    pairs. Raises ValueError for a rate that no noise gives, such as 0.5 or less.
    """
    like = like or Labeler()
    differences = _differences(like, draw_comparisons(world, n_pairs, seed, [like]))

    def agreement(noise: float) -> float:
        labeler = replace(like, noise=noise)
        return _agreement(labeler, labeler, differences, differences)

    low, high = 1e-3, 1e3
    if not agreement(high) < rate < agreement(low):
        raise ValueError(f"rate must be between {agreement(high):.3f} and {agreement(low):.3f}, got {rate}")
    for _ in range(50):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if agreement(middle) > rate else (low, middle)
    return replace(like, noise=math.sqrt(low * high))
