"""Exercise `best_average_logprob` of notebook 07."""

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
HINTS = ()
EXPLANATION = ""

# %% helpers
import math
import statistics

from utils.notebook.checks import Diagnosis, case_rng, check, inputs_unchanged


# %% examples
def examples(check):
    check(
        lambda: best_average_logprob(
            [
                ("No.", [-1.5]),
                ("It opens at nine.", [-0.5, -0.5, -1.0, -0.4]),
                ("Well", [-2.0, -0.1]),
            ]
        ),
        "It opens at nine.",
        "a short and a long answer",
    )


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    found["a short and a long answer"] = Diagnosis(
        mistakes={"The highest sum favours short answers. Take the mean per token.": "No."}
    )
    return found


# %% graded: 2 points | the text with the highest mean over its tokens.
def test_1() -> None:
    RULES = {
        "The highest sum won, which favours short texts. Take the mean: divide by the number of tokens.": lambda text, lp: (
            sum(lp)
        ),
        "The lowest mean won. Take the highest.": lambda text, lp: -sum(lp) / len(lp),
        "The mean of the probabilities won. Take the mean of the logarithms.": lambda text, lp: (
            sum(map(math.exp, lp)) / len(lp)
        ),
        "The sum was divided by the number of characters. Divide by the number of tokens.": lambda text, lp: (
            sum(lp) / len(text)
        ),
        "The sum was divided by the number of words. Divide by the number of tokens.": lambda text, lp: (
            sum(lp) / len(text.split())
        ),
        "The length is one too large: divide by the number of tokens as it is.": lambda text, lp: (
            sum(lp) / (len(lp) + 1)
        ),
        "The sum was divided by the root of the length. Divide by the length itself, the number of tokens.": lambda text, lp: (
            sum(lp) / len(lp) ** 0.5
        ),
        "A length penalty with an exponent is no mean. Divide by the length, the number of tokens.": lambda text, lp: (
            sum(lp) / ((5 + len(lp)) / 6) ** 0.6
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
    cases, told = [], set()
    number = 0
    while len(cases) < 16 or len(told) < len(RULES):
        rng = case_rng("best_average_logprob", number)
        number += 1
        close = number % 3 == 0
        candidates = []
        for index in range(rng.randint(3, 5)):
            level = -1.42 if close else -rng.uniform(0.5, 3)
            logprobs = [
                min(-1e-3, level + rng.gauss(0, 0.01 if close else 0.6))
                for _ in range(rng.randint(1, 9))
            ]
            words = " ".join(
                rng.choice("abcdefg") * rng.randint(1, 6) for _ in range(rng.randint(1, 6))
            )
            candidates.append((f"{words}{index}", logprobs))
        means = sorted((sum(logprobs) / len(logprobs) for _, logprobs in candidates), reverse=True)
        if means[0] - means[1] < 1e-3:
            continue
        wanted = max(candidates, key=lambda one: sum(one[1]) / len(one[1]))[0]
        news = {
            hint
            for hint, rule in RULES.items()
            if max(candidates, key=lambda one: rule(*one))[0] != wanted
        } - told
        if news or len(cases) < 16:
            told |= news
            cases.append((candidates, wanted))
    # All cases at once: which texts a mistake takes is its signature.
    mistakes = {
        "Return the text alone, not the pair.": lambda got: isinstance(got[0], tuple | list),
        "Return the text, not its index and not its mean.": lambda got: isinstance(
            got[0], int | float
        ),
    }
    for hint, rule in RULES.items():
        mistakes[hint] = [max(candidates, key=lambda one: rule(*one))[0] for candidates, _ in cases]
    with inputs_unchanged(*[candidates for candidates, _ in cases]):
        check(
            lambda: [best_average_logprob(candidates) for candidates, _ in cases],
            [wanted for _, wanted in cases],
            f"the texts taken in {len(cases)} cases of three to five candidates",
            mistakes=mistakes,
            otherwise="Take the text with the highest mean log-probability per token.",
        )


# %% graded: 1 point | long texts.
def test_2() -> None:
    for case, n_tokens in enumerate((150, 400, 1000)):
        rng = case_rng("best_average_logprob", f"long {case}")
        candidates = []
        for number, level in enumerate((-9.0, -7.0, -8.0)):
            length = n_tokens + 25 * number
            candidates.append(
                (f"text {number}", [min(-1e-3, level + rng.gauss(0, 1)) for _ in range(length)])
            )
        for shift in range(3):
            turned = candidates[shift:] + candidates[:shift]
            check(
                lambda: best_average_logprob(turned),
                "text 1",
                f"three texts of {n_tokens} tokens and more, about -7 to -9 nats per token",
                mistakes={
                    "The sum won. Take the mean.": "text 0" if n_tokens > 400 else "no such text"
                },
                otherwise="The product of hundreds of probabilities underflows to 0 for each text. Take the mean of the log-probabilities themselves.",
                if_raises="The product of hundreds of probabilities underflows to 0. Take the mean of the log-probabilities themselves.",
            )
