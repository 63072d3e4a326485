"""Late penalties as nbgrader's plugin gives them, for the scores and due dates that there are now."""

from __future__ import annotations

from collections.abc import Sequence

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.orm import undefer
from traitlets.config import Config


class LatePenalties:
    """nbgrader's AssignLatePenalties with the instructor's plugin.

    Args:
        config: nbgrader's settings.
    """

    def __init__(self, config: Config) -> None:
        self._step = AssignLatePenalties(config=config)
        self._step.init_plugin()

    def assign(self, gradebook: Gradebook, learner: str, notebook: SubmittedNotebook) -> None:
        """Set a submission's penalty; the caller commits."""
        notebook.late_submission_penalty = None
        late = notebook.assignment.total_seconds_late
        if late > 0:
            gradebook.db.flush()
            gradebook.db.refresh(notebook, ["score"])
            penalty = self._step.plugin_inst.late_submission_penalty(learner, notebook.score, late)
            if penalty is not None:
                notebook.late_submission_penalty = self._step._check_late_penalty(notebook, penalty)


def refresh_late_penalties(gradebook: Gradebook, config: Config, assignments: Sequence[str]) -> None:
    """Compute penalties anew: a due date may have moved since grading, and staff may have raised a score by hand."""
    penalties = LatePenalties(config)
    submissions = (
        gradebook.db.query(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name.in_(list(assignments)))
        .options(undefer(SubmittedAssignment.score))
    )
    for submission in submissions:
        for notebook in submission.notebooks:
            if submission.total_seconds_late > 0 or notebook.late_submission_penalty is not None:
                penalties.assign(gradebook, submission.student_id, notebook)
    gradebook.db.commit()
