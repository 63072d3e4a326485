"""What a notebook needs around its ideas: setup and budget, checks, verdicts, guesses, progress, figures, widgets.

    from utils.notebook import Verdicts, check, setup, show

`setup()` returns the `Budget`; `check` and its companions (`utils.notebook.checks`) are what test cells are made
of; `Verdicts` collects "the chapter says / we measured" rows; `show` displays a figure with its text description.
`guess` asks the learner before a recorded run, `my_progress` shows how far they are; both live in the learner's file.
"""

from utils.notebook.budget import Budget, setup
from utils.notebook.checks import case_rng, check, check_refused, forbidden, inputs_unchanged
from utils.notebook.figures import COLOURS, show
from utils.notebook.guesses import guess
from utils.notebook.kernel import explain_missing_names
from utils.notebook.progress import my_progress
from utils.notebook.solutions import solution
from utils.notebook.verdicts import Verdicts
from utils.notebook.visible import visible_test

explain_missing_names()

__all__ = [
    "COLOURS",
    "Budget",
    "Verdicts",
    "case_rng",
    "check",
    "check_refused",
    "forbidden",
    "guess",
    "inputs_unchanged",
    "my_progress",
    "setup",
    "show",
    "solution",
    "visible_test",
]
