"""What notebook 02 measures, on models small enough to know the answer."""

import pytest
import torch

from utils.decoding.cached import CachedDecoder
from utils.experiments.attention.gradients import gradient_by_distance, rotating_recurrence
from utils.experiments.attention.heads import as_many_others, best_heads, head_scores, loss_on_second_half, silenced
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
