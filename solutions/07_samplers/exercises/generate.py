"""The loop that all language models run in: ask the model, let the sampler choose, go on until a
stop id or the limit.
"""

# %% solution
from collections.abc import Callable, Collection, Sequence

from torch import Tensor


def generate(
    next_logits: Callable[[Sequence[int]], Tensor],
    prompt_ids: Sequence[int],
    max_new_tokens: int,
    choose: Callable[[Tensor], int],
    stop_ids: Collection[int] = (),
) -> list[int]:
    """Generate token by token until a stop id is chosen or there are max_new_tokens.

    Args:
        next_logits: from all ids so far to the logits (V,) of the next token.
        prompt_ids: the prompt, not modified.
        max_new_tokens: the most tokens that are returned.
        choose: from logits to one id; may be random.
        stop_ids: ids that end the generation and are not returned.

    Returns:
        The new ids.
    """
    ### BEGIN SOLUTION
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = choose(next_logits(ids))
        if token in stop_ids:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]
    ### END SOLUTION


# %% hints
HINTS = (
    """The model must see what it has written itself. Which list do you hand to `next_logits`, and when
do you look for a stop id: before or after you keep the token?""",
    """Copy the prompt. At most `max_new_tokens` times: ask `choose(next_logits(ids))` once; break when
the token is one of `stop_ids`, else append it. Return `ids[len(prompt_ids):]`.""",
)
EXPLANATION = """Each new token is appended to a copy of the prompt and so read in the next step: the caller's list stays
as it is. `choose` may be random, so it is asked once for each token and its answer kept. The stop id is looked for
before the token is appended, so it is not returned, and only new tokens are compared: a stop id in the prompt does
nothing. The slice at the end takes the prompt off again."""

# %% helpers
import random

import torch

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    inputs_unchanged,
    told_apart,
    without,
)


def plain_ids(ids):
    """Return ids as a tuple of whole numbers, whatever container they came in."""
    return tuple(
        int(token) for token in (ids.reshape(-1) if isinstance(ids, torch.Tensor) else ids)
    )


# %% examples
def examples(check):
    def next_number(ids):
        return torch.eye(10)[(int(ids[-1]) + 1) % 10] * 5

    def largest(logits):
        return int(logits.argmax())

    check(lambda: generate(next_number, [3, 4], 3, largest), [5, 6, 7], "a model that counts on")
    stopped = lambda: generate(next_number, [3, 4], 9, largest, stop_ids=(8,))
    check(stopped, [5, 6, 7], "the same model with the stop id 8")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "a model that counts on": Diagnosis(
            {
                "Return the new ids only, without the prompt.": [3, 4, 5, 6, 7],
                "New ids must be fed back: the model has to see its own tokens.": [5, 5, 5],
                "One token too few: three are asked for.": [5, 6],
                "One token too many: three are asked for.": [5, 6, 7, 8],
            },
            otherwise="After the prompt 3, 4 the model says 5, then 6, then 7.",
            if_raises="next_logits takes all ids so far in one sequence; choose takes its logits.",
        ),
        "the same model with the stop id 8": Diagnosis(
            {
                "The stop id itself is not returned.": [5, 6, 7, 8],
                "The stop id was left out, and generation went on. It ends there.": [
                    5,
                    6,
                    7,
                    9,
                    0,
                    1,
                    2,
                    3,
                ],
                "Stop ids have no effect: generation ends at the first of them.": [
                    5,
                    6,
                    7,
                    8,
                    9,
                    0,
                    1,
                    2,
                    3,
                ],
            },
            otherwise="Generation ends at the stop id 8, and the ids before it come back.",
        ),
    }


# %% graded: 2 points | the model sees all ids so far, and up to max_new_tokens new ones come back.
def test_model_sees_all_ids_and_new_ones_come_back() -> None:
    V = 12
    window = "The model saw a window of the last ids only. Give it all ids so far."

    def model_from(secret):
        """Return a function from all ids to logits, another row for every sequence of ids."""

        def next_logits(ids):
            rng = random.Random(f"{secret} {plain_ids(ids)}")
            return torch.tensor([rng.gauss(0, 1) for _ in range(V)])

        return next_logits

    def second(logits):
        """Choose the second largest, so that an argmax shows."""
        return int(logits.argsort(descending=True)[1])

    def run(steps, see=lambda prompt, new: [*prompt, *new], choose=second):
        new = []
        for _ in range(steps):
            new.append(choose(next_logits(see(prompt, new))))
        return new

    for case, (n_prompt, steps) in enumerate(
        [(3, 5), (1, 4), (5, 2), (4, 7), (6, 1), (80, 3), (3, 90)]
    ):
        rng = case_rng("generate", case)
        while True:
            prompt = [rng.randrange(V) for _ in range(n_prompt)]
            next_logits = model_from(rng.getrandbits(40))
            wanted = run(steps)
            wrong = {
                "New ids are not fed back: the model saw the prompt only. It must see its own tokens as well.": run(
                    steps, lambda prompt, new: prompt
                ),
                "The model saw the last id only. Give it all ids so far.": AnyOf(
                    run(steps, lambda prompt, new: [*prompt, *new][-1:]),
                    run(steps, lambda prompt, new: new[-1:] or prompt),
                ),
                "The prompt was forgotten after the first token. The model sees prompt and new ids together.": run(
                    steps, lambda prompt, new: new or prompt
                ),
                "The new ids were put before the prompt. They follow it.": run(
                    steps, lambda prompt, new: [*new, *prompt]
                ),
                "You took the largest logit yourself. The next token is what `choose` says.": run(
                    steps, choose=lambda logits: int(logits.argmax())
                ),
                window: AnyOf(
                    *(
                        run(steps, lambda prompt, new, size=size: [*prompt, *new][-size:])
                        for size in (8, 16, 32, 64)
                    )
                ),
            }
            # Without token 0 and equal tokens in a short result those cases stay apart.
            is_plain = wanted[0] not in (0, 8, prompt[-1]) and (
                steps > V or len({0, *wanted}) == len(wanted) + 1
            )
            # The same holds for 8, the stop id of the visible test, which an answer may have kept.
            if case == 0 and 8 in wanted:
                continue
            if is_plain and (case > 0 or told_apart(wanted, without(wrong, window))):
                break
        check(
            lambda: generate(next_logits, list(prompt), steps, second),
            wanted,
            f"prompt {prompt}, {steps} new tokens",
            mistakes=wrong
            | (
                {}
                if case > 0
                else {
                    "One token too few: without a stop id return max_new_tokens of them.": wanted[
                        :-1
                    ],
                    "max_new_tokens counts new tokens only, not those of the prompt.": wanted[
                        : max(0, steps - n_prompt)
                    ],
                }
            )
            | {
                "Return the new ids only, without the prompt.": prompt + wanted,
                "One token too many: return max_new_tokens at most.": run(steps + 1),
                "No id came back, though no stop id was given. Keep each token that `choose` takes.": [],
                "A generator came back (there is a yield in your code). Return a list of the new ids.": lambda got: (
                    hasattr(got, "__next__")
                ),
                "The same call gives another result the second time: something is kept between calls, such as a list as default argument.": (
                    lambda got, model=next_logits, prompt=prompt, steps=steps: (
                        isinstance(got, list)
                        and list(got) != generate(model, list(prompt), steps, second)
                    )
                ),
                "Generation ended early, though no stop id was given. Neither the same token again nor token 0 is an end, and stop ids of an earlier call do not count.": (
                    lambda got, wanted=wanted: 0 < len(got) and got == wanted[: len(got)]
                ),
            },
            otherwise=(
                "Ask next_logits with all ids so far, let choose take one, and go on with it."
            ),
            if_raises="next_logits takes all ids so far in one sequence; choose takes its logits.",
        )


# %% graded: 2 points | each of the stop ids ends generation and is not returned; one in the prompt does not.
def test_stop_ids_end_generation() -> None:
    logits_given = torch.arange(20.0) / 4 - 3

    def scripted(tokens):
        """Return a choice that gives these tokens one after the other, then 19 for ever."""
        left = list(tokens)

        def choose(logits):
            if logits.dim() != 1 or not torch.equal(logits.detach().float(), logits_given):
                raise AssertionError(
                    "`choose` takes the logits of next_logits as they are: shape (V,), no softmax"
                    " before it."
                )
            return left.pop(0) if left else 19

        return choose

    cases = (
        ("one stop id", [5, 6], (2,), 9, [7, 8, 2, 9, 10], [7, 8]),
        ("the second of two stop ids", [5, 6], (2, 4), 9, [7, 8, 4, 9, 10], [7, 8]),
        ("the first of three stop ids", [5, 6], (9, 2, 4), 8, [7, 9, 8, 3], [7]),
        ("the third of three stop ids", [5, 6], (9, 2, 4), 8, [7, 8, 11, 4, 3], [7, 8, 11]),
        ("a stop id at once", [5], (2,), 9, [2, 7, 8], []),
        ("two stop ids, the second of them earlier", [5, 6], (2, 4), 9, [7, 4, 8, 2, 9], [7]),
        ("two stop ids, the first of them earlier", [5, 6], (2, 4), 9, [7, 2, 8, 4, 9], [7]),
        ("a stop id after max_new_tokens", [5, 6], (2,), 3, [7, 8, 9, 2], [7, 8, 9]),
        ("a stop id as the last of max_new_tokens", [5, 6], (2,), 3, [7, 8, 2, 9], [7, 8]),
        ("stop ids that never come", [5, 6], (2, 3), 4, [7, 8, 9, 10, 11], [7, 8, 9, 10]),
        ("a prompt that ends with the stop id", [5, 2], (2,), 3, [7, 8, 9, 10], [7, 8, 9]),
        ("a prompt with the stop id in it, and none later", [2, 5, 6], (2,), 2, [7, 8, 9], [7, 8]),
        ("the same token several times", [7], (2,), 5, [7, 7, 8, 8, 2], [7, 7, 8, 8]),
        ("token 0, which is no stop id", [5], (2,), 4, [0, 7, 0, 2], [0, 7, 0]),
        ("token 0 as the stop id", [5, 0], (0,), 4, [7, 8, 0, 9], [7, 8]),
        ("no stop ids", [5], (), 4, [2, 0, 1, 2, 3], [2, 0, 1, 2]),
        ("token 12, with the stop ids 1 and 2", [5], (1, 2), 4, [7, 12, 8, 2], [7, 12, 8]),
        ("no new tokens at all", [5, 6], (2,), 0, [7, 8], []),
    )
    for what, prompt, stop_ids, limit, tokens, wanted in cases:
        endless = [*tokens, *[19] * limit]
        written = endless[:limit]
        ended = next((i for i, token in enumerate(written) if token in stop_ids), None)
        mistakes = {
            "`choose` was asked twice for a token. It may be random: ask it once, and keep what it says.": (
                lambda got, odd=endless[1::2]: bool(got) and got == odd[: len(got)]
            ),
        }
        if ended is not None:
            no_effect = {
                "Only the first stop id counts in your code. Each of the stop ids ends generation.": (
                    written
                ),
                "Stop ids have no effect: generation has to end at the first of them.": written,
            }
            if written[ended] == stop_ids[0]:
                no_effect.pop(next(iter(no_effect)))
            mistakes = (
                no_effect
                | mistakes
                | {
                    "The stop id was returned, too. It ends the text and is no part of it.": (
                        written[: ended + 1]
                    ),
                    "The stop id was left out, but generation went on. It has to end there.": [
                        token for token in written if token not in stop_ids
                    ],
                    "The last token before the stop was lost, too. Only the stop id is left out.": (
                        wanted[:-1]
                    ),
                }
            )
        if limit == 0:
            mistakes["With max_new_tokens = 0 no token is asked for, and none comes back."] = (
                tokens[:1]
            )
        if stop_ids and {prompt[0], prompt[-1]} & set(stop_ids):
            mistakes["A stop id in the prompt ended generation. Only a new one does."] = []
        with inputs_unchanged(prompt):
            check(
                lambda: generate(
                    lambda ids: logits_given.clone(), prompt, limit, scripted(tokens), stop_ids
                ),
                wanted,
                f"{what}: prompt {prompt}, stop_ids {stop_ids}, max_new_tokens {limit}, choose"
                f" gives {tokens}",
                mistakes=mistakes,
                otherwise=(
                    "The same token again, or token 0, is no end. Only stop_ids and max_new_tokens"
                    " end generation, and the new ids come back without the stop id."
                ),
                if_raises="The end is reached at a stop id or at max_new_tokens.",
            )

    def asked_after_stop():
        """Return how often `choose` is asked when its second token is a stop id and six are
        allowed.
        """
        asked = []

        def choose(logits):
            asked.append(logits)
            return 2 if len(asked) == 2 else 7

        generate(lambda ids: logits_given, [5, 6], 6, choose, (2,))
        return len(asked)

    check(
        asked_after_stop,
        2,
        "calls of choose, when the second of six tokens is a stop id",
        otherwise=(
            "Generation went on after the stop id. It ends there: the tokens after it cost time and"
            " are thrown away."
        ),
    )
