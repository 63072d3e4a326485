"""The size of a notebook's experiments: seconds for tests, about a minute on a laptop, more on a GPU."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

BUDGETS = ("smoke", "cpu", "gpu")
VARIABLE = "COURSE_BUDGET"


@dataclass(frozen=True)
class Budget:
    """The chosen size and where it runs.

    Attributes:
        name: "smoke" (seconds, for tests), "cpu" (a laptop, the default) or "gpu" (larger, minutes).
        device: a torch device string, "cpu" or "cuda".
        workers: processes that experiments may run side by side; 0 in tests, where all runs in the notebook's own: a
            process takes longer to start than a test's few steps.
    """

    name: str
    device: str
    workers: int

    def pick(self, *, smoke: T, cpu: T, gpu: T | None = None) -> T:
        """Return the value for this budget; `gpu` falls back to `cpu` where an experiment gains nothing from size."""
        if self.name == "smoke":
            return smoke
        if self.name == "gpu" and gpu is not None:
            return gpu
        return cpu


def choose_budget(name: str | None = None) -> Budget:
    """Choose sizes for this machine; `name` or the variable COURSE_BUDGET overrides the choice.

    Raises:
        ValueError: the name is not one of smoke, cpu, gpu.
    """
    import torch

    has_gpu = torch.cuda.is_available()
    chosen = name or os.environ.get(VARIABLE) or ("gpu" if has_gpu else "cpu")
    if chosen not in BUDGETS:
        raise ValueError(f"budget {chosen!r} is unknown: {VARIABLE} or setup(...) takes {', '.join(BUDGETS)}")
    if chosen == "smoke":
        return Budget(name=chosen, device="cpu", workers=0)
    return Budget(name=chosen, device="cuda" if has_gpu else "cpu", workers=min(_cores(), 8))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def setup(name: str | None = None) -> Budget:
    """Prepare a notebook: choose the budget, set the figures' style, and say in one line what was chosen.

    Args:
        name: "smoke", "cpu" or "gpu"; by default the variable COURSE_BUDGET, else what the machine has.

    Raises:
        ValueError: the name is not one of smoke, cpu, gpu.
    """
    import torch

    from utils.notebook.figures import use_course_style
    from utils.notebook.kernel import watch_kernel
    from utils.notebook.waiting import watch_cells
    from utils.ownership import warn_of_other_owners

    watch_kernel()
    warn_of_other_owners()
    budget = choose_budget(name)
    watch_cells(budget.name)
    use_course_style()
    where = torch.cuda.get_device_name(0) if budget.device == "cuda" else f"{_cores()} CPU cores"
    print(f"Budget {budget.name!r} on {where}, torch {torch.__version__}. Set {VARIABLE} to change it.")
    return budget
