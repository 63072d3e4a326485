"""Words of the tests of notebook 07: what they recognise, and what they leave alone."""

import math

import torch

from utils.notebook.checks import all_differ, finite_stand_in, like_probabilities


def test_probabilities_are_recognised_in_the_place_of_logits() -> None:
    recognises = like_probabilities(3)
    assert recognises(torch.tensor([0.2, 0.8, 0.0]))
    assert not recognises(torch.tensor([0.2, -0.8, 0.0]))
    assert not recognises(torch.tensor([0.2, 0.8]))
    assert not recognises([0.2, 0.8, 0.0])


def test_a_large_negative_number_is_recognised_in_the_place_of_minus_infinity() -> None:
    assert finite_stand_in(torch.tensor([1.0, -1e9]))
    assert not finite_stand_in(torch.tensor([1.0, -math.inf]))
    assert not finite_stand_in(torch.tensor([1.0, -2.0]))
    assert not finite_stand_in(None)


def test_values_that_agree_are_found_wherever_they_stand() -> None:
    assert all_differ([1], [2], [1, 2])
    assert not all_differ([1], [2], [1])
    assert all_differ(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))
    assert not all_differ(torch.tensor([1.0, 0.0]), [2.0], [1.0, 0.0])
