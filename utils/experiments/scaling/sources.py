"""The modules whose code makes the results of this topic's runs: a record keeps their hashes."""

from __future__ import annotations

RUN_SOURCES = (
    "utils.experiments.scaling.packed",
    "utils.experiments.scaling.runs",
    *(f"utils.models.{name}" for name in ("attention", "block", "config", "gpt", "mlp", "norms", "rotary")),
    *(f"utils.training.{name}" for name in ("config", "loop", "losses", "optimisers", "schedules")),
    *(f"utils.world.{name}" for name in ("common", "draws", "entities", "grammar", "language", "names", "world")),
)
# Experiments on one document a row take their learning rates from the recipe of the sweep.
ROW_SOURCES = (
    "utils.experiments.scaling.plan",
    "utils.experiments.scaling.rows",
    "utils.experiments.scaling.sweep_recipe",
    *RUN_SOURCES,
)
