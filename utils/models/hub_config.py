"""A hub's `config.json`, to and from the course's config: every key is read, known to mean nothing here, or refused.

A key that is passed over in silence may change every number that the model computes, so an unknown key is refused by
its name. Defaults are those of `transformers`; where they differ between kinds of models, the key has to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from utils.arguments import instance, truth, whole_number
from utils.models.config import ModelConfig
from utils.models.rope_scaling import RopeScaling, yarn_amplitude
from utils.text.gguf_header import ModelFileError

MODEL_TYPES = {"llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM"}
NEEDED = (
    "num_hidden_layers",
    "hidden_size",
    "num_attention_heads",
    "intermediate_size",
    "vocab_size",
    "max_position_embeddings",
    "rms_norm_eps",
)
# More than any model has: a damaged number must not make a list as long as it says.
MOST_LAYERS = 10_000
# Keys whose default differs between the kinds of models.
NEEDED_BY_TYPE: dict[str, tuple[str, ...]] = {
    "llama": (),
    "mistral": ("num_key_value_heads", "sliding_window"),
    "qwen2": ("num_key_value_heads",),
}
# Keys that mean something, and the values for which the course's transformer does what they mean.
FIXED: dict[str, tuple[Any, ...]] = {
    "hidden_act": ("silu", "swish"),
    "attention_bias": (False,),
    "mlp_bias": (False,),
    "qkv_bias": (True,),
    "rope_interleaved": (False,),
    "partial_rotary_factor": (1, 1.0),
    "is_encoder_decoder": (False,),
    "add_cross_attention": (False,),
    "is_causal": (True,),
    "pretraining_tp": (1,),
    "logit_scale": (1, 1.0),
    "final_logit_softcapping": (),
    "attn_logit_softcapping": (),
}
READ = {
    *NEEDED,
    *FIXED,
    "model_type",
    "architectures",
    "num_key_value_heads",
    "head_dim",
    "tie_word_embeddings",
    "rope_theta",
    "rope_parameters",
    "rope_scaling",
    "sliding_window",
    "use_sliding_window",
    "max_window_layers",
    "layer_types",
    # Read by the loader, beside the config.
    "eos_token_id",
}
# Where a file came from, how its model was trained, how libraries run it, and how texts are drawn from it.
_LIBRARY_KEYS = """
    _name_or_path _commit_hash transformers_version transformers.js_config torch_dtype dtype auto_map name_or_path
    is_llama_config use_cache initializer_range attention_dropout hidden_dropout embd_pdrop resid_pdrop use_return_dict
    return_dict output_attentions output_hidden_states torchscript use_bfloat16 tf_legacy_loss pruned_heads
    chunk_size_feed_forward gradient_checkpointing _attn_implementation attn_implementation _flash_attn_2_enabled
    _attn_implementation_autoset _experts_implementation bos_token_id pad_token_id unk_token_id sep_token_id
    decoder_start_token_id tokenizer_class task_specific_params problem_type finetuning_task id2label label2id
    is_decoder cross_attention_hidden_size tie_encoder_decoder prefix bad_words_ids begin_suppress_tokens
    suppress_tokens forced_bos_token_id forced_eos_token_id remove_invalid_values encoder_no_repeat_ngram_size
    no_repeat_ngram_size num_beams num_beam_groups num_return_sequences diversity_penalty length_penalty early_stopping
    exponential_decay_length_penalty repetition_penalty temperature top_k top_p typical_p max_length min_length
    do_sample output_scores return_dict_in_generate max_new_tokens unsloth_version unsloth_fixed
    """
WITHOUT_MEANING = set(_LIBRARY_KEYS.split())
ROPE_KEYS: dict[str, set[str]] = {
    "default": set(),
    "linear": {"factor"},
    "yarn": {
        "factor",
        "original_max_position_embeddings",
        "beta_fast",
        "beta_slow",
        "attention_factor",
        "mscale",
        "mscale_all_dim",
        "truncate",
    },
    "llama3": {"factor", "original_max_position_embeddings", "low_freq_factor", "high_freq_factor"},
}


def config_from_hub(values: Mapping[str, Any]) -> ModelConfig:
    """Return the config that a hub's `config.json` describes: of Llama, Mistral or Qwen2.

    Raises:
        ModelFileError: a key is missing, unknown, or says something that the course's transformer does not do; the
            message names it.
    """
    if not isinstance(values, Mapping):
        raise ModelFileError(f"config.json must hold an object, not a {type(values).__name__}")
    present = set(values)
    values = {key: value for key, value in values.items() if value is not None}
    kind = values.get("model_type")
    if not isinstance(kind, str) or kind not in MODEL_TYPES:
        raise ModelFileError(
            f"the model is not Llama-shaped: model_type is {kind!r}, expected one of {', '.join(MODEL_TYPES)}"
        )
    _check_keys(values, kind, present)
    rope = _rope(values)
    try:
        return ModelConfig(
            n_layers=values["num_hidden_layers"],
            d_model=values["hidden_size"],
            n_heads=values["num_attention_heads"],
            n_kv_heads=values.get("num_key_value_heads"),
            d_ff=values["intermediate_size"],
            vocab_size=values["vocab_size"],
            context_length=values["max_position_embeddings"],
            tied=values.get("tie_word_embeddings", False),
            rope_base=values.get("rope_theta", rope.get("rope_theta", 10000.0)),
            norm_eps=values["rms_norm_eps"],
            head_width=values.get("head_dim"),
            qkv_bias=kind == "qwen2",
            rope_scaling=_rope_scaling(rope, values),
            sliding_window=_sliding_window(values, kind),
        )
    except ModelFileError:
        raise
    except ValueError as error:
        raise ModelFileError(f"config.json describes no model: {error}") from error


def _check_keys(values: Mapping[str, Any], kind: str, present: set[str]) -> None:
    missing = [key for key in NEEDED if key not in values]
    # null is an answer here: no window, as many key heads as query heads.
    missing += [key for key in NEEDED_BY_TYPE[kind] if key not in present]
    if missing:
        raise ModelFileError(f"config.json does not say {', '.join(missing)}")
    unknown = sorted(set(map(str, values)) - READ - WITHOUT_MEANING)
    if unknown:
        raise ModelFileError(f"config.json says {unknown[0]}, whose meaning the course's transformer does not know")
    for key, allowed in FIXED.items():
        if key in values and values[key] not in allowed:
            raise ModelFileError(f"the model is not Llama-shaped: {key} is {values[key]!r}, expected {allowed}")
    architectures = values.get("architectures", [MODEL_TYPES[kind]])
    if architectures != [MODEL_TYPES[kind]]:
        raise ModelFileError(f"architectures is {architectures!r}, expected [{MODEL_TYPES[kind]!r}]")


def _rope(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the config says about rotary angles: newer files say it under `rope_parameters`."""
    rope: dict[str, Any] = {}
    for key in ("rope_scaling", "rope_parameters"):
        if key in values:
            if not isinstance(values[key], Mapping):
                raise ModelFileError(f"{key} must hold an object, not {values[key]!r}")
            rope |= {name: value for name, value in values[key].items() if value is not None}
    if rope.get("partial_rotary_factor", 1.0) != 1.0:
        raise ModelFileError(f"partial_rotary_factor is {rope['partial_rotary_factor']!r}, expected 1.0")
    return rope


def _rope_scaling(rope: Mapping[str, Any], values: Mapping[str, Any]) -> RopeScaling | None:
    kind = rope.get("rope_type", rope.get("type", "default"))
    if not isinstance(kind, str) or kind not in ROPE_KEYS:
        raise ModelFileError(f"rope_type is {kind!r}, expected one of {', '.join(ROPE_KEYS)}")
    known = ROPE_KEYS[kind] | {"rope_type", "type", "rope_theta", "partial_rotary_factor"}
    unknown = sorted(set(map(str, rope)) - known)
    if unknown:
        raise ModelFileError(f"the rotary angles of rope_type {kind!r} say {unknown[0]}, which is not known here")
    if kind == "default":
        return None
    if "factor" not in rope:
        raise ModelFileError(f"the rotary angles of rope_type {kind!r} do not say factor")
    scaling: dict[str, Any] = {"kind": kind, "factor": rope["factor"]}
    if kind != "linear":
        # Without it, `transformers` takes the model's own context for the original one.
        context = rope.get("original_max_position_embeddings", values["max_position_embeddings"])
        scaling["original_context"] = context
    for name in ("beta_fast", "beta_slow", "attention_factor", "truncate", "low_freq_factor", "high_freq_factor"):
        if name in rope:
            scaling[name] = rope[name]
    if kind == "llama3" and not {"low_freq_factor", "high_freq_factor"} <= rope.keys():
        raise ModelFileError("the rotary angles of rope_type 'llama3' do not say low_freq_factor and high_freq_factor")
    if "attention_factor" not in rope and rope.get("mscale") and rope.get("mscale_all_dim"):
        own, whole = (yarn_amplitude(rope["factor"], rope[name]) for name in ("mscale", "mscale_all_dim"))
        scaling["attention_factor"] = own / whole
    return RopeScaling(**scaling)


def _sliding_window(values: Mapping[str, Any], kind: str) -> int | None:
    """Return the window of all layers; one that only some have is refused."""
    layers, window = whole_number("n_layers", values["num_hidden_layers"], 1, MOST_LAYERS), values.get("sliding_window")
    if kind == "llama" and window is not None:
        raise ModelFileError(f"sliding_window is {window!r}, which a model of the model_type 'llama' does not have")
    if kind == "qwen2":
        if not truth("use_sliding_window", values.get("use_sliding_window", False)):
            window = None
        elif window is None:
            raise ModelFileError("use_sliding_window is true, and config.json does not say sliding_window")
    sliding = [window is not None] * layers
    if kind == "qwen2" and window is not None:
        first = whole_number("max_window_layers", values.get("max_window_layers", 28), least=0)
        sliding = [i >= first for i in range(layers)]
    if "layer_types" in values:
        names = {"full_attention": False, "sliding_attention": True}
        types = values["layer_types"]
        if not isinstance(types, list) or len(types) != layers or not set(map(str, types)) <= set(names):
            raise ModelFileError(f"layer_types is {types!r}, expected one of {', '.join(names)} for each layer")
        sliding = [names[name] for name in types]
    if any(sliding) and window is None:
        raise ModelFileError("layer_types says sliding_attention, and there is no sliding_window")
    if any(sliding) and not all(sliding):
        key = "layer_types" if "layer_types" in values else "max_window_layers"
        raise ModelFileError(
            f"{key} gives a sliding window to some layers only, and the course's models to all or none"
        )
    return window if any(sliding) else None


def config_to_hub(config: ModelConfig) -> dict[str, Any]:
    """Return the `config.json` of a dense gated model, as `transformers` reads it.

    Raises:
        ValueError: the config has experts or a plain MLP, which Llama and its kin have not.
    """
    instance("config", config, ModelConfig)
    if config.n_experts or not config.gated:
        raise ValueError(
            f"only dense gated models have Llama's shape: n_experts is {config.n_experts}, gated {config.gated}"
        )
    kind = "qwen2" if config.qkv_bias else "llama" if config.sliding_window is None else "mistral"
    values = {
        "architectures": [MODEL_TYPES[kind]],
        "model_type": kind,
        "num_hidden_layers": config.n_layers,
        "hidden_size": config.d_model,
        "num_attention_heads": config.n_heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_dim,
        "intermediate_size": config.ff_dim,
        "vocab_size": config.vocab_size,
        "max_position_embeddings": config.context_length,
        "tie_word_embeddings": config.tied,
        "rope_theta": config.rope_base,
        "rms_norm_eps": config.norm_eps,
        "hidden_act": "silu",
        "torch_dtype": "float32",
    }
    if kind == "llama":
        values |= {"attention_bias": False, "mlp_bias": False}
    else:
        values["sliding_window"] = config.sliding_window
    if kind == "qwen2":
        values |= {"use_sliding_window": config.sliding_window is not None, "max_window_layers": 0}
    if config.rope_scaling is not None:
        values["rope_scaling"] = _rope_to_hub(config.rope_scaling)
    return values


def _rope_to_hub(scaling: RopeScaling) -> dict[str, Any]:
    fields = asdict(scaling)
    kind, context = fields.pop("kind"), fields.pop("original_context")
    values = {key: value for key, value in fields.items() if key in ROPE_KEYS[kind] and value is not None}
    if kind != "linear":
        values["original_max_position_embeddings"] = context
    return {"rope_type": kind, **values}
