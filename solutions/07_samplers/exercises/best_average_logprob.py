"""Choose among several answers by the mean log-probability of their tokens."""

# %% solution
from collections.abc import Sequence


def best_average_logprob(candidates: Sequence[tuple[str, Sequence[float]]]) -> str:
    """Return the text with the highest mean log-probability per token.

    Args:
        candidates: (text, log-probabilities of its tokens) of each.
    """
    ### BEGIN SOLUTION
    return max(candidates, key=lambda candidate: sum(candidate[1]) / len(candidate[1]))[0]
    ### END SOLUTION


# %% hints
HINTS = (
    """Every further token makes a sum of log-probabilities smaller. What makes a short and a long
answer comparable?""",
    """`max(candidates, key=...)` with the sum of the log-probabilities over their number as the key;
return the text of the pair that wins.""",
)
EXPLANATION = """The mean log-probability per token does not shrink with the length, so a long answer of likely tokens
can win. The logarithms are averaged as they are: exponentials of hundreds of tokens would underflow to 0 for every
text, and the mean of probabilities is another order. `max` with a key returns the pair, whose first part is the
text."""

# %% helpers
import math
import statistics

from utils.notebook.checks import (
    Diagnosis,
    all_differ,
    case_rng,
    check,
    inputs_unchanged,
    wrong_type,
)


# %% examples
def examples(check):
    answers = [("No.", [-1.5]), ("At nine.", [-0.5, -0.5, -1.0, -0.4]), ("Well", [-2.0, -0.1])]
    check(lambda: best_average_logprob(answers), "At nine.", "three answers")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "three answers": Diagnosis(
            {
                "The highest sum favours short answers. Take the mean per token.": "No.",
                "The best single token decided. Take the mean over all tokens.": "Well",
                "Return the text alone.": wrong_type(str),
            },
            otherwise="Return the text whose tokens have the highest mean log-probability.",
            if_raises="Each candidate is a pair: a text, and the log-probabilities of its tokens.",
        )
    }


# %% graded: 2 points | the text with the highest mean over its tokens.
def test_highest_mean_wins() -> None:
    rules = {
        "The highest sum won, which favours short texts. Take the mean: divide by the number of tokens.": lambda text, lp: (
            sum(lp)
        ),
        "The lowest mean won. Take the highest.": lambda text, lp: -sum(lp) / len(lp),
        "The mean of the probabilities won. Take the mean of the logarithms.": (
            lambda text, lp: sum(map(math.exp, lp)) / len(lp)
        ),
        "The sum was divided by the number of characters. Divide by the number of tokens.": (
            lambda text, lp: sum(lp) / len(text)
        ),
        "The sum was divided by the number of words. Divide by the number of tokens.": (
            lambda text, lp: sum(lp) / len(text.split())
        ),
        "The length is one too large: divide by the number of tokens as it is.": lambda text, lp: (
            sum(lp) / (len(lp) + 1)
        ),
        "The length is one too small: divide by the number of tokens as it is.": lambda text, lp: (
            sum(lp) / max(1, len(lp) - 1)
        ),
        "The first token was left out. All tokens count.": lambda text, lp: (
            sum(lp[1:]) / max(1, len(lp) - 1)
        ),
        "The last token was left out. All tokens count.": lambda text, lp: (
            sum(lp[:-1]) / max(1, len(lp) - 1)
        ),
        "The sum was divided by the root of the length. Divide by the length itself, the number of tokens.": (
            lambda text, lp: sum(lp) / len(lp) ** 0.5
        ),
        "A length penalty with an exponent is no mean. Divide by the length, the number of tokens.": (
            lambda text, lp: sum(lp) / ((5 + len(lp)) / 6) ** 0.6
        ),
        "The best token decided. All tokens count, not a single token.": lambda text, lp: max(lp),
        "The worst token decided. All tokens count, not a single token.": lambda text, lp: min(lp),
        "The first token decided. All tokens count, not one token.": lambda text, lp: lp[0],
        "The last token decided. All tokens count, not one token.": lambda text, lp: lp[-1],
        "The median won. Take the mean.": lambda text, lp: statistics.median(lp),
        "The longest text won. Its length is no reason: take the mean.": lambda text, lp: len(lp),
        "The shortest text won. Its length is no reason: take the mean.": lambda text, lp: -len(lp),
        "The means were rounded. Compare them as they are.": lambda text, lp: round(
            sum(lp) / len(lp)
        ),
        "The means were rounded to a decimal. Compare them as they are.": lambda text, lp: round(
            sum(lp) / len(lp), 1
        ),
        "The first candidate won. Compare their means.": lambda text, lp: 0,
    }

    def taken(candidates, rule):
        return max(candidates, key=lambda one: rule(*one))[0]

    def drawn_candidates(rng, level, spread):
        """Return three to five texts, whose means lie close to one level or wherever they like."""
        found = []
        for index in range(rng.randint(3, 5)):
            mean = -rng.uniform(0.5, 3) if level is None else level
            logprobs = [min(-1e-3, mean + rng.gauss(0, spread)) for _ in range(rng.randint(1, 9))]
            words = " ".join(
                rng.choice("abcdefg") * rng.randint(1, 6) for _ in range(rng.randint(1, 6))
            )
            found.append((f"{words}{index}", logprobs))
        return found

    def taken_in_all(rule):
        return [taken(candidates, rule) for candidates in cases]

    def mean(text, lp):
        return statistics.fmean(lp)

    # As many cases as it takes to tell every rule from every other, and from the right one.
    cases, number = [], 0
    while len(cases) < 16 or not all_differ(taken_in_all(mean), *map(taken_in_all, rules.values())):
        rng = case_rng("best_average_logprob", number)
        candidates = (
            drawn_candidates(rng, None, 0.6) if number % 3 else drawn_candidates(rng, -1.42, 0.01)
        )
        number += 1
        means = sorted((statistics.fmean(logprobs) for _, logprobs in candidates), reverse=True)
        if means[0] - means[1] >= 1e-3:
            cases.append(candidates)
    # All cases at once: which texts a mistake takes is its signature.
    with inputs_unchanged(*cases):
        check(
            lambda: [best_average_logprob(candidates) for candidates in cases],
            taken_in_all(mean),
            f"the texts taken in {len(cases)} cases of three to five candidates",
            mistakes={
                "Your code returned None where a text was due: is a `return` missing?": [None]
                * len(cases),
                "No text came back: nothing beats a best value that starts at 0. Start with the first candidate, or at minus infinity.": lambda got: (
                    not any(got)
                ),
                "Return the text alone, not the pair and not its log-probabilities.": lambda got: (
                    isinstance(got[0], tuple | list)
                ),
                "Return the text, not its index and not its mean.": lambda got: isinstance(
                    got[0], int | float
                ),
            }
            | {hint: taken_in_all(rule) for hint, rule in rules.items()},
            otherwise="Take the text with the highest mean log-probability per token.",
        )


# %% graded: 1 point | long texts, very unlikely and certain tokens, equal values and equal texts.
def test_long_texts_and_odd_tokens() -> None:
    underflow = (
        "The product of hundreds of probabilities underflows to 0 for each text. Take the mean of"
        " the log-probabilities themselves."
    )
    for case, n_tokens in enumerate((200, 400, 1000)):
        rng = case_rng("best_average_logprob", f"long {case}")
        # The shortest text has the highest sum, and neither is the one with the highest mean.
        candidates = [
            (f"text {number}", [min(-1e-3, level + rng.gauss(0, 1)) for _ in range(length)])
            for number, (level, length) in enumerate(
                ((-9.0, n_tokens // 2), (-7.0, n_tokens), (-8.0, n_tokens + 50))
            )
        ]
        # Whoever meets zeros only takes the first text or the last: neither is text 0 before both have been seen.
        for shift in (2, 0, 1):
            turned = candidates[shift:] + candidates[:shift]
            check(
                lambda: best_average_logprob(turned),
                "text 1",
                f"three texts of {n_tokens // 2} tokens and more, about -7 to -9 nats per token",
                mistakes={
                    "The sum won. Take the mean.": "text 0",
                    "Return the text alone.": wrong_type(str),
                },
                otherwise=underflow,
                if_raises=underflow,
            )
    rng = case_rng("best_average_logprob", "odd")
    low, level = -rng.uniform(150.01, 150.03), -rng.uniform(1.0, 1.1)
    for what, candidates, wanted, hint in (
        (
            "two texts of about -150 nats per token",
            [("near", [low - 0.02] * 2), ("best", [low, low]), ("far", [2 * low])],
            "best",
            "Means may be very low, and differ by little. Start with the first candidate, not at a"
            " number, and compare in full precision.",
        ),
        (
            "a token of probability 1",
            [("other", [1.4 * level] * 2), ("best", [0.0, 2 * level])],
            "best",
            "A log-probability of 0 is a certain token. It counts like others.",
        ),
        (
            "equal log-probabilities",
            [("best", [level, level, level, 4 * level]), ("other", [2 * level])],
            "best",
            "Tokens with equal log-probabilities count each, not once.",
        ),
        (
            "one text twice",
            [("twice", [level]), ("other", [2 * level]), ("twice", [3 * level])],
            "twice",
            "One text may come twice, with other log-probabilities: a dict by text forgets one.",
        ),
        (
            "a text with white space",
            [(" yes\n", [level]), ("no", [2 * level])],
            " yes\n",
            "Return the text as it was given: no strip.",
        ),
    ):
        check(
            lambda: best_average_logprob(candidates),
            wanted,
            f"{what}: {candidates}",
            otherwise=hint,
        )
