"""Row 96: form without content is a success in part, and only adapters that were kept can be had."""

from __future__ import annotations

import pytest

from utils.experiments.structured.adapter_recipe import ADAPTER
from utils.experiments.structured.finetuned_models import ADAPTER_STEPS, with_record_adapter
from utils.experiments.structured.real_model import smollm2
from utils.experiments.structured.record_jobs import simulated_notes


def test_form_without_content_is_a_success_in_part() -> None:
    valid, fields = {}, {}
    for way, form, content in zip(
        ("3 examples", *(f"{n} steps" for n in ADAPTER_STEPS)), (0.6, 0.6, 0.7, 0.95), (0.6, 0.5, 0.5, 0.5), strict=True
    ):
        valid[way], fields[way] = form, content
    assert ADAPTER.design.outcome({"notes": simulated_notes(valid, 1, fields)}) == "holds in part"


def test_an_adapter_that_was_not_kept_is_refused() -> None:
    with pytest.raises(ValueError, match="steps must be one of 10, 40, 160, not 11"):
        with_record_adapter(smollm2(), 11)
