"""Answers to `learning_rate`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: share of the decay
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% right: the peak twice: the decay starts a step later
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps) / max(total_steps - 1 - warmup_steps, 1)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% right: from half the range
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * final_fraction + 0.5 * (peak - peak * final_fraction) * (
        math.cos(p * math.pi) + 1
    )


# %% right: numpy and a sine
import numpy as np


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if step < 0 or step > total_steps - 1:
        raise ValueError(f"step must be in [0, {total_steps}), not {step}")
    end = peak * final_fraction
    if step <= warmup_steps - 1:
        return np.interp(step, [-1, warmup_steps - 1], [0.0, peak])
    left = (total_steps - 1 - step) / (total_steps - warmup_steps)
    return end + (peak - end) * np.sin(np.pi / 2 * left) ** 2


# %% wrong: step 0 has no rate | expects: step 0
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * step / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% wrong: the peak a step late | expects: warmup_steps - 1
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / (warmup_steps + 1)
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% wrong: no warm-up | expects: warm-up
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if False:
        return peak * (step + 1) / warmup_steps
    p = step / (total_steps - 1)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% wrong: the decay never ends | expects: last step
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps + 1)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% wrong: to zero | expects: final_fraction
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (1 + math.cos(math.pi * p)) / 2


# %% wrong: a straight line down | expects: cosine
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (1 - (1 - final_fraction) * p)


# %% wrong: an exponential | expects: cosine
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * final_fraction**p if final_fraction else peak * (1 - p)


# %% wrong: the cosine over the whole run | expects: begins
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = step / (total_steps - 1)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% wrong: a quarter of a wave | expects: half a wave
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * math.cos(math.pi / 2 * p))


# %% wrong: rising again | expects: falls
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * (1 - math.cos(math.pi * p)) / 2)


# %% wrong: the fraction as a rate | expects: of the peak
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return final_fraction + (peak - final_fraction) * (1 + math.cos(math.pi * p)) / 2


# %% wrong: constant after the warm-up | expects: decay
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak


# %% wrong: no check | expects: outside
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% wrong: the end belongs to the run | expects: total_steps
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step <= total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% wrong: negative steps are let through | expects: negative
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% wrong: a default of zero | expects: default
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.0):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2)


# %% wrong: the factor without the peak | expects: peak
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} is outside of the run")
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    return final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * p)) / 2


# %% wrong: falling with the root of the step | expects: half a cosine
def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} lies outside of {total_steps} steps")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    return peak * (warmup_steps / (step + 1)) ** 0.5


# %% wrong: the decay kept by the step alone | expects: earlier call
import math

_kept = {}


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step is {step}")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    part = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    key = (step, total_steps, warmup_steps, peak)
    if key not in _kept:
        wave = (1 + math.cos(math.pi * part)) / 2
        _kept[key] = peak * (final_fraction + (1 - final_fraction) * wave)
    return _kept[key]


# %% right: the decay begins one step after the peak
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step is {step}")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    part = (step - warmup_steps) / (total_steps - 1 - warmup_steps)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * part)) / 2)


# %% right: the phase of the wave by interpolation
import numpy as np


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if step not in range(total_steps):
        raise ValueError(f"step {step} of {total_steps}")
    rise = np.interp(step + 1, [0, warmup_steps], [0.0, peak])
    phase = np.interp(step, [warmup_steps - 1, total_steps - 1], [0.0, np.pi])
    low = final_fraction * peak
    return float(rise - (peak - low) * np.sin(phase / 2) ** 2)


# %% wrong: a final fraction of 0 is taken for none given | expects: yours is 0.1
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step must lie in the run of {total_steps} steps, not {step}")
    final_fraction = final_fraction or 0.1
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    share = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    wave = (1 + math.cos(math.pi * share)) / 2
    return peak * (final_fraction + (1 - final_fraction) * wave)


# %% wrong: a tenth of the peak, whatever is asked for | expects: yours is 0.1
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step must lie in the run of {total_steps} steps, not {step}")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    share = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    wave = (1 + math.cos(math.pi * share)) / 2
    return peak * (0.1 + 0.9 * wave)


# %% wrong: the final fraction on top | of: a tenth of the peak, whatever is asked for | expects: no part added
# -     return peak * (0.1 + 0.9 * wave)
# +     return peak * (final_fraction + wave)


# %% wrong: a decay of two steps at least, for fear of a division by 0 | expects: however short
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step {step} lies outside of a run of {total_steps} steps")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    progress = (step - warmup_steps) / max(total_steps - 1 - warmup_steps, 2)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * progress)) / 2)


# %% wrong: not divided by the warm-up | expects: division by warmup_steps is missing
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step must be in [0, {total_steps}), not {step}")
    if step < warmup_steps:
        return peak * (step + 1)
    progress = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    wave = (1 + math.cos(math.pi * progress)) / 2
    return peak * (final_fraction + (1 - final_fraction) * wave)


# %% wrong: from 0 to the peak in one step less | of: not divided by the warm-up | expects: step 0
# -         return peak * (step + 1)
# +         return peak * step / (warmup_steps - 1)


# %% wrong: progress from 0 | expects: last step
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step must be in [0, {total_steps}), not {step}")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    wave = (1 + math.cos(math.pi * progress)) / 2
    return peak * (final_fraction + (1 - final_fraction) * wave)


# %% wrong: the decay is divided by all steps | of: progress from 0 | expects: total_steps - warmup_steps steps
# -     progress = (step - warmup_steps) / (total_steps - warmup_steps)
# +     progress = (step - warmup_steps + 1) / total_steps


# %% wrong: the share of the whole run | of: progress from 0 | expects: total_steps - warmup_steps steps
# -     progress = (step - warmup_steps) / (total_steps - warmup_steps)
# +     progress = step / total_steps


# %% wrong: the wave is not halved | expects: runs from 1 to 0
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step must be in [0, {total_steps}), not {step}")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    progress = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    wave = 1 + math.cos(math.pi * progress)
    return peak * (final_fraction + (1 - final_fraction) * wave)


# %% wrong: the bare cosine | of: the wave is not halved | expects: runs from 1 to 0 / runs from
# -     wave = 1 + math.cos(math.pi * progress)
# +     wave = math.cos(math.pi * progress)


# %% wrong: no pi | of: the wave is not halved | expects: multiply by pi
# -     wave = 1 + math.cos(math.pi * progress)
# +     wave = (1 + math.cos(progress)) / 2


# %% wrong: the peak on the first part only | expects: parentheses
import math


def learning_rate(step, total_steps, peak, warmup_steps, final_fraction=0.1):
    if not 0 <= step < total_steps:
        raise ValueError(f"step must be in [0, {total_steps}), not {step}")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    progress = (step - warmup_steps + 1) / (total_steps - warmup_steps)
    wave = (1 + math.cos(math.pi * progress)) / 2
    return peak * final_fraction + (1 - final_fraction) * wave


# %% wrong: the wave to 0, cut off at the final rate | of: the peak on the first part only | expects: cuts the end off
# -     return peak * final_fraction + (1 - final_fraction) * wave
# +     return max(peak * final_fraction, peak * wave)


# %% wrong: a warm-up of one step divides by zero | of: share of the decay | expects: do not divide
# -         return peak * (step + 1) / warmup_steps
# +         first = peak / warmup_steps
# +         return first + (peak - first) * step / (warmup_steps - 1)


# %% wrong: a warm-up of one step begins at 0 | of: share of the decay | expects: not 0
# -     if step < warmup_steps:
# +     if warmup_steps == 1 and step == 0:
# +         return 0.0
# +     if step < warmup_steps:


# %% wrong: the share in whole percents | of: share of the decay | expects: half a cosine
# -     p = (step - warmup_steps + 1) / (total_steps - warmup_steps)
# +     p = 100 * (step - warmup_steps + 1) // (total_steps - warmup_steps) / 100
