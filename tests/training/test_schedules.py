from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from utils.training.config import TrainingConfig
from utils.training.schedules import learning_rate_factor


def factors(**fields):
    config = TrainingConfig(**fields)
    return [learning_rate_factor(step, config) for step in range(config.steps)]


def test_warm_up_is_linear_and_reaches_the_peak():
    assert factors(steps=20, warmup_steps=4)[:4] == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_decay_never_rises_and_ends_at_its_final_fraction(schedule):
    values = factors(steps=30, warmup_steps=5, schedule=schedule, final_lr_fraction=0.2)[4:]
    assert all(a > b for a, b in pairwise(values))
    assert values[-1] == pytest.approx(0.2)


def test_cosine_is_above_linear_early_and_below_it_late():
    cosine, linear = (factors(steps=101, schedule=name, final_lr_fraction=0.0) for name in ("cosine", "linear"))
    assert cosine[25] > linear[25]
    assert cosine[75] < linear[75]
    assert cosine[50] == pytest.approx(0.5)
    assert linear[50] == pytest.approx(0.5)


def test_constant_stays_at_the_peak():
    assert factors(steps=5, schedule="constant", warmup_steps=2) == [0.5, 1.0, 1.0, 1.0, 1.0]


def test_a_run_of_one_step_uses_the_peak():
    assert factors(steps=1) == [1.0]


def test_a_step_outside_the_run_is_refused():
    with pytest.raises(ValueError, match="step must be in"):
        learning_rate_factor(10, TrainingConfig(steps=10))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, not 0"),
        ({"steps": 5, "optimiser": "sgd"}, "optimiser must be one of adamw, muon, not 'sgd'"),
        ({"steps": 5, "schedule": "step"}, "schedule must be one of"),
        ({"steps": 5, "precision": "float8"}, "precision must be one of"),
        ({"steps": 5, "lr": float("nan")}, "lr must be finite, not nan"),
        ({"steps": 5, "beta2": 1.0}, "beta2 must be below 1"),
        ({"steps": 5, "final_lr_fraction": 1.5}, "final_lr_fraction must be at most 1"),
        ({"steps": 5, "warmup_steps": 5}, "warmup_steps .5. must be below steps"),
        ({"steps": 5, "seed": -1}, "seed must be at least 0"),
        ({"steps": 2.5}, "steps must be a whole number, not 2.5"),
        ({"steps": True}, "steps must be a whole number, not True"),
        ({"steps": "5"}, "steps must be a whole number, not '5'"),
        ({"steps": 5, "checkpoint_every": 1.5}, "checkpoint_every must be a whole number, not 1.5"),
        ({"steps": 5, "seed": None}, "seed must be a whole number, not None"),
        ({"steps": 5, "lr": "0.1"}, "lr must be a number, not '0.1'"),
        ({"steps": 5, "lr": float("inf")}, "lr must be finite, not inf"),
        ({"steps": 5, "weight_decay": -0.1}, "weight_decay must be at least 0"),
    ],
)
def test_a_config_out_of_range_is_refused_by_name(fields, message):
    with pytest.raises(ValueError, match=message):
        TrainingConfig(**fields)


def test_numbers_of_numpy_go_into_a_config_as_plain_ones():
    config = TrainingConfig(steps=np.int64(5), lr=np.float32(0.5), seed=np.int32(3))
    assert [type(value) for value in (config.steps, config.lr, config.seed)] == [int, float, int]
    assert config == TrainingConfig(steps=5, lr=0.5, seed=3)
