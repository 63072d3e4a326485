"""The modules whose code makes the results of this notebook's recorded runs."""

from __future__ import annotations

RUN_SOURCES = (
    "utils.experiments.finetuning.runs",
    "utils.experiments.finetuning.answering",
    "utils.posttraining.chat",
    "utils.posttraining.sft",
    "utils.posttraining.packing",
    "utils.posttraining.lora",
    "utils.training.loop",
)
