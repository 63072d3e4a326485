"""Exercise `constrained_choice`: greedy decoding that always ends with one of the options."""

# %% solution
from collections.abc import Callable, Sequence

from torch import Tensor


def constrained_choice(
    next_logits: Callable[[list[int]], Tensor], options: Sequence[str], vocabulary: Sequence[str]
) -> str:
    """Return the option that greedy decoding under the automaton of the options ends with.

    Args:
        next_logits: from the ids chosen so far to the logits (V,) of the next token.
        options: texts, at least one.
        vocabulary: the text of each of the V tokens; the end token has the text "".
    """
    ### BEGIN SOLUTION
    ids: list[int] = []
    text = ""
    while True:
        logits = next_logits(list(ids))
        allowed = [
            token
            for token, piece in enumerate(vocabulary)
            if (
                any(option.startswith(text + piece) for option in options)
                if piece
                else text in options
            )
        ]
        best = max(allowed, key=lambda token: float(logits[token]))
        if vocabulary[best] == "":
            return text
        ids.append(best)
        text += vocabulary[best]
    ### END SOLUTION


# %% hints
HINTS = (
    """Keep the text that was chosen so far. A token may follow when some option begins with that
text plus the token's; the end token when the text is an option itself.""",
    """In a loop: `logits = next_logits(list(ids))`, the ids that are allowed now, and of these the
one with the largest logit (`max(allowed, key=lambda token: float(logits[token]))`). If its
text is empty, return the text; otherwise append the id and the text, and go on.""",
)
EXPLANATION = """
Each step asks the model with all ids chosen so far, leaves the allowed tokens and takes the best of them. The end token
is one of the candidates wherever an option is complete, so a short option can win against a longer one that begins with
it, or lose. Logits are compared only within a step: greedy decoding never weighs whole options, and may miss the
likeliest. Disallowed tokens are left out rather than set to 0, which would be larger than most logits.
"""

# %% helpers
import difflib
import random

import torch

from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, inputs_unchanged, wrong_type

NO_OPTION = (
    "What came back is none of the options. Disallowed tokens need -inf, not 0; a token's whole text must fit, not only "
    "its first character; the end token is allowed only where an option is complete; and one token alone is no option."
)
TOO_EARLY = (
    "You ended too early (too soon), at the first option that is complete: a longer option was possible, and more likely "
    "than the end token."
)
TOO_LATE = "You went on as long as it was possible. A shorter option wins where the end token has the largest logit."
FIRST_OPTION = "This is always the first option: the logits decide, you ignored them."
GREEDILY = (
    "Greedy decoding takes the largest logit at each step, and does not compare whole options by their total or average "
    "probability."
)


def plain_ids(ids, most):
    """Return the ids that the answer gave to next_logits as a list, or say what is wrong with them."""
    ids = ids.tolist() if hasattr(ids, "tolist") else list(ids)
    if not all(isinstance(token, int) and not isinstance(token, bool) for token in ids):
        raise AssertionError(
            f"next_logits gets the ids chosen so far (whole numbers), not texts: it got {ids[:4]}."
        )
    if len(ids) > most:
        raise AssertionError(
            f"more than {most} tokens were chosen: decoding must stop at the end token, and a token that is not "
            "allowed must never win, however small the logits are (-inf)."
        )
    return ids


def scripted(vocabulary, table, otherwise=-9.0):
    """Return next_logits with these values of tokens after these texts; `otherwise` for all else."""

    def next_logits(ids):
        values = table.get("".join(vocabulary[token] for token in plain_ids(ids, 120)), {})
        return torch.tensor([values.get(text, otherwise) for text in vocabulary])

    return next_logits


# %% examples
def examples(check):
    def choice(options, *liked):
        vocabulary = ["y", "e", "s", "n", "o", "", "no", "maybe"]
        logits = [-liked.index(text) - 5.0 if text in liked else -20.0 for text in vocabulary]
        return constrained_choice(lambda ids: Tensor(logits), options, vocabulary)

    check(lambda: choice(["yes", "no"], "maybe", "n", "y", ""), "no", "would say `maybe`, then n")
    check(lambda: choice(["no", "nos"], "", "no", "s"), "no", "would rather end than go on")
    check(lambda: choice(["no", "nos"], "no", "s", ""), "nos", "would rather go on than end")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    ids = "A text is due (str), the option, not ids."
    none = "Only one of the options may come back, whole: the mask is missing, or decoding stopped too soon."
    raises = "At each step some token is allowed: each single character is in the vocabulary."
    return {
        "would say `maybe`, then n": Diagnosis(
            {ids: wrong_type(str), FIRST_OPTION: "yes", none: lambda got: got not in ("yes", "no")},
            none,
            raises,
        ),
        "would rather end than go on": Diagnosis({TOO_LATE: "nos"}, none, raises),
        "would rather go on than end": Diagnosis({TOO_EARLY: "no"}, none, raises),
    }


# %% graded: 2 points | greedy decoding under the automaton.
def test_greedy_decoding_under_the_automaton() -> None:
    options = ["no", "north", "notes", "south", "so", "sold out", "yes"]
    rng = case_rng("constrained_choice", 1)
    vocabulary = ["n", "o", "r", "t", "h", "e", "s", "u", "l", "d", " ", "y", "no", "nor", "th", "so", "out", "ld", " out",
                  "ye", "tes", "es", "x", "nox", "yesno", "southern", "oo", "maybe", "sn", "rr"]  # fmt: skip
    vocabulary += [f"{text}!" for text in vocabulary] + [f"{text}?" for text in vocabulary]
    rng.shuffle(vocabulary)
    end = rng.randint(3, len(vocabulary) - 3)
    vocabulary.insert(end, "")

    def model(seed):
        """Return next_logits of a random model: negative logits that depend on all the ids so far."""

        def next_logits(ids):
            chosen = random.Random(f"{seed} {plain_ids(ids, 40)}")
            return torch.tensor([-15 + chosen.gauss(0, 3) for _ in vocabulary])

        return next_logits

    def allowed_after(text):
        found = {
            token
            for token, piece in enumerate(vocabulary)
            if piece and any(option.startswith(text + piece) for option in options)
        }
        return found | ({end} if text in options else set())

    def greedy(seed, allowed=allowed_after, fed=list, pick=max):
        """Decode by some rule; the right one by default."""
        ids, text = [], ""
        while len(ids) < 20 and (candidates := sorted(allowed(text))):
            logits = model(seed)(fed(ids))
            best = pick(candidates, key=lambda token: float(logits[token]))
            if best == end:
                break
            ids.append(best)
            text += vocabulary[best]
        return text

    def first_token(seed):
        """Return the first option that begins with the best first token."""
        logits = model(seed)([])
        best = max(allowed_after(""), key=lambda token: float(logits[token]))
        return next(option for option in options if option.startswith(vocabulary[best]))

    def likeliest(seed):
        """Return the option with the largest log-probability, whichever tokens spell it."""

        def total(ids, rest):
            logprobs = torch.log_softmax(model(seed)(ids), dim=-1)
            if not rest:
                return float(logprobs[end])
            return max(
                float(logprobs[token]) + total([*ids, token], rest[len(piece) :])
                for token, piece in enumerate(vocabulary)
                if piece and rest.startswith(piece)
            )

        return max(options, key=lambda option: total([], option))

    def without_end(text):
        return allowed_after(text) - {end} or allowed_after(text)

    def end_is_last(text):
        return allowed_after(text) - {end} | ({len(vocabulary) - 1} if text in options else set())

    def nearest(seed):
        unconstrained = greedy(seed, lambda text: set(range(len(vocabulary))))
        return difflib.get_close_matches(unconstrained, options, n=1, cutoff=0.0)[0]

    rules = {
        "Only the first token was scored: after it, decoding must go on token by token.": first_token,
        "The ids are never fed back, or only the last one: next_logits gets all the ids chosen so far.": lambda seed: (
            greedy(seed, fed=lambda ids: [])
        ),
        TOO_EARLY: lambda seed: greedy(
            seed, lambda text: set() if text in options else allowed_after(text)
        ),
        TOO_LATE: lambda seed: greedy(seed, without_end),
        "You took the smallest logit (or the largest without its sign), the least likely token. Greedy decoding takes the "
        "largest.": lambda seed: (
            greedy(seed, pick=min)
        ),
        "Only single characters were used: tokens of several characters (longer ones) are allowed too.": lambda seed: (
            greedy(
                seed,
                lambda text: {token for token in allowed_after(text) if len(vocabulary[token]) < 2},
            )
        ),
        "This is the option that is nearest to the unconstrained text. Mask the logits at each step instead.": nearest,
        FIRST_OPTION: lambda seed: options[0],
        "The end token is not the last of the vocabulary: it is the one with the empty text, wherever it stands.": (
            lambda seed: greedy(seed, end_is_last)
        ),
        "This option is the most likely one as a whole (by its total log-probability). Greedy decoding decides token by "
        "token.": likeliest,
    }

    def only_the_last(seed):
        return greedy(seed, fed=lambda ids: ids[-1:])

    def seed_that_shows(rule):
        return next(
            seed for seed in iter(lambda: rng.getrandbits(40), None) if rule(seed) != greedy(seed)
        )

    seeds = [seed_that_shows(rule) for rule in (*rules.values(), only_the_last)] + [
        rng.getrandbits(40) for _ in range(6)
    ]
    check(
        lambda: [
            constrained_choice(model(seed), list(options), list(vocabulary)) for seed in seeds
        ],
        [greedy(seed) for seed in seeds],
        f"options {', '.join(options)}; {len(seeds)} random models",
        mistakes=lambda: {
            "None came back where an option was due: is a `return` missing?": lambda got: None in got,
            "A text is due (str), not ids.": lambda got: (
                not all(isinstance(one, str) for one in got)
            ),
            # All of the list, so that rules that agree in some cases are told apart.
            **{
                hint: AnyOf(
                    [rule(seed) for seed in seeds],
                    *([[only_the_last(seed) for seed in seeds]] if "fed" in hint else []),
                )
                for hint, rule in rules.items()
            },
            NO_OPTION: lambda got: not set(got) <= set(options),
        },
        otherwise="Mask the logits at each step, and of the allowed tokens take the one with the largest (no draw, no "
        "sample, no unconstrained text with the nearest option afterwards). Greedy decoding uses all ids so far, lets the "
        "end token compete, and compares no whole options.",
        if_raises="At each step some token is allowed: each single character is in the vocabulary.",
    )


# %% graded: 1 point | options that begin others, one option only, greedy against most likely.
def test_prefixes_single_options_and_greedy_steps() -> None:
    far = "d" * 19 + "abc" * 30  # at most 110 tokens
    letters, capitals = ["ab", "a", "", "b", "c", "abc", "d"], ["", "N", "o", " ", "n", "No"]
    step = "A token of several characters is one step, and it may end in the middle of an option, where the end token may not come."
    long, near = "ab" * 12, "The largest logit wins, also by very little: do not round it."
    all_ids = "next_logits gets all the ids chosen so far, however many there are."
    as_is = "The options are texts as they are: upper and lower case (capitals) and blanks (spaces) count, nothing is stripped."
    for vocabulary, options, table, want, hint in (
        (letters, ["cad", "b"], {"": {"c": -1.0, "b": -1.01}, "c": {"d": 9.0}, "ca": {"b": 9.0}}, "cad", GREEDILY),
        (letters, ["b", "cd"], {"": {"b": -1.0, "c": -1.1}, "b": {"a": 8.0, "": -8.0}, "c": {"d": 9.0}, "cd": {"": 9.0}}, "b", GREEDILY),
        (letters, ["a", "ab", "abc"], {"": {"a": -1.0}, "a": {"": -4.0, "b": -3.0}, "ab": {"": -4.0, "c": -2.0}}, "abc", TOO_EARLY),
        (letters, ["abc", "ab", "a"], {"": {"a": -1.0}, "a": {"": -4.0, "b": -3.0}, "ab": {"": -2.0, "c": -3.0}}, "ab", TOO_LATE),
        (letters, ["abc", "a"], {"": {"a": -1.0, "d": 5.0}, "a": {"": -1.0, "b": -2.0, "d": 7.0}}, "a", TOO_LATE),
        (letters, ["a", "abc"], {"": {"a": -1.0}, "a": {"": -3.0, "b": -2.0}}, "abc", TOO_EARLY),
        (letters, ["a", "abd"], {"": {"a": -2.0, "ab": -1.0, "abc": 8.0}, "ab": {"": 9.0, "c": 8.0}}, "abd", step),
        (letters, ["ab", "ad"], {"": {"a": 2.0, "ab": 3.0}, "a": {"d": 5.0}, "ab": {"d": 5.0, "": -8.0}}, "ab", step),
        (letters, ["bcd"], {}, "bcd", step),
        (letters, ["d"], {"": {"": 9.0}, "d": {"a": 9.0}}, "d", step),
        (letters, [far], {}, far, step),
        (letters, ["", "ab"], {"": {"": 1.0, "a": -1.0}}, "", "The empty text is an option here, and may end at once."),
        (letters, ["a", "ab"], {"": {"a": 1.0}, "a": {"": -3.0001, "b": -3.0}}, "ab", near),
        (letters, ["a", "d"], {"": {"a": -3.0001, "d": -3.0}}, "d", near),
        (letters, [long + "c", long + "d"], {long: {"c": 1.0}}, long + "c", all_ids),
        (letters, [long + "c", long + "d"], {long: {"d": 1.0}}, long + "d", all_ids),
        (letters, ["cad", "b"], {"": {"b": -4e4, "c": -3e4, "d": 2e4}, "c": {"d": 2e4}}, "cad", GREEDILY),
        (capitals, ["No", "no"], {"": {"N": 1.0}, "N": {"o": 1.0}, "No": {"": 1.0}}, "No", as_is),
        (capitals, ["No", "no"], {"": {"n": 1.0, "No": 0.5}}, "no", as_is),
        (capitals, [" no", "no "], {"": {" ": 1.0}, " n": {"o": 1.0}}, " no", as_is),
        (capitals, [" no", "no "], {"": {"n": 1.0}, "no": {"": 8.0}}, "no ", as_is),
        (capitals, [" no "], {}, " no ", as_is),
    ):  # fmt: skip
        with inputs_unchanged(options, vocabulary):
            check(
                lambda: constrained_choice(scripted(vocabulary, table), options, vocabulary),
                want,
                f"options {options}; logits after what was chosen so far: {table}",
                mistakes={"What came back is none of the options.": lambda got: got not in options},
                otherwise=hint,
                if_raises=hint,
            )

    def two_of_a_text(first):
        """Return next_logits for the texts a, a, b, c and the end: what follows depends on which a was chosen."""
        rows = {(): [-1.0 - first, -2.0 + first, -9.0, -9.0, -9.0], (1,): [-9.0, -9.0, 2.0, 1.0, -9.0]}
        return lambda ids: torch.tensor(
            rows.get(tuple(plain_ids(ids, 9)), [-9.0, -9.0, 1.0, 2.0, -9.0])
        )

    chosen = "Two tokens may have the same text: choose by the id, and give next_logits the ids that were chosen."
    for first, want in ((0, "ac"), (1, "ab")):
        check(
            lambda: constrained_choice(
                two_of_a_text(first), ["ab", "ac"], ["a", "a", "b", "c", ""]
            ),
            want,
            f"options ab and ac, vocabulary a, a, b, c and the end; token {first} is chosen first",
            otherwise=chosen,
        )
