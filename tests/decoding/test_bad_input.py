"""Bad input raises ValueError with a sentence, at every public function and class of utils.decoding."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.decoding.walk import public_callables
from utils.decoding import arguments as ar
from utils.decoding import (
    asking,
    beam,
    cached,
    checked,
    common_prefix,
    decoders,
    generation,
    projections,
    ranking,
    samplers,
    scoring,
    stopping,
)
from utils.decoding.fingerprints import weights_fingerprint
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.recurrent_lm import selective_lm

CONFIG = ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=20, context_length=8)
MODEL = GPT(CONFIG).eval()
CHAT = SimpleNamespace(model=MODEL, eos_ids=(0,), encode_chat=lambda messages: [1], decode=lambda ids, **_: "")
NAN, LOGITS = torch.tensor([math.nan, 0.0]), torch.zeros(1, 20)
IDS = torch.tensor([1])


def read(decoder: Any) -> Any:
    decoder.prefill([[1, 2]])
    return decoder


def steps(make: Callable[[], Any]) -> list[Callable[[], Any]]:
    """Return bad calls of a decoder's methods."""
    return [
        lambda: make().prefill([1, 2]),
        lambda: make().prefill([[20]]),
        lambda: make().prefill([[]]),
        lambda: make().prefill([[1]], reserve=-1),
        lambda: make().prefill([[1]], reserve=1.5),
        lambda: make().step(IDS),
        lambda: make().select([0]),
        lambda: read(make()).step(torch.tensor([20])),
        lambda: read(make()).step(torch.tensor([-1])),
        lambda: read(make()).step(torch.tensor([1.0])),
        lambda: read(make()).step([1, 2]),
        lambda: read(make()).step("1"),
        lambda: read(make()).select([1]),
        lambda: read(make()).select([-1]),
        lambda: read(make()).select(0),
    ]


@checked.checked
def typed(n: int, x: float, name: str, flag: bool, rows: tuple[int, ...], pair: tuple[int, str] | None) -> None:
    pass


GOOD = {"n": 1, "x": 0.5, "name": "a", "flag": True, "rows": (1,), "pair": None}
BAD = {"n": 1.5, "x": "a", "name": 3, "flag": 1, "rows": (1, "a"), "pair": (1,)}

CALLS: dict[str, list[Callable[[], Any]]] = {
    "arguments.whole_number": [lambda v=v: ar.whole_number(v, "n") for v in (1.0, "1", None, True, np.float64(1), [1])],
    "arguments.real_number": [lambda v=v: ar.real_number(v, "x") for v in ("1", None, True, [1.0], np.array([1.0]))],
    "arguments.finite_number": [lambda v=v: ar.finite_number(v, "x", 0, 1) for v in (math.nan, math.inf, 2, -1, "a")],
    "arguments.probability": [lambda: ar.probability(1.5, "p")],
    "arguments.a_callable": [lambda: ar.a_callable(3, "f")],
    "arguments.a_text": [lambda: ar.a_text(b"x", "text")],
    "arguments.instance_of": [lambda: ar.instance_of(3, "x", str)],
    "arguments.a_sequence": [lambda: ar.a_sequence("ab", "xs"), lambda: ar.a_sequence(3, "xs")],
    "arguments.an_array": [lambda v=v: ar.an_array(v, "xs") for v in ("a", None, [[1], [1, 2]], [object()])],
    "arguments.token_ids": [lambda v=v: ar.token_ids(v, "ids") for v in (3, "a", [1.0], [None], np.zeros((1, 1), int))],
    "arguments.token_rows": [lambda v=v: ar.token_rows(v, "rows", "row") for v in ([1], "a", None, [["a"]])],
    "arguments.id_set": [lambda v=v: ar.id_set(v, "ids") for v in (-1, "a", [1.5], [None], 2.0)],
    "arguments.same_length": [lambda: ar.same_length([1], "a", [], "b")],
    "asking.ask": [
        lambda: asking.ask(MODEL, ["x"]),
        lambda: asking.ask(CHAT, "x"),  # type: ignore[arg-type]
        lambda: asking.ask(CHAT, [3]),  # type: ignore[arg-type,list-item]
        lambda: asking.ask(CHAT, ["x"], -1),  # type: ignore[arg-type]
        lambda: asking.ask(CHAT, ["x"], batch_size=0),  # type: ignore[arg-type]
    ],
    "beam.beam_search": [
        lambda: beam.beam_search(3, [1], 2, 2, 0),  # type: ignore[arg-type]
        lambda: beam.beam_search(MODEL, [[1]], 2, 2, 0),  # type: ignore[list-item]
        lambda: beam.beam_search(MODEL, 1, 2, 2, 0),  # type: ignore[arg-type]
        lambda: beam.beam_search(MODEL, [1], 0, 2, 0),
        lambda: beam.beam_search(MODEL, [1], 2.0, 2, 0),  # type: ignore[arg-type]
        lambda: beam.beam_search(MODEL, [1], 2, None, 0),  # type: ignore[arg-type]
        lambda: beam.beam_search(MODEL, [1], 2, 2, "0"),  # type: ignore[arg-type]
        lambda: beam.beam_search(MODEL, [1], 2, 2, -1),
        lambda: beam.beam_search(MODEL, [1], 2, 2, 0, adjust=3),  # type: ignore[arg-type]
        lambda: beam.beam_search(MODEL, [1], 2, 2, 0, adjust=lambda logits, rows, ids: logits[0]),
    ],
    "beam.beam_searches": [
        lambda: beam.beam_searches(3, [[1]], 2, 2, 0),  # type: ignore[arg-type]
        lambda: beam.beam_searches(MODEL, [1], 2, 2, 0),  # type: ignore[arg-type,list-item]
        lambda: beam.beam_searches(MODEL, [], 2, 2, 0),
        lambda: beam.beam_searches(MODEL, [[1]], 0, 2, 0),
        lambda: beam.beam_searches(MODEL, [[1]], 2, None, 0),  # type: ignore[arg-type]
        lambda: beam.beam_searches(MODEL, [[1]], 2, 2, "0"),  # type: ignore[arg-type]
        lambda: beam.beam_searches(MODEL, [[1]], 2, 2, 0, adjust=3),  # type: ignore[arg-type]
    ],
    "cached.check_prompts": [lambda v=v: cached.check_prompts(v, 20, 8) for v in ([], [[]], [[1] * 9], [[20]], [1])],
    "cached.check_step": [lambda: cached.check_step(IDS, 0), lambda: cached.check_step(IDS, 2)],
    "cached.check_selection": [lambda: cached.check_selection([0], 0), lambda: cached.check_selection([2], 2)],
    "cached.CachedDecoder": [
        lambda: cached.CachedDecoder(torch.nn.Linear(2, 2)),  # type: ignore[arg-type]
        lambda: cached.CachedDecoder(MODEL, "int3"),  # type: ignore[arg-type]
        lambda: cached.CachedDecoder(MODEL, None),  # type: ignore[arg-type]
        *steps(lambda: cached.CachedDecoder(MODEL)),
    ],
    "checked.checked": [lambda name=name: typed(**{**GOOD, name: BAD[name]}) for name in BAD],
    "checked.checked_value": [lambda: checked.checked_value("x", int, "n")],
    "checked.check_fields": [lambda: checked.check_fields(beam.Hypothesis([1], "x", 0.0, True))],  # type: ignore[arg-type]
    "common_prefix.common_prefix_length": [
        lambda: common_prefix.common_prefix_length([]),
        lambda: common_prefix.common_prefix_length([1]),  # type: ignore[list-item]
    ],
    "common_prefix.CommonPrefixDecoder": [
        lambda: common_prefix.CommonPrefixDecoder(3),  # type: ignore[arg-type]
        *steps(lambda: common_prefix.CommonPrefixDecoder(MODEL)),
    ],
    "decoders.UncachedDecoder": [
        lambda: decoders.UncachedDecoder(3, 8, 20),  # type: ignore[arg-type]
        lambda: decoders.UncachedDecoder(MODEL, 0, 20),
        lambda: decoders.UncachedDecoder(MODEL, 8, None),  # type: ignore[arg-type]
        lambda: decoders.UncachedDecoder(lambda ids: ids, 8, 20).prefill([[1]]),
        *steps(lambda: decoders.UncachedDecoder(MODEL, 8, 20)),
    ],
    "decoders.RecurrentDecoder": [
        lambda: decoders.RecurrentDecoder(MODEL),  # type: ignore[arg-type]
        *steps(lambda: decoders.RecurrentDecoder(selective_lm(CONFIG))),
    ],
    "decoders.decoder_for": [
        lambda: decoders.decoder_for(3),  # type: ignore[arg-type]
        lambda: decoders.decoder_for(torch.nn.Linear(1, 1)),
        lambda: decoders.decoder_for(MODEL, ["int8"]),  # type: ignore[arg-type]
        lambda: decoders.decoder_for(selective_lm(CONFIG), "int8"),
    ],
    "decoders.own_decoder": [
        lambda: decoders.own_decoder(3),  # type: ignore[arg-type]
        lambda: decoders.own_decoder(cached.CachedDecoder(MODEL), "int8"),
    ],
    "fingerprints.weights_fingerprint": [lambda: weights_fingerprint(3)],  # type: ignore[arg-type]
    "generation.generate": [
        lambda: generation.generate(None, [[1]], 2),  # type: ignore[arg-type]
        lambda: generation.generate(MODEL, [1], 2),  # type: ignore[list-item]
        lambda: generation.generate(MODEL, [[1]], 2.5),  # type: ignore[arg-type]
        lambda: generation.generate(MODEL, [[1]], -1),
        lambda: generation.generate(MODEL, [[1]], 2, None),  # type: ignore[arg-type]
        lambda: generation.generate(MODEL, [[1]], 2, lambda logits: 3),  # type: ignore[arg-type,return-value]
        lambda: generation.generate(MODEL, [[1]], 2, lambda logits: logits),
        lambda: generation.generate(MODEL, [[1]], 2, lambda logits: torch.full((1,), 20)),
        lambda: generation.generate(MODEL, [[1]], 2, stop_ids="ab"),  # type: ignore[arg-type]
        lambda: generation.generate(MODEL, [[1]], 2, stop_ids=torch.tensor([0.5])),
        lambda: generation.generate(MODEL, [[1]], 2, samples=0),
        lambda: generation.generate(MODEL, [[1]], 2, samples=True),
        lambda: generation.generate(MODEL, [[1]], 2, on_token=3),  # type: ignore[arg-type]
        lambda: generation.generate(MODEL, [[1]], 2, adjust=3),  # type: ignore[arg-type]
        lambda: generation.generate(MODEL, [[1]], 2, adjust=lambda *_: None),  # type: ignore[arg-type,return-value]
        lambda: generation.generate(MODEL, [[1]], 2, weights="int3"),  # type: ignore[arg-type]
        lambda: generation.generate(cached.CachedDecoder(MODEL), [[1]], 2, weights="int8"),
    ],
    "generation.check_adjusted": [lambda: generation.check_adjusted(LOGITS, (2, 20))],
    "projections.check_format": [lambda: projections.check_format(None, torch.device("cpu"))],  # type: ignore[arg-type]
    "ranking.check_logits": [
        lambda v=v: ranking.check_logits(v) for v in ([1.0], IDS, torch.zeros(0), torch.tensor(1.0))
    ],
    "ranking.check_maximum": [lambda: ranking.check_maximum(NAN)],
    "ranking.row_maximum": [lambda: ranking.row_maximum(NAN)],
    "samplers.greedy": [lambda: samplers.greedy(NAN), lambda: samplers.greedy([1.0])],  # type: ignore[arg-type]
    "samplers.draw": [
        lambda: samplers.draw(NAN),
        lambda: samplers.draw(None),  # type: ignore[arg-type]
        lambda: samplers.draw(LOGITS, 3),  # type: ignore[arg-type]
    ],
    "samplers.Temperature": [
        *(lambda v=v: samplers.Temperature(v) for v in (-1, math.nan, math.inf, "1", None, True, [1.0], 10**400)),
        lambda: samplers.Temperature(1.0).transform(NAN),
        lambda: samplers.Temperature(1.0).seeded(1.5),  # type: ignore[arg-type]
        lambda: samplers.Temperature(1.0).seeded(2**64),
    ],
    "samplers.TopK": [*(lambda v=v: samplers.TopK(v) for v in (0, 1.0, None, True)), lambda: samplers.TopK(1)(NAN)],
    "samplers.TopP": [*(lambda v=v: samplers.TopP(v) for v in (0, 1.1, None, "a")), lambda: samplers.TopP(0.5)(NAN)],
    "samplers.MinP": [*(lambda v=v: samplers.MinP(v) for v in (-1, 1.1, None, "a")), lambda: samplers.MinP(0.5)(NAN)],
    "samplers.Chain": [lambda: samplers.TopK(1) | 3, lambda: samplers.Chain(None, samplers.TopK(1))],  # type: ignore
    "scoring.token_logprobs": [
        lambda: scoring.token_logprobs(3, [[1]], [[1]]),  # type: ignore[arg-type]
        lambda: scoring.token_logprobs(MODEL, [1], [1]),  # type: ignore[list-item]
        lambda: scoring.token_logprobs(MODEL, [[1]], [[20]]),
        lambda: scoring.token_logprobs(MODEL, [[1]], [[1]], 0),
        lambda: scoring.token_logprobs(lambda ids: ids, [[1]], [[1]]),
    ],
    "scoring.continuation_logprobs": [
        lambda v=v: scoring.continuation_logprobs(MODEL, [[1]], v) for v in ([], [[]], [1])
    ],
    "scoring.best_continuation": [lambda: scoring.best_continuation(MODEL, [[1]], None)],  # type: ignore[arg-type]
    "stopping.truncate_at_stop": [
        lambda: stopping.truncate_at_stop(3, ["a"]),  # type: ignore[arg-type]
        *(lambda v=v: stopping.truncate_at_stop("a", v) for v in ("a", [""], [3], None)),
    ],
    "stopping.StopStrings": [
        lambda: stopping.StopStrings("a", str),
        lambda: stopping.StopStrings(["a"], 3),  # type: ignore[arg-type]
        lambda: stopping.StopStrings(["a"], str)("x", 1),  # type: ignore[arg-type]
        lambda: stopping.StopStrings(["a"], str).text(-1),
    ],
}
# Behind the checks of those above, in the inner loop of decoding.
EXEMPT = {
    "records of results": {"beam.Hypothesis", "generation.Generation"},
    "protocols and a base class": {"decoders.Decoder", "projections.Projection", "samplers.Sampler"},
    "takes anything": {"arguments.shown", "fused.can_fuse", "fused.linear_weight", "fused.linear_parts"},
    "parts of the decoders": {
        "fused.folded_gain", "fused.FusedMLP", "fused.FusedBlock", "projections.DenseProjection",
        "projections.Int8Projection", "projections.Int4Projection", "projections.ShortlistHead",
        "projections.BiasedProjection",
        "projections.projection",
    },
    "parts of the samplers": {"ranking.largest", "ranking.keep_first", "ranking.keep_above", "ranking.keep_mass"},
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_bad_input_gets_a_sentence(name: str) -> None:
    for number, call in enumerate(CALLS[name]):
        with pytest.raises(ValueError, match=r"\w+ \w+ .*\w") as caught:
            call()
        assert "\n" not in str(caught.value), (number, caught.value)


def test_no_public_function_is_left_out() -> None:
    exempt = set().union(*EXEMPT.values())
    assert set(public_callables("utils.decoding", without=("grammar",))) == set(CALLS) | exempt
    assert not set(CALLS) & exempt
