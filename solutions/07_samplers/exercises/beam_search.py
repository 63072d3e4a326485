"""Beam search: keep the best extensions by total log-probability, put finished hypotheses aside,
rank by average.
"""

# %% solution
from collections.abc import Callable, Sequence

from torch import Tensor


def beam_search(
    next_logprobs: Callable[[Sequence[int]], Tensor],
    prompt_ids: Sequence[int],
    width: int,
    max_new_tokens: int,
    eos_id: int,
) -> list[tuple[list[int], float]]:
    """Search for likely continuations with a beam.

    Args:
        next_logprobs: from all ids so far, prompt included, to the log-probabilities (V,) of the
            next token.
        prompt_ids: the prompt.
        width: how many extensions are kept at each step, by total log-probability.
        max_new_tokens: the most new tokens of a hypothesis, the eos included.
        eos_id: the token that finishes a hypothesis, which then leaves the beam.

    Returns:
        (new ids, average log-probability per new token) of each hypothesis, finished or not, the
        best average first.
    """
    ### BEGIN SOLUTION
    beam: list[tuple[list[int], float]] = [([], 0.0)]
    finished: list[tuple[list[int], float]] = []
    for _ in range(max_new_tokens):
        extensions = [
            ([*ids, token], total + logprob)
            for ids, total in beam
            for token, logprob in enumerate(next_logprobs([*prompt_ids, *ids]).tolist())
        ]
        best = sorted(extensions, key=lambda extension: extension[1], reverse=True)[:width]
        finished += [extension for extension in best if extension[0][-1] == eos_id]
        beam = [extension for extension in best if extension[0][-1] != eos_id]
    averages = [(ids, total / len(ids)) for ids, total in finished + beam]
    return sorted(averages, key=lambda hypothesis: hypothesis[1], reverse=True)
    ### END SOLUTION


# %% hints
HINTS = (
    """Two lists: the beam, and what is finished. At each step all extensions of all hypotheses stand
in one list with their totals; how many of them stay, and what happens to those that end with
the eos?""",
    """At each step build `([*ids, token], total + logprob)` for every hypothesis and token, sort by
total, keep the first `width`; those that end with `eos_id` go to the finished ones, the others
are the new beam. At the end divide each total by `len(ids)` and sort by that.""",
)
EXPLANATION = """All extensions of all hypotheses compete by total log-probability, and `width` of them stay, those that
end with the eos among them: a finished one leaves the beam, and nobody takes its place in this step. Each extension is
a new list, so hypotheses do not share ids. Totals are sums of logarithms, since a product of probabilities underflows.
The slice `[:width]` also serves where there are fewer extensions than `width`. Only the result is ranked by average,
the eos counted: ranking the beam itself by average is another algorithm."""

# %% helpers
import functools
import itertools
import math
import random

import torch

from utils.notebook.checks import (
    Diagnosis,
    case_rng,
    case_tensor,
    check,
    inputs_unchanged,
)

EMPTY_BEAM = (
    "The beam becomes empty when all its hypotheses have finished. Then the search is over, before"
    " max_new_tokens, and no error."
)


def plain_ids(ids):
    """Return ids as a tuple of whole numbers, whatever container they came in."""
    return tuple(
        int(token) for token in (ids.reshape(-1) if isinstance(ids, torch.Tensor) else ids)
    )


def model_of_table(table, n_prompt):
    """Return next_logprobs from a table of probabilities by new ids; after others all tokens are
    equally likely.
    """
    size = len(next(iter(table.values())))

    def next_logprobs(ids):
        return torch.tensor(table.get(plain_ids(ids)[n_prompt:], [1 / size] * size)).log()

    return next_logprobs


def random_model(secret, V, eos_bonus):
    """Return a function from all ids to log-probabilities, another row for every sequence of ids;
    the eos is token 1.
    """
    rows = {}

    def next_logprobs(ids):
        ids = plain_ids(ids)
        if ids not in rows:
            rng = random.Random(f"{secret} {ids}")
            rows[ids] = torch.tensor(
                [rng.gauss(0, 1.2) + eos_bonus * (token == 1) for token in range(V)]
            ).log_softmax(-1)
        return rows[ids].clone()

    return next_logprobs


def results_differ(one, other, width):
    """Say whether two results differ within their first `width` hypotheses."""
    one, other = one[:width], other[:width]
    if [ids for ids, _ in one] != [ids for ids, _ in other]:
        return True
    return any(abs(a - b) > 1e-3 for (_, a), (_, b) in zip(one, other, strict=True))


def tidied(got, wanted, width):
    """Return [ids, average] as lists; where the best `width` came back alone, the contract allows
    it.
    """
    try:
        rows = [[list(plain_ids(ids)), float(average)] for ids, average in got]
    except (TypeError, ValueError):
        return got
    return (
        wanted
        if width == len(rows) < len(wanted) and not results_differ(rows, wanted, width)
        else rows
    )


def search_with(model, prompt, width, steps, V, way=""):
    """Return hypotheses as [ids, total], right or in one of several wrong ways, and the smallest
    gap that decided.
    """
    beam, finished, gap = [([], 0.0)], [], 9.0
    for step in range(steps + {"too many": 1, "too few": -1}.get(way, 0)):
        pool = []
        if way == "replace":
            finished = []
        for ids, total in beam:
            row = model(ids or prompt if way == "no prompt" else [*prompt, *ids])
            row = (row.exp() if way == "probabilities" else row).tolist()
            grown = sorted(
                (([*ids, t], total + row[t], row[t]) for t in range(V)), key=lambda one: -one[1]
            )
            pool += grown[: {"one each": 1 if step else V, "width each": width}.get(way, V)]
        if way == "keep":
            pool += [(ids, total, total) for ids, total in finished]
            finished = []
        if way == "keep by average":
            pool = [(ids, total, total / len(ids)) for ids, total, *_ in (*pool, *finished)]
            finished = []
        if way == "never first" and step == 0:
            pool = [one for one in pool if one[0] != [1]]
        if way == "no sum":
            pool = [(ids, last, last) for ids, _, last in pool]
        if way == "by ids":
            pool.sort(key=lambda one: one[0], reverse=True)
        else:
            sign = 1 if way == "worst" else -1
            key = 2 if way in ("last token", "keep by average") else 1
            pool.sort(key=lambda one: sign * one[key])
        limits = {"greedy": 1, "shrink": max(0, width - len(finished)), "width each": len(pool)}
        limit = limits.get(way, width)
        if len(pool) > limit > 0:
            gap = min(gap, pool[limit - 1][1] - pool[limit][1])
        beam = []
        for place, (ids, total, _) in enumerate(pool):
            if way in ("refill", "library"):
                if len(beam) == width or (way == "library" and place >= 2 * width):
                    break
                if ids[-1] == 1 and way == "library" and place >= width:
                    continue
            elif place >= limit:
                break
            (finished if ids[-1] == 1 and way != "written on" else beam).append((ids, total))
            if ids[-1] == 1 and way == "aside and written on":
                beam.append((ids, total))
        if (way == "first" and finished) or (way == "enough" and len(finished) >= width):
            break
    kept = {"lose finished": beam, "lose unfinished": finished, "lose if": finished or beam}
    return kept.get(way, finished + beam), gap


def in_order(pairs, length=len, by_total=False):
    """Return [ids, average] in order, and the smallest gap between two averages."""
    rows = sorted(
        [[ids, total / length(ids), total] for ids, total in pairs],
        key=lambda row: -row[2 if by_total else 1],
    )
    gap = min((one[1] - other[1] for one, other in zip(rows, rows[1:])), default=9.0)
    return [[ids, average] for ids, average, _ in rows], gap


def like_result(wrong, width):
    """Return a predicate: whether hypotheses are these, all of them or the best `width`."""

    def is_like(got):
        rows = tidied(got, [], width)
        return len(rows) in {len(wrong), min(width, len(wrong))} and not results_differ(
            rows, wrong[: len(rows)], len(wrong)
        )

    return is_like


WAYS = {
    "keep by average": (
        "The beam was kept by average, finished hypotheses among them. Keep the best by total; a"
        " finished one leaves the beam."
    ),
    "greedy": (
        "Only one hypothesis was followed: that is greedy decoding. Keep the `width` best"
        " extensions at each step."
    ),
    "one each": (
        "Each hypothesis got its own best token only. Keep the best `width` of all extensions of"
        " all hypotheses."
    ),
    "width each": (
        "The beam grows: the best `width` of each hypothesis were kept. Keep the best `width` of"
        " all extensions together."
    ),
    "last token": (
        "Extensions were ranked by their last token alone. Rank by total log-probability."
    ),
    "worst": "The worst extensions were kept. Sort by total log-probability, the best first.",
    "by ids": (
        "Extensions were ranked by their ids, which stand first in each pair. Rank by total"
        " log-probability."
    ),
    "no sum": (
        "A hypothesis has the log-probability of its last token alone. Add that to the total so far."
    ),
    "replace": (
        "Only what finished in the last step came back. Add the finished hypotheses of each step to"
        " the earlier ones, in the place of replacing them."
    ),
    "aside and written on": (
        "Finished hypotheses were put aside, but stayed in the beam as well, and were written on."
        " They leave the beam."
    ),
    "probabilities": (
        "Probabilities were added. Add log-probabilities, as next_logprobs gives them."
    ),
    "no prompt": (
        "After the first step the model no longer saw the prompt. It takes all ids so far, prompt"
        " and new ones."
    ),
    "never first": "The eos was not allowed as the first new token. It may come at any step.",
    "too many": "One token too many: a hypothesis has max_new_tokens new tokens at most.",
    "too few": "One token too few: a hypothesis may have max_new_tokens new tokens.",
    "written on": "Finished hypotheses were written on after their eos. They leave the beam.",
    "keep": (
        "Finished hypotheses stayed in the beam and competed with longer ones. A finished one"
        " leaves the beam, and is kept aside."
    ),
    "refill": (
        "Where a hypothesis had finished, the beam was filled up with the next best (refilled)."
        " Only `width` extensions are kept, finished ones among them."
    ),
    "library": (
        "As libraries do, twice the width was looked at, and the beam was filled up (refilled)."
        " Only `width` extensions are kept, finished ones among them."
    ),
    "shrink": (
        "The beam shrinks with each finished hypothesis. In every step `width` extensions are kept."
    ),
    "first": (
        "The search ended with the first finished hypothesis. It goes on until max_new_tokens or an"
        " empty beam."
    ),
    "enough": (
        "The search ended once `width` hypotheses had finished. It goes on until max_new_tokens or"
        " an empty beam."
    ),
    "lose finished": (
        "Finished hypotheses were lost: those that left the beam belong to the result."
    ),
    "lose unfinished": (
        "Unfinished hypotheses were lost: those in the beam after max_new_tokens belong to the"
        " result."
    ),
    "lose if": (
        "Unfinished hypotheses were lost as soon as one had finished. Those in the beam after"
        " max_new_tokens belong to the result."
    ),
}


# %% examples
def examples(check):
    table = {(): [0.1, 0.5, 0.4], (1,): [0.3, 0.4, 0.3], (2,): [0.9, 0.06, 0.04]}

    def model(ids):
        return torch.tensor(table[tuple(map(int, ids))[1:]]).log()

    search = lambda width: [(list(i), float(a)) for i, a in beam_search(model, [3], width, 2, 0)]
    greedy, better = ([1, 1], -0.804719), ([2, 0], -0.510826)
    check(lambda: search(1), [greedy], "width 1, half of log 0.5 + log 0.4")
    check(lambda: search(2), [better, greedy], "width 2, which finds log 0.4 + log 0.9, too")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    pairs = (
        "Return a list of (new ids, average); next_logprobs takes all ids so far, the prompt"
        " included."
    )
    return {
        "width 1, half of log 0.5 + log 0.4": Diagnosis(
            {
                "This is the total. Divide by the number of new tokens.": [([1, 1], -1.609438)],
                "The prompt came back, too. Hypotheses are new ids only.": [([3, 1, 1], -0.804719)],
                "The average came back as a probability. Return it as a log-probability.": [
                    ([1, 1], 0.447214)
                ],
                "One token too many or too few: two new tokens are asked for.": lambda got: (
                    len(got[0][0]) != 2
                ),
            },
            otherwise=(
                "Width 1 is greedy decoding: token 1 twice, and the average of their"
                " log-probabilities."
            ),
            if_raises=pairs,
        ),
        "width 2, which finds log 0.4 + log 0.9, too": Diagnosis(
            {
                "Only the best hypothesis came back. Return all of them.": [([2, 0], -0.510826)],
                "The worst comes first. Order by average, best first.": [
                    ([1, 1], -0.804719),
                    ([2, 0], -0.510826),
                ],
                "Only one hypothesis was followed: that is greedy decoding.": [([1, 1], -0.804719)],
                "The eos was cut off. It stays in the ids where it was reached.": lambda got: (
                    got[0][0] == [2]
                ),
                "The eos is a new token like others, and counts in the average.": [
                    ([2, 0], -1.021651),
                    ([1, 1], -0.804719),
                ],
                "These are totals. Divide by the number of new tokens.": [
                    ([2, 0], -1.021651),
                    ([1, 1], -1.609438),
                ],
            },
            otherwise=(
                "Both hypotheses of the first step are extended; the best two of their six"
                " extensions are kept."
            ),
            if_raises=pairs,
        ),
    }


# %% graded: 3 points | the hypotheses of a beam, with ids and averages, in order, for random models.
def test_hypotheses_of_random_models() -> None:
    def ends(ids):
        return ids[-1] == 1

    def results_of_mistakes(model, prompt, width, steps, V):
        """Return the right hypotheses, what each mistake makes of them, and the smallest gap that
        decided.
        """
        found, gap = search_with(model, prompt, width, steps, V)
        wanted, gap_of_averages = in_order(found)
        lengths = {
            "These are totals. Return the average log-probability per new token.": lambda ids: 1,
            "The eos is not counted in the average. It is a new token with a log-probability like others.": lambda ids: (
                max(1, len(ids) - ends(ids))
            ),
            "The eos is counted twice in the length. Divide by the number of new tokens.": (
                lambda ids: len(ids) + ends(ids)
            ),
            "The length is one too large. Divide by the number of new tokens.": (
                lambda ids: len(ids) + 1
            ),
            "The prompt was counted in the average. Divide by the number of new tokens.": (
                lambda ids: len(prompt) + len(ids)
            ),
            "A length penalty with an exponent is no average. Divide by the number of new tokens.": (
                lambda ids: ((5 + len(ids)) / 6) ** 0.6
            ),
        }
        known = {
            "The order is by total log-probability. Order by the average per new token, best first.": in_order(
                found, by_total=True
            )[0],
            "The worst comes first. Order by average, best first.": wanted[::-1],
            "These are totals, in the order of the averages. Return the average log-probability per new token.": [
                [ids, average * len(ids)] for ids, average in wanted
            ],
            "The prompt came back, too. Hypotheses are new ids only.": [
                [[*prompt, *ids], value] for ids, value in wanted
            ],
            "The eos was cut off. It stays in the ids where it was reached.": [
                [ids[: len(ids) - ends(ids)], value] for ids, value in wanted
            ],
            "The average came back as a probability (exp). Return it as a log-probability.": [
                [ids, math.exp(value)] for ids, value in wanted
            ],
            "Only the best hypothesis came back. Return all of them.": wanted[:1],
            "The eos was added to hypotheses that have not reached it. They come back as they are.": [
                [ids if ends(ids) else [*ids, 1], value] for ids, value in wanted
            ],
        }
        known |= {hint: in_order(found, length)[0] for hint, length in lengths.items()}
        for way, hint in WAYS.items():
            known[hint] = in_order(search_with(model, prompt, width, steps, V, way)[0])[0]
        return wanted, known, min(gap, gap_of_averages)

    # One case does not tell all mistakes apart: cases are added until, for every two of them, one case does.
    cases, alike, number = [], None, 0
    while alike is None or alike or len(cases) < 6:
        rng = case_rng("beam_search", number)
        V, width, steps, bonus = rng.choice(
            ((6, 3, 4, 0.3), (6, 2, 5, 0.6), (7, 3, 5, 0.8), (8, 4, 4, 1.0))
        )
        prompt = [rng.randrange(V) for _ in range(rng.randint(1, 3))]
        model = random_model(rng.getrandbits(40), V, bonus)
        wanted, known, gap = results_of_mistakes(model, prompt, width, steps, V)
        number += 1
        # A right answer may add in float32: nothing may hang on the last decimals.
        if gap < 0.01:
            continue
        results = {"": wanted, **known}
        # The best `width` of the right ones are accepted, so that they tell no mistake from the right answer.
        still_alike = [
            (one, other)
            for one, other in (itertools.combinations(results, 2) if alike is None else alike)
            if not results_differ(
                results[one],
                results[other] if one else tidied(results[other], wanted, width),
                99,
            )
        ]
        if alike is None or len(still_alike) < len(alike) or not alike:
            cases.append((model, prompt, width, steps, V, wanted, known))
            alike = still_alike

    def hypotheses(case):
        model, prompt, width, steps, _, wanted, _ = case
        return tidied(beam_search(model, prompt, width, steps, 1), wanted, width)

    def mistakes_of(case):
        """Return what may be wrong in one case, first the mistakes that explain the results of all
        cases.
        """

        @functools.cache
        def found_in(place):
            model, prompt, width, steps, *_ = cases[place]
            return tidied(beam_search(model, prompt, width, steps, 1), [], 0)

        def explains_all(hint):
            try:
                return all(
                    like_result(one[-1][hint], one[2])(found_in(place))
                    for place, one in enumerate(cases)
                )
            except Exception:  # an answer may raise in another case
                return False

        _, _, width, steps, _, wanted, known = case
        explained = {hint: explains_all(hint) for hint in known}
        # A mistake that explains this case alone is a guess: then all hypotheses have to agree. The best `width` of
        # them are often the right ones, and would agree with many a mistake.
        sure, guesses = (
            {
                hint: like_result(known[hint], width if explained[hint] else len(known[hint]))
                for hint in known
                if explained[hint] == is_sure
            }
            for is_sure in (True, False)
        )
        plain = {
            "A prompt that holds the eos finishes nothing: only a new eos does.": (
                lambda got, prompt=case[1]: 1 in prompt and all(len(ids) == 1 for ids, _ in got)
            ),
            "The hypotheses are right, but not in order. Order by average, best first.": (
                lambda got: (
                    not results_differ(
                        sorted(got, key=lambda one: -one[1]), wanted, len(wanted) + 1
                    )
                )
            ),
        }
        return (
            sure
            | plain
            | guesses
            | {
                "Each pair is (ids, average), in this order.": lambda got: isinstance(
                    got[0][0], float
                ),
                "The same hypothesis came back twice. Those that end with the eos are finished, and the others alone stay in the beam.": (
                    lambda got: len({str(one) for one in got}) < len(got)
                ),
                "Several hypotheses have the same ids: they share one list. Make a new list for each extension (a copy).": (
                    lambda got: len({str(ids) for ids, _ in got}) < len(got)
                ),
                "More hypotheses came back than a beam of this width can hold. Of all extensions only the `width` best stay in each step.": (
                    lambda got: len(got) > width * steps
                ),
            }
        )

    for case in cases:
        _, prompt, width, steps, V, wanted, _ = case
        with inputs_unchanged(prompt):
            check(
                lambda: hypotheses(case),
                wanted,
                f"a random model of {V} tokens, prompt {prompt}, width {width}, max_new_tokens"
                f" {steps}, eos_id 1",
                rtol=1e-4,
                atol=1e-4,
                mistakes=lambda: mistakes_of(case),
                otherwise=(
                    "Add log-probabilities as next_logprobs gives them, keep the `width` best of"
                    " all extensions by total, put those that end with the eos aside, and order all"
                    " by average."
                ),
                if_raises=(
                    "next_logprobs takes all ids so far, prompt and new ones, and gives one row"
                    " (V,); the beam may be empty before max_new_tokens."
                ),
            )


# %% graded: 2 points | an empty beam, any width, any id as the eos, long texts.
def test_empty_beam_odd_widths_any_eos_and_long_texts() -> None:
    two_steps = {
        (): [0.45, 0.05, 0.35, 0.15],
        (0,): [0.1, 0.7, 0.1, 0.1],
        (2,): [0.02, 0.9, 0.04, 0.04],
    }
    best_two = [[[2, 1], math.log(0.35 * 0.9) / 2], [[0, 1], math.log(0.45 * 0.7) / 2]]
    three_steps = {
        (): [0.5, 0.3, 0.15, 0.05],
        (0,): [0.05, 0.5, 0.05, 0.4],
        (0, 3): [0.1, 0.6, 0.26, 0.04],
    }
    # Step 1 keeps (0) and the finished (1); step 2 keeps (0 1), finished, and (0 3); step 3 (0 3 1), finished, and (0 3 2).
    best_of_three = [[[0, 1], math.log(0.25) / 2], [[0, 3, 1], math.log(0.12) / 3]]
    best_of_three += [[[0, 3, 2], math.log(0.052) / 3], [[1], math.log(0.3)]]
    best_of_three.sort(key=lambda row: -row[1])
    cases = (
        ("width 1, the eos at once", {(): [0.2, 0.5, 0.3]}, 1, 6, [[[1], math.log(0.5)]]),
        (
            "width 1, the eos at the third step",
            {(): [0.6, 0.1, 0.3], (0,): [0.1, 0.3, 0.6], (0, 2): [0.2, 0.7, 0.1]},
            1,
            6,
            [[[0, 2, 1], math.log(0.6 * 0.6 * 0.7) / 3]],
        ),
        ("width 2, both finished after two steps", two_steps, 2, 6, best_two),
        (
            "width 2, one finished at once and the other after three steps",
            three_steps,
            2,
            3,
            best_of_three,
        ),
        (
            "a width above the number of extensions",
            {(): [0.2, 0.5, 0.3]},
            5,
            1,
            [[[1], math.log(0.5)], [[2], math.log(0.3)], [[0], math.log(0.2)]],
        ),
    )
    for what, table, width, steps, wanted in cases:
        for prompt in ([0], [2, 1, 0]):
            check(
                lambda: tidied(
                    beam_search(model_of_table(table, len(prompt)), list(prompt), width, steps, 1),
                    wanted,
                    width,
                ),
                wanted,
                f"{what}: prompt {prompt}, max_new_tokens {steps}, eos_id 1",
                rtol=1e-4,
                atol=1e-4,
                mistakes={
                    "A prompt that holds the eos finishes nothing: only a new eos does.": [],
                    "The beam was filled up (refilled) where a hypothesis had finished. Only `width` extensions are kept, finished ones among them; an empty beam ends the search.": (
                        lambda got, wanted=wanted: len(got) > len(wanted)
                    ),
                },
                otherwise=(
                    "Keep `width` extensions, put those that end with the eos aside for good, and"
                    " order all by average, best first."
                ),
                if_raises=(
                    "The first step has no more extensions than tokens, whatever the width."
                    if width > 2
                    else EMPTY_BEAM
                ),
            )

    def renamed(ids, eos):
        """Return ids in which the tokens 1 and eos have changed names."""
        return [{1: eos, eos: 1}.get(token, token) for token in ids]

    told = model_of_table(two_steps, 3)
    for eos in (0, 2, 3):
        check(
            lambda: tidied(
                beam_search(
                    lambda ids: told(renamed(plain_ids(ids), eos))[renamed(range(4), eos)],
                    [2, 1, 0],
                    2,
                    6,
                    eos,
                ),
                [],
                9,
            ),
            [[renamed(ids, eos), average] for ids, average in best_two],
            f"both hypotheses finished after two steps, eos_id {eos}",
            rtol=1e-4,
            atol=1e-4,
            otherwise=(
                "The eos is the token eos_id, whichever it is: 0 is an id like others, though it is"
                " falsy, and 1 is not always the eos."
            ),
            if_raises=EMPTY_BEAM,
        )
    # 190 tokens of about 5 nats each: the probability of this text is 0 in any float.
    rng = case_rng("beam_search", "long")
    best = [rng.randrange(2, 400) for _ in range(190)]
    rows = case_tensor("beam_search", "long", 190, 400, scale=0.1)
    rows[:, 1] = -30.0
    rows[range(190), best] = 1.0
    rows = rows.log_softmax(-1)
    underflow = (
        "The probability of a long text underflows to 0. Add log-probabilities, and multiply"
        " nothing."
    )
    check(
        lambda: tidied(
            beam_search(lambda ids: rows[len(plain_ids(ids)) - 1].clone(), [0], 1, 190, 1), [], 9
        ),
        [[best, float(rows.amax(-1).double().mean())]],
        "width 1, 190 new tokens out of 400",
        rtol=1e-4,
        atol=1e-4,
        otherwise=underflow,
        if_raises=underflow,
    )
