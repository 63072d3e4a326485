"""The modules whose code makes the results of this topic's runs: a record keeps their hashes."""

from __future__ import annotations

RUN_SOURCES = (
    "utils.experiments.scaling.packed",
    "utils.experiments.scaling.runs",
    *(f"utils.models.{name}" for name in ("attention", "block", "config", "gpt", "mlp", "norms", "rotary")),
    *(f"utils.training.{name}" for name in ("config", "loop", "losses", "optimisers", "schedules")),
    *(f"utils.world.{name}" for name in ("common", "draws", "entities", "grammar", "language", "names", "world")),
)
