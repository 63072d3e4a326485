"""Trusted grading: from the bytes of a submission to a result, with the learner's code in a sandbox.

    from utils.course.grading import AssignmentSpec, Limits, SandboxPool, Submission, grade_submission

    assignment = AssignmentSpec.from_notebook("solutions/02_attention_from_scratch/02_attention_from_scratch.ipynb")
    with SandboxPool(slots=2, limits=Limits(), secret="...") as pool:
        result = grade_submission(Submission.from_path("ada.ipynb"), assignment, pool)
    result.verdict                    # "OK", "TIMEOUT", "MEMORY", "CRASH", "DENIED", "UNREADABLE" or "NEEDS_STAFF"
    result.cells["softmax-1"].passed  # bool; .message is the hint, .points and .max_points the score
    result.identity_json()            # bytes that are equal whenever submission, assignment, secret and course are
    notebook = executed_notebook(result, assignment)   # what nbgrader's SaveAutoGrades reads

How the parts fit (one idea a file):

    limits      Limits: every number that bounds a submission
    spec        AssignmentSpec: the source notebook as exercises, test cells and author's cells; `digest`
    intake      submitted bytes to cells matched by grade_id (with archives, notebook_json); what was odd about them
    result      SubmissionResult, CellResult: plain data, to and from JSON
    wire        the data-only codec between worker and scorer (values: kinds beyond plain data; normalise: subclasses)
    sandbox     bubblewrap, Podman, Docker or (explicitly) nothing: the command line that starts a zygote (cgroups)
    attacks     `sandbox_check`: the sandbox attacked from inside, a table of what happened

  inside the sandbox
    zygote      warm process that forks one contained worker per submission (huge_pages: cheap forks)
    containment what a worker gives up before learner code runs: namespaces, capabilities, system calls, limits
    supervisor  process 1 of a submission: memory, processes, how the worker ended
    worker      runs the learner's cells in an IPython shell (shell), forks for each exercise
    answers     an exercise's process: the learner's objects, and requests on them (shortcuts: forbidden functions)
    tampering   what the learner's code did to its process

  outside
    link        requests to a worker, deadlines, why it is gone
    session     one exercise's conversation (conversation: as others see it); proxies, gradients: stand-ins for
                the learner's objects
    exchange    one request and its answer, checked (learners_errors: exceptions that came back; callbacks: questions
                about a test's functions); modified_inputs, parameters, sent_layers, sent_databases: what stays in step
    scorer      runs the graded test cells against the proxies (suspicion, replay: flags, never points)
    slot        one scorer process with its zygote, as seen by the pool
    slot_process  that process
    pool        SandboxPool: slots shared by threads; starts, replaces and closes them
    notebooks   a result as an executed notebook

`SandboxPool` is thread-safe: threads that call `grade_submission` share its slots, each slot being one trusted scorer
process outside the sandbox with one warm zygote inside. Nothing here writes to the gradebook or keeps a journal.
The identity part of a result (`identity()`, `identity_json()`) holds no time, memory size or captured output; those
are in `result.observations`.

Names are loaded on first use, because the process inside the sandbox imports this package too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from utils.course.grading.attacks import AttackRow, SandboxCheckError, sandbox_check
    from utils.course.grading.intake import Intake, Submission, read_submission
    from utils.course.grading.limits import Limits
    from utils.course.grading.notebooks import executed_notebook
    from utils.course.grading.pool import SandboxPool, grade_submission
    from utils.course.grading.result import VERDICTS, CellResult, SubmissionResult
    from utils.course.grading.sandbox import SandboxUnavailableError, choose_sandbox
    from utils.course.grading.spec import AssignmentSpec, Exercise, SpecError, TestCell

_HOME = {
    "AssignmentSpec": "spec",
    "AttackRow": "attacks",
    "CellResult": "result",
    "Exercise": "spec",
    "Intake": "intake",
    "Limits": "limits",
    "SandboxCheckError": "attacks",
    "SandboxPool": "pool",
    "SandboxUnavailableError": "sandbox",
    "SpecError": "spec",
    "Submission": "intake",
    "SubmissionResult": "result",
    "TestCell": "spec",
    "VERDICTS": "result",
    "choose_sandbox": "sandbox",
    "executed_notebook": "notebooks",
    "grade_submission": "pool",
    "read_submission": "intake",
    "sandbox_check": "attacks",
}

__all__ = [
    "VERDICTS",
    "AssignmentSpec",
    "AttackRow",
    "CellResult",
    "Exercise",
    "Intake",
    "Limits",
    "SandboxCheckError",
    "SandboxPool",
    "SandboxUnavailableError",
    "SpecError",
    "Submission",
    "SubmissionResult",
    "TestCell",
    "choose_sandbox",
    "executed_notebook",
    "grade_submission",
    "read_submission",
    "sandbox_check",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
