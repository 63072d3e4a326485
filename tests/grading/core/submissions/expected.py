"""What must come of each submission: the verdict, the graded cells that fail (all others pass), flags, words of hints.

This table is the grader's contract; every executor runs it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.grading.core.course_notebook import EXERCISES, GRADED
from utils.course.grading import SubmissionResult


def _cells(*exercises: str) -> frozenset[str]:
    return frozenset(f"{name}-{number}" for name in exercises for number in range(1, len(EXERCISES[name][1]) + 1))


@dataclass(frozen=True)
class Expected:
    """The outcome of one submission.

    Attributes:
        fails: graded cells that fail.
        verdict: the verdict; several where the machine decides which limit is met first, the score being the same.
        flags: words that must begin some flag.
        hint: a word of the message of some failed cell.
        limits: times that differ from the table's own.
        repeats: whether grading it again gives the same bytes; not so where the answer itself is chance.
    """

    fails: frozenset[str] = frozenset()
    verdict: str | tuple[str, ...] = "OK"
    flags: tuple[str, ...] = ()
    hint: str = ""
    limits: tuple[tuple[str, float], ...] = ()
    repeats: bool = True


def check_grade(expected: Expected, result: SubmissionResult) -> None:
    """Assert that the failing cells and the verdict are those of the table."""
    told = f"{result.verdict} {result.reason} {result.flags} {result.observations}\n{result.cells}"
    assert {cell for cell, found in result.cells.items() if not found.passed} == expected.fails, told
    verdicts = (expected.verdict,) if isinstance(expected.verdict, str) else expected.verdict
    assert result.verdict in verdicts, told


PAIR = _cells("merge_pair")
SHARES = _cells("language_shares")
SOFTMAX = _cells("softmax")
FIRST_SOFTMAX = frozenset({"softmax-1"})
ATTENTION = _cells("attention")
ALL = frozenset(GRADED)

_SCORED_AS_WRONG = {
    "displayhook_string": Expected(PAIR, flags=("displayhook",)),
    "partial_credit_nan": Expected(PAIR, flags=("displayhook",)),
    "partial_credit_negative": Expected(PAIR, flags=("displayhook",)),
    "partial_credit_too_large": Expected(PAIR, flags=("displayhook",)),
    "input_transformer": Expected(PAIR, flags=("transformer",)),
    "ast_transformer": Expected(PAIR, flags=("transformer",)),
    "always_equal": Expected(PAIR, flags=("comparison",)),
    "lying_int": Expected(PAIR, flags=("subclass", "odd-type")),
    "lying_list": Expected(PAIR, flags=("subclass", "odd-type")),
    "lying_array": Expected(SOFTMAX | ATTENTION, flags=("subclass", "odd-type")),
    "lying_tensor": Expected(SOFTMAX | ATTENTION, flags=("subclass", "odd-type")),
    "patched_numpy": Expected(PAIR, flags=("patched: numpy", "patching")),
    "patched_torch": Expected(SOFTMAX | ATTENTION, flags=("patched: torch",)),
    "patched_builtins": Expected(PAIR, flags=("patched: builtins", "patching")),
    "patched_json": Expected(PAIR, flags=("patched: json",)),
    "forged_protocol": Expected(PAIR, verdict="CRASH", flags=("forged-answer",)),
    "hard_coded": Expected(PAIR, flags=("hard-coded",), hint="random ids"),
    "search_history": Expected(PAIR, flags=("snooping",)),
    "search_frames": Expected(PAIR, flags=("snooping",)),
    "search_gc": Expected(PAIR, flags=("snooping",)),
    "detects_grading": Expected(PAIR, flags=("environment",)),
    "modifies_inputs": Expected(PAIR, flags=("modified-input",), hint="in place"),
    "modifies_tensor": Expected(FIRST_SOFTMAX, flags=("modified-input",), hint="in place"),
    "keeps_state": Expected(SHARES, flags=("unrepeatable",)),
    "call_order": Expected(PAIR, flags=("unrepeatable",)),
    "clock": Expected(PAIR, flags=("clock",), repeats=False),
    "shortcut_sdpa": Expected(ATTENTION, flags=("forbidden-shortcut",), hint="does this exercise for you"),
    "shortcut_module": Expected(ATTENTION, flags=("forbidden-shortcut",), hint="does this exercise for you"),
    "shortcut_early": Expected(FIRST_SOFTMAX, flags=("forbidden-shortcut",), hint="does this exercise for you"),
    "shortcut_swallowed": Expected(FIRST_SOFTMAX, flags=("forbidden-shortcut",), hint="does this exercise for you"),
    "borrowed_reference": Expected(ATTENTION, flags=("reference",), hint="the course's own"),
    "sys_exit_cell": Expected(flags=("process",)),
    "sys_exit_call": Expected(PAIR, hint="SystemExit"),
}

_TIMES = (("cell_seconds", 4.0), ("call_seconds", 8.0))

_CONTAINED = {
    "os_exit_cell": Expected(verdict="CRASH", flags=("process",)),
    "os_exit_call": Expected(PAIR, "CRASH", flags=("process",), hint="ended itself"),
    "segfault_cell": Expected(verdict="CRASH", flags=("native",)),
    "segfault_call": Expected(PAIR, "CRASH", hint="SIGSEGV"),
    "endless_cell": Expected(verdict="TIMEOUT", limits=_TIMES),
    "endless_call": Expected(PAIR, "TIMEOUT", hint="did not finish", limits=_TIMES),
    "swallows_interrupt": Expected(verdict="TIMEOUT", limits=_TIMES),
    "sleeps_under_limits": Expected(
        ALL - SHARES, "TIMEOUT", hint="whole notebook", limits=(*_TIMES, ("submission_seconds", 6.0))
    ),
    "memory_cell": Expected(verdict="MEMORY"),
    "memory_call": Expected(PAIR, "MEMORY", hint="memory"),
    # The watchdog ends the bomb; where the machine is so busy that the watchdog waits too, the time limit comes first.
    "fork_bomb": Expected(PAIR, ("DENIED", "TIMEOUT"), flags=("process",), limits=_TIMES, repeats=False),
    "thread_bomb": Expected(PAIR, "DENIED", flags=("process: the limit",), hint="thread"),
    "full_disk": Expected(PAIR, hint="large"),
    "sparse_file": Expected(PAIR, hint="large"),
    "endless_output": Expected(verdict="DENIED"),
    "endless_line": Expected(verdict="DENIED"),
    "deep_recursion": Expected(PAIR, "CRASH", hint="SIGSEGV"),
    "huge_result": Expected(PAIR, hint="bytes"),
    "deep_result": Expected(PAIR, hint="nested"),
    "cyclic_result": Expected(PAIR, hint="nested"),
    "wide_result": Expected(PAIR, hint="bytes"),
    "network": Expected(verdict="DENIED", flags=("network",)),
    "pip": Expected(verdict="OK", flags=("network",)),
    "reads_gradebook": Expected(verdict="DENIED", flags=("reading", "environment")),
    "writes_gradebook": Expected(verdict="DENIED", flags=("writing", "environment")),
    "reads_sources": Expected(verdict="DENIED", flags=("reading",)),
    "reads_others": Expected(verdict="DENIED", flags=("reading",)),
    "daemon": Expected(verdict="DENIED", flags=("process",)),
    "pickle_weights": Expected(_cells("Scaler"), flags=("pickle",)),
    "script_in_output": Expected(PAIR, hint="<script>"),
    "zip_bomb": Expected(ALL, "DENIED", flags=("archive-bomb",)),
    "zip_many_files": Expected(ALL, "DENIED", flags=("archive-bomb",)),
    "zip_link": Expected(ALL, "DENIED", flags=("unsafe-archive",)),
    "zip_dotdot": Expected(flags=("unsafe-archive",)),
    "zip_odd_names": Expected(flags=("unsafe-archive", "extra-files")),
    "tar_bomb": Expected(ALL, "DENIED", flags=("archive-bomb",)),
    "tar_devices": Expected(flags=("unsafe-archive",)),
    "shipped_modules": Expected(flags=("extra-files",)),
}

_BROKEN_BUT_HONEST = {
    "syntax_error": Expected(PAIR, hint="SyntaxError"),
    "leftover_input": Expected(),
    "leftover_debug": Expected(),
    "leftover_shell": Expected(),
    "duplicated_cells": Expected(flags=("duplicate-cell",)),
    "reordered_cells": Expected(),
    "deleted_test": Expected(),
    "stripped_metadata": Expected(),
    "flipped_flags": Expected(PAIR, flags=("edited-metadata", "edited-test")),
    "edited_tests": Expected(PAIR, flags=("edited-test",)),
    "schema_1": Expected(),
    "schema_99": Expected(),
    "colab": Expected(),
    "format_3": Expected(),
    "byte_order_mark": Expected(),
    "utf16": Expected(),
    "conflict_marks": Expected(),
    "copy_in_zip": Expected(),
    "late_timestamp": Expected(),
    "truncated": Expected(_cells("KVCache")),
    "empty": Expected(ALL, "UNREADABLE"),
    "not_a_notebook": Expected(ALL, "UNREADABLE"),
    "deep_json": Expected(ALL, "UNREADABLE"),
    "other_json": Expected(ALL, "UNREADABLE"),
    "other_notebook": Expected(ALL, "UNREADABLE"),
    "broken_zip": Expected(ALL, "UNREADABLE"),
}

_FULL_MARKS = {
    "full_marks": Expected(),
    "warnings_on_stderr": Expected(),
    "progress_bars": Expected(),
    "other_container": Expected(),
    "other_algorithm": Expected(),
    "helper_cell": Expected(),
    "after_a_failure": Expected(SOFTMAX),
}

TABLE: dict[str, Expected] = {**_SCORED_AS_WRONG, **_CONTAINED, **_BROKEN_BUT_HONEST, **_FULL_MARKS}
"""The outcome of every submission of this folder, by name."""

HONEST = tuple(sorted(_FULL_MARKS))
"""Submissions whose score must be the same under plain nbgrader."""
