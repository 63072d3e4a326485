"""Every public callable of utils.models answers bad input with a ValueError of one sentence."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch

import utils.models
from tests.public_names import public_callables
from utils.models import (
    accounting,
    attention,
    block,
    chat_template,
    empty,
    experts,
    gguf_config,
    gguf_file,
    gpt,
    hub_config,
    hub_layout,
    linear_attention,
    mlp,
    norms,
    pretrained,
    recurrent_lm,
    rope_scaling,
    rotary,
    scan,
    seq2seq,
    state_space,
    wrappers,
)
from utils.models import config as configs

CONFIG = configs.ModelConfig(n_layers=1, d_model=8, n_heads=2, vocab_size=9, context_length=6)
EXPERTS = configs.ModelConfig(**{**CONFIG.to_dict(), "n_experts": 2, "experts_per_token": 1})
CPU = torch.device("cpu")


def floats(*shape: int) -> torch.Tensor:
    return torch.zeros(*shape)


def ids(*shape: int) -> torch.Tensor:
    return torch.zeros(*shape, dtype=torch.long)


def changed(**values: Any) -> Callable[[], Any]:
    return lambda: configs.ModelConfig(**{**CONFIG.to_dict(), **values})


def scaling(**values: Any) -> Callable[[], Any]:
    return lambda: rope_scaling.RopeScaling(**{"kind": "yarn", "factor": 2.0, "original_context": 8, **values})


MODEL = gpt.GPT(CONFIG)
RECURRENT = recurrent_lm.hybrid_lm(CONFIG, attention_every=1)
HEADS = attention.MultiHeadAttention(8, 2)
BLOCK = block.TransformerBlock(CONFIG)
STEPPED = recurrent_lm.SteppedTransformerBlock(CONFIG)
MIXED = recurrent_lm.MixerBlock(CONFIG, linear_attention.LinearAttention)
LINEAR = linear_attention.LinearAttention(CONFIG)
MIXTURE = experts.MixtureOfExperts(EXPERTS)
DIAGONAL, SELECTIVE = state_space.DiagonalStateSpace(CONFIG), state_space.SelectiveStateSpace(CONFIG)
TRANSLATOR = seq2seq.Seq2Seq(9, 4, attention=True)
TALKER = pretrained.PretrainedModel(MODEL, None, CONFIG, "{{ messages }}", ())  # type: ignore[arg-type]
MUTE = pretrained.PretrainedModel(MODEL, None, CONFIG, None, ())  # type: ignore[arg-type]
STATE = (floats(1, 4, 4), floats(1, 4))
TURN = [{"role": "user", "content": "?"}]
NO_CONFIG: tuple[Any, ...] = (None, {}, "config")
NO_SEQUENCES = [floats(1, 2, 8), floats(1, 8), ids(1, 8), None]


def each(function: Callable[..., Any], *bad: Any) -> list[Callable[[], Any]]:
    """Return calls of a function with one bad argument each."""
    return [lambda value=value: function(value) for value in bad]


BAD: dict[str, list[Callable[[], Any]]] = {
    "accounting.attention_parameters": each(accounting.attention_parameters, *NO_CONFIG),
    "accounting.bias_parameters": each(accounting.bias_parameters, *NO_CONFIG),
    "accounting.mlp_parameters": each(accounting.mlp_parameters, *NO_CONFIG),
    "accounting.count_parameters": each(accounting.count_parameters, *NO_CONFIG),
    "accounting.moe_parameters": each(accounting.moe_parameters, *NO_CONFIG),
    "accounting.weight_bytes": [
        *each(accounting.weight_bytes, -1, "7e9", float("nan"), None),
        lambda: accounting.weight_bytes(7e9, 0),
    ],
    "accounting.kv_cache_bytes": [
        lambda: accounting.kv_cache_bytes(None, 4),  # type: ignore[arg-type]
        lambda: accounting.kv_cache_bytes(CONFIG, -1),
        lambda: accounting.kv_cache_bytes(CONFIG, 2.5),  # type: ignore[arg-type]
        lambda: accounting.kv_cache_bytes(CONFIG, 4, "2"),  # type: ignore[arg-type]
        lambda: accounting.kv_cache_bytes(CONFIG, 4, bytes_per_value=0),
    ],
    "accounting.training_bytes": [
        *each(accounting.training_bytes, *NO_CONFIG),
        lambda: accounting.training_bytes(CONFIG, -4),
    ],
    "accounting.forward_flops": [
        lambda: accounting.forward_flops(None, 4),  # type: ignore[arg-type]
        lambda: accounting.forward_flops(CONFIG, -4),
        lambda: accounting.forward_flops(CONFIG, 4, 1.5),  # type: ignore[arg-type]
    ],
    "accounting.decode_flops": [
        lambda: accounting.decode_flops({}, 4),  # type: ignore[arg-type]
        lambda: accounting.decode_flops(CONFIG, None),  # type: ignore[arg-type]
        lambda: accounting.decode_flops(CONFIG, 4, -1),
    ],
    "attention.causal_mask": [
        *each(attention.causal_mask, -1, 2.5, "3", None, True),
        lambda: attention.causal_mask(3, 2),
        lambda: attention.causal_mask(3, 3.5),  # type: ignore[arg-type]
        lambda: attention.causal_mask(3, window=0),
    ],
    "attention.attention": [
        lambda: attention.attention(None, floats(2, 3), floats(2, 3)),  # type: ignore[arg-type]
        lambda: attention.attention(floats(2, 3), floats(2, 4), floats(2, 3)),
        lambda: attention.attention(floats(2, 3), floats(5, 3), floats(4, 3)),
        lambda: attention.attention(floats(2, 2, 3), floats(3, 2, 3), floats(3, 2, 3)),
        lambda: attention.attention(floats(2, 3), floats(2, 3), floats(2, 3), floats(2, 2)),
        lambda: attention.attention(floats(2, 3), floats(2, 3), floats(2, 3), torch.ones(3, 3, dtype=torch.bool)),
        lambda: attention.attention(floats(3), floats(3), floats(3)),
    ],
    "attention.attention_entropy": each(attention.attention_entropy, None, [0.5, 0.5], torch.tensor(1.0), ids(3)),
    "attention.split_heads": [
        lambda: attention.split_heads(floats(2, 8), 2),
        lambda: attention.split_heads(floats(2, 3, 8), 3),
        lambda: attention.split_heads(floats(2, 3, 8), 0),
        lambda: attention.split_heads(floats(2, 3, 8), 2.0),  # type: ignore[arg-type]
    ],
    "attention.merge_heads": each(attention.merge_heads, floats(2, 3, 8), None),
    "attention.MultiHeadAttention": [
        lambda: attention.MultiHeadAttention(8, 3),
        lambda: attention.MultiHeadAttention(8, 4, 3),
        lambda: attention.MultiHeadAttention(8.0, 2),  # type: ignore[arg-type]
        lambda: attention.MultiHeadAttention(8, "2"),  # type: ignore[arg-type]
        lambda: attention.MultiHeadAttention(8, 2, rotary=3),  # type: ignore[arg-type]
        lambda: attention.MultiHeadAttention(8, 2, head_dim=0),
        lambda: attention.MultiHeadAttention(8, 2, window=0),
        lambda: attention.MultiHeadAttention(0, 2),
    ],
    "attention.MultiHeadAttention.forward": [
        *each(HEADS.forward, floats(1, 2, 7), floats(2, 8), None),
        lambda: HEADS(floats(1, 2, 8), floats(2, 2)),
        lambda: HEADS(floats(1, 2, 8), torch.ones(3, 3, dtype=torch.bool)),
        lambda: HEADS(floats(1, 2, 8), [[True]]),
    ],
    "attention.MultiHeadAttention.weights": [
        *each(HEADS.weights, floats(1, 2, 7), floats(2, 8)),
        lambda: HEADS.weights(floats(1, 2, 8), floats(2, 2)),
    ],
    "block.build_mlp": each(block.build_mlp, *NO_CONFIG),
    "block.TransformerBlock": each(block.TransformerBlock, *NO_CONFIG),
    "block.TransformerBlock.forward": [
        *each(BLOCK.forward, floats(1, 2, 7), floats(2, 8), floats(1, 7, 8)),
        lambda: BLOCK(floats(1, 2, 8), floats(2, 2)),
    ],
    "chat_template.render_template": [
        lambda: chat_template.render_template(None, TURN),  # type: ignore[arg-type]
        lambda: chat_template.render_template("{{", TURN),
        *each(lambda messages: chat_template.render_template("", messages), None, "hello", [], [{}], ["hello"], 3),
        lambda: chat_template.render_template("", TURN, "yes"),  # type: ignore[arg-type]
    ],
    "config.default_d_ff": each(lambda d: configs.default_d_ff(d, True), 0, 2.5, "8", None),
    "config.ModelConfig": [
        *(
            changed(**{name: value})
            for name in ("n_layers", "d_model", "n_heads")
            for value in (0, 2.5, "2", None, True)
        ),
        *(changed(**{name: value}) for name in ("vocab_size", "context_length") for value in (-1, 8.0, [8])),
        *(
            changed(**{name: value})
            for name in ("n_kv_heads", "d_ff", "head_width", "sliding_window")
            for value in (0, 1.5)
        ),
        changed(n_heads=3),
        changed(n_heads=8),
        changed(n_kv_heads=3),
        changed(head_width=3),
        changed(tied="yes"),
        changed(gated=None),
        changed(qkv_bias=1),
        changed(n_experts=-1),
        changed(n_experts=2),
        changed(n_experts=2, experts_per_token=3),
        changed(rope_base=0),
        changed(rope_base=float("inf")),
        changed(norm_eps=-1e-5),
        changed(norm_eps="1e-5"),
        changed(rope_scaling={"kind": "linear"}),
    ],
    "config.ModelConfig.from_dict": each(
        configs.ModelConfig.from_dict,
        None,
        {},
        {**CONFIG.to_dict(), "layers": 2},
        {**CONFIG.to_dict(), "rope_scaling": {"kind": "linear"}},
        {**CONFIG.to_dict(), "rope_scaling": {"kind": "linear", "factor": 2, "speed": 1}},
    ),
    "empty.empty_model": each(empty.empty_model, *NO_CONFIG),
    "experts.route_top_k": [
        lambda: experts.route_top_k(floats(2, 3), 0),
        lambda: experts.route_top_k(floats(2, 3), 4),
        lambda: experts.route_top_k(floats(2, 3), 1.5),  # type: ignore[arg-type]
        lambda: experts.route_top_k([0.5], 1),  # type: ignore[arg-type]
    ],
    "experts.load_balancing_loss": [
        lambda: experts.load_balancing_loss(floats(2, 3), floats(2, 1)),
        lambda: experts.load_balancing_loss(floats(2, 3), ids(3, 1)),
        lambda: experts.load_balancing_loss(floats(3), ids(3)),
        lambda: experts.load_balancing_loss(floats(0, 3), ids(0, 1)),
    ],
    "experts.MixtureOfExperts": each(experts.MixtureOfExperts, *NO_CONFIG, CONFIG),
    "experts.MixtureOfExperts.forward": each(MIXTURE.forward, floats(1, 2, 7), None),
    "gguf_config.config_from_gguf": each(gguf_config.config_from_gguf, None, "model.gguf"),
    "gguf_file.GGUFFile": [
        *each(gguf_file.GGUFFile, "none.gguf", "", None, 3),
        lambda: gguf_file.GGUFFile(__file__),
        lambda: gguf_file.GGUFFile(__file__, sha256=5),  # type: ignore[arg-type]
    ],
    "gpt.check_ids": each(
        lambda value: gpt.check_ids(value, CONFIG), [[1]], None, ids(3), floats(1, 3), ids(1, 7), ids(1, 2) + 9
    ),
    "gpt.visible_positions": [
        lambda: gpt.visible_positions(floats(2, 3), ids(1, 3)),
        lambda: gpt.visible_positions([[1]], ids(1, 3)),  # type: ignore[arg-type]
        lambda: gpt.visible_positions(floats(1, 3), ids(3)),
    ],
    "gpt.GPT": [
        *each(gpt.GPT, *NO_CONFIG),
        lambda: gpt.GPT(CONFIG, block=None),  # type: ignore[arg-type]
        lambda: gpt.GPT(CONFIG, positions=lambda T: floats(T, 8)),  # type: ignore[arg-type]
    ],
    "gpt.GPT.initialise": each(MODEL.initialise, 3, "seed"),
    **{
        f"gpt.GPT.{name}": each(getattr(MODEL, name), [[1]], None, ids(3), floats(1, 3), ids(1, 7), ids(1, 2) - 1)
        for name in ("embed", "hidden_states", "hidden", "forward", "logits_at_every_layer", "attention_weights")
    },
    "hub_config.config_from_hub": each(hub_config.config_from_hub, None, {}, [], {"model_type": "llama"}),
    "hub_config.config_to_hub": each(hub_config.config_to_hub, *NO_CONFIG, EXPERTS),
    "hub_layout.expected_weights": [
        *each(lambda config: hub_layout.expected_weights(config, 99), *NO_CONFIG),
        lambda: hub_layout.expected_weights(CONFIG, 0),
        lambda: hub_layout.expected_weights(CONFIG, 2.5),  # type: ignore[arg-type]
        lambda: hub_layout.expected_weights(changed(d_ff=2**62)(), 99),
    ],
    "hub_layout.hub_name": each(hub_layout.hub_name, "weight", "blocks.0.mlp.router.weight", "", None),
    "hub_layout.gguf_name": each(hub_layout.gguf_name, "weight", "blocks.x.norm1.weight", None),
    "hub_layout.state_to_hub": each(hub_layout.state_to_hub, None, torch.nn.Linear(2, 2), gpt.GPT(EXPERTS)),
    "hub_layout.write_hub_folder": [
        lambda: hub_layout.write_hub_folder(None, "folder"),  # type: ignore[arg-type]
        lambda: hub_layout.write_hub_folder(gpt.GPT(EXPERTS), "folder"),
        lambda: hub_layout.write_hub_folder(MODEL, None),  # type: ignore[arg-type]
    ],
    "hub_layout.read_hub_weights": [
        lambda: hub_layout.read_hub_weights("none", CONFIG, torch.float32),  # type: ignore[arg-type]
        lambda: hub_layout.read_hub_weights(None, CONFIG, torch.float32),  # type: ignore[arg-type]
        lambda: hub_layout.read_hub_weights("none", None, torch.float32),  # type: ignore[arg-type]
    ],
    "linear_attention.feature_map": each(linear_attention.feature_map, None, [1.0], ids(2)),
    **{
        f"linear_attention.{name}": [
            lambda function=function: function(floats(2, 3), floats(2, 4), floats(2, 3)),
            lambda function=function: function(floats(2, 3), floats(2, 3), floats(4, 3)),
            lambda function=function: function(floats(0, 3), floats(0, 3), floats(0, 3)),
            lambda function=function: function(None, floats(2, 3), floats(2, 3)),
        ]
        for name, function in vars(linear_attention).items()
        if name in ("linear_attention_parallel", "linear_attention_recurrent")
    },
    "linear_attention.linear_attention_step": [
        lambda: linear_attention.linear_attention_step(floats(1, 4), floats(1, 3), floats(1, 4), STATE),
        lambda: linear_attention.linear_attention_step(floats(1, 4), floats(1, 4), floats(1, 3), STATE),
        lambda: linear_attention.linear_attention_step(None, floats(1, 4), floats(1, 4), STATE),  # type: ignore[arg-type]
    ],
    "linear_attention.LinearAttention": each(linear_attention.LinearAttention, *NO_CONFIG),
    "linear_attention.LinearAttention.forward": each(LINEAR.forward, floats(1, 2, 7), floats(2, 8), None),
    "linear_attention.LinearAttention.initial_state": each(LINEAR.initial_state, 0, 1.5, None),
    "linear_attention.LinearAttention.step": each(
        lambda x: LINEAR.step(x, LINEAR.initial_state(1)), floats(1, 7), None
    ),
    "mlp.swiglu": [
        lambda: mlp.swiglu(floats(2, 4), floats(6, 3), floats(6, 4), floats(4, 6)),
        lambda: mlp.swiglu(floats(2, 4), floats(6, 4), floats(5, 4), floats(4, 6)),
        lambda: mlp.swiglu(floats(2, 4), floats(6, 4), floats(6, 4), floats(6, 4)),
        lambda: mlp.swiglu(None, floats(6, 4), floats(6, 4), floats(4, 6)),  # type: ignore[arg-type]
    ],
    "mlp.MLP": [
        lambda: mlp.MLP(0, 4),
        lambda: mlp.MLP(4, 2.5),  # type: ignore[arg-type]
        lambda: mlp.MLP(4, 4, activation="gelu"),  # type: ignore[arg-type]
    ],
    "mlp.MLP.forward": each(mlp.MLP(4, 6).forward, floats(2, 5), None),
    "mlp.GatedMLP": [lambda: mlp.GatedMLP(0, 4), lambda: mlp.GatedMLP(4, "4")],  # type: ignore[arg-type]
    "mlp.GatedMLP.forward": each(mlp.GatedMLP(4, 6).forward, floats(2, 5), None),
    "norms.rms_norm": [
        lambda: norms.rms_norm(floats(2, 4), floats(3)),
        lambda: norms.rms_norm(floats(2, 4), floats(4), -1.0),
        lambda: norms.rms_norm([1.0], floats(1)),  # type: ignore[arg-type]
    ],
    "norms.layer_norm": [
        lambda: norms.layer_norm(floats(2, 4), floats(3), floats(4)),
        lambda: norms.layer_norm(floats(2, 4), floats(4), floats(3)),
        lambda: norms.layer_norm(ids(2, 4), floats(4), floats(4)),
    ],
    "norms.RMSNorm": [*each(norms.RMSNorm, 0, 2.5, "4"), lambda: norms.RMSNorm(4, -1.0)],
    "norms.RMSNorm.forward": each(norms.RMSNorm(4).forward, floats(2, 5), None),
    "pretrained.PretrainedModel.encode": each(TALKER.encode, None, 3, ["text"]),
    "pretrained.PretrainedModel.decode": each(TALKER.decode, None, 3, "text", [2.5], [9], [-1]),
    "pretrained.PretrainedModel.render_chat": [
        *each(TALKER.render_chat, None, [], "hello", [{"role": "user"}]),
        lambda: MUTE.render_chat(TURN),
    ],
    "pretrained.PretrainedModel.encode_chat": [*each(TALKER.encode_chat, None, []), lambda: MUTE.encode_chat(TURN)],
    "pretrained.load_gguf": [
        *each(pretrained.load_gguf, "none.gguf", 3, __file__),
        lambda: pretrained.load_gguf("none.gguf", dtype=torch.int8),
    ],
    "pretrained.load_folder": [
        *each(pretrained.load_folder, "none", None, 3),
        lambda: pretrained.load_folder("none", dtype="float16"),  # type: ignore[arg-type]
    ],
    "pretrained.load_hub": [
        *each(pretrained.load_hub, "", "a/b/c", "https://x/y", None),
        lambda: pretrained.load_hub("a/b", dtype=torch.int8),
    ],
    "pretrained.save_folder": [
        lambda: pretrained.save_folder(MODEL, "folder"),  # type: ignore[arg-type]
        lambda: pretrained.save_folder(TALKER, None),  # type: ignore[arg-type]
    ],
    "recurrent_lm.MixerBlock": [
        *each(lambda config: recurrent_lm.MixerBlock(config, linear_attention.LinearAttention), *NO_CONFIG),
        lambda: recurrent_lm.MixerBlock(CONFIG, None),  # type: ignore[arg-type]
    ],
    "recurrent_lm.MixerBlock.forward": [
        *each(MIXED.forward, floats(1, 2, 7), floats(2, 8)),
        lambda: MIXED(floats(1, 2, 8), torch.ones(2, 2, dtype=torch.bool)),
    ],
    "recurrent_lm.MixerBlock.initial_state": each(MIXED.initial_state, 0, 1.5),
    "recurrent_lm.MixerBlock.step": each(lambda x: MIXED.step(x, MIXED.initial_state(1)), floats(1, 7), None),
    "recurrent_lm.SteppedTransformerBlock": each(recurrent_lm.SteppedTransformerBlock, *NO_CONFIG),
    "recurrent_lm.SteppedTransformerBlock.initial_state": each(STEPPED.initial_state, 0, "1"),
    "recurrent_lm.SteppedTransformerBlock.step": [
        *each(lambda x: STEPPED.step(x, STEPPED.initial_state(1)), floats(1, 7), None),
        lambda: STEPPED.step(floats(1, 8), (floats(1, 2, 6, 4), floats(1, 2, 6, 4))),
    ],
    "recurrent_lm.RecurrentLM": [
        lambda: recurrent_lm.RecurrentLM(None, []),  # type: ignore[arg-type]
        lambda: recurrent_lm.RecurrentLM(CONFIG, []),
        lambda: recurrent_lm.RecurrentLM(CONFIG, ["attention"]),  # type: ignore[list-item]
    ],
    "recurrent_lm.RecurrentLM.initial_state": each(RECURRENT.initial_state, 0, 2.5, None),
    "recurrent_lm.RecurrentLM.step": [
        *each(lambda value: RECURRENT.step(value, RECURRENT.initial_state(1)), ids(1, 1), floats(1), ids(1) + 9, None),
        lambda: RECURRENT.step(ids(1), []),
    ],
    "recurrent_lm.state_bytes": each(recurrent_lm.state_bytes, None, 3, "state", [None]),
    **{
        f"recurrent_lm.{name}": each(getattr(recurrent_lm, name), *NO_CONFIG)
        for name in (
            "linear_attention_lm",
            "state_space_lm",
            "gated_state_space",
            "gated_state_space_lm",
            "selective_lm",
        )
    },
    "recurrent_lm.hybrid_lm": [
        *each(recurrent_lm.hybrid_lm, *NO_CONFIG),
        lambda: recurrent_lm.hybrid_lm(CONFIG, 0),
        lambda: recurrent_lm.hybrid_lm(CONFIG, 1.5),  # type: ignore[arg-type]
    ],
    "rope_scaling.RopeScaling": [
        scaling(kind="ntk"),
        scaling(factor=0),
        scaling(factor=None),
        scaling(factor=float("nan")),
        scaling(original_context=None),
        scaling(original_context=8.5),
        scaling(beta_fast=-1),
        scaling(attention_factor=0),
        scaling(truncate=1),
        scaling(low_freq_factor=4.0, high_freq_factor=4.0),
    ],
    "rope_scaling.yarn_amplitude": [
        *each(rope_scaling.yarn_amplitude, 0, "2", None),
        lambda: rope_scaling.yarn_amplitude(2, "1"),  # type: ignore[arg-type]
    ],
    "rope_scaling.rotary_frequencies": [
        *each(lambda width: rope_scaling.rotary_frequencies(width, 10.0), 0, 3, 4.0, None),
        lambda: rope_scaling.rotary_frequencies(4, 0),
    ],
    "rotary.rotary_table": [
        lambda: rotary.rotary_table(0, 4, 10.0, CPU),
        lambda: rotary.rotary_table(2.5, 4, 10.0, CPU),  # type: ignore[arg-type]
        lambda: rotary.rotary_table(4, 3, 10.0, CPU),
    ],
    "rotary.rotate_by": [
        lambda: rotary.rotate_by(floats(2, 3), floats(2, 1), floats(2, 1)),
        lambda: rotary.rotate_by(floats(2, 4), floats(3, 2), floats(3, 2)),
        lambda: rotary.rotate_by(None, floats(2, 2), floats(2, 2)),  # type: ignore[arg-type]
    ],
    "rotary.rotate": [
        lambda: rotary.rotate(floats(2, 3), torch.arange(2)),
        lambda: rotary.rotate(floats(2, 4), torch.arange(3)),
        lambda: rotary.rotate(floats(2, 4), [0, 1]),  # type: ignore[arg-type]
        lambda: rotary.rotate(floats(2, 4), torch.arange(2), base=-1.0),
    ],
    "rotary.Rotary": [lambda: rotary.Rotary(3, 4), lambda: rotary.Rotary(4, 0), lambda: rotary.Rotary(4, 4, 0.0)],
    "rotary.Rotary.of": each(rotary.Rotary.of, *NO_CONFIG),
    "rotary.Rotary.table": each(rotary.Rotary(4, 4).table, None, "nowhere"),
    "rotary.Rotary.__call__": each(rotary.Rotary(4, 4), floats(5, 4), floats(2, 6), None),
    **{
        f"scan.{name}": [
            lambda function=function: function(floats(2, 3), floats(3)),
            lambda function=function: function(floats(2, 4, 3), floats(2, 5, 3)),
            lambda function=function: function(floats(2, 0), floats(2, 0)),
            lambda function=function: function(None, floats(2, 3)),
        ]
        for name, function in (
            ("linear_scan", scan.linear_scan),
            ("linear_scan_sequential", scan.linear_scan_sequential),
        )
    },
    "seq2seq.Seq2Seq": [
        lambda: seq2seq.Seq2Seq(0, 4, True),
        lambda: seq2seq.Seq2Seq(9, 2.5, True),  # type: ignore[arg-type]
        lambda: seq2seq.Seq2Seq(9, 4, "yes"),  # type: ignore[arg-type]
        lambda: seq2seq.Seq2Seq(9, 4, True, 0),
    ],
    "seq2seq.Seq2Seq.encode": each(TRANSLATOR.encode, None, ids(3), floats(1, 3), ids(1, 3) + 9, ids(1, 0)),
    "seq2seq.Seq2Seq.decode": [
        lambda: TRANSLATOR.decode(ids(1, 2), floats(2, 3, 4), floats(1, 1, 4)),
        lambda: TRANSLATOR.decode(ids(1, 2), floats(1, 3, 5), floats(1, 1, 4)),
        lambda: TRANSLATOR.decode(ids(1, 2), floats(1, 3, 4), None),  # type: ignore[arg-type]
    ],
    "seq2seq.Seq2Seq.forward": [
        lambda: TRANSLATOR(ids(1, 3), ids(2, 3)),
        lambda: TRANSLATOR(ids(1, 3), floats(1, 3)),
        lambda: TRANSLATOR(None, ids(1, 3)),
    ],
    "seq2seq.Seq2Seq.generate": [
        lambda: TRANSLATOR.generate(ids(1, 3), 9, 2),
        lambda: TRANSLATOR.generate(ids(1, 3), 0, 0),
        lambda: TRANSLATOR.generate(ids(1, 3), 0, 2.5),  # type: ignore[arg-type]
        lambda: TRANSLATOR.generate(None, 0, 2),  # type: ignore[arg-type]
    ],
    "state_space.selective_scan": [
        lambda: state_space.selective_scan(
            floats(1, 2, 3), floats(1, 2, 4), floats(3, 2), floats(1, 2, 2), floats(1, 2, 2)
        ),
        lambda: state_space.selective_scan(
            floats(1, 2, 3), floats(1, 2, 3), floats(3, 2), floats(1, 2, 3), floats(1, 2, 2)
        ),
        lambda: state_space.selective_scan(floats(2, 3), floats(2, 3), floats(3, 2), floats(2, 2), floats(2, 2)),
    ],
    "state_space.selective_step": [
        lambda: state_space.selective_step(
            floats(1, 3), floats(1, 3), floats(3, 2), floats(1, 2), floats(1, 2), floats(1, 3, 3)
        ),
        lambda: state_space.selective_step(
            floats(1, 3), floats(1, 3), floats(4, 2), floats(1, 2), floats(1, 2), floats(1, 3, 2)
        ),
    ],
    "state_space.diagonal_kernel": [
        lambda: state_space.diagonal_kernel(floats(3), floats(3, 2), floats(3, 2), floats(3, 2), 0),
        lambda: state_space.diagonal_kernel(floats(4), floats(3, 2), floats(3, 2), floats(3, 2), 5),
        lambda: state_space.diagonal_kernel(floats(3), floats(3, 2), floats(2, 2), floats(3, 2), 5),
    ],
    "state_space.causal_convolution": [
        lambda: state_space.causal_convolution(floats(1, 4, 3), floats(3, 5)),
        lambda: state_space.causal_convolution(floats(4, 3), floats(3, 4)),
    ],
    "state_space.DiagonalStateSpace": [
        *each(state_space.DiagonalStateSpace, *NO_CONFIG),
        lambda: state_space.DiagonalStateSpace(CONFIG, state_size=0),
    ],
    "state_space.DiagonalStateSpace.forward": each(DIAGONAL.forward, floats(1, 2, 7), floats(2, 8)),
    "state_space.DiagonalStateSpace.initial_state": each(DIAGONAL.initial_state, 0, 1.5),
    "state_space.DiagonalStateSpace.step": each(lambda x: DIAGONAL.step(x, DIAGONAL.initial_state(1)), floats(1, 7)),
    "state_space.SelectiveStateSpace": [
        *each(state_space.SelectiveStateSpace, *NO_CONFIG),
        lambda: state_space.SelectiveStateSpace(CONFIG, state_size=0),
        lambda: state_space.SelectiveStateSpace(CONFIG, kernel_size=2.5),  # type: ignore[arg-type]
    ],
    "state_space.SelectiveStateSpace.forward": each(SELECTIVE.forward, floats(1, 2, 7), floats(2, 8)),
    "state_space.SelectiveStateSpace.initial_state": each(SELECTIVE.initial_state, 0, 1.5),
    "state_space.SelectiveStateSpace.step": each(lambda x: SELECTIVE.step(x, SELECTIVE.initial_state(1)), floats(1, 7)),
    "wrappers.plain_name": each(wrappers.plain_name, None, 3),
    "wrappers.unwrapped": each(wrappers.unwrapped, None, "model"),
}
EXEMPT = {
    "accounting.Flops": "a result",
    "gguf_file.StoredTensor": "a row of a file's table, made by GGUFFile",
    "gguf_file.GGUFFile.read": "needs a file: tests/models/test_pretrained.py",
    "pretrained.PretrainedModel": "made by the loaders; its methods stand in the table",
    "config.ModelConfig.refuse_variants": "takes the name of a layer, for its message",
}


def test_every_public_callable_stands_in_the_table() -> None:
    assert public_callables(utils.models) - BAD.keys() - EXEMPT.keys() == set()
    assert (BAD.keys() | EXEMPT.keys()) - public_callables(utils.models) == set()


CALLS = [(name, call) for name, calls in BAD.items() for call in calls]


@pytest.mark.parametrize(("name", "call"), CALLS, ids=[f"{name}-{i}" for i, (name, _) in enumerate(CALLS)])
def test_bad_input_is_a_value_error_of_one_sentence(name: str, call: Callable[[], Any]) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    message = str(caught.value)
    assert 10 < len(message) < 400
    assert "\n" not in message
    # Python's and torch's own words for it would not name the argument.
    assert not message.startswith(("not enough values", "too many values", "invalid literal", "could not convert"))


def test_every_entry_of_the_table_calls_what_it_names() -> None:
    for name, calls in BAD.items():
        assert calls, name
        assert all(not inspect.signature(call).parameters or call.__defaults__ for call in calls), name
