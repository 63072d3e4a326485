"""One dataclass that fixes the shape of a language model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from utils.arguments import instance, real_number, truth, whole_number
from utils.models.rope_scaling import RopeScaling


def default_d_ff(d_model: int, gated: bool) -> int:
    """Return the usual hidden width of an MLP, so that gated and plain MLPs have about equal parameters.

    A plain MLP has two matrices of width 4 D; a gated one has three, so it takes two thirds of that,
    8/3 D, rounded up to a multiple of 32 (Shazeer, 2020, "GLU variants improve transformer").

    Raises:
        ValueError: d_model is no positive whole number.
    """
    d_model = whole_number("d_model", d_model, least=1)
    if not gated:
        return 4 * d_model
    return -(-8 * d_model // 96) * 32


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Dimensions of a decoder-only transformer, dense or with experts, and of its relatives.

    Args:
        n_layers: number of blocks.
        d_model: width D of the residual stream.
        n_heads: query heads H; the head dimension is D / H unless `head_width` says otherwise, and must be even
            (rotary pairs).
        n_kv_heads: key and value heads; None means n_heads, fewer means grouped-query attention.
        d_ff: hidden width of the MLP; None means `default_d_ff`.
        vocab_size: number of token ids V.
        context_length: most positions the model accepts.
        tied: input and output embeddings share one matrix.
        gated: SwiGLU MLP with three matrices; otherwise GELU with two.
        n_experts: MLPs per block to route between; 0 means one dense MLP.
        experts_per_token: how many of them each token uses.
        rope_base: base of the rotary angles.
        norm_eps: constant inside the root of RMSNorm.
        head_width: width of a head; None means D / H. Some models' heads are together wider than D, Gemma's say.
        qkv_bias: queries, keys and values get biases, as in Qwen2.
        rope_scaling: how the rotary angles are slowed down for a longer context; None leaves them.
        sliding_window: how many positions a position sees, its own included, as in Mistral 7B; None means all.

    Raises:
        ValueError: a dimension is no positive whole number, heads do not divide, or the experts do not fit together.
    """

    n_layers: int
    d_model: int
    n_heads: int
    n_kv_heads: int | None = None
    d_ff: int | None = None
    vocab_size: int
    context_length: int
    tied: bool = True
    gated: bool = True
    n_experts: int = 0
    experts_per_token: int = 0
    rope_base: float = 10000.0
    norm_eps: float = 1e-5
    head_width: int | None = None
    qkv_bias: bool = False
    rope_scaling: RopeScaling | None = None
    sliding_window: int | None = None

    def __post_init__(self) -> None:
        for name in ("n_layers", "d_model", "n_heads", "vocab_size", "context_length"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), least=1))
        for name in ("n_kv_heads", "d_ff", "head_width", "sliding_window"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, whole_number(name, getattr(self, name), least=1))
        for name in ("n_experts", "experts_per_token"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), least=0))
        for name in ("tied", "gated", "qkv_bias"):
            truth(name, getattr(self, name))
        object.__setattr__(self, "rope_base", real_number("rope_base", self.rope_base, above=0))
        object.__setattr__(self, "norm_eps", real_number("norm_eps", self.norm_eps, least=0))
        if self.rope_scaling is not None:
            instance("rope_scaling", self.rope_scaling, RopeScaling)
        self._check_heads()
        if self.d_ff is None:
            object.__setattr__(self, "d_ff", default_d_ff(self.d_model, self.gated))
        if not (1 <= self.experts_per_token <= self.n_experts or self.n_experts == self.experts_per_token == 0):
            raise ValueError(
                f"experts_per_token {self.experts_per_token} does not fit n_experts {self.n_experts}:"
                " it lies between 1 and n_experts, or both are 0"
            )

    def _check_heads(self) -> None:
        if self.head_width is None and self.d_model % self.n_heads:
            raise ValueError(f"d_model {self.d_model} does not divide into n_heads {self.n_heads}")
        if self.head_dim % 2:
            origin = f"d_model {self.d_model} / n_heads {self.n_heads}" if self.head_width is None else "head_width"
            raise ValueError(f"{origin} = head dimension {self.head_dim} must be even")
        if self.d_model == self.n_heads * self.head_dim:
            object.__setattr__(self, "head_width", None)  # one way to say it, so that equal shapes compare equal
        if self.n_kv_heads is None:
            object.__setattr__(self, "n_kv_heads", self.n_heads)
        if self.n_heads % self.kv_heads:
            raise ValueError(f"n_heads {self.n_heads} does not divide into n_kv_heads {self.n_kv_heads}")

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.n_heads if self.head_width is None else self.head_width

    @property
    def kv_heads(self) -> int:
        """Number of key and value heads, never None."""
        return self.n_heads if self.n_kv_heads is None else self.n_kv_heads

    @property
    def ff_dim(self) -> int:
        """Hidden width of the MLP, never None."""
        return default_d_ff(self.d_model, self.gated) if self.d_ff is None else self.d_ff

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, for a JSON file beside a checkpoint.

        What a model does not use of the variants is left out: a plain model's file stays what it always was.
        """
        values = asdict(self)
        for name, unused in VARIANTS.items():
            if values[name] == unused:
                del values[name]
        return values

    def refuse_variants(self, layer: str) -> None:
        """Raise ValueError that names the first variant of attention in this config, which `layer` does not know."""
        for name, unused in VARIANTS.items():
            if getattr(self, name) != unused:
                raise ValueError(f"{layer} does not know {name}, which is {getattr(self, name)!r}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ModelConfig:
        """Build a config from plain data; an unknown or missing field raises ValueError."""
        instance("values", values, Mapping, "a mapping of fields")  # type: ignore[type-abstract]
        values = dict(values)
        _refuse_other_fields(cls, values)
        scaling = values.get("rope_scaling")
        if isinstance(scaling, Mapping):
            _refuse_other_fields(RopeScaling, scaling)
            values["rope_scaling"] = RopeScaling(**scaling)
        return cls(**values)


# Ways to vary attention that not every layer knows, and the value that means "not used".
VARIANTS: dict[str, Any] = {"head_width": None, "qkv_bias": False, "rope_scaling": None, "sliding_window": None}


def _refuse_other_fields(kind: type, values: Mapping[str, Any]) -> None:
    known = {field.name: field.default is MISSING for field in fields(kind)}
    unknown = sorted(set(map(str, values)) - set(known))
    if unknown:
        raise ValueError(f"unknown fields in a model config: {', '.join(unknown)}")
    missing = [name for name, needed in known.items() if needed and name not in values]
    if missing:
        raise ValueError(f"missing fields in a model config: {', '.join(missing)}")
