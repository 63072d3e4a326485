"""The stand-in for a GPU finds what a GPU would refuse, and lets pass what it would not."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.devices.stand_in import stand_in_gpu


def test_tensors_say_where_they_are_and_stay_there() -> None:
    with stand_in_gpu():
        a = torch.ones(3, device="cuda")
        assert (a.device.type, a.is_cuda) == ("cuda", True)
        assert (a * 2 + a.sum()).device.type == "cuda"
        assert torch.zeros_like(a)[:2].device.type == "cuda"
        assert torch.ones(3).device.type == "cpu"
        assert a.cpu().device.type == "cpu"
        assert a.to("cpu").numpy().tolist() == [1.0, 1.0, 1.0]
        assert torch.arange(3, device=a.device).device.type == "cuda"
        assert torch.ones(2).to(a).device.type == "cuda"


def test_two_devices_in_one_operation_are_refused() -> None:
    with stand_in_gpu():
        a = torch.ones(3, device="cuda")
        for operation in (
            lambda: a + torch.ones(3),
            lambda: torch.ones(3) + a,
            lambda: torch.cat([a, torch.ones(3)]),
            lambda: torch.where(a > 0, a, torch.zeros(3)),
            lambda: nn.functional.cross_entropy(a[None], torch.tensor([0])),
        ):
            with pytest.raises(RuntimeError, match="same device"):
                operation()
        assert (a + torch.tensor(1.0)).tolist() == [2.0, 2.0, 2.0]  # a number may stand on the CPU


def test_numpy_wants_a_copy_on_the_cpu() -> None:
    with stand_in_gpu():
        with pytest.raises(TypeError, match=r"Tensor.cpu\(\)"):
            torch.ones(2, device="cuda").numpy()
        assert torch.ones(2, device="cuda").tolist() == [1.0, 1.0]


def test_a_model_that_was_moved_refuses_inputs_that_were_not() -> None:
    with stand_in_gpu():
        model = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 5)).to("cuda")
        assert {p.device.type for p in model.parameters()} == {"cuda"}
        with pytest.raises(RuntimeError, match="same device"):
            model(torch.tensor([1, 2]))
        loss = model(torch.tensor([1, 2], device="cuda")).sum()
        loss.backward()
        assert {p.grad.device.type for p in model.parameters() if p.grad is not None} == {"cuda"}
        torch.optim.AdamW(model.parameters(), lr=0.1).step()
        model.to("cpu")
        assert model(torch.tensor([1, 2])).device.type == "cpu"


def test_a_generator_belongs_to_its_device() -> None:
    with stand_in_gpu():
        chances = torch.ones(4, device="cuda") / 4
        with pytest.raises(RuntimeError, match="generator"):
            torch.multinomial(chances, 1, generator=torch.Generator())
        drawn = torch.multinomial(chances, 1, generator=torch.Generator(device="cuda").manual_seed(0))
        assert drawn.device.type == "cuda"


def test_a_buffer_that_a_module_forgets_to_register_is_found() -> None:
    class Forgetful(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mask = torch.ones(3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.mask

    with stand_in_gpu(), pytest.raises(RuntimeError, match="same device"):
        Forgetful().to("cuda")(torch.ones(3, device="cuda"))
