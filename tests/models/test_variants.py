"""Variants of Llama compute what `transformers` computes, in one pass and with a cache, from hub and GGUF files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from gguf import GGUFWriter
from safetensors.torch import load_file, save_file
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from utils.decoding.cached import CachedDecoder
from utils.decoding.common_prefix import CommonPrefixDecoder
from utils.decoding.decoders import decoder_for
from utils.models.accounting import count_parameters, forward_flops
from utils.models.attention import causal_mask
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.hub_config import config_from_hub, config_to_hub
from utils.models.hub_layout import gguf_name, write_hub_folder
from utils.models.linear_attention import LinearAttention
from utils.models.pretrained import load_folder, load_gguf
from utils.models.recurrent_lm import hybrid_lm
from utils.models.rope_scaling import RopeScaling
from utils.text.gguf_header import ModelFileError
from utils.text.gguf_tokenizer import QWEN_2_WORDS, byte_level_alphabet, tokenizer_from_metadata

VOCABULARY = 97
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 48,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "tie_word_embeddings": False,
    "eos_token_id": 3,
}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "rope_theta": 10000.0}
LLAMA_3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
    "rope_theta": 10000.0,
}
# By name: the class in transformers, and what its config says.
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("Llama", {}),
    "tied": ("Llama", {"tie_word_embeddings": True}),
    "wide heads": ("Llama", {"head_dim": 32}),
    "narrow heads": ("Mistral", {"head_dim": 6, "sliding_window": None}),
    "window": ("Mistral", {"sliding_window": 5}),
    "biases": ("Qwen2", {}),
    "biases and wide heads": ("Qwen2", {"head_dim": 16}),
    "biases and window": ("Qwen2", {"use_sliding_window": True, "sliding_window": 7, "max_window_layers": 0}),
    "linear": ("Llama", {"rope_parameters": {"rope_type": "linear", "factor": 4.0, "rope_theta": 500.0}}),
    "yarn": ("Llama", {"rope_parameters": YARN}),
    "yarn, all options": (
        "Qwen2",
        {"rope_parameters": {**YARN, "beta_fast": 16.0, "beta_slow": 2.0, "truncate": False, "attention_factor": 1.5}},
    ),
    "yarn, two scales": ("Llama", {"rope_parameters": {**YARN, "mscale": 0.7, "mscale_all_dim": 0.3}}),
    "llama3": ("Llama", {"rope_parameters": LLAMA_3}),
    "everything": (
        "Qwen2",
        {
            "head_dim": 10,
            "rope_parameters": YARN,
            "use_sliding_window": True,
            "sliding_window": 9,
            "max_window_layers": 0,
            "tie_word_embeddings": True,
        },
    ),
}


def add_tokenizer(folder: Path) -> None:
    vocabulary = {f"w{i}": i for i in range(VOCABULARY)}
    Tokenizer(models.WordLevel(vocabulary, unk_token="w0")).save(str(folder / "tokenizer.json"))


def reference(name: str, folder: Path) -> torch.nn.Module:
    """Write a random model of transformers as a hub folder and return it."""
    transformers = pytest.importorskip("transformers")
    kind, changes = VARIANTS[name]
    config = getattr(transformers, f"{kind}Config")(**{**SHAPE, **changes})
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for parameter in model.parameters():  # gains and biases too, which start at 1 and 0
            parameter.copy_(torch.randn_like(parameter) * 0.2 + (parameter if parameter.dim() == 1 else 0))
    model.save_pretrained(folder)
    add_tokenizer(folder)
    return model


@pytest.fixture
def ids() -> torch.Tensor:
    return torch.randint(0, VOCABULARY, (2, 40), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_computes_what_transformers_computes(name: str, tmp_path: Path, ids: torch.Tensor) -> None:
    theirs = reference(name, tmp_path)
    loaded = load_folder(tmp_path)
    with torch.inference_mode():
        expected = theirs(ids).logits
        assert (loaded.model(ids) - expected).abs().max() < 1e-4
    assert expected.abs().max() > 1  # large enough that 1e-4 tells something
    assert count_parameters(loaded.config) == sum(p.numel() for p in theirs.parameters())
    assert loaded.eos_ids == (3,)


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("kind", [CachedDecoder, CommonPrefixDecoder])
def test_a_variant_decodes_with_a_cache_what_transformers_computes(
    name: str, kind: type[CachedDecoder], tmp_path: Path, ids: torch.Tensor
) -> None:
    theirs = reference(name, tmp_path)
    model = load_folder(tmp_path).model
    # The second row is shorter, so padded; both begin alike, for the decoder that shares beginnings.
    ids[1, :20] = ids[0, :20]
    prompts = [ids[0, :24].tolist(), ids[1, :22].tolist()]
    rest = torch.stack((ids[0, 24:38], ids[1, 22:36]))
    decoder = kind(model)
    found = [decoder.prefill(prompts)] + [decoder.step(column).clone() for column in rest.unbind(1)[:7]]
    decoder.select([1, 0])  # rows may change their places on the way
    found += [decoder.step(column).clone() for column in rest.flip(0).unbind(1)[7:]]
    with torch.inference_mode():
        expected = theirs(ids).logits
    for row, first in ((0, 23), (1, 21)):
        steps = torch.stack([logits[row if t < 8 else 1 - row] for t, logits in enumerate(found)])
        assert (steps - expected[row, first : first + 15]).abs().max() < 1e-4


def test_the_fast_decoder_is_the_one_that_variants_get(tmp_path: Path) -> None:
    reference("everything", tmp_path)
    assert isinstance(decoder_for(load_folder(tmp_path).model), CachedDecoder)


def test_padding_and_a_window_go_together(tmp_path: Path, ids: torch.Tensor) -> None:
    reference("window", tmp_path)
    model = load_folder(tmp_path).model
    padded = torch.cat((torch.zeros(2, 6, dtype=torch.long), ids), 1)
    mask = torch.arange(46) >= 6
    with torch.inference_mode():
        found = model(padded, mask.expand(2, -1))[:, 6:]
        assert torch.allclose(found, model(ids), atol=1e-4)
        weights = model.attention_weights(ids)[0]
    near = causal_mask(40, window=5)
    assert near.sum(1).tolist() == [1, 2, 3, 4, *[5] * 36]
    assert (weights[..., ~near] == 0).all()
    assert (weights[..., near] > 0).all()


@pytest.mark.parametrize("name", ["wide heads", "window", "biases", "yarn", "everything"])
def test_a_variant_survives_the_way_through_a_hub_folder(name: str, tmp_path: Path, ids: torch.Tensor) -> None:
    transformers = pytest.importorskip("transformers")
    reference(name, tmp_path / "theirs")
    loaded = load_folder(tmp_path / "theirs")
    write_hub_folder(loaded.model, tmp_path / "ours")
    again = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "ours", dtype=torch.float32).eval()
    with torch.inference_mode():
        assert (again(ids).logits - loaded.model(ids)).abs().max() < 1e-4
    assert config_from_hub(config_to_hub(loaded.config)) == loaded.config
    assert ModelConfig.from_dict(json.loads(json.dumps(loaded.config.to_dict()))) == loaded.config


@pytest.mark.parametrize("name", ["window", "biases", "wide heads", "yarn"])
def test_attention_among_other_mixers_steps_as_it_reads(name: str, tmp_path: Path, ids: torch.Tensor) -> None:
    reference(name, tmp_path)
    model = hybrid_lm(replace(load_folder(tmp_path).config, n_layers=2), attention_every=2).eval()
    state, steps = model.initial_state(2), []
    with torch.inference_mode():
        for column in ids.unbind(1):
            logits, state = model.step(column, state)
            steps.append(logits)
        assert torch.allclose(torch.stack(steps, 1), model(ids), atol=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"head_width": 8},
        {"qkv_bias": True},
        {"sliding_window": 4},
        {"rope_scaling": RopeScaling(kind="linear", factor=2)},
    ],
)
def test_layers_without_a_variant_refuse_it_by_name(change: dict[str, Any]) -> None:
    config = ModelConfig(n_layers=1, d_model=24, n_heads=2, vocab_size=9, context_length=8, **change)
    with pytest.raises(ValueError, match=f"linear attention does not know {next(iter(change))}"):
        LinearAttention(config)


def test_a_plain_model_s_file_is_what_it_always_was() -> None:
    config = ModelConfig(n_layers=1, d_model=24, n_heads=2, head_width=12, vocab_size=9, context_length=8)
    assert not {"head_width", "qkv_bias", "rope_scaling", "sliding_window"} & config.to_dict().keys()
    assert config == ModelConfig(n_layers=1, d_model=24, n_heads=2, vocab_size=9, context_length=8)


def test_operations_of_wide_heads_are_counted_with_their_width() -> None:
    config = ModelConfig(n_layers=1, d_model=24, n_heads=2, head_width=20, vocab_size=9, context_length=8)
    plain = replace(config, head_width=None)
    assert forward_flops(config, 5).attention * 12 == forward_flops(plain, 5).attention * 20


# What a config may say, and the word of the message that refuses it.
REFUSED_KEYS: list[tuple[dict[str, Any], str]] = [
    ({"sliding_window": 8}, "sliding_window"),
    ({"model_type": "mistral", "architectures": None}, "does not say sliding_window"),
    ({"model_type": "gemma"}, "model_type"),
    ({"architectures": ["LlamaForSequenceClassification"]}, "architectures"),
    ({"quantization_config": {"quant_method": "fp8"}}, "quantization_config"),
    ({"query_pre_attn_scalar": 64}, "query_pre_attn_scalar"),
    ({"attention_multiplier": 0.5}, "attention_multiplier"),
    ({"final_logit_softcapping": 30.0}, "final_logit_softcapping"),
    ({"partial_rotary_factor": 0.5}, "partial_rotary_factor"),
    ({"rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}, "rope_type"),
    ({"rope_scaling": {"rope_type": "linear"}}, "factor"),
    ({"rope_scaling": {"rope_type": "linear", "factor": 0}}, "factor"),
    ({"rope_scaling": {"rope_type": "linear", "factor": 2.0, "short_factor": [1]}}, "short_factor"),
    ({"rope_scaling": {"rope_type": "default", "factor": 2.0}}, "factor"),
    ({"rope_scaling": "linear"}, "rope_scaling"),
    ({"rope_parameters": {"full_attention": {"rope_type": "default"}}}, "full_attention"),
    ({"attention_bias": True}, "attention_bias"),
    ({"mlp_bias": True}, "mlp_bias"),
    ({"layer_types": ["full_attention", "chunked_attention"]}, "layer_types"),
    ({"num_hidden_layers": 2.5}, "n_layers must be a whole number"),
    ({"num_hidden_layers": "2"}, "n_layers must be a whole number"),
    ({"rms_norm_eps": "small"}, "norm_eps"),
    ({"head_dim": 7}, "head_width"),
]
QWEN = {"model_type": "qwen2", "architectures": None, "use_sliding_window": True}


@pytest.mark.parametrize(("change", "word"), REFUSED_KEYS)
def test_a_key_that_is_not_implemented_is_refused_by_name(change: dict[str, Any], word: str) -> None:
    values = {**config_to_hub(ModelConfig(n_layers=2, d_model=32, n_heads=2, vocab_size=9, context_length=8)), **change}
    with pytest.raises(ModelFileError, match=word):
        config_from_hub(values)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sliding_window": None}, "does not say sliding_window"),
        ({"sliding_window": 4, "max_window_layers": 1}, "max_window_layers"),
        ({"sliding_window": 4, "layer_types": ["full_attention", "sliding_attention"]}, "layer_types"),
    ],
)
def test_a_window_of_some_layers_is_refused(change: dict[str, Any], word: str) -> None:
    values = config_to_hub(ModelConfig(n_layers=2, d_model=32, n_heads=2, vocab_size=9, context_length=8))
    with pytest.raises(ModelFileError, match=word):
        config_from_hub({**values, **QWEN, **change})


@pytest.mark.parametrize("key", ["num_hidden_layers", "hidden_size", "vocab_size", "rms_norm_eps", "intermediate_size"])
def test_a_missing_key_is_named(key: str) -> None:
    values = config_to_hub(ModelConfig(n_layers=2, d_model=32, n_heads=2, vocab_size=9, context_length=8))
    del values[key]
    with pytest.raises(ModelFileError, match=f"does not say {key}"):
        config_from_hub(values)


def change_weights(folder: Path, **tensors: torch.Tensor | None) -> None:
    path = folder / "model.safetensors"
    weights = load_file(path)
    for name, tensor in tensors.items():
        if tensor is None:
            del weights[name]
        else:
            weights[name] = tensor
    save_file(weights, path, metadata={"format": "pt"})


Q = "model.layers.0.self_attn.q_proj"


@pytest.mark.parametrize(
    ("name", "tensors", "message"),
    [
        ("plain", {f"{Q}.bias": torch.ones(48)}, r"q_proj\.bias"),
        ("plain", {"model.layers.1.self_attn.q_norm.weight": torch.ones(12)}, r"q_norm\.weight"),
        ("plain", {f"{Q}.weight_scale": torch.ones(1)}, r"q_proj\.weight_scale"),
        (
            "plain",
            {f"{Q}.weight": torch.zeros(48, 48).to(torch.float8_e4m3fn)},
            r"q_proj\.weight is stored as .*float8",
        ),
        ("plain", {f"{Q}.weight": torch.zeros(48, 48, dtype=torch.int8)}, r"q_proj\.weight is stored as torch.int8"),
        ("plain", {"model.layers.2.input_layernorm.weight": torch.ones(48)}, r"layers\.2"),
        ("plain", {"lm_head.weight": None}, r"has no lm_head\.weight"),
        ("tied", {"lm_head.weight": torch.ones(VOCABULARY, 48)}, r"lm_head\.weight is another matrix"),
        ("biases", {f"{Q}.bias": None}, r"has no .*q_proj\.bias"),
    ],
)
def test_a_tensor_that_is_not_read_is_refused_by_name(name: str, tensors: dict, message: str, tmp_path: Path) -> None:
    reference(name, tmp_path)
    change_weights(tmp_path, **tensors)
    with pytest.raises(ModelFileError, match=message):
        load_folder(tmp_path)


def test_a_repeated_tied_head_and_computed_angles_are_no_meaning_lost(tmp_path: Path, ids: torch.Tensor) -> None:
    theirs = reference("tied", tmp_path)
    embedding = load_file(tmp_path / "model.safetensors")["model.embed_tokens.weight"]
    angles = {"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(6)}
    change_weights(tmp_path, **{"lm_head.weight": embedding.clone()}, **angles)
    with torch.inference_mode():
        assert (load_folder(tmp_path).model(ids) - theirs(ids).logits).abs().max() < 1e-4


def test_tensors_in_several_files_are_all_accounted_for(tmp_path: Path) -> None:
    reference("plain", tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    (tmp_path / "model.safetensors").unlink()
    parts = {"a.safetensors": list(weights)[:9], "b.safetensors": list(weights)[9:]}
    for file, names in parts.items():
        save_file({name: weights[name] for name in names}, tmp_path / file)
    index = tmp_path / "model.safetensors.index.json"
    where = {name: file for file, names in parts.items() for name in names}
    index.write_text(json.dumps({"weight_map": where}))
    assert torch.equal(load_folder(tmp_path).model.head.weight, weights["lm_head.weight"])
    save_file({**{n: weights[n] for n in parts["b.safetensors"]}, "extra": torch.ones(1)}, tmp_path / "b.safetensors")
    with pytest.raises(ModelFileError, match="extra"):
        load_folder(tmp_path)
    last = parts["b.safetensors"][-1]
    index.write_text(json.dumps({"weight_map": {**where, last: "a.safetensors"}}))
    with pytest.raises(ModelFileError, match=rf"a\.safetensors has no tensor {last}"):
        load_folder(tmp_path)
    index.write_text("{}")
    with pytest.raises(ModelFileError, match="does not say where"):
        load_folder(tmp_path)


def test_an_adapter_beside_the_weights_is_refused(tmp_path: Path) -> None:
    reference("plain", tmp_path)
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelFileError, match="adapter_config"):
        load_folder(tmp_path)


def write_gguf(path: Path, model: GPT, architecture: str = "llama", values: dict[str, Any] | None = None) -> Path:
    """Write a model as a GGUF file with more metadata or tensors, keys under the architecture without its name."""
    config = model.config
    writer = GGUFWriter(path, architecture)
    writer.add_block_count(config.n_layers)
    writer.add_context_length(config.context_length)
    writer.add_embedding_length(config.d_model)
    writer.add_feed_forward_length(config.ff_dim)
    writer.add_head_count(config.n_heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_rope_freq_base(config.rope_base)
    writer.add_layer_norm_rms_eps(config.norm_eps)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([chr(0x4E00 + i) for i in range(config.vocab_size)])
    writer.add_token_merges([])
    for key, value in (values or {}).items():
        key = key if key.startswith(("tokenizer.", "split.", "other.")) else f"{architecture}.{key}"
        if isinstance(value, torch.Tensor):
            writer.add_tensor(key.removeprefix(f"{architecture}."), value.numpy())
        elif isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        elif isinstance(value, float):
            writer.add_float32(key, value)
        else:
            writer.add_string(key, value)
    for name, tensor in model.state_dict().items():
        if name == "head.weight" and config.tied:
            continue
        heads = {"q_proj": config.n_heads, "k_proj": config.kv_heads}.get(name.split(".")[-2])
        if heads and architecture == "llama":
            halves = tensor.view(heads, 2, config.head_dim // 2, *tensor.shape[1:])
            tensor = halves.transpose(1, 2).reshape(tensor.shape)
        writer.add_tensor(gguf_name(name), tensor.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


SCALED = {"rope.scaling.factor": 4.0, "rope.scaling.original_context_length": 16}
GGUF_VARIANTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "plain": ("plain", "llama", {"rope.dimension_count": 12}),
    "tied": ("tied", "llama", {}),
    "wide heads": ("wide heads", "llama", {"attention.key_length": 32, "attention.value_length": 32}),
    "window": ("window", "llama", {"attention.sliding_window": 5}),
    "biases": ("biases", "qwen2", {}),
    "biases under the architecture llama": ("biases", "llama", {}),
    "linear": ("linear", "llama", {"rope.scaling.type": "linear", "rope.scaling.factor": 4.0}),
    "linear by its old key": ("linear", "llama", {"rope.scale_linear": 4.0}),
    "yarn": ("yarn", "llama", {"rope.scaling.type": "yarn", **SCALED}),
}


@pytest.mark.parametrize("name", GGUF_VARIANTS)
def test_a_gguf_file_of_a_variant_computes_what_transformers_computes(
    name: str, tmp_path: Path, ids: torch.Tensor
) -> None:
    variant, architecture, values = GGUF_VARIANTS[name]
    theirs = reference(variant, tmp_path)
    path = write_gguf(tmp_path / "m.gguf", load_folder(tmp_path).model, architecture, values)
    loaded = load_gguf(path)
    assert loaded.config == load_folder(tmp_path).config
    with torch.inference_mode():
        assert (loaded.model(ids) - theirs(ids).logits).abs().max() < 1e-4


def test_yarn_s_own_numbers_are_read_from_a_gguf_file(tmp_path: Path) -> None:
    reference("plain", tmp_path)
    own = {"rope.scaling.attn_factor": 1.25, "rope.scaling.yarn_beta_fast": 16.0, "rope.scaling.yarn_beta_slow": 2.0}
    values = {"rope.scaling.type": "yarn", **SCALED, **own}
    scaling = load_gguf(
        write_gguf(tmp_path / "m.gguf", load_folder(tmp_path).model, "llama", values)
    ).config.rope_scaling
    assert scaling is not None
    assert (scaling.beta_fast, scaling.beta_slow, scaling.original_context) == (16, 2, 16)
    assert scaling.amplitude == pytest.approx(1.25 * (0.1 * 1.3862943611 + 1))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rope.dimension_count": 6}, r"rope\.dimension_count"),
        ({"attention.value_length": 6}, r"attention\.value_length"),
        ({"rope.scaling.type": "longrope", **SCALED}, r"rope\.scaling\.type"),
        ({"rope.scaling.type": "linear"}, r"rope\.scaling\.factor"),
        (SCALED, r"rope\.scaling\.factor"),
        ({"rope.scaling.type": "yarn", **SCALED, "rope.scaling.yarn_log_multiplier": 0.1}, r"yarn_log_multiplier"),
        ({"attention.scale": 0.5}, r"attention\.scale"),
        ({"attn_logit_softcapping": 50.0}, "attn_logit_softcapping"),
        ({"expert_count": 8}, "expert_count"),
        ({"attention.causal": False}, "attention.causal"),
        ({"other.key": 1}, "other.key"),
        ({"split.count": 3}, "split.count"),
        ({"tokenizer.ggml.precompiled_charsmap": "x"}, "precompiled_charsmap"),
        ({"tokenizer.ggml.normalizer.lowercase": True}, "lowercase"),
        ({"rope_freqs.weight": torch.ones(6)}, "rope_freqs"),
        ({"blk.0.attn_q.bias": torch.ones(48)}, r"no tensor blk\.\d\.attn_(k|q|v)\.bias"),
        ({"blk.0.attn_q_norm.weight": torch.ones(12)}, "attn_q_norm"),
        ({"blk.0.attn_q.scale": torch.ones(1)}, r"attn_q\.scale"),
        ({"tokenizer.ggml.eos_token_id": 97}, "eos_token_id must be at most 96"),
    ],
)
def test_what_a_gguf_file_says_beyond_the_implemented_is_refused_by_name(
    values: dict[str, Any], message: str, tmp_path: Path
) -> None:
    reference("plain", tmp_path)
    path = write_gguf(tmp_path / "m.gguf", load_folder(tmp_path).model, "llama", values)
    with pytest.raises(ModelFileError, match=message):
        load_gguf(path)


def test_the_end_of_a_turn_ends_it_too(tmp_path: Path) -> None:
    reference("plain", tmp_path)
    ends = {f"tokenizer.ggml.{name}_token_id": i for name, i in (("eos", 2), ("eot", 7), ("eom", 2), ("unknown", 0))}
    loaded = load_gguf(write_gguf(tmp_path / "m.gguf", load_folder(tmp_path).model, "llama", ends))
    assert loaded.eos_ids == (2, 7)
    assert loaded.special_tokens == {"eos_token": chr(0x4E02), "unk_token": chr(0x4E00)}


def test_damaged_metadata_is_a_model_file_error_or_harmless(tmp_path: Path) -> None:
    torch.manual_seed(0)
    shape = {"n_layers": 1, "d_model": 16, "n_heads": 2, "d_ff": 16, "vocab_size": 20, "context_length": 16}
    model = GPT(ModelConfig(**shape, tied=False))
    values = {"rope.scaling.type": "yarn", **SCALED, "tokenizer.ggml.eos_token_id": 3}
    data = write_gguf(tmp_path / "m.gguf", model, "llama", values).read_bytes()
    header = len(data) - sum(4 * parameter.numel() for parameter in model.parameters())
    generator = torch.Generator().manual_seed(0)
    outcomes = set()
    for place in torch.randint(header, (150,), generator=generator).tolist():
        damaged = bytearray(data)
        damaged[place] ^= int(torch.randint(1, 256, (1,), generator=generator))
        (tmp_path / "damaged.gguf").write_bytes(damaged)
        try:
            load_gguf(tmp_path / "damaged.gguf")
            outcomes.add("harmless")
        except ModelFileError:
            outcomes.add("refused")
    assert outcomes == {"harmless", "refused"}


def test_dimensions_beyond_the_file_s_tensors_are_refused_at_once(tmp_path: Path) -> None:
    reference("plain", tmp_path)
    path = tmp_path / "config.json"
    values = json.loads(path.read_text())
    values.pop("layer_types", None)
    path.write_text(json.dumps({**values, "num_hidden_layers": 9_000}))
    with pytest.raises(ModelFileError, match="too few for the 9000 layers"):
        load_folder(tmp_path)
    path.write_text(json.dumps({**values, "num_hidden_layers": 10**30}))
    with pytest.raises(ModelFileError, match="n_layers must be at most"):
        load_folder(tmp_path)


@pytest.mark.parametrize("weights", ["int8", "int4"])
def test_coarse_weights_keep_biases_and_window(weights: Any, tmp_path: Path, ids: torch.Tensor) -> None:
    reference("biases and window", tmp_path)
    model = load_folder(tmp_path).model
    exact, coarse = CachedDecoder(model), CachedDecoder(model, weights)
    prompts = ids[:, :20].tolist()
    differences = [exact.prefill(prompts) - coarse.prefill(prompts)]
    differences += [exact.step(column).clone() - coarse.step(column) for column in ids[:, 20:].unbind(1)]
    spread = exact.step(ids[:, 0]).std()
    assert torch.stack(differences).pow(2).mean().sqrt() < 0.25 * spread
    with torch.no_grad():  # without its biases the model is another one
        for block in model.blocks:
            block.attention.v_proj.bias.zero_()
    assert (CachedDecoder(model).prefill(prompts) - exact.prefill(prompts)).pow(2).mean().sqrt() > 0.25 * spread


def test_qwen2_words_are_split_as_transformers_splits_them() -> None:
    qwen = pytest.importorskip("transformers.models.qwen2.tokenization_qwen2")
    split = pre_tokenizers.Split(Regex(QWEN_2_WORDS), behavior="isolated")
    theirs = pre_tokenizers.Split(Regex(qwen.PRETOKENIZE_REGEX), behavior="isolated")
    for text in ("It's 1234.5 o'clock!\n\n  Let's go  ", "naïve東京 x=3\t\ty", "don'T  ... \r\n a"):
        assert split.pre_tokenize_str(text) == theirs.pre_tokenize_str(text)
    alphabet = sorted(byte_level_alphabet())
    tokenizer = tokenizer_from_metadata(
        {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2", "tokenizer.ggml.tokens": alphabet}
    )
    assert tokenizer.encode("e\u0301").ids == tokenizer.encode("é").ids  # composed first
