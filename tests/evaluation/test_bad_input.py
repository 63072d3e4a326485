"""Bad input raises ValueError with a sentence, at every public function and job of evaluation and of experiments."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from tests.decoding.walk import public_callables

# Jobs and measurements of experiments that others may call too; what is one notebook's own cell is left out.
MODULES = {
    "attention": ("decoding_parts", "source_target_tasks"),
    "block": ("block_variants", "costs", "sequence_tasks", "world_runs"),
    "samplers": ("arithmetic_runs", "counted_sampling", "repeated_sampling", "sampler_measures", "verifier_curves"),
    "structured": (
        *("broken_records", "finetuned_models", "note_classes", "query_models", "record_prompts", "record_runs"),
        *("reference_masks", "regex_tasks", "sql_tasks", "structured_outputs", "token_trees"),
    ),
}
HOMES = dict.fromkeys(public_callables("utils.evaluation"), "evaluation") | {
    name: f"experiments.{topic}"
    for topic, modules in MODULES.items()
    for name in public_callables(f"utils.experiments.{topic}")
    if name.split(".")[0] in modules
}
NAMES = sorted(HOMES)
EXEMPT = {
    "takes nothing, or anything": {
        "block_variants.identity", "regex_tasks.regex_pattern", "sql_tasks.sql_pattern", "decoding_parts.cache_parts",
        "costs.AllocatedBytes", "repair.NotRepairableError", "safe_sql.SqlError", "safe_sql.SqlRefusedError",
        "safe_sql.SqlTooLongError", "record_prompts.record_pool",
    },
    "records of results and of parts": {
        "arithmetic_runs.Attempts", "calibration.ReliabilityBin", "counted_sampling.Samples",
        "decoding_parts.AttentionParts", "decoding_parts.CacheParts", "intervals.Interval",
        "note_classes.ClassifierResult", "record_runs.RecordPoint",
        "reference_masks.MaskComparison", "regex_tasks.RegexTask", "sampler_measures.DocumentMeasures",
        "sequence_tasks.TaskResult", "source_target_tasks.LengthResult", "sql_tasks.SqlTask",
        "structured_outputs.Approach", "structured_outputs.Attempt", "structured_outputs.Costs",
        "structured_outputs.RecordWriter", "token_trees.OptionDistribution", "verifier_curves.LogLinearFit",
        "verifier_curves.VerifierCurves", "world_runs.WorldResult",
    },
}  # fmt: skip
EXEMPT_NAMES = set().union(*EXEMPT.values())


def named(name: str) -> Any:
    module, attribute = name.split(".")
    return getattr(importlib.import_module(f"utils.{HOMES[name]}.{module}"), attribute)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in EXEMPT_NAMES])
def test_what_is_no_value_at_all_gets_a_sentence(name: str) -> None:
    function = named(name)
    parameters = inspect.signature(function).parameters.values()
    wrong = {one.name: object() for one in parameters if one.kind is not one.VAR_KEYWORD}
    with pytest.raises(ValueError, match=r"^\w+.* (must|is|has) .*\w") as caught:
        function(**wrong)
    assert "\n" not in str(caught.value)


def test_exemptions_are_of_things_that_exist() -> None:
    assert set(NAMES) >= EXEMPT_NAMES


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("arithmetic_runs.SamplingJob", ("x", (), 0)),
        ("intervals.mean_interval", ([1.0],)),
        ("intervals.bootstrap_interval", ([1.0, 2.0], max, 0.95, 0)),
        ("note_classes.ClassifierHead", (4, 0)),
        ("note_classes.padded", ([],)),
        ("note_classes.ClassifierJob", (0, True, 1.5, 3)),
        ("record_runs.RecordJob", (0, 0, (1,))),
        ("repeated_sampling.majority_vote", ([[1]],)),
        ("sequence_tasks.AssociativeRecall", (9, 8)),
        ("source_target_tasks.LengthJob", ("reverse", True, 0, ())),
        ("structured_outputs.single", ("x", [[]])),
        ("structured_outputs.share", ([],)),
        ("verifier_curves.log_linear_fit", ([0, 1, 2], [1, 2, 3])),
        ("verifier_curves.equivalent_size", (0.5, [0, 1], [0.1, 0.9])),
        ("costs.fitted_exponent", ([1, 2], ["a", "b"])),
    ],
)
def test_sizes_that_make_no_sense_are_refused(name: str, arguments: tuple) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        named(name)(*arguments)
