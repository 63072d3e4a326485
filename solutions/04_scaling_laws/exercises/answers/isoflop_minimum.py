"""Answers to `isoflop_minimum`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: polyfit
import numpy as np


def isoflop_minimum(n_params, losses):
    x, y = np.log(np.asarray(n_params, float)), np.asarray(losses, float)
    if len(x) < 3:
        raise ValueError(f"n_params holds {len(x)} sizes, and a parabola needs 3")
    a, b, c = np.polyfit(x, y, 2)
    if a <= 0:
        raise ValueError(f"losses give a parabola without a minimum: {a}")
    return float(np.exp(-b / (2 * a)))


# %% right: decimal logarithms
import numpy as np


def isoflop_minimum(n_params, losses):
    x = np.log10(n_params)
    if x.size < 3 or x.size != len(losses):
        raise ValueError("at least three points are needed, not " + str(x.size))
    fit = np.polynomial.Polynomial.fit(x, losses, 2).convert()
    c, b, a = fit.coef
    if not a > 0:
        raise ValueError("the curve has no minimum")
    return 10 ** (-b / a / 2)


# %% right: normal equations in torch
import torch


def isoflop_minimum(n_params, losses):
    x = torch.tensor([float(n) for n in n_params], dtype=torch.float64).log()
    y = torch.tensor([float(one) for one in losses], dtype=torch.float64)
    if len(x) <= 2:
        raise ValueError(f"{len(x)} points are too few for a parabola")
    centre = x.mean()
    design = torch.stack([(x - centre) ** 2, x - centre, torch.ones_like(x)], dim=1)
    a, b, _ = torch.linalg.lstsq(design, y[:, None]).solution[:, 0]
    if a <= 0:
        raise ValueError("this parabola has no minimum")
    return float((centre - b / (2 * a)).exp())


# %% right: scipy's curve_fit
import math

from scipy.optimize import curve_fit


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError(f"n_params has {len(n_params)} entries")
    x = [math.log(n) for n in n_params]
    middle = sum(x) / len(x)
    (a, b, c), _ = curve_fit(
        lambda t, a, b, c: a * t * t + b * t + c, [one - middle for one in x], list(losses)
    )
    if a <= 0:
        raise ValueError("losses bend down")
    return math.exp(middle - b / (2 * a))


# %% wrong: a parabola in N | expects: log
import numpy as np


def isoflop_minimum(n_params, losses):
    x, y = np.asarray(n_params, float), np.asarray(losses, float)
    if len(x) < 3:
        raise ValueError("too few")
    scale = x.mean()
    a, b, c = np.polyfit(x / scale, y, 2)
    if a <= 0:
        raise ValueError("no minimum")
    return scale * -b / (2 * a)


# %% wrong: the best of the points | of: polyfit | expects: between
# -     return float(np.exp(-b / (2 * a)))
# +     return float(np.exp(x[y.argmin()]))


# %% wrong: log N of the vertex | of: polyfit | expects: logarithm
# -     return float(np.exp(-b / (2 * a)))
# +     return float(-b / (2 * a))


# %% wrong: the loss at the vertex | of: polyfit | expects: loss
# -     return float(np.exp(-b / (2 * a)))
# +     return float(c - b * b / (4 * a))


# %% wrong: the sign of the vertex | of: polyfit | expects: sign
# -     return float(np.exp(-b / (2 * a)))
# +     return float(np.exp(min(b / (2 * a), 700)))


# %% wrong: the factor 2 is missing | of: polyfit | expects: 2a / two
# -     return float(np.exp(-b / (2 * a)))
# +     return float(np.exp(min(-b / a, 700)))


# %% wrong: bases mixed | of: polyfit | expects: base
# -     a, b, c = np.polyfit(x, y, 2)
# +     a, b, c = np.polyfit(np.log10(np.asarray(n_params, float)), y, 2)


# %% wrong: a parabola through log losses | of: polyfit | expects: losses themselves
# -     a, b, c = np.polyfit(x, y, 2)
# +     a, b, c = np.polyfit(x, np.log(y), 2)


# %% wrong: two points are a parabola | expects: three
import numpy as np


def isoflop_minimum(n_params, losses):
    x, y = np.log(np.asarray(n_params, float)), np.asarray(losses, float)
    a, b, c = np.polyfit(x, y, 2) if len(x) > 2 else (1.0, -2 * x.mean(), 0.0)
    if a <= 0:
        raise ValueError(f"losses give a parabola without a minimum: {a}")
    return float(np.exp(-b / (2 * a)))


# %% wrong: more than three are needed | of: polyfit | expects: three points are enough / exactly three
# -         raise ValueError(f"n_params holds {len(x)} sizes, and a parabola needs 3")
# +         raise ValueError(f"n_params holds {len(x)} sizes, and a parabola needs 3")
# +     if len(x) < 4:
# +         raise ValueError("too few")


# %% wrong: the maximum of a parabola that opens downwards | expects: downwards
import numpy as np


def isoflop_minimum(n_params, losses):
    x, y = np.log(np.asarray(n_params, float)), np.asarray(losses, float)
    if len(x) < 3:
        raise ValueError(f"n_params holds {len(x)} sizes, and a parabola needs 3")
    a, b, c = np.polyfit(x, y, 2)
    return float(np.exp(-b / (2 * a)))


# %% wrong: the first three points only | of: polyfit | expects: all points
# -     a, b, c = np.polyfit(x, y, 2)
# +     a, b, c = np.polyfit(x[:3], y[:3], 2)


# %% wrong: the mean of the sizes | of: polyfit | expects: vertex
# -     return float(np.exp(-b / (2 * a)))
# +     return float(np.exp(x.mean()))


# %% wrong: a parabola in the root of N | expects: log N
import numpy as np


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError(f"n_params has {len(n_params)} entries")
    square, slope, _ = np.polyfit(np.sqrt(np.array(n_params, float)), losses, 2)
    if square <= 0:
        raise ValueError(f"losses have no minimum: {square}")
    return float((slope / (2 * square)) ** 2)


# %% wrong: kept by the sizes alone | expects: earlier call
import numpy as np

_kept = {}


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError(f"{len(n_params)} points")
    key = tuple(n_params)
    if key not in _kept:
        a, b, _ = np.polyfit(np.log(np.asarray(n_params, float)), losses, 2)
        if a <= 1e-10:
            raise ValueError("no minimum")
        _kept[key] = float(np.exp(-b / (2 * a)))
    return _kept[key]


# %% wrong: sorts the lists that it was given | expects: in place
import numpy as np


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError(f"{len(n_params)} points")
    for place, (size, loss) in enumerate(sorted(zip(n_params, losses))):
        n_params[place], losses[place] = size, loss
    a, b, _ = np.polyfit(np.log(np.asarray(n_params, float)), losses, 2)
    if a <= 1e-10:
        raise ValueError("no minimum")
    return float(np.exp(-b / (2 * a)))


# %% right: orthogonal polynomials without a library
import math


def isoflop_minimum(n_params, losses):
    count = len(n_params)
    if count < 3:
        raise ValueError(f"{count} points")
    x = [math.log(size) for size in n_params]
    mean = sum(x) / count
    x = [value - mean for value in x]
    second, third = sum(value**2 for value in x), sum(value**3 for value in x)
    q = [value**2 - third / second * value - second / count for value in x]
    a = sum(u * loss for u, loss in zip(q, losses)) / sum(u * u for u in q)
    slope = sum(u * loss for u, loss in zip(x, losses)) / second
    if a <= 1e-10:
        raise ValueError("no minimum")
    return math.exp(mean - (slope - a * third / second) / (2 * a))


# %% right: a scaled domain
import numpy as np
from numpy.polynomial import Polynomial


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError(f"{len(n_params)} points")
    parabola = Polynomial.fit(np.log(np.asarray(n_params, float)), losses, 2)
    if parabola.deriv(2)(0) <= 1e-10:
        raise ValueError("no minimum")
    return float(np.exp(parabola.deriv().roots()[0].real))


# %% right: Cramer's rule on sums of powers
import math


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError("three points are needed")
    middle = sum(math.log(n) for n in n_params) / len(n_params)
    x = [math.log(n) - middle for n in n_params]
    p = [sum(one**power for one in x) for power in range(5)]
    q = [sum(loss * one**power for one, loss in zip(x, losses)) for power in range(3)]

    def determinant(rows):
        (a, b, c), (d, e, f), (g, h, i) = rows
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)

    whole = determinant(((p[4], p[3], p[2]), (p[3], p[2], p[1]), (p[2], p[1], p[0])))
    square = determinant(((q[2], p[3], p[2]), (q[1], p[2], p[1]), (q[0], p[1], p[0]))) / whole
    slope = determinant(((p[4], q[2], p[2]), (p[3], q[1], p[1]), (p[2], q[0], p[0]))) / whole
    if square <= 0:
        raise ValueError("the parabola has no minimum")
    return math.exp(middle - slope / 2 / square)


# %% wrong: the three lowest points only | expects: all points
import numpy as np


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError("three points are needed")
    lowest = np.argsort(losses)[:3]
    x, y = np.log(np.asarray(n_params, float))[lowest], np.asarray(losses, float)[lowest]
    square, slope, _ = np.polyfit(x, y, 2)
    if np.polyfit(np.log(np.asarray(n_params, float)), losses, 2)[0] <= 0:
        raise ValueError("the parabola has no minimum")
    return float(np.exp(-slope / (2 * square)))


# %% wrong: no parentheses around 2a | expects: in parentheses
import numpy as np


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError(f"n_params has {len(n_params)} entries")
    a, b, _ = np.polyfit(np.log(n_params), losses, 2)
    if a <= 0:
        raise ValueError(f"losses give a parabola without a minimum: {a}")
    return float(np.exp(-b / 2 * a))


# %% wrong: binary logarithms, and exp | expects: bases are mixed
import numpy as np


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError(f"n_params has {len(n_params)} entries")
    a, b, _ = np.polyfit(np.log2(n_params), losses, 2)
    if a <= 0:
        raise ValueError(f"losses give a parabola without a minimum: {a}")
    return float(np.exp(-b / (2 * a)))


# %% wrong: natural logarithms, and a power of ten | expects: bases are mixed
import numpy as np


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError(f"n_params has {len(n_params)} entries")
    a, b, _ = np.polyfit(np.log(n_params), losses, 2)
    if a <= 0:
        raise ValueError(f"losses give a parabola without a minimum: {a}")
    return float(10 ** (-b / (2 * a)))


# %% wrong: losses and sizes swapped in the fit | expects: swapped
import numpy as np


def isoflop_minimum(n_params, losses):
    if len(n_params) < 3:
        raise ValueError(f"n_params has {len(n_params)} entries")
    a, b, _ = np.polyfit(losses, np.log(n_params), 2)
    if a <= 0:
        raise ValueError(f"losses give a parabola without a minimum: {a}")
    return float(np.exp(-b / (2 * a)))


# %% wrong: a shallow valley is taken for none | of: polyfit | expects: shallow
# -     if a <= 0:
# +     if a <= 0.01:


# %% wrong: of each size one run | of: polyfit | expects: two of one size
# -     a, b, c = np.polyfit(x, y, 2)
# +     runs = dict(zip(x, y))
# +     a, b, c = np.polyfit(list(runs), list(runs.values()), 2)


# %% wrong: cut to the sizes that were trained | of: polyfit | expects: or beyond
# -     return float(np.exp(-b / (2 * a)))
# +     return float(np.clip(np.exp(-b / (2 * a)), min(n_params), max(n_params)))
