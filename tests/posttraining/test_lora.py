"""Low-rank adapters: they start as nothing, train alone, and add up to what was trained."""

from __future__ import annotations

import pytest
import torch

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.posttraining.finetuning import finetune
from utils.posttraining.lora import LowRankLinear, adapter_of, add_lora, with_adapter


def tiny() -> GPT:
    torch.manual_seed(0)
    return GPT(ModelConfig(n_layers=2, d_model=32, n_heads=2, vocab_size=12, context_length=16)).eval()


def test_an_adapter_starts_as_nothing_and_ends_as_what_was_trained() -> None:
    base, model = tiny(), tiny()
    ids = torch.tensor([[3, 0, 8, 1]])
    model.requires_grad_(False)
    add_lora(model.blocks, rank=4)
    assert torch.allclose(model(ids), base(ids))
    finetune(model, [([i, 0], [11 - i, 1]) for i in range(2, 8)], steps=20, lr=1e-2, show_progress=False)
    model.eval()
    assert not torch.allclose(model(ids), base(ids), atol=1e-2)
    adapter = {f"blocks.{name}": tensor for name, tensor in adapter_of(model.blocks, torch.float32).items()}
    adapted = with_adapter(base, adapter)
    assert torch.allclose(adapted(ids), model(ids), atol=1e-4)
    assert torch.equal(base(ids), tiny()(ids))
    assert adapted.embedding.weight is base.embedding.weight


def test_only_the_low_rank_parts_are_trained() -> None:
    model = tiny()
    added = add_lora(model, rank=2, names=("q_proj", "v_proj"))
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    assert len(added) == len(trained) == 8


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="rank"):
        add_lora(tiny(), rank=0)
    with pytest.raises(ValueError, match="match no linear layer"):
        add_lora(tiny(), rank=2, names=("nothing",))
    with pytest.raises(ValueError, match="no layer"):
        with_adapter(tiny(), {"blocks.9.x.A": torch.zeros(2, 32), "blocks.9.x.B": torch.zeros(32, 2)})
    with pytest.raises(ValueError, match="shapes"):
        with_adapter(
            tiny(), {"blocks.0.attention.q_proj.A": torch.zeros(2, 3), "blocks.0.attention.q_proj.B": torch.zeros(3, 2)}
        )


@pytest.mark.parametrize("bias", [True, False])
def test_a_merged_layer_maps_as_the_adapted_one(bias: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    layer = LowRankLinear(torch.nn.Linear(6, 4, bias=bias), rank=2, scale=8.0, generator=generator)
    x = torch.randn(3, 6, generator=generator)
    torch.testing.assert_close(layer.merge()(x), layer.frozen(x))
    with torch.no_grad():
        layer.B.normal_(generator=generator)
    torch.testing.assert_close(layer.merge()(x), layer(x))
    assert not torch.allclose(layer(x), layer.frozen(x))
