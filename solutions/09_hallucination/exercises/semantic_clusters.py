"""Exercise `semantic_clusters` with `semantic_entropy`: how many things does a model say, in whatever words?"""

# %% solution
import math
from collections.abc import Callable, Sequence
from typing import Any


def semantic_clusters(answers: Sequence[Any], same: Callable[[Any, Any], bool]) -> list[list[int]]:
    """Return the places of answers that mean the same: clusters of meaning, in order of appearance.

    An answer joins the first cluster with whose first member it agrees both ways, or else begins a
    new one (Kuhn et al., 2023; Farquhar et al., 2024).

    Args:
        answers: answers to one question.
        same: `same(a, b)` tells whether a says what b says; it need not hold the other way round.

    Returns:
        Lists of places from 0: each place stands in one of them, and each list ascends.

    Raises:
        ValueError: there are no answers.
    """
    ### BEGIN SOLUTION
    if len(answers) == 0:
        raise ValueError(f"answers must hold at least one, not {answers}")
    clusters: list[list[int]] = []
    for place, answer in enumerate(answers):
        for cluster in clusters:
            first = answers[cluster[0]]
            if same(first, answer) and same(answer, first):
                cluster.append(place)
                break
        else:
            clusters.append([place])
    return clusters
    ### END SOLUTION


def semantic_entropy(answers: Sequence[Any], same: Callable[[Any, Any], bool]) -> float:
    """Return the entropy, in nats, of the clusters' shares of all answers.

    Args:
        answers, same: as in `semantic_clusters`.

    Raises:
        ValueError: there are no answers.
    """
    ### BEGIN SOLUTION
    shares = [len(cluster) / len(answers) for cluster in semantic_clusters(answers, same)]
    return sum(share * math.log(1 / share) for share in shares)
    ### END SOLUTION


# %% hints
HINTS = (
    "Go through the answers in order. Each one meets the clusters that there are so far, and is"
    " compared with one member of each. When does it begin a cluster of its own?",
    "It joins the first cluster for which `same(first, answer) and same(answer, first)`, with first ="
    " `answers[cluster[0]]`; `break` then. With share = `len(cluster) / len(answers)` the entropy is"
    " the sum of `-share * math.log(share)`.",
)
EXPLANATION = """
A text that says more than another one implies it, but not the other way round: only agreement both ways is the same
meaning. Such agreement need not carry over: 3.0 is close to 3.4, and 3.4 to 3.8, but 3.0 is not close to 3.8. Compared
with any member, a cluster would grow along such a chain; compared with the first, it stays around one answer. `for` with
`else` begins a new cluster when no `break` was met. The entropy is 0 when all answers mean the same, and log n when n
answers mean n things. An entropy over words would be high for a model that says one thing in many ways.
"""

# %% helpers
import math
from collections import Counter

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    fail,
    forbidden,
    inputs_unchanged,
    told_apart,
    without,
    wrong_type,
)

CLUSTERS = (
    "In order, each answer joins the first cluster with whose first member it agrees both ways, or"
    " begins a new one. Return lists of places, from 0."
)
ENTROPY = (
    "Take each cluster's share p of all answers, and add up -p log(p), with the natural logarithm."
)
COURSE = tuple(
    f"utils.evaluation.consistency.{name}" for name in ("semantic_clusters", "semantic_entropy")
)


def clustered(answers, joins, backwards=False):
    """Return clusters of which each is the first one that an answer joins: `joins(cluster, place)`."""
    clusters = []
    for place in range(len(answers)):
        for cluster in reversed(clusters) if backwards else clusters:
            if joins(cluster, place):
                cluster.append(place)
                break
        else:
            clusters.append([place])
    return clusters


def agreement(answers, same):
    """Return whether two places agree both ways, as a function."""
    return lambda i, j: same(answers[i], answers[j]) and same(answers[j], answers[i])


def right_clusters(answers, same):
    both = agreement(answers, same)
    return clustered(answers, lambda cluster, place: both(cluster[0], place))


def wrong_clusters(answers, same):
    """Return what the usual mistakes make of answers: hint, and lists of clusters."""
    both, n = agreement(answers, same), len(answers)
    says = lambda i, j: same(answers[i], answers[j])
    several, chain, newest, linked = [], [[0]], [[0]], [[0]]
    for place in range(n):
        joined = [cluster for cluster in several if both(cluster[0], place)]
        for cluster in joined:
            cluster.append(place)
        several += [] if joined else [[place]]
    for place in range(1, n):
        chain += [] if both(place - 1, place) else [[]]
        chain[-1].append(place)
        newest += [] if both(newest[-1][0], place) else [[]]
        newest[-1].append(place)
        touched = [cluster for cluster in linked if any(both(i, place) for i in cluster)]
        rest = [cluster for cluster in linked if cluster not in touched]
        linked = sorted([*rest, sorted([place, *(i for cluster in touched for i in cluster)])])
    return {
        "Agreement is mutual: same(a, b) and same(b, a), of which neither follows from the other.": [
            clustered(answers, lambda cluster, place: says(cluster[0], place)),
            clustered(answers, lambda cluster, place: says(place, cluster[0])),
            clustered(
                answers, lambda cluster, place: says(cluster[0], place) or says(place, cluster[0])
            ),
        ],
        "Compare with a cluster's first member, not with any or all of its members, or the last.": [
            clustered(answers, lambda cluster, place: any(both(i, place) for i in cluster)),
            clustered(answers, lambda cluster, place: all(both(i, place) for i in cluster)),
            clustered(answers, lambda cluster, place: both(cluster[-1], place)),
            linked,
        ],
        "An answer stands in two clusters. It joins the first with which it agrees, and no other.": [
            several,
            [[j for j in range(n) if both(i, j)] for i in range(n)],
        ],
        "Clusters are tried in order of appearance: an answer joins the first with which it agrees.": [
            clustered(answers, lambda cluster, place: both(cluster[0], place), backwards=True)
        ],
        "An answer is compared with the clusters before it, not only with the answer before it.": [
            chain,
            newest,
        ],
        "Ask `same`: answers that are not equal may mean the same, and the words do not tell.": [
            clustered(answers, lambda cluster, place: answers[cluster[0]] == answers[place]),
            [[place] for place in range(n)],
        ],
        "Every answer stands in a cluster, also one that agrees with no other.": [
            [cluster for cluster in right_clusters(answers, same) if len(cluster) > 1]
        ],
    }


def wrong_forms(answers, same):
    """Return what comes of right clusters that are told in another way."""
    right = right_clusters(answers, same)
    labels = [next(k for k, one in enumerate(right) if i in one) for i in range(len(answers))]
    return {
        "Return a list of clusters, each a list of places.": AnyOf(
            wrong_type(list, tuple),
            labels,
            [len(one) for one in right],
            lambda got: not all(isinstance(one, list | tuple) for one in got),
        ),
        "Return the places of the answers, not the answers.": AnyOf(
            [[answers[i] for i in one] for one in right],
            lambda got: any(isinstance(i, str) for one in got for i in one),
        ),
        "Places count from 0.": [[i + 1 for i in one] for one in right],
        "Equal answers have places of their own: `index` finds the first one only.": AnyOf(
            [[answers.index(answers[i]) for i in one] for one in right],
            [sorted({answers.index(answers[i]) for i in one}) for one in right],
        ),
        "The clusters, and the places in them, come in order of appearance.": lambda got: (
            sorted(map(sorted, got)) == right
        ),
    }


def known_clusters(answers, same):
    """Return every known wrong value of semantic_clusters by its hint."""
    found = wrong_clusters(answers, same).items()
    return wrong_forms(answers, same) | {hint: AnyOf(*values) for hint, values in found}


def entropy(sizes):
    return sum(c / sum(sizes) * math.log(sum(sizes) / c) for c in sizes)


def wrong_entropies(answers, same):
    """Return what the usual mistakes make of the clusters' sizes."""
    n, sizes = len(answers), [len(one) for one in right_clusters(answers, same)]
    right, shares, k = entropy(sizes), [c / n for c in sizes], len(sizes)
    return {
        "The natural logarithm is due: nats, not bits.": AnyOf(
            right / math.log(2), right / math.log(10)
        ),
        "This is the entropy of the words. Answers that mean the same count together.": AnyOf(
            entropy([*Counter(answers).values()]), math.log(n)
        ),
        "The entropy itself is due: it is not divided by its largest value.": AnyOf(
            right / math.log(n),
            right / math.log(k),
            1 - right / math.log(n),
            1 - right / math.log(k),
        ),
        "How many clusters there are does not tell how the answers are shared out.": AnyOf(
            math.log(k), k, k / n
        ),
        "The sign is wrong: the logarithm of a share is below 0.": -right,
        "Take the logarithm of shares of all answers, not of the numbers of answers.": AnyOf(
            sum(p * math.log(c) for p, c in zip(shares, sizes)),
            -sum(p * math.log(c) for p, c in zip(shares, sizes)),
            sum(c * math.log(c) for c in sizes),
            -sum(c * math.log(c) for c in sizes),
        ),
        "This is the exponential of the entropy.": math.exp(right),
        "Entropy adds up -p log(p), not squares of shares.": AnyOf(
            1 - sum(p * p for p in shares), sum(p * p for p in shares)
        ),
        "Each logarithm counts by its cluster's share.": AnyOf(
            -sum(map(math.log, shares)), -sum(map(math.log, shares)) / k
        ),
        "A sum of -p log(p) over clusters is due: each once, and not divided or multiplied.": AnyOf(
            n * right,
            right / n,
            right / k,
            -sum(c * p * math.log(p) for c, p in zip(sizes, shares)),
        ),
        "A cluster with one answer counts as well.": AnyOf(
            -sum(p * math.log(p) for p, c in zip(shares, sizes) if c > 1),
            entropy([c for c in sizes if c > 1] or [1]),
        ),
        "All clusters count, not only the largest.": AnyOf(
            max(shares),
            1 - max(shares),
            -math.log(max(shares)),
            -max(shares) * math.log(max(shares)),
        ),
    }


def related(says):
    """Return `same` for a relation, given as a set of ordered pairs that holds each text with itself."""

    def same(a, b):
        if isinstance(a, int) or isinstance(b, int):
            fail("`same` compares two answers, not their places.")
        return (a, b) in says

    return same


def drawn_relation(rng, texts):
    """Return a relation in which each text says what some others say, often in one direction only."""
    says = {(text, text) for text in texts}
    for i, a in enumerate(texts):
        for b in texts[:i]:
            kind = rng.choice(("both", "both", "there", "back", "none"))
            says |= {(a, b)} if kind in ("both", "there") else set()
            says |= {(b, a)} if kind in ("both", "back") else set()
    return says


# %% examples
def examples(check):
    texts, last_word = ["Bern", "Basel", "In Bern"], lambda a, b: a.split()[-1] == b.split()[-1]
    check(lambda: semantic_clusters(texts, last_word), [[0, 2], [1]], "Bern, Basel, In Bern")
    check(lambda: semantic_entropy(texts, last_word), 0.636514, "shares 2/3 and 1/3")
    texts_2, says = ["Bern", "Bern, a city", "Bern"], lambda a, b: a.startswith(b)
    check(lambda: semantic_clusters(texts_2, says), [[0, 2], [1]], "one text says more")
    near = lambda a, b: abs(a - b) < 2
    check(lambda: semantic_clusters([4, 5, 6], near), [[0, 1], [2]], "4, 5, 6: two near each other")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    texts = ["Bern", "Basel", "In Bern"]
    last_word = lambda a, b: a.split()[-1] == b.split()[-1]
    near = lambda a, b: abs(a - b) < 2
    numbers = known_clusters([4, 5, 6], near)
    alone = "`same` compares two answers."
    return {
        "Bern, Basel, In Bern": Diagnosis(
            {"Ask `same`, and of every cluster before an answer, not only of the last one.": [[0], [1], [2]]}
            | without(known_clusters(texts, last_word), "Agreement", "Compare", "An answer stands", "Clusters"),
            CLUSTERS,
            alone,
        ),
        "shares 2/3 and 1/3": Diagnosis(
            # Bits are what dividing by the logarithm of two clusters gives.
            {"The entropy is due in nats: no bits, and not divided by log(2).": 0.918296}
            | wrong_entropies(texts, last_word),
            ENTROPY,
            alone,
        ),
        "one text says more": Diagnosis(
            {
                "Agreement is mutual: only the longer text says what the shorter one says.": [[0, 1, 2]],
                "Equal answers have places of their own: `index` finds the first one only.": AnyOf(
                    [[0, 0], [1]], [[0], [1]]
                ),
                "An answer is compared with the first members of the clusters before it.": [[0], [1], [2]],
            },
            CLUSTERS,
            alone,
        ),
        "4, 5, 6: two near each other": Diagnosis(
            without(numbers, "Agreement", "Clusters"), CLUSTERS, alone
        ),
    }  # fmt: skip


# %% graded: 2 points | clusters by agreement both ways with the first member, in order of appearance.
def test_clusters_by_mutual_agreement_with_the_first_member() -> None:
    for case in range(7):
        rng = case_rng("semantic_clusters", case)
        texts = [f"answer {letter}" for letter in "cadbgefh"]
        while True:
            if case == 3:  # numbers, of which close ones mean the same
                answers, same = (
                    [rng.randint(10, 60) / 2 for _ in range(12)],
                    lambda a, b: abs(a - b) < 4,
                )
                known = without(known_clusters(answers, same), "Agreement is mutual")
            else:
                same = related(drawn_relation(rng, texts))
                answers = [rng.choice(texts) for _ in range(rng.randint(9, 12))]
                known = known_clusters(answers, same)
            if told_apart(right_clusters(answers, same), known):
                break
        with inputs_unchanged(answers), forbidden(*COURSE):
            check(
                lambda: semantic_clusters(answers, same),
                right_clusters(answers, same),
                f"{len(answers)} answers, {answers[:3]} ...",
                mistakes=known,
                otherwise=CLUSTERS,
                if_raises="`same` takes two answers, and an answer may agree with no other.",
            )


# %% graded: 1 point | one meaning, as many meanings as answers, one answer, and many.
def test_one_meaning_many_meanings_and_many_answers() -> None:
    rng = case_rng("semantic_clusters", "limits")
    n = rng.randint(5, 9)
    names = rng.sample(
        ["Bern", "Basel", "Oslo", "Rome", "Lima", "Kyiv", "Bonn", "Riga", "Quito"], n
    )
    many = [f"{rng.choice('LWMK')}{rng.randint(10, 99)}" for _ in range(rng.randint(70, 90))]
    for what, answers, same in (
        ("answers that all mean the same", names, lambda a, b: True),
        ("answers that all mean something else", names, lambda a, b: a == b),
        ("one answer", names[:1], lambda a, b: a == b),
        ("two answers that only seem to agree", names[:2], lambda a, b: a == b or a == names[0]),
        ("two answers that only seem to agree", names[:2], lambda a, b: a == b or a == names[1]),
        ("one answer, again and again", names[:1] * n, lambda a, b: a == b),
        ("answers whose first letters tell", many, lambda a, b: a[0] == b[0]),
    ):
        right = right_clusters(answers, same)
        with inputs_unchanged(answers), forbidden(*COURSE):
            check(
                lambda: semantic_clusters(answers, same),
                right,
                f"{what}: {answers[:4]}",
                mistakes={
                    "Return a list of clusters, each a list of places.": lambda got: (
                        not all(isinstance(one, list | tuple) for one in got)
                    ),
                    "Each answer stands in one cluster, also when it agrees with no other.": lambda got: (
                        sorted(i for one in got for i in one) != [*range(len(answers))]
                    ),
                    "The clusters, and the places in them, come in order of appearance.": lambda got: (
                        sorted(map(sorted, got)) == right
                    ),
                    "Agreement is mutual: same(a, b) and same(b, a).": lambda got: (
                        len(answers) == 2
                    ),
                    "Ask `same`: the words do not tell what an answer means.": AnyOf(
                        [[place] for place in range(len(answers))],
                        clustered(answers, lambda cluster, i: answers[cluster[0]] == answers[i]),
                    ),
                    "An answer is compared with every cluster before it, not only with the last.": lambda got: (
                        len(got) > len(right)
                    ),
                },
                otherwise=CLUSTERS,
                if_raises="One answer is enough, and all may mean the same, or each something else.",
            )


# %% graded: 2 points | the entropy of the clusters' shares, in nats.
def test_entropy_of_the_shares_of_meanings() -> None:
    for case in range(5):
        rng = case_rng("semantic_entropy", case)
        same = lambda a, b: a[0].lower() == b[0].lower()
        while True:
            n = rng.randint(70, 99) if case == 4 else rng.randint(8, 14)
            letters = "z" + "".join(rng.choices("aAAaabBcd" + "eE" * (case % 2), k=n - 1))
            answers = [f"{letter} {rng.randint(1, 5)}" for letter in rng.sample(letters, n)]
            sizes = [len(one) for one in right_clusters(answers, same)]
            if len(sizes) > 2 and told_apart(entropy(sizes), wrong_entropies(answers, same)):
                break
        with inputs_unchanged(answers), forbidden(*COURSE):
            check(
                lambda: semantic_entropy(answers, same),
                entropy(sizes),
                f"{n} answers in clusters of {sizes}",
                mistakes=wrong_entropies(answers, same),
                otherwise=ENTROPY,
                if_raises="`same` takes two answers, and a cluster holds one answer at least.",
                atol=1e-6,
            )


# %% graded: 1 point | the clusters of the entropy are those of the first function; one meaning gives 0.
def test_entropy_counts_the_same_clusters() -> None:
    for case in range(3):
        rng = case_rng("semantic_entropy", f"relation {case}")
        texts = [f"answer {letter}" for letter in "cadbgefh"]
        while True:
            same = related(drawn_relation(rng, texts))
            answers = [rng.choice(texts) for _ in range(rng.randint(9, 14))]
            right = entropy([len(one) for one in right_clusters(answers, same)])
            found = without(
                wrong_clusters(answers, same), "An answer stands", "Every answer", "Clusters"
            )
            known = {
                hint: AnyOf(*(entropy(list(map(len, one))) for one in ones))
                for hint, ones in found.items()
            }
            if told_apart(right, known):
                break
        with inputs_unchanged(answers), forbidden(*COURSE):
            check(
                lambda: semantic_entropy(answers, same),
                right,
                f"{len(answers)} answers, {answers[:3]} ...",
                mistakes=known,
                otherwise=f"The clusters are those of the first function. {ENTROPY}",
                if_raises="`same` takes two answers.",
                atol=1e-6,
            )
    n = case_rng("semantic_entropy", "limits").randint(5, 9)
    names = [f"answer {i}" for i in range(n)]
    for what, answers, same, want in (
        ("n answers that mean one thing", names, lambda a, b: True, 0.0),
        ("n answers that mean n things", names, lambda a, b: a == b, math.log(n)),
        ("one answer", names[:1], lambda a, b: True, 0.0),
    ):
        with forbidden(*COURSE):
            check(
                lambda: semantic_entropy(answers, same),
                want,
                f"{what}, n = {n}",
                otherwise="One meaning has an entropy of 0, and n answers with n meanings of log(n).",
                if_raises="One meaning has the share 1, whose logarithm is 0.",
                atol=1e-6,
            )
