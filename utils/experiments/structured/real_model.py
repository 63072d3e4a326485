"""SmolLM2 for recorded runs: loaded once in a process, with its decoder and what its tokens spell."""

from __future__ import annotations

from functools import cache

from utils.decoding.common_prefix import CommonPrefixDecoder
from utils.decoding.grammar import TokenSpellings
from utils.experiments.structured.finetuned_models import with_record_adapter
from utils.models.pretrained import PretrainedModel, load_gguf


@cache
def smollm2() -> PretrainedModel:
    """Return the model with its tokenizer."""
    return load_gguf()


@cache
def spellings() -> TokenSpellings:
    """Return what its tokens spell, for masks."""
    return TokenSpellings.from_tokenizer(smollm2())


@cache
def decoder(adapter_steps: int = 0) -> CommonPrefixDecoder:
    """Return a decoder with weights in 8 bits, of the model itself or of the one finetuned for so many steps."""
    pretrained = smollm2()
    model = with_record_adapter(pretrained, adapter_steps) if adapter_steps else pretrained.model
    return CommonPrefixDecoder(model, "int8")
