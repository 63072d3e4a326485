"""Row 51, coordinate check: how far the activations move in the first steps, at several widths (Yang et al., 2022).

In a parametrisation under which a learning rate transfers, an activation moves by about as much in a wide model as in a
narrow one. Where it moves more with every doubling, the rate that was right for the narrow model is too large.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.scaling.packed import PackedBatches, pack_documents
from utils.experiments.scaling.rate_transfer import BASE_WIDTH, ScaledLogits, TransferJob, parameter_groups
from utils.experiments.scaling.runs import CONTEXT, FIRST_TRAINING_TEXT, model_config, scaling_world
from utils.models.gpt import GPT
from utils.training.losses import next_token_loss
from utils.training.threads import one_thread

TOKENS, ROWS = 3_000, 8


def logit_change(parametrisation: str, width: int, rate: float, steps: int, seed: int) -> float:
    """Return the root mean square by which logits on a fixed batch change in some steps of Adam.

    Args:
        parametrisation: "standard" or "maximal update".
        width: of the model.
        rate: learning rate at the base width, without warm-up.
        steps: at least 1.
        seed: weights and text.

    Raises:
        ValueError: no step, or what `TransferJob` refuses.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, not {steps}")
    job = TransferJob(parametrisation, width, rate, TOKENS, seed)
    text = pack_documents(scaling_world(), TOKENS, CONTEXT, FIRST_TRAINING_TEXT + 30 + seed)
    batches = PackedBatches(text, ROWS, seed)
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        gpt = GPT(model_config(width))
        model = ScaledLogits(gpt, BASE_WIDTH / width if parametrisation == "maximal update" else 1.0)
        groups = [{"params": group["params"], "lr": group["peak"]} for group in parameter_groups(gpt, job)]
        optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.95), weight_decay=0.0)
        fixed = text.inputs[:ROWS].long()
        with torch.no_grad():
            before = model(fixed)
        for step in range(steps):
            total, count = next_token_loss(model, *batches(step % batches.steps_per_epoch))
            optimiser.zero_grad()
            (total / count).backward()
            optimiser.step()
        with torch.no_grad():
            return float((model(fixed) - before).pow(2).mean().sqrt())


def growth(widths: Sequence[int], changes: Sequence[Sequence[float]]) -> Interval:
    """Return by how many doublings the change grows per doubling of the width, over seeds.

    Args:
        widths: at least two different ones.
        changes: for each seed one change a width.

    Raises:
        ValueError: fewer than two widths, a seed of another length, or a change that is not positive.
    """
    if len(set(widths)) < 2:
        raise ValueError(f"widths holds {len(set(widths))} different values: a slope needs two")
    for number, seed in enumerate(changes):
        if len(seed) != len(widths) or not min(seed) > 0:
            raise ValueError(f"changes of seed {number} must be {len(widths)} positive numbers, not {list(seed)}")
    return mean_interval([float(np.polyfit(np.log2(widths), np.log2(seed), 1)[0]) for seed in changes])
