"""What a Dask worker is given: the recipe of a grader, opened at the first submission and closed with the worker."""

from __future__ import annotations

from typing import Any

from distributed import WorkerPlugin

from utils.course.classroom.registry import Recipe, registry


class RecipePlugin(WorkerPlugin):
    """Installs a recipe in each worker process; its grader serves as many submissions at once as there are threads.

    Args:
        recipe: how the process makes its grader.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.name = f"course-grading-{recipe.key[:16]}"

    def setup(self, worker: Any) -> None:
        """Run by Dask in each worker, also in one that joins later."""
        registry.install(self.recipe, worker.state.nthreads)

    def teardown(self, worker: Any) -> None:
        """Run by Dask when the worker ends or the plugin is taken away."""
        registry.remove(self.recipe.key)
