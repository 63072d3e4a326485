"""Exercise `build_labels`: which ids a model has to read, and which it has to learn to write."""

# %% solution
from collections.abc import Sequence


def build_labels(
    prompt_ids: Sequence[int], response_ids: Sequence[int], ignore_index: int = -100
) -> tuple[list[int], list[int]]:
    """Return (input_ids, labels) of a prompt with its response, of equal lengths.

    Args:
        prompt_ids: what the model reads; its labels are `ignore_index`.
        response_ids: what the model is to write, with the id that ends it; its labels are its ids.
        ignore_index: stands where nothing is learned.

    Labels are not moved on by one: the loss does that.
    """
    ### BEGIN SOLUTION
    input_ids = [*prompt_ids, *response_ids]
    labels = [ignore_index] * len(prompt_ids) + list(response_ids)
    return input_ids, labels
    ### END SOLUTION


# %% hints
HINTS = (
    "The model reads everything. At which places should it be judged by what it would write?",
    (
        "`input_ids` is prompt then response. `labels` is as long: `ignore_index` once for each id"
        " of the prompt, then the ids of the response, the last one too. Go by places, not by"
        " values."
    ),
)
EXPLANATION = """
Questions come from users, so a model need not learn to write them: their labels are ignored, and
they still stand in the input, where the answer can attend to them. The id that ends the answer is
part of the response: a model that never learned it goes on talking. An id may occur in both parts,
which is why the mask goes by position. Shifting is left to the loss, once.
"""

# %% helpers
import operator

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, inputs_unchanged, not_a_pair

MASK = (
    "input_ids: prompt, then response. labels: ignore_index at the prompt, the ids at the response."
)


def right_pair(prompt, response, ignore=-100):
    return [*prompt, *response], [ignore] * len(prompt) + [*response]


def wrong_pairs(prompt, response, ignore=-100, repeated=False):
    ids, labels = right_pair(prompt, response, ignore)
    n, own = len(prompt), [ignore] * len(prompt)

    def second(value):
        return lambda got: list(got[1]) == value and list(got[0]) == ids

    hints = {
        "Return two things, input_ids and labels.": not_a_pair,
        "The order is (input_ids, labels).": (labels, ids),
        "Nothing is masked: the labels of the prompt are ignore_index.": (ids, ids),
        "The wrong part is masked: the response is what is learned.": (
            ids,
            [*prompt, *([ignore] * len(response))],
        ),
        "The labels are moved on by one already: the loss does that, so leave them in place.": (
            AnyOf(
                (ids, [*labels[1:], ignore]),
                (ids[:-1], labels[1:]),
                (ids, labels[1:]),
                (ids, labels[1:] + labels[:1]),
            )
        ),
        "The labels are moved the wrong way: each stands where its id stands.": (
            ids,
            [ignore, *labels[:-1]],
        ),
        "Lengths differ: the labels cover the prompt too, with ignore_index.": AnyOf(
            (ids, [ignore] * len(response) + [*response]),
            (ids, [*response]),
            (ids, [ignore, *response]),
            ([*prompt], [*response]),
            ([*prompt], labels),
            ([*response], labels),
        ),
        "The labels end with the prompt: the ids of the response follow.": (ids, own),
        "The model must read the response as well: input_ids is the prompt and then the response.": AnyOf(
            ([*prompt, *([ignore] * len(response))], labels),
            ([*prompt, *([0] * len(response))], labels),
        ),
        "input_ids keeps all ids: only labels are masked.": (labels, labels),
        "The first id of the response is learned too.": second([*own, ignore, *response[1:]]),
        "The last id of the response is learned too: it is the end of the answer.": AnyOf(
            second([*own, *response[:-1], ignore]), (ids[:-1], labels[:-1])
        ),
        "The last id of the prompt is not learned: all of the prompt is ignored.": second(
            [*own[:-1], prompt[-1], *response]
        ),
        "Go by places, not by values: an id may occur in both parts, or twice in one.": AnyOf(
            (ids, [ignore if one in set(prompt) else one for one in ids]),
            (ids, [one if one in set(response) else ignore for one in ids]),
            (ids, [ignore if place < len(set(prompt)) else one for place, one in enumerate(ids)]),
            second([ignore] * (start := ids.index(response[0])) + ids[start:]),
            second([*own, *(ignore if x in response[:i] else x for i, x in enumerate(response))]),
        ),
        "There are more labels than ids: one is due for each, and none of an earlier call.": (
            lambda got: list(got[0]) == ids and len(got[1]) > len(ids)
        ),
        "The response comes after the prompt.": AnyOf(
            ([*response, *prompt], [*response, *own]), ([*response, *prompt], labels)
        ),
        "These are marks of 0 and 1: labels hold the ids themselves.": AnyOf(
            (ids, [0] * n + [1] * len(response)), (ids, [False] * n + [True] * len(response))
        ),
        "Something was added at the end: response_ids ends as it should.": lambda got: (
            len(got[0]) > len(ids) and list(got[0])[: len(ids)] == ids
        ),
        "Something was added in front: the ids are complete as they are.": lambda got: (
            len(got[0]) > len(ids) and list(got[0])[-len(ids) :] == ids
        ),
        "An id of 0 is an id like any other: what is masked is the prompt alone.": (
            lambda got: 0 in response and list(got[0]) == ids and 0 not in list(got[1])[n:]
        ),
        "Repeated ids stay: nothing is dropped, and the order is that of the text.": lambda got: (
            len(got[0]) < len(ids) and set(got[0]) == set(ids)
        ),
    }
    if not repeated:  # nothing here could show these
        hints = {
            h: w for h, w in hints.items() if not h.startswith(("Go by", "Repeated", "An id of"))
        }
    if ignore != -100:
        hints |= {
            "ignore_index is an argument: use it in place of -100.": (
                ids,
                right_pair(prompt, response)[1],
            )
        }
    else:
        hints |= {
            "The ignored label is ignore_index, which is -100 unless another is given.": (
                lambda got: (
                    n > 1
                    and len(set(got[1][:n])) == 1
                    and got[1][0] != ignore
                    and (list(got[0]), list(got[1])[n:]) == (ids, [*response])
                )
            )
        }
    return hints


def drawn(rng, n, high):
    return [rng.randrange(1, high) for _ in range(n)]


# %% examples
def examples(check):
    due = ([5, 6, 7, 8, 2], [-100, -100, -100, 8, 2])
    check(lambda: build_labels([5, 6, 7], [8, 2]), due, "three ids of a prompt, two of a response")
    due = ([5, 4, 9, 5, 2], [0, 0, 9, 5, 2])
    check(lambda: build_labels([5, 4], [9, 5, 2], ignore_index=0), due, "ignored labels are 0")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "three ids of a prompt, two of a response": Diagnosis(wrong_pairs([5, 6, 7], [8, 2]), MASK),
        "ignored labels are 0": Diagnosis(wrong_pairs([5, 4], [9, 5, 2], 0, repeated=True), MASK),
    }


# %% graded: 2 points | the prompt is ignored, the response is learned.
def test_prompt_ignored_response_learned() -> None:
    rng = case_rng("build_labels", 1)
    for n, m in ((5, 3), (2, 6), (rng.randint(2_050, 2_500), rng.randint(70, 130))):
        # Vocabularies are as large as this.
        ids = rng.sample(range(70_000, 250_000) if n == 2 else range(1, 4000), n + m)
        prompt, response = ids[:n], ids[n:]
        with inputs_unchanged(prompt, response):
            check(
                lambda: build_labels(prompt, response),
                right_pair(prompt, response),
                f"{n} ids of a prompt, {m} of a response",
                mistakes=wrong_pairs(prompt, response)
                | {
                    "The ids were cut: all of them stay, however many there are.": lambda got: (
                        list(got[0]) == [*prompt, *response][: len(got[0])] and len(got[0]) < n + m
                    ),
                    "Ids changed: those of a large vocabulary do not fit into 16 bits.": lambda got: (
                        list(got[0]) != [*prompt, *response]
                        and [one % 2**16 for one in got[0]]
                        == [one % 2**16 for one in prompt + response]
                    )
                },
                otherwise=MASK,
                if_raises="Both are lists of ids, of any lengths.",
            )
        check(
            lambda: [operator.index(label) for label in build_labels(prompt, response)[1]],
            right_pair(prompt, response)[1],
            f"the labels as whole numbers, {n} ids of a prompt, {m} of a response",
            otherwise=MASK,
            if_raises="Labels are ids, whole numbers: an array of floats is in the way.",
        )


# %% graded: 1 point | ids that occur in both parts, or twice in one.
def test_ids_that_occur_twice() -> None:
    rng = case_rng("build_labels", 2)
    for n, m in ((5, 5), (9, 4), (3, 8)):
        prompt, response = drawn(rng, n, 6), drawn(rng, m, 6)
        prompt[:3], response[1] = [3, 3, 3], 3
        prompt[-1], response[-1], response[0] = 7, 8, 1
        if n > 5:
            prompt[4] = 8  # the end id occurs in the prompt as well
            prompt[3] = 1  # and the first one
            prompt[5], response[2] = 0, 0  # an id that is false as a truth value
        with inputs_unchanged(prompt, response):
            check(
                lambda: build_labels(prompt, response),
                right_pair(prompt, response),
                f"prompt {prompt}, response {response}",
                mistakes=wrong_pairs(prompt, response, repeated=True),
                otherwise=MASK,
            )


# %% graded: 1 point | another ignore_index, and a response of one id.
def test_other_ignore_index_and_short_responses() -> None:
    rng = case_rng("build_labels", 3)
    for ignore in (-1, rng.randint(-999, -200), 0, rng.randint(200, 999)):
        for n, m in ((2, 4), (3, 1), (1, 4)):
            ids = rng.sample(range(1, 90), n + m)
            prompt, response = ids[:n], ids[n:]
            check(
                lambda: build_labels(prompt, response, ignore_index=ignore),
                right_pair(prompt, response, ignore),
                f"{n} ids of a prompt, {m} of a response, ignore_index {ignore}",
                mistakes=wrong_pairs(prompt, response, ignore),
                otherwise=MASK,
                if_raises="A prompt or a response of one id is fine.",
            )
