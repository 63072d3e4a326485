"""Exercise `forgetting`: what finetuning on one task costs in others."""

# %% solution
from collections.abc import Mapping


def forgetting(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return for each task the drop in accuracy, 0 where there was none.

    Args:
        before: accuracy (0 to 1) of the model before finetuning, by task.
        after: accuracy after it, of the same tasks.
    """
    ### BEGIN SOLUTION
    return {task: max(0.0, accuracy - after[task]) for task, accuracy in before.items()}
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "A gain on one task does not make up for a loss on another. What do you write down for a"
        " task that improved?"
    ),
    "For each task take before minus after, and 0 where that is negative: `max(0.0, ...)`.",
)
EXPLANATION = """
Each task is looked at on its own and gains count as 0, so that a model which became better at
answering cannot hide that it unlearned something else. The drop is absolute, in points of accuracy:
from 0.9 to 0.6 is 0.3, not a third. Small drops may be noise, so compare with the standard error of
an accuracy.
"""

# %% helpers
from utils.notebook.checks import (
    KEEPS_RESULTS,
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    inputs_unchanged,
    wrong_type,
)

DROP = "For each task before minus after, and 0 where the accuracy rose."


def drops(before, after):
    return {task: max(0.0, before[task] - after[task]) for task in before}


def wrong_drops(before, after):
    right, tasks = drops(before, after), list(before)
    change = {task: before[task] - after[task] for task in tasks}

    def each(rule):
        return {task: rule(task) for task in tasks}

    hints = {
        "Return a drop for each task, as a dict.": wrong_type(dict),
        "A task that improved has a drop of 0, no negative one.": change,
        "The larger of 0 and the drop is due: max, not min.": each(lambda t: min(0.0, change[t])),
        "The sign: a drop is before minus after.": AnyOf(
            each(lambda t: -change[t]),
            each(lambda t: max(0.0, -change[t])),
            each(lambda t: -right[t]),
        ),
        "The absolute value makes a loss of a gain: a task that improved has a drop of 0.": each(
            lambda t: abs(change[t])
        ),
        "The drop is absolute, in accuracy: do not divide by the accuracy before.": each(
            lambda t: right[t] / before[t] if before[t] else 0.0
        ),
        "The drop is a share like the accuracies: do not multiply by 100.": each(
            lambda t: 100 * right[t]
        ),
        "Tasks that improved, or stayed, are in the result too, with 0.": AnyOf(
            {t: d for t, d in right.items() if d > 0},
            {t: change[t] for t in tasks if change[t] >= 0},
        ),
        "Each task has its own drop: no mean, no sum, no maximum over the tasks.": AnyOf(
            each(lambda t: sum(right.values()) / len(tasks)),
            each(lambda t: max(0.0, sum(change.values()) / len(tasks))),
            each(lambda t: max(right.values())),
        ),
        "This is the accuracy after, or before, and not the drop.": AnyOf(
            dict(after), dict(before)
        ),
        "The drop itself is asked for, not whether there was one.": AnyOf(
            each(lambda t: change[t] > 0),
            each(lambda t: int(change[t] > 0)),
            each(lambda t: float(change[t] > 0)),
        ),
        "An accuracy of 0 after finetuning is one like any other: all of it was lost.": each(
            lambda t: right[t] if after[t] else 0.0
        ),
        "Small drops count too.": each(lambda t: right[t] if right[t] > 0.01 else 0.0),
        "The drop was rounded: return it as it is.": AnyOf(
            *(each(lambda t, digits=digits: round(right[t], digits)) for digits in (5, 4, 3, 2, 1)),
            *(each(lambda t, n=n: int(right[t] * n) / n) for n in (1000, 100, 10)),
        ),
        "There is more than the tasks, such as a mean or tasks of an earlier call: a new dict of these tasks is due.": (
            lambda got: set(got) > set(tasks)
        ),
        "The drop was set against the mean of all tasks, or against the errors: it is before minus after.": AnyOf(
            each(lambda t: max(0.0, change[t] - sum(change.values()) / len(tasks))),
            each(lambda t: right[t] / (1 - after[t]) if after[t] < 1 else 0.0),
        ),
        "Values are matched by place: look each task up by its name.": dict(
            zip(tasks, [max(0.0, b - a) for b, a in zip(before.values(), after.values())])
        ),
        "The drops were scaled to sum to 1, or to the largest: return them as they are.": AnyOf(
            *(
                each(lambda t, total=total: right[t] / total)
                for total in (sum(right.values()), max(right.values()))
                if total
            )
        ),
    }
    return {h: w for h, w in hints.items() if callable(w) or isinstance(w, AnyOf) or w != right}


# %% examples
def examples(check):
    before, after = {"facts": 0.75, "sums": 0.5}, {"facts": 0.5, "sums": 0.875}
    check(lambda: forgetting(before, after), {"facts": 0.25, "sums": 0}, "facts fell, sums rose")
    check(lambda: forgetting(before, before), {"facts": 0, "sums": 0}, "nothing changed")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    before, after = {"facts": 0.75, "sums": 0.5}, {"facts": 0.5, "sums": 0.875}
    return {
        "facts fell, sums rose": Diagnosis(wrong_drops(before, after), DROP),
        "nothing changed": Diagnosis(otherwise="Where nothing changed, nothing was forgotten: 0."),
    }


# %% graded: 1 point | some tasks fell, some rose.
def test_drops_and_gains() -> None:
    rng = case_rng("forgetting", 1)
    sizes = [rng.randint(4, 7), 3, rng.randint(4, 7)]
    earlier = {}
    for case, size in enumerate([*sizes, 3]):  # the names of the second come again in the last
        tasks = [f"Task {letter}" for letter in "abcdefg"[:size]]
        before = {t: 0.4 + 0.0437 * rng.randint(1, 9) for t in tasks}
        moves = [0.1371, -0.0913, 0.2117, -0.1733, 0.0519, 0.3331, -0.0271]
        moves = moves[case:] + moves[:case]  # a task moves otherwise each time
        after = {t: before[t] - move for t, move in zip(tasks, moves)}
        shuffled = list(after.items())
        rng.shuffle(shuffled)
        if case == 0:  # another order of the tasks, for sure
            shuffled = list(after.items())[::-1]
        after = dict(shuffled)
        with inputs_unchanged(before, after):
            check(
                lambda: forgetting(before, after),
                drops(before, after),
                f"{len(tasks)} tasks",
                mistakes=wrong_drops(before, after)
                | {
                    "The names of the tasks stay as they are.": lambda got: (
                        set(got) == {task.lower() for task in tasks}
                    ),
                    KEEPS_RESULTS: lambda got: any(
                        got[t] in drop for t, drop in earlier.items() if got.get(t)
                    ),
                },
                otherwise=DROP,
                atol=3e-7,  # a difference of two numbers in float32 is fine
            )
        for task, drop in drops(before, after).items():
            earlier.setdefault(task, []).append(drop)


# %% graded: 1 point | tiny drops, everything lost, everything learned, many tasks.
def test_extremes() -> None:
    rng = case_rng("forgetting", 2)
    many = {f"{number}": rng.uniform(0.1, 0.9) for number in range(rng.randint(70, 120))}
    for before, after, what in (
        (
            {"tiny": 0.5, "half": 0.7512, "all": 1.0, "new": 0.0},
            {"tiny": 0.4963, "half": 0.2234, "all": 0.0, "new": 1.0},
            "extremes",
        ),
        ({"zero": 0.0, "same": 0.7}, {"zero": 0.0, "same": 0.7}, "nothing changed"),
        (many, {t: rng.uniform(0.05, 0.95) for t in many}, "a hundred tasks"),
    ):
        with inputs_unchanged(before, after):
            check(
                lambda: forgetting(before, after),
                drops(before, after),
                what,
                mistakes=wrong_drops(before, after)
                if what != "nothing changed"
                else {"A task that stayed is in the result too, with 0.": lambda got: len(got) < 2},
                otherwise=DROP,
                if_raises="An accuracy of 0 before is fine: there is nothing to divide by.",
                atol=3e-7,  # a difference of two numbers in float32 is fine
            )
