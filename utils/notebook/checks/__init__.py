"""What test cells are made of: compare with the right value, recognise known wrong ones, and say which it is.

A test cell touches a learner's objects only by calling them with plain data and getting plain data back. So the same
cell works in the learner's notebook, under plain nbgrader, and in trusted grading, where the exercise's names are
proxies for a sandboxed process.

    check, check_refused          call and compare; bad input must be refused
    Diagnosis, AnyOf              what is known of a wrong value
    forbidden, inputs_unchanged   what an answer must not do
    small_footprint               how much it may keep and compute
    case_rng, case_tensor         secret random inputs
    vocabulary                    what many tests need: not finite, another shape, another type
"""

from utils.notebook.checks.checking import AnyOf, Diagnosis, call_answer, check, check_refused
from utils.notebook.checks.comparing import difference, same, shown
from utils.notebook.checks.failing import CheckError, fail
from utils.notebook.checks.forbidding import (
    ForbiddenCallError,
    InputModifiedError,
    forbidden,
    forbidden_now,
    inputs_unchanged,
    small_footprint,
    watching_inputs,
)
from utils.notebook.checks.repeating import KEEPS_RESULTS, KEEPS_STATE, check_nothing_kept, check_same_again
from utils.notebook.checks.secrets import SECRET_VARIABLE, case_rng, case_tensor
from utils.notebook.checks.vocabulary import (
    ATTENTION_CALLS,
    SOFTMAX_CALLS,
    all_differ,
    finite_stand_in,
    like_probabilities,
    not_a_pair,
    not_finite,
    other_dtype,
    other_shape,
    told_apart,
    without,
    wrong_type,
)

__all__ = [
    "ATTENTION_CALLS",
    "KEEPS_RESULTS",
    "KEEPS_STATE",
    "SECRET_VARIABLE",
    "SOFTMAX_CALLS",
    "AnyOf",
    "CheckError",
    "Diagnosis",
    "ForbiddenCallError",
    "InputModifiedError",
    "all_differ",
    "call_answer",
    "case_rng",
    "case_tensor",
    "check",
    "check_nothing_kept",
    "check_refused",
    "check_same_again",
    "difference",
    "fail",
    "finite_stand_in",
    "forbidden",
    "forbidden_now",
    "inputs_unchanged",
    "like_probabilities",
    "not_a_pair",
    "not_finite",
    "other_dtype",
    "other_shape",
    "same",
    "shown",
    "small_footprint",
    "told_apart",
    "watching_inputs",
    "without",
    "wrong_type",
]
