"""What notebook 02 measures, on models small enough to know the answer."""

import numpy as np
import pytest
import torch

from utils.decoding.cached import CachedDecoder
from utils.experiments.attention.gradients import gradient_by_distance, lstm_with_forget_bias, rotating_recurrence
from utils.experiments.attention.heads import as_many_others, best_heads, head_scores, loss_on_second_half, silenced
from utils.experiments.attention.influence import (
    compared_with_nearness,
    influence_on_texts,
    replacement_effects,
    weights_from_the_last,
)
from utils.experiments.attention.leaks import largest_change
from utils.experiments.attention.timing import next_token_ms, one_thread, phase_ms, reading_ms, shortest_ms
from utils.models.config import ModelConfig
from utils.models.gpt import GPT


@pytest.fixture
def model():
    torch.manual_seed(0)
    return GPT(ModelConfig(n_layers=2, d_model=16, n_heads=4, vocab_size=50, context_length=32)).eval()


def test_each_step_of_a_rotating_recurrence_multiplies_the_gradient_by_its_gain():
    # With the same seed the rotations and directions are the same: what differs is the gain alone.
    weak, strong = (
        gradient_by_distance(rotating_recurrence(8, gain, seed=0), 8, (1, 5, 9), seed=1) for gain in (0.8, 1.1)
    )
    assert weak[0] == strong[0] == 1
    for steps, small, large in zip((4, 8), weak[1:], strong[1:], strict=True):
        assert large / small == pytest.approx((1.1 / 0.8) ** steps, rel=0.05)


def test_head_scores_read_the_previous_and_the_copied_token():
    period, n = 3, 7
    weights = torch.zeros(1, 2, n, n)
    later = torch.arange(1 + period, n)
    weights[0, 0, later, later - 1] = 0.75
    weights[0, 1, later, later - period + 1] = 0.5

    class Known:
        def attention_weights(self, ids):
            return [weights]

    scores = head_scores(Known(), torch.zeros(1, n, dtype=torch.long), period)
    assert scores["previous token"].tolist() == [[[0.75, 0.0]]]
    assert scores["induction"].tolist() == [[[0.0, 0.5]]]
    assert best_heads(scores["induction"], 1) == [(0, 1)]


def test_others_are_of_the_same_layers_and_none_of_the_chosen():
    chosen = [(1, 0), (1, 2), (3, 1)]
    others = as_many_others(chosen, 4, torch.Generator().manual_seed(0))
    assert len(set(others)) == 3
    assert not set(others) & set(chosen)
    assert {layer for layer, _ in others} <= {1, 3}


def test_silenced_heads_speak_again_afterwards(model):
    ids = torch.randint(50, (2, 9))
    with torch.no_grad():
        before = model(ids)
        with silenced(model, [(0, 1), (1, 3)]):
            assert not torch.allclose(model(ids), before)
        assert torch.equal(model(ids), before)


def test_loss_on_the_second_half_leaves_its_first_token_out(model):
    ids = torch.randint(50, (2, 9))
    with torch.no_grad():
        logs = model(ids).log_softmax(-1)
    due = -torch.stack([logs[:, t, :].gather(1, ids[:, t + 1 : t + 2])[:, 0] for t in range(5, 8)]).mean(0)
    assert torch.allclose(loss_on_second_half(model, ids, 4), due)


def test_times_are_positive_and_threads_are_given_back(model):
    threads = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
        assert min(phase_ms(CachedDecoder(model), 2, 4, 2, 50, repeats=1)) > 0
        assert next_token_ms(CachedDecoder(model), 4, 2, 50) > 0
    assert torch.get_num_threads() == threads
    assert reading_ms({"a": torch.nn.LSTM(4, 4, batch_first=True)}, (2,), 4, 1)["a", 2] > 0
    with pytest.raises(ValueError, match="repeats is 0"):
        shortest_ms(lambda: torch.zeros(1), 0)


def test_lstms_differ_in_the_bias_of_their_forget_gate_alone_and_keep_the_more_the_higher_it_is():
    closed, half, open_ = (lstm_with_forget_bias(8, bias, seed=0) for bias in (-1.0, 0.0, 3.0))
    for name, values in half.named_parameters():
        differs = (values != dict(open_.named_parameters())[name]).nonzero()[:, 0].tolist()
        assert differs == (list(range(8, 16)) if name == "bias_ih_l0" else [])
    x = torch.zeros(1, 1, 8)
    with torch.no_grad():  # with zero weights a step multiplies the cell by the sigmoid of the bias
        for layer, bias in ((closed, -1.0), (open_, 3.0)):
            for name, values in layer.named_parameters():
                if name.startswith("weight") or name == "bias_hh_l0":
                    values.zero_()
            layer.bias_ih_l0[16:24] = 0.0  # nothing new is written
            _, (_, cell) = layer(x, (torch.zeros(1, 1, 8), torch.ones(1, 1, 8)))
            assert torch.allclose(cell, torch.sigmoid(torch.tensor(bias)).expand(1, 1, 8))
    far = [gradient_by_distance(layer, 8, (1, 9), seed=1)[1] for layer in (half, lstm_with_forget_bias(8, 3.0, 0))]
    assert far[1] > 10 * far[0]


class ReadsOnePlace:
    """A model whose last prediction depends on the token at one place, and whose weights may say so or not."""

    def __init__(self, place, looked_at):
        self.place, self.looked_at = place, looked_at

    def __call__(self, ids):
        logits = torch.zeros(*ids.shape, 10)
        logits[:, -1] = 5.0 * torch.nn.functional.one_hot(ids[:, self.place], 10)
        return logits

    def attention_weights(self, ids):
        weights = torch.full((1, 1, ids.shape[1], ids.shape[1]), 0.05)
        weights[..., self.looked_at] = 0.7
        return [weights]


def test_replacing_the_token_that_is_read_moves_the_prediction_and_no_other_does():
    effects = replacement_effects(ReadsOnePlace(2, 2), [1, 2, 3, 4, 5], range(10))
    assert effects.shape == (3,)
    assert effects[1] > 1
    assert effects[0] == effects[2] == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="ids holds 3 tokens"):
        replacement_effects(ReadsOnePlace(2, 2), [1, 2, 3], range(10))


def test_weights_that_look_where_the_model_reads_rank_as_the_effects_do_and_others_do_not():
    texts = [[1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 1, 3]]
    honest, _ = influence_on_texts(ReadsOnePlace(2, 2), texts, range(10))
    wrong, _ = influence_on_texts(ReadsOnePlace(2, 4), texts, range(10))
    assert honest.mean == pytest.approx(1)
    assert wrong.mean < 0
    assert weights_from_the_last(torch.arange(16.0).view(1, 1, 4, 4)).tolist() == [13, 14]


def test_weights_that_only_follow_nearness_are_no_better_than_nearness():
    effects = [np.array([0.3, 0.1, 0.2, 0.5]), np.array([0.1, 0.2, 0.9, 0.4])]
    _, difference = compared_with_nearness(effects, [np.arange(4) * 0.1] * 2)
    assert (difference.low, difference.high) == (0, 0)


def test_a_leak_is_found_before_the_position_and_a_change_after_it():
    ids = [1, 2, 3, 4, 5]
    causal = lambda rows: rows.cumsum(1)[..., None].float()  # noqa: E731
    leaky = lambda rows: rows.sum(1, keepdim=True).expand(rows.shape)[..., None].float()  # noqa: E731
    before, after = largest_change(causal, ids, 2, 50)
    assert before == 0
    assert after > 0
    assert largest_change(leaky, ids, 2, 50)[0] > 0
    with pytest.raises(ValueError, match="position is 4"):
        largest_change(causal, ids, 4, 50)
