"""Exercise `beam_search` of notebook 07."""

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
        next_logprobs: from all ids so far, prompt included, to the log-probabilities (V,) of the next token.
        prompt_ids: the prompt.
        width: how many extensions are kept at each step, by total log-probability.
        max_new_tokens: the most new tokens of a hypothesis, the eos included.
        eos_id: the token that finishes a hypothesis, which then leaves the beam.

    Returns:
        (new ids, average log-probability per new token) of each hypothesis, finished or not, the best average first.
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
HINTS = ()
EXPLANATION = ""

# %% helpers
import math
import random

import torch

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    import math
    import torch

    table = {
        (): [0.05, 0.5, 0.4, 0.05],
        (1,): [0.3, 0.25, 0.25, 0.2],
        (2,): [0.9, 0.04, 0.03, 0.03],
    }

    def logprobs_by_table(ids):
        """Return the log-probabilities after the prompt [3] and these ids."""
        ids = tuple((int(token) for token in ids))
        assert ids[:1] == (3,), "next_logprobs takes all ids so far, the prompt included."
        return torch.tensor(table.get(ids[1:], [0.25] * 4)).log()

    def rounded_result(got):
        """Round the averages, so that they can be read."""
        return [(list(ids), round(float(average), 3)) for ids, average in got]

    check(
        lambda: rounded_result(
            beam_search(logprobs_by_table, [3], width=1, max_new_tokens=2, eos_id=0)
        ),
        [([1, 0], round(math.log(0.5 * 0.3) / 2, 3))],
        "width 1, which is greedy decoding, two new tokens",
        atol=0.002,
    )
    check(
        lambda: rounded_result(
            beam_search(logprobs_by_table, [3], width=2, max_new_tokens=2, eos_id=0)
        ),
        [([2, 0], round(math.log(0.4 * 0.9) / 2, 3)), ([1, 0], round(math.log(0.5 * 0.3) / 2, 3))],
        "width 2, two new tokens",
        atol=0.002,
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    table = {
        (): [0.05, 0.5, 0.4, 0.05],
        (1,): [0.3, 0.25, 0.25, 0.2],
        (2,): [0.9, 0.04, 0.03, 0.03],
    }

    def logprobs_by_table(ids):
        """Return the log-probabilities after the prompt [3] and these ids."""
        ids = tuple((int(token) for token in ids))
        assert ids[:1] == (3,), "next_logprobs takes all ids so far, the prompt included."
        return torch.tensor(table.get(ids[1:], [0.25] * 4)).log()

    def rounded_result(got):
        """Round the averages, so that they can be read."""
        return [(list(ids), round(float(average), 3)) for ids, average in got]

    found["width 1, which is greedy decoding, two new tokens"] = Diagnosis(
        mistakes={
            "This is the total. Divide by the number of new tokens, the eos included.": [
                ([1, 0], round(math.log(0.5 * 0.3), 3))
            ]
        },
        if_raises="Return a list of (new ids, average).",
    )
    found["width 2, two new tokens"] = Diagnosis(
        otherwise="Both hypotheses of the first step are extended; the best two of their eight extensions are kept.",
        if_raises="Return a list of (new ids, average).",
    )
    return found


# %% graded: 3 points | the hypotheses of a beam, with ids and averages, in order, for random models.
def test_1() -> None:
    def plain_ids(ids):
        """Return ids as a tuple of whole numbers, whatever container they came in."""
        return tuple(
            int(token) for token in (ids.reshape(-1) if isinstance(ids, torch.Tensor) else ids)
        )

    def random_model(secret, V, eos_bonus):
        """Return a function from all ids to log-probabilities, another row for every sequence of ids; the eos is token 1."""

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

    def search_with(model, prompt, width, steps, V, way=""):
        """Return hypotheses as [ids, total], right or in one of several wrong ways, and the smallest gap that decided."""
        beam, finished, gap = [([], 0.0)], [], 9.0
        for step in range(steps + {"too many": 1, "too few": -1}.get(way, 0)):
            seen = {"no prompt": lambda ids: ids or prompt}.get(way, lambda ids: [*prompt, *ids])
            pool = []
            for ids, total in beam:
                row = model(seen(ids)).tolist()
                if way == "probabilities":
                    row = torch.tensor(row).exp().tolist()
                grown = sorted(
                    (([*ids, token], total + row[token], row[token]) for token in range(V)),
                    key=lambda one: -one[1],
                )
                if way == "one each" and step > 0:
                    grown = grown[:1]
                pool += grown[:width] if way == "width each" else grown
            if way == "keep":
                pool += [(ids, total, total) for ids, total in finished]
                finished = []
            if way == "keep by average":
                pool = [(ids, total, total / len(ids)) for ids, total, _ in pool]
                pool += [(ids, total, total / len(ids)) for ids, total in finished]
                finished = []
            pool.sort(key=lambda one: -one[2 if way in ("last token", "keep by average") else 1])
            limit = {
                "greedy": 1,
                "shrink": max(0, width - len(finished)),
                "width each": len(pool),
            }.get(way, width)
            if len(pool) > limit > 0:
                gap = min(gap, pool[limit - 1][1] - pool[limit][1])
            beam, room = [], limit
            for place, (ids, total, _) in enumerate(pool):
                if way in ("refill", "library"):
                    if len(beam) == width or (way == "library" and place >= 2 * width):
                        break
                    if ids[-1] == 1 and way == "library" and place >= width:
                        continue
                elif place >= room:
                    break
                (finished if ids[-1] == 1 and way != "written on" else beam).append((ids, total))
            if (way == "first" and finished) or (way == "enough" and len(finished) >= width):
                break
        kept = {
            "lose finished": beam,
            "lose unfinished": finished,
            "lose if": finished or beam,
            "width finished": finished or beam,
        }
        return kept.get(way, finished + beam), gap

    def in_order(pairs, length=len, by_total=False):
        """Return [ids, average] in order, and the smallest gap between two averages."""
        rows = sorted(
            [[ids, total / length(ids), total] for ids, total in pairs],
            key=lambda row: -row[2 if by_total else 1],
        )
        gap = min((one[1] - other[1] for one, other in zip(rows, rows[1:])), default=9.0)
        return [[ids, average] for ids, average, _ in rows], gap

    def results_differ(one, other, width):
        """Say whether two results differ within their first `width` hypotheses."""
        one, other = one[:width], other[:width]
        if [ids for ids, _ in one] != [ids for ids, _ in other]:
            return True
        return any(abs(a - b) > 1e-3 for (_, a), (_, b) in zip(one, other))

    def tidied(got, wanted, width):
        """Return [ids, average] as lists; where the best `width` came back alone, the contract allows it."""
        try:
            rows = [[list(plain_ids(ids)), float(average)] for ids, average in got]
        except (TypeError, ValueError):
            return got
        return (
            wanted
            if width == len(rows) < len(wanted) and not results_differ(rows, wanted, width)
            else rows
        )

    WAYS = {
        "greedy": "Only one hypothesis was followed: that is greedy decoding. Keep the `width` best extensions at each step.",
        "one each": "Each hypothesis got its own best token only. Keep the best `width` of all extensions of all hypotheses.",
        "width each": "The beam grows: the best `width` of each hypothesis were kept. Keep the best `width` of all extensions together.",
        "last token": "Extensions were ranked by their last token alone. Rank by total log-probability.",
        "probabilities": "Probabilities were added. Add log-probabilities, as next_logprobs gives them.",
        "no prompt": "After the first step the model no longer saw the prompt. It takes all ids so far, prompt and new ones.",
        "too many": "One token too many: a hypothesis has max_new_tokens new tokens at most.",
        "too few": "One token too few: a hypothesis may have max_new_tokens new tokens.",
        "written on": "Finished hypotheses were written on after their eos. They leave the beam.",
        "keep by average": "The beam was kept by average, finished hypotheses among them. Keep the best by total; a finished one leaves the beam.",
        "keep": "Finished hypotheses stayed in the beam and competed with longer ones. A finished one leaves the beam, and is kept aside.",
        "refill": "Where a hypothesis had finished, the beam was filled up with the next best (refilled). Only `width` extensions are kept, finished "
        "ones among them.",
        "library": "As libraries do, twice the width was looked at, and the beam was filled up (refilled). Only `width` extensions are kept, finished "
        "ones among them.",
        "shrink": "The beam shrinks with each finished hypothesis. In every step `width` extensions are kept.",
        "first": "The search ended with the first finished hypothesis. It goes on until max_new_tokens or an empty beam.",
        "enough": "The search ended once `width` hypotheses had finished. It goes on until max_new_tokens or an empty beam.",
        "lose finished": "Finished hypotheses were lost: those that left the beam belong to the result.",
        "lose unfinished": "Unfinished hypotheses were lost: those in the beam after max_new_tokens belong to the result.",
        "lose if": "Unfinished hypotheses were lost as soon as one had finished. Those in the beam after max_new_tokens belong to the result.",
    }
    # In each case the listed ways lead to results of their own; the others are looked up where they do.
    CASES = (
        (6, 3, 4, 0.3, ("lose finished", "lose unfinished", "written on", "too few", "too many")),
        (6, 2, 3, 0.3, ("greedy", "one each", "no prompt")),
        (7, 3, 5, 0.8, ("refill", "first", "keep")),
        (6, 2, 5, 0.8, ("enough", "shrink")),
        (8, 3, 4, 0.2, ("width each", "last token")),
        (6, 2, 5, 0.6, ("library", "lose if")),
        (7, 3, 4, 0.8, ("keep by average", "refill")),
    )
    for case, (V, width, steps, bonus, required) in enumerate(CASES):
        rng = case_rng("beam_search", case)
        while True:
            prompt = [rng.randrange(V) for _ in range(rng.randint(1, 3))]
            model = random_model(rng.getrandbits(40), V, bonus)
            found, gap = search_with(model, prompt, width, steps, V)
            wanted, gap_of_averages = in_order(found)
            # A right answer may add in float32: nothing may hang on the last decimals.
            if gap < 0.01 or gap_of_averages < 0.01:
                continue
            by_total = in_order(found, by_total=True)[0]
            if case < 3 and not results_differ(wanted, by_total, width):
                continue
            others = {}
            for way in required:
                others[way] = in_order(search_with(model, prompt, width, steps, V, way)[0])[0]
                if not all(
                    results_differ(others[way], seen, width)
                    for seen in [wanted, *[others[w] for w in others if w != way]]
                ):
                    break
            else:
                break
        others |= {
            way: in_order(search_with(model, prompt, width, steps, V, way)[0])[0]
            for way in WAYS
            if way not in others
        }
        with_eos = lambda ids: ids[-1] == 1
        numbers = {
            "The order is by total log-probability. Order by the average per new token, best first.": by_total,
            "The worst comes first. Order by average, best first.": wanted[::-1],
            "These are totals. Return the average log-probability per new token.": in_order(
                found, lambda ids: 1
            )[0],
            "These are totals, in the order of the averages. Return the average log-probability per new token.": [
                [ids, average * len(ids)] for ids, average in wanted
            ],
            "The eos is not counted in the average. It is a new token with a log-probability like others.": in_order(
                found, lambda ids: max(1, len(ids) - with_eos(ids))
            )[0],
            "The eos is counted twice in the length. Divide by the number of new tokens.": in_order(
                found, lambda ids: len(ids) + with_eos(ids)
            )[0],
            "The length is one too large. Divide by the number of new tokens.": in_order(
                found, lambda ids: len(ids) + 1
            )[0],
            "The prompt was counted in the average. Divide by the number of new tokens.": in_order(
                found, lambda ids: len(prompt) + len(ids)
            )[0],
            "The prompt came back, too. Hypotheses are new ids only.": [
                [[*prompt, *ids], average] for ids, average in wanted
            ],
            "The eos was cut off. It stays in the ids where it was reached.": [
                [ids[:-1] if with_eos(ids) else ids, average] for ids, average in wanted
            ],
            "The average came back as a probability (exp). Return it as a log-probability.": [
                [ids, float(torch.tensor(average).exp())] for ids, average in wanted
            ],
            "A length penalty with an exponent is no average. Divide by the number of new tokens.": in_order(
                found, lambda ids: ((5 + len(ids)) / 6) ** 0.6
            )[0],
            "Only the best hypothesis came back. Return all of them.": wanted[:1],
        }

        def as_predicate(wrong, width=width):
            def predicate(got):
                rows = tidied(got, [], width)
                is_rows = isinstance(rows, list) and all(
                    isinstance(row, list) and len(row) == 2 for row in rows
                )
                if not is_rows or len(rows) not in (len(wrong), width):
                    return False
                return len(rows) == min(len(rows), len(wrong)) and not results_differ(
                    rows, wrong[: len(rows)], len(wrong)
                )

            return predicate

        mistakes = {hint: as_predicate(value) for hint, value in numbers.items() if value != wanted}
        mistakes |= {
            hint: as_predicate(others[way]) for way, hint in WAYS.items() if others[way] != wanted
        }
        mistakes |= {
            "Each pair is (ids, average), in this order.": lambda got: (
                isinstance(got, list)
                and bool(got)
                and isinstance(got[0], tuple | list)
                and isinstance(got[0][0], float)
            ),
            "Several hypotheses have the same ids: they share one list. Make a new list for each extension (a copy).": lambda got: (
                isinstance(got, list)
                and len(got) > 1
                and all(isinstance(row, list) and len(row) == 2 for row in got)
                and len({str(row[0]) for row in got}) < len(got)
            ),
        }
        with inputs_unchanged(prompt):
            check(
                lambda: tidied(beam_search(model, prompt, width, steps, 1), wanted, width),
                wanted,
                f"a random model of {V} tokens, prompt {prompt}, width {width}, max_new_tokens {steps}, eos_id 1",
                rtol=1e-4,
                atol=1e-4,
                mistakes=mistakes,
                otherwise="Add log-probabilities as next_logprobs gives them, keep the `width` best of all extensions by total, put those that end with "
                "the eos aside, and order all by average.",
                if_raises="next_logprobs takes all ids so far, prompt and new ones; the beam may be empty before max_new_tokens.",
            )


# %% graded: 2 points | a beam that becomes empty, width 1, and any id as the eos.
def test_2() -> None:
    def plain_ids(ids):
        return tuple(
            int(token) for token in (ids.reshape(-1) if isinstance(ids, torch.Tensor) else ids)
        )

    def model_of_table(table, n_prompt):
        """Return next_logprobs from a table of probabilities by new ids; others are equally likely."""
        size = len(next(iter(table.values())))

        def next_logprobs(ids):
            return torch.tensor(table.get(plain_ids(ids)[n_prompt:], [1 / size] * size)).log()

        return next_logprobs

    def tidied(got):
        """Return [ids, average] as lists, whatever containers they came in."""
        try:
            return [[list(plain_ids(ids)), float(average)] for ids, average in got]
        except (TypeError, ValueError):
            return got

    empty = "The beam becomes empty when all its hypotheses have finished. Then the search is over, before max_new_tokens, and no error."
    cases = (
        (
            "width 1, the eos at once",
            {(): [0.2, 0.5, 0.3]},
            1,
            [[[1], math.log(0.5)]],
            {
                "The beam was filled up (refilled) where a hypothesis had finished. With width 1 one extension is kept, here the eos.": 2
            },
        ),
        (
            "width 1, the eos at the third step",
            {(): [0.6, 0.1, 0.3], (0,): [0.1, 0.3, 0.6], (0, 2): [0.2, 0.7, 0.1]},
            1,
            [[[0, 2, 1], math.log(0.6 * 0.6 * 0.7) / 3]],
            {},
        ),
        (
            "width 2, both finished after two steps",
            {
                (): [0.45, 0.05, 0.35, 0.15],
                (0,): [0.1, 0.7, 0.1, 0.1],
                (2,): [0.02, 0.9, 0.04, 0.04],
            },
            2,
            [[[2, 1], math.log(0.35 * 0.9) / 2], [[0, 1], math.log(0.45 * 0.7) / 2]],
            {},
        ),
        (
            "width 2, one finished at once and the other after three steps",
            {
                (): [0.5, 0.3, 0.15, 0.05],
                (0,): [0.05, 0.5, 0.05, 0.4],
                (0, 3): [0.1, 0.6, 0.26, 0.04],
            },
            2,
            None,
            {},
        ),
    )
    for what, table, width, wanted, _ in cases:
        if wanted is None:
            # Step 1 keeps (0) and the finished (1); step 2 keeps (0 1), finished, and (0 3); step 3 keeps (0 3 1), finished, and (0 3 2);
            # step 4 has equally likely tokens after (0 3 2), so the search ends before it.
            rows = [
                [[1], math.log(0.3)],
                [[0, 1], math.log(0.25) / 2],
                [[0, 3, 1], math.log(0.5 * 0.4 * 0.6) / 3],
                [[0, 3, 2], math.log(0.5 * 0.4 * 0.26) / 3],
            ]
            wanted, steps = sorted(rows, key=lambda row: -row[1]), 3
        else:
            steps = 6
        for prompt in ([0], [2, 1, 0]):
            check(
                lambda: tidied(
                    beam_search(model_of_table(table, len(prompt)), list(prompt), width, steps, 1)
                )[: len(wanted) if len(wanted) <= width else width],
                wanted[:width],
                f"{what}: prompt {prompt}, max_new_tokens {steps}, eos_id 1",
                rtol=1e-4,
                atol=1e-4,
                mistakes={
                    "A prompt that holds the eos finishes nothing: only a new eos does.": [],
                },
                otherwise="Keep `width` extensions, put those that end with the eos aside for good, and order all by average, best first.",
                if_raises=empty,
            )
            if len(wanted) <= width:
                check(
                    lambda: len(
                        beam_search(
                            model_of_table(table, len(prompt)), list(prompt), width, steps, 1
                        )
                    ),
                    len(wanted),
                    f"number of hypotheses, {what}: prompt {prompt}, max_new_tokens {steps}",
                    otherwise="The beam was filled up where a hypothesis had finished. Only `width` extensions are kept, finished ones among them; an empty "
                    "beam ends the search.",
                    if_raises=empty,
                )

    def renamed(ids, eos):
        """Return ids in which the tokens 1 and eos have changed names."""
        return [{1: eos, eos: 1}.get(token, token) for token in ids]

    for eos in (0, 2, 3):
        table = {
            (): [0.45, 0.05, 0.35, 0.15],
            (0,): [0.1, 0.7, 0.1, 0.1],
            (2,): [0.02, 0.9, 0.04, 0.04],
        }
        first = [2, 1, 0]
        told = model_of_table(table, len(first))
        check(
            lambda: tidied(
                beam_search(
                    lambda ids: told(renamed(plain_ids(ids), eos))[renamed(range(4), eos)],
                    list(first),
                    2,
                    6,
                    eos,
                )
            ),
            [
                [renamed([2, 1], eos), math.log(0.35 * 0.9) / 2],
                [renamed([0, 1], eos), math.log(0.45 * 0.7) / 2],
            ],
            f"both hypotheses finished after two steps, eos_id {eos}",
            rtol=1e-4,
            atol=1e-4,
            otherwise="The eos is the token eos_id, whichever it is: 0 is an id like others, though it is falsy, and 1 is not always the eos.",
            if_raises=empty,
        )
