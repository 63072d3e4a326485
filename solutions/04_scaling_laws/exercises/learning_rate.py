"""Exercise `learning_rate`: a warm-up, then half a wave down."""

# %% solution
import math


def learning_rate(
    step: int, total_steps: int, peak: float, warmup_steps: int, final_fraction: float = 0.1
) -> float:
    """Return the learning rate of a step.

    Linear from peak / warmup_steps at step 0 to the peak at step warmup_steps - 1, then a cosine to
    final_fraction * peak at the last step.

    Args:
        step: from 0.
        total_steps: steps of the run; the last one is total_steps - 1.
        peak: the highest rate.
        warmup_steps: at least 1.
        final_fraction: of the peak.

    Raises:
        ValueError: the step is outside of the run.
    """
    ### BEGIN SOLUTION
    if not 0 <= step < total_steps:
        raise ValueError(f"step must be in [0, {total_steps}), not {step}")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    progress = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    wave = (1 + math.cos(math.pi * progress)) / 2
    return peak * (final_fraction + (1 - final_fraction) * wave)
    ### END SOLUTION


# %% hints
HINTS = (
    "Steps count from 0, so after the first step one of `warmup_steps` parts is done. The last"
    " step is `total_steps - 1`.",
    "Warm-up: `peak * (step + 1) / warmup_steps`. After it, progress p goes from 0 at step"
    " `warmup_steps - 1` to 1 at the last; `(1 + cos(pi p)) / 2` falls from 1 to 0, and is stretched"
    " between the peak and `final_fraction * peak`.",
)
EXPLANATION = """
Adam's averages are unreliable in the first steps, so the rate begins small, but not at 0: a step with
a rate of 0 is wasted. Half a cosine wave then falls slowly, fast, and slowly again. It has to end with
the run. A schedule that is cut off halfway leaves the loss too high, which the sweep below shows.
"""

# %% helpers
import math

from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_nothing_kept,
    check_refused,
    without,
)

SHAPE = "Linear up to the peak at step warmup_steps - 1, then half a cosine to the last step."


def right_value(step, total, peak, warm, final=0.1):
    if step < warm:
        return peak * (step + 1) / warm
    p = (step - warm + 1) / (total - warm)
    return peak * (final + (1 - final) * (1 + math.cos(math.pi * p)) / 2)


def wrong_values(step, total, peak, warm, final=0.1):
    if step < warm:
        return {
            "This is the factor only. Multiply by the peak.": (step + 1) / warm,
            "In the warm-up, step 0 has the rate peak / warmup_steps, not 0.": AnyOf(
                peak * step / warm, peak * step / (warm - 1) if step < warm - 1 else 0.0
            ),
            "The division by warmup_steps is missing.": (
                peak * (step + 1) if step else lambda got: False
            ),
            "The peak is reached at step warmup_steps - 1, not a step later.": (
                peak * (step + 1) / (warm + 1)
            ),
            "There is no warm-up: the rate begins small.": lambda got: (
                step < warm - 1 and 0.95 * peak <= got <= 1.01 * peak
            ),
        }
    p = (step - warm + 1) / (total - warm)
    slow = (step - warm + 1) / (total - warm + 1)

    def scaled(wave, end=final):
        return peak * (end + (1 - end) * wave)

    def falling(x):
        return (1 + math.cos(math.pi * x)) / 2

    return {
        "The rate has no decay, or rises: after the warm-up it falls, to final_fraction * peak.": (
            AnyOf(peak, scaled(1 - falling(p)))
        ),
        "The last step of the run, total_steps - 1, has final_fraction * peak already.": (
            AnyOf(scaled(falling(slow)), scaled(falling((step - warm) / (total - warm))))
        ),
        "The default of final_fraction is 0.1.": (
            lambda got: final == 0.1 and abs(got - scaled(falling(p), 0.0)) < 1e-9 + 1e-4 * peak
        ),
        "The wave goes down to final_fraction * peak, not to 0: final_fraction is left out, or cuts the end off.": (
            AnyOf(scaled(falling(p), 0.0), peak * max(falling(p), final))
        ),
        "final_fraction is an argument: yours is 0.1 whatever is asked for.": (
            scaled(falling(p), 0.1) if final != 0.1 else lambda got: False
        ),
        "final_fraction is where the decay ends, no part added to all of it.": (
            peak * (final + falling(p))
        ),
        "final_fraction is a share of the peak, not a rate.": (final + (peak - final) * falling(p)),
        "This is the factor only. Multiply by the peak.": scaled(falling(p)) / peak,
        "The wave is (1 + cos) / 2, which runs from 1 to 0. In yours the 1 or the half is missing.": AnyOf(
            scaled(2 * falling(p)),
            *(scaled(math.cos(math.pi * p) / by) for by in (1, 2)),
        ),
        "The argument of the cosine runs from 0 to pi: multiply by pi.": scaled(falling(p / math.pi)),
        "The peak multiplies both parts of the sum: put them in parentheses.": (
            peak * final + (1 - final) * falling(p)
        ),
        "A cosine is due: no straight line, no exponential.": AnyOf(scaled(1 - p), peak * final**p),
        "The cosine begins where the warm-up ends, not at step 0.": (
            scaled(falling(step / (total - 1)))
        ),
        "The decay has total_steps - warmup_steps steps, counted from the end of the warm-up.": AnyOf(
            *(scaled(falling(done / total)) for done in (step, step - warm, step - warm + 1)),
            *(scaled(falling(done / (total - warm))) for done in (step, step + 1)),
        ),
        "Half a wave of the cosine is due, from 0 to pi; yours is a quarter.": (
            scaled(math.cos(math.pi / 2 * p))
        ),
    }


def ends_alike(mistakes, at_the_end):
    """At the last step lines, exponentials and other waves have reached the same rate."""
    if not at_the_end:
        return mistakes
    return without(
        mistakes,
        "A cosine is due",
        "The cosine begins",
        "Half a wave",
        "final_fraction is where",
        "The peak multiplies",
    )


# %% examples
def examples(check):
    def rates(steps):
        return [learning_rate(step, 10, 1.0, 4) for step in steps]

    check(lambda: rates([0, 1, 2, 3]), [0.25, 0.5, 0.75, 1.0], "a warm-up of 4 steps")
    check(lambda: rates([9]), [0.1], "the last of 10 steps")
    check(lambda: learning_rate(1_050, 2_000, 1.0, 100), 0.55, "halfway down", rtol=0.01)
    check.refused(lambda: rates([10]), "step 10 of 10 steps")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "a warm-up of 4 steps": Diagnosis(
            {
                "Step 0 has the rate peak / warmup_steps, not 0.": [0.0, 0.25, 0.5, 0.75],
                "The peak is reached at step warmup_steps - 1.": [0.2, 0.4, 0.6, 0.8],
                "There is no warm-up: the rate begins small.": lambda got: got[0] == 1.0,
            },
            SHAPE,
        ),
        "the last of 10 steps": Diagnosis(
            {
                "The end is final_fraction * peak, not 0; the default fraction is 0.1.": [0.0],
                "The rate has to fall after the warm-up.": [1.0],
                "The last step is total_steps - 1: the decay has to end there.": (
                    lambda got: 0.1 < got[0] < 0.3
                ),
            },
            SHAPE,
        ),
        "halfway down": Diagnosis(
            {
                "Half a wave of the cosine is due; yours is a quarter.": (
                    lambda got: abs(got - 0.736) < 0.01
                ),
                "No exponential: a cosine is due.": lambda got: abs(got - 0.316) < 0.01,
                "The cosine begins where the warm-up ends.": lambda got: abs(got - 0.515) < 0.01,
            },
            SHAPE,
        ),
        "step 10 of 10 steps": Diagnosis(otherwise="The last step is total_steps - 1: refuse it."),
    }


# %% graded: 1 point | the warm-up, the peak and the end.
def test_warm_up_peak_and_end() -> None:
    rng = case_rng("learning_rate", 1)
    for case in range(4):
        total, warm = rng.randint(14, 90), rng.randint(4, 8)  # with 3, two mistakes are half the peak at step 1
        peak = rng.uniform(0.001, 0.05)
        more = {} if case % 2 else {"final_fraction": 0.0 if case else rng.uniform(0.2, 0.5)}
        final = more.get("final_fraction", 0.1)
        for step in (1, 0, warm - 1, total - 1):  # at step 0 a rate without warm-up has the peak too
            check(
                lambda: learning_rate(step, total, peak, warm, **more),
                right_value(step, total, peak, warm, final),
                f"step {step} of {total}, peak {peak:.5f}, warm-up {warm}, {more}",
                mistakes=ends_alike(wrong_values(step, total, peak, warm, final), step >= warm),
                otherwise=SHAPE,
            )
    for warm in (1, rng.randint(3, 8)):
        peak, final = rng.uniform(0.001, 0.05), rng.uniform(0.05, 0.3)
        check(
            lambda: learning_rate(0, warm + 2, peak, warm, final),
            peak / warm,
            f"step 0 of {warm + 2}, peak {peak:.5f}, warm-up {warm}",
            mistakes=wrong_values(0, warm + 2, peak, warm, final),
            otherwise=SHAPE,
            if_raises="With a warm-up of one step, step 0 has the peak: do not divide by warmup_steps - 1.",
        )
        check(
            lambda: learning_rate(warm + 1, warm + 2, peak, warm, final),
            final * peak,
            f"the last of {warm + 2} steps, peak {peak:.5f}, warm-up {warm}, fraction {final:.3f}",
            # A decay that ends too late was found above; in so short a one its value is another mistake's.
            mistakes=without(
                ends_alike(wrong_values(warm + 1, warm + 2, peak, warm, final), True),
                "The last step",
                "The decay has",
            ),
            otherwise="The last step has final_fraction * peak, however short the decay is.",
        )


# %% graded: 2 points | the shape of the decay.
def test_half_a_wave_down() -> None:
    rng = case_rng("learning_rate", 2)
    for _ in range(3):
        # So many steps that it does not matter whether the decay begins at the peak or one later.
        total, warm = rng.randint(3_000, 6_000), rng.randint(500, 900)
        peak, final = rng.uniform(0.001, 0.05), rng.uniform(0.05, 0.3)
        for share in (0.708, 0.808, 0.908, 0.408, 0.208):  # no whole percents; early many curves are almost the same
            step = round(warm + share * (total - warm))
            check(
                lambda: learning_rate(step, total, peak, warm, final),
                right_value(step, total, peak, warm, final),
                f"step {step} of {total}, peak {peak:.5f}, warm-up {warm}, fraction {final:.3f}",
                mistakes=without(
                    wrong_values(step, total, peak, warm, final), "The default", "The last step"
                ),
                otherwise=SHAPE,
                rtol=4e-3,
                atol=0,
            )
    first, second = (1_200, 4_000, 0.02, 600, 0.1), (2_500, 5_000, 0.03, 800, 0.3)
    check_nothing_kept(learning_rate, right_value, first, second, "two runs", rtol=4e-3)


# %% graded: 1 point | a step outside of the run is refused.
def test_steps_outside_are_refused() -> None:
    rng = case_rng("learning_rate", 3)
    total = rng.randint(20, 200)
    late = "Steps count from 0: step total_steps lies outside of the run. Refuse it."
    for step in (total, total + rng.randint(1, 50)):
        check_refused(
            lambda: learning_rate(step, total, 0.01, 5), f"step {step} of {total} steps", late
        )
    for step in (-1, -rng.randint(2, 9)):
        check_refused(
            lambda: learning_rate(step, total, 0.01, 5),
            f"step {step}",
            "A negative step lies outside of the run. Refuse it.",
        )
