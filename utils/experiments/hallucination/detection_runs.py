"""Five ways to tell a made-up answer from a right one, on people that none of them was tuned on.

Token probability, self-consistency and semantic entropy (Kuhn et al., 2023) need nothing but the model. The linear
probe reads the hidden state before the first word of the answer, and P(True) (Kadavath et al., 2022) asks the model
itself whether its answer is true; both learn on other people, for a small model does not understand such a question.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import expit
from torch import Tensor

from utils.evaluation.calibration import calibration_error
from utils.evaluation.consistency import semantic_entropy
from utils.evaluation.detection import auroc
from utils.experiments.hallucination.answering import Answer, Asked, Bench, answers, meaning, sampled
from utils.experiments.hallucination.detection_measures import interval_over_people, risk_and_coverage
from utils.models.gpt import GPT
from utils.posttraining.finetuning import pad_pairs
from utils.posttraining.sft import finetune_chats

DETECTORS = (
    "token probability",
    "self-consistency",
    "semantic entropy",
    "linear probe",
    "P(True)",
    "P(True), untaught",
)
COVERAGES = (0.25, 0.5, 0.75, 1.0)
SAMPLES = 10


@torch.no_grad()
def last_states(model: GPT, rows: Sequence[Sequence[int]], batch_size: int = 128) -> Tensor:
    """Return the hidden state (N, D) at the last position of each row."""
    found = []
    for first in range(0, len(rows), batch_size):
        some = rows[first : first + batch_size]
        inputs, _ = pad_pairs([(row, [0]) for row in some])
        states = model.hidden(inputs)
        found.append(states[torch.arange(len(some)), torch.tensor([len(row) - 1 for row in some])])
    return torch.cat(found)


def fit_probe(states: np.ndarray, labels: Sequence[bool], ridge: float = 1e-2) -> tuple[np.ndarray, float]:
    """Return weights (D,) and bias of a logistic regression with a ridge penalty.

    Raises:
        ValueError: labels of one class only.
    """
    y = np.asarray(labels, float)
    if not 0 < y.sum() < len(y):
        raise ValueError(f"labels must hold both classes, they have {int(y.sum())} positives of {len(y)}")
    x = np.c_[states, np.ones(len(states))]

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ w
        slope = x.T @ (expit(z) - y) / len(y) + 2 * ridge * np.r_[w[:-1], 0]
        return float(np.mean(np.logaddexp(0, z) - y * z) + ridge * (w[:-1] ** 2).sum()), slope

    w = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x
    return w[:-1], float(w[-1])


def judging_chat(item: Asked, text: str) -> str:
    """Return the question whether an answer is true, in words that the world has."""
    return f"{item.question} {text} true?"


@torch.no_grad()
def p_true(model: GPT, where: Bench, items: Sequence[Asked], texts: Sequence[str]) -> np.ndarray:
    """Return the probability of "true" against "false" after each question and answer."""
    rows = [where.prompt(judging_chat(item, text)) for item, text in zip(items, texts, strict=True)]
    logits = model.head(last_states(model, rows))
    yes, no = (logits[:, where.world.vocabulary.id(word)] for word in ("true", "false"))
    return torch.sigmoid(yes - no).numpy()


def certainties(
    model: GPT, where: Bench, tune: Sequence[Asked], test: Sequence[Asked], steps: int, seed: int
) -> tuple[list[Answer], dict[str, np.ndarray]]:
    """Return a model's answers to the test questions, and how certain each detector is of each."""
    own, other = answers(model, where, test), answers(model, where, tune)
    drawn = sampled(model, where, test, SAMPLES, seed)
    said = [meaning(where, item, one.text) for item, one in zip(test, own, strict=True)]
    meant = [[meaning(where, item, text) for text in some] for item, some in zip(test, drawn, strict=True)]
    prompts = {name: [where.prompt(one.question) for one in some] for name, some in (("tune", tune), ("test", test))}
    right = [one.outcome == "correct" for one in other]
    states = {name: last_states(model, rows).numpy() for name, rows in prompts.items()}
    weights, bias = fit_probe(states["tune"], right)
    judge = copy.deepcopy(model)
    chats = [
        [
            {"role": "user", "content": judging_chat(item, one.text)},
            {"role": "assistant", "content": "true" if one.outcome == "correct" else "false"},
        ]
        for item, one in zip(tune, other, strict=True)
    ]
    finetune_chats(judge, chats, where.codec, steps=steps, lr=1e-3, seed=seed, show_progress=False)
    texts = [one.text for one in own]
    return own, {
        "token probability": np.array([min(1.0, one.probability) for one in own]),
        "self-consistency": np.array([some.count(one) / SAMPLES for one, some in zip(said, meant, strict=True)]),
        "semantic entropy": -np.array([semantic_entropy(some, lambda a, b: a == b) for some in meant]),
        "linear probe": expit(states["test"] @ weights + bias),
        "P(True)": p_true(judge.eval(), where, test, texts),
        "P(True), untaught": p_true(model, where, test, texts),
    }


def detection_summary(own: Sequence[Answer], sure: Mapping[str, np.ndarray], people: Sequence[str]) -> dict[str, Any]:
    """Return AUROC with an interval over people, risk at `COVERAGES` and calibration error of each detector.

    Semantic entropy is no probability and has no calibration error.
    """
    right = np.array([one.outcome == "correct" for one in own])
    found: dict[str, Any] = {}
    for name, values in sure.items():

        def statistic(places: np.ndarray, values: np.ndarray = values) -> float:
            return auroc(values[places].tolist(), right[places].tolist())

        interval = interval_over_people(statistic, people, resamples=200)
        _, risk = risk_and_coverage(values.tolist(), right.tolist())
        at = [risk[max(0, round(share * len(risk)) - 1)] for share in COVERAGES]
        found[name] = {
            "auroc": [round(one, 4) for one in (interval.mean, interval.low, interval.high)],
            "risk": [round(one, 4) for one in at],
        }
        if name != "semantic entropy":
            found[name]["ece"] = round(calibration_error(values.tolist(), right.tolist()), 4)
    return {"detectors": found, "right": round(float(right.mean()), 4), "people": len(set(people))}
