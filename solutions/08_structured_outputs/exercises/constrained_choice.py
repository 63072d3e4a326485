"""Exercise `constrained_choice` of notebook 08."""

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
HINTS = ()
EXPLANATION = ""

# %% helpers
import difflib
import random

import torch

from utils.notebook.checks import Diagnosis, case_rng, check


# %% examples
def examples(check):
    import torch

    vocabulary = ["y", "e", "s", "n", "o", "", "no", "maybe"]

    def prefers(*texts):
        """Return logits that prefer these tokens, the first one most."""
        return lambda ids: torch.tensor(
            [
                -5.0 - 9 * (text not in texts) - (texts.index(text) if text in texts else 0)
                for text in vocabulary
            ]
        )

    check(
        lambda: constrained_choice(prefers("maybe", "n", "y", ""), ["yes", "no"], vocabulary),
        "no",
        "options yes and no; the model would say `maybe`, and prefers n to y",
    )
    check(
        lambda: constrained_choice(prefers("", "no", "s"), ["no", "nos"], vocabulary),
        "no",
        "options no and nos; the model would rather end than go on",
    )
    check(
        lambda: constrained_choice(prefers("no", "s", ""), ["no", "nos"], vocabulary),
        "nos",
        "options no and nos; the model would rather go on than end",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    vocabulary = ["y", "e", "s", "n", "o", "", "no", "maybe"]

    def prefers(*texts):
        """Return logits that prefer these tokens, the first one most."""
        return lambda ids: torch.tensor(
            [
                -5.0 - 9 * (text not in texts) - (texts.index(text) if text in texts else 0)
                for text in vocabulary
            ]
        )

    found["options yes and no; the model would say `maybe`, and prefers n to y"] = Diagnosis(
        mistakes={
            "Only one of the options may come back: the mask is missing.": lambda got: (
                got not in ("yes", "no")
            )
        }
    )
    found["options no and nos; the model would rather end than go on"] = Diagnosis(
        mistakes={
            "Where an option is complete the end token competes with tokens that go on.": "nos"
        }
    )
    found["options no and nos; the model would rather go on than end"] = Diagnosis(
        mistakes={
            "You ended too early: a longer option was still possible, and more likely than the end.": "no"
        }
    )
    return found


# %% graded: 2 points | greedy decoding under the automaton.
def test_1() -> None:
    options = ["no", "north", "notes", "south", "so", "sold out", "yes"]
    pieces = [
        "n",
        "o",
        "r",
        "t",
        "h",
        "e",
        "s",
        "u",
        "l",
        "d",
        " ",
        "y",
        "no",
        "nor",
        "th",
        "so",
        "out",
        "ld",
        " out",
        "ye",
        "tes",
        "es",
    ]
    odd = ["x", "nox", "yesno", "southern", "oo", "maybe", "sn", "rr"]
    rng = case_rng("constrained_choice", 1)
    vocabulary = [*pieces, *odd]
    rng.shuffle(vocabulary)
    vocabulary.insert(rng.randint(3, len(vocabulary) - 3), "")
    end = vocabulary.index("")

    def model(seed):
        """Return next_logits of a random model: negative logits that depend on all the ids so far."""
        calls = []

        def next_logits(ids):
            calls.append(1)
            if len(calls) > 400:
                raise AssertionError(
                    "next_logits was called 400 times: decoding must stop at the end token."
                )
            ids = ids.tolist() if hasattr(ids, "tolist") else list(ids)
            if not all(isinstance(token, int) and not isinstance(token, bool) for token in ids):
                raise AssertionError(
                    f"next_logits gets the ids chosen so far (whole numbers), not texts: it got {ids[:4]}."
                )
            chosen = random.Random(f"{seed} {ids}")
            return torch.tensor([-15 + chosen.gauss(0, 3) for _ in vocabulary])

        return next_logits

    def able(text):
        return any(option.startswith(text) for option in options)

    def allowed_after(text):
        found = {token for token, piece in enumerate(vocabulary) if piece and able(text + piece)}
        return found | ({end} if text in options else set())

    def greedy(seed, allowed=allowed_after, fed=list, pick=max, starts_over=False):
        """Decode by some rule; the right one by default."""
        logits_of, ids, text = model(seed), [], ""
        for _ in range(20):
            candidates = sorted(allowed(text))
            if not candidates:
                return text
            logits = logits_of(fed(ids))
            best = pick(candidates, key=lambda token: float(logits[token]))
            if best == end:
                return text
            ids.append(best)
            text += vocabulary[best]
        return text

    def first_token(seed):
        logits = model(seed)([])
        best = max(allowed_after(""), key=lambda token: float(logits[token]))
        return next(option for option in options if option.startswith(vocabulary[best]))

    def totals(seed):
        logits_of = model(seed)

        def best_total(ids, rest):
            logprobs = torch.log_softmax(logits_of(ids), dim=-1)
            if not rest:
                return float(logprobs[end])
            return max(
                float(logprobs[token]) + best_total([*ids, token], rest[len(piece) :])
                for token, piece in enumerate(vocabulary)
                if piece and rest.startswith(piece)
            )

        return {option: best_total([], option) for option in options}

    def unconstrained(seed):
        return greedy(seed, allowed=lambda text: set(range(len(vocabulary))))

    rules = {
        "Only the first token was scored: after it, decoding must go on token by token.": first_token,
        "The ids are never fed back: next_logits gets all the ids chosen so far.": lambda seed: (
            greedy(seed, fed=lambda ids: [])
        ),
        "Only the last id is fed back: next_logits gets all the ids chosen so far.": lambda seed: (
            greedy(seed, fed=lambda ids: ids[-1:])
        ),
        "You ended too early (too soon), at the first option that is complete: a longer option was possible, and more likely "
        "than the end token.": lambda seed: greedy(
            seed, lambda text: set() if text in options else allowed_after(text)
        ),
        "You went on as long as it was possible. A shorter option wins where the end token has the largest logit.": (
            lambda seed: greedy(
                seed,
                lambda text: (
                    allowed_after(text) - ({end} if len(allowed_after(text)) > 1 else set())
                ),
            )
        ),
        "You took the smallest logit, the least likely token. Greedy decoding takes the largest.": lambda seed: (
            greedy(seed, pick=min)
        ),
        "Only single characters were used: tokens of several characters (longer ones) are allowed too.": (
            lambda seed: greedy(
                seed,
                lambda text: {token for token in allowed_after(text) if len(vocabulary[token]) < 2},
            )
        ),
        "This is the option that is nearest to the unconstrained text. Mask the logits at each step instead.": (
            lambda seed: difflib.get_close_matches(unconstrained(seed), options, n=1, cutoff=0.0)[0]
        ),
        "This is always the first option: the logits decide, you ignored them.": lambda seed: (
            options[0]
        ),
        "The end token is not the last of the vocabulary: it is the one with the empty text, wherever it stands.": (
            lambda seed: greedy(
                seed,
                lambda text: (
                    allowed_after(text) - {end}
                    | ({len(vocabulary) - 1} if text in options else set())
                ),
            )
        ),
    }
    rules[
        "This option is the most likely one as a whole (by its total log-probability). Greedy decoding decides token by token."
    ] = lambda seed: max(totals(seed), key=totals(seed).get)
    seeds = []
    for rule in rules.values():  # a case for each mistake, in which it shows
        seeds.append(
            next(
                seed
                for seed in iter(lambda: rng.getrandbits(40), None)
                if rule(seed) != greedy(seed)
            )
        )
    seeds += [rng.getrandbits(40) for _ in range(6)]
    check(
        lambda: [
            constrained_choice(model(seed), list(options), list(vocabulary)) for seed in seeds
        ],
        [greedy(seed) for seed in seeds],
        f"options {', '.join(options)}; {len(seeds)} random models",
        mistakes={
            "A text is due (str), not ids.": lambda got: (
                not all(isinstance(one, str) for one in got)
            ),
            # All of the list, so that rules that agree in some cases are told apart.
            **{hint: [rule(seed) for seed in seeds] for hint, rule in rules.items()},
            "What came back is none of the options. Disallowed tokens need -inf, not 0; a token's whole text must fit, not only its first "
            "character; the end token is allowed only where an option is complete; and one token alone is no option.": (
                lambda got: not set(got) <= set(options)
            ),
        },
        otherwise="Mask the logits at each step, and of the allowed tokens take the one with the largest (no draw, no sample, no unconstrained text "
        "with the nearest option afterwards); greedy decoding uses "
        "all ids so far, does not end too early where a longer option or a shorter one is possible (the end token competes), and "
        "compares no whole options.",
        if_raises="At each step some token is allowed: each single character is in the vocabulary.",
    )


# %% graded: 1 point | options that begin others, one option only, and where greedy decoding is not the most likely option.
def test_2() -> None:
    vocabulary = ["ab", "a", "", "b", "c", "abc", "d"]

    def scripted(table, otherwise=-9.0):
        """Return next_logits with these values after these texts; `otherwise` for all else."""

        def next_logits(ids):
            ids = ids.tolist() if hasattr(ids, "tolist") else list(ids)
            if not all(isinstance(token, int) for token in ids):
                raise AssertionError(
                    "next_logits gets the ids chosen so far (whole numbers), not texts."
                )
            if len(ids) > 20:
                raise AssertionError(
                    "more than 20 tokens were chosen: decoding must stop at the end token."
                )
            values = table.get("".join(vocabulary[token] for token in ids), {})
            return torch.tensor([values.get(text, otherwise) for text in vocabulary])

        return next_logits

    early = "You ended too early: the end token (-4) is allowed here, but a token that goes on to a longer option has the larger logit."
    late = "The end token has the largest logit here: the shorter option, a prefix of the longer one, is chosen."
    greedily = "Greedy decoding takes the largest logit at each step, and does not compare whole options by their total or average probability."
    for options, table, want, hint in (
        (["a", "ab", "abc"], {"": {"a": -1.0}, "a": {"": -4.0, "b": -3.0}, "ab": {"": -4.0, "c": -2.0}}, "abc", early),
        (["abc", "ab", "a"], {"": {"a": -1.0}, "a": {"": -4.0, "b": -3.0}, "ab": {"": -2.0, "c": -3.0}}, "ab", late),
        (["abc", "a"], {"": {"a": -1.0, "d": 5.0}, "a": {"": -1.0, "b": -2.0, "d": 7.0}}, "a", late),
        (["a", "abc"], {"": {"a": -1.0}, "a": {"": -3.0, "b": -2.0}}, "abc", early),
        (["a", "abd"], {"": {"a": -2.0, "ab": -1.0, "abc": 8.0}, "ab": {"": 9.0, "c": 8.0}}, "abd", "The end token is allowed only where an option is complete: `ab` is none."),
        (["bcd"], {}, "bcd", "With one option there is only one way, whatever the logits are."),
        (["d"], {"": {"": 9.0}, "d": {"a": 9.0}}, "d", "The end token is allowed only where an option is complete, and afterwards nothing else is."),
        (["cad", "b"], {"": {"c": -1.0, "b": -1.01}, "c": {"d": 9.0}, "ca": {"b": 9.0}}, "cad", greedily),
        (["b", "cd"], {"": {"b": -1.0, "c": -1.1}, "b": {"a": 8.0, "": -8.0}, "c": {"d": 9.0}, "cd": {"": 9.0}}, "b", greedily),
        (["ab", "ad"], {"": {"a": 2.0, "ab": 3.0}, "a": {"d": 5.0}, "ab": {"d": 5.0, "": -8.0}}, "ab", "A token of several characters is one step: `ab` has the largest logit."),
    ):  # fmt: skip
        check(
            lambda: constrained_choice(scripted(table), list(options), list(vocabulary)),
            want,
            f"options {', '.join(options)}; logits after what was chosen so far: {table}",
            mistakes={
                "What came back is none of the options.": lambda got: got not in options,
            },
            otherwise=hint,
            if_raises=hint,
        )
    as_they_are = "The options are texts as they are: upper and lower case (capitals) and blanks (spaces) count, nothing is stripped."
    vocabulary = ["", "N", "o", " ", "n", "No"]
    for options, table, want in (
        (["No", "no"], {"": {"N": 1.0}, "N": {"o": 1.0}, "No": {"": 1.0}}, "No"),
        (["No", "no"], {"": {"n": 1.0, "No": 0.5}}, "no"),
        ([" no", "no "], {"": {" ": 1.0}, " n": {"o": 1.0}}, " no"),
        ([" no", "no "], {"": {"n": 1.0}, "no": {"": 8.0}}, "no "),
    ):
        check(
            lambda: constrained_choice(scripted(table), list(options), list(vocabulary)),
            want,
            f"options {options}; logits after what was chosen so far: {table}",
            otherwise=as_they_are,
            if_raises=as_they_are,
        )
