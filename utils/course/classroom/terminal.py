"""What the class's commands say in a terminal: the progress of a run, what it did, and what would change."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

console = Console()
errors = Console(stderr=True)

MOST_SHOWN = 20


class Observer:
    """A progress bar with done, left, rate and failures."""

    def __init__(self, total: int) -> None:
        self.failures = self.done = 0
        self.began = time.monotonic()
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("[bold]grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]} left"),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[failures]}"),
            TimeRemainingColumn(),
            console=errors,
        )
        self.task = self.bar.add_task("grading", total=total, left=total, rate="", failures="")
        self.total = total

    def __call__(self, progress: Any) -> None:
        if progress.kind == "fault":
            self.bar.console.print(
                f"{progress.learner}: the grader failed, trying again: {progress.detail}", markup=False, highlight=False
            )
            return
        self.done += 1
        if progress.kind == "set-aside":
            self.failures += 1
            self.bar.console.print(
                f"{progress.learner}: needs staff: {progress.detail}", style="red", markup=False, highlight=False
            )
        rate = 60 * self.done / max(1e-3, time.monotonic() - self.began)
        self.bar.update(
            self.task,
            completed=self.done,
            left=self.total - self.done,
            rate=f"{rate:.0f} a minute",
            failures=f"[red]{self.failures} need staff[/]" if self.failures else "",
        )

    def stop(self) -> None:
        self.bar.stop()


@contextmanager
def progress(total: int) -> Iterator[Observer]:
    """Show a progress bar within the block."""
    observer = Observer(total)
    with observer.bar:
        yield observer


def show_summary(summary: Any, seconds: float) -> None:
    """Print a run in numbers, and whom staff should look at."""
    rate = f" in {seconds:.1f} s ({60 * summary.graded / seconds:.0f} a minute)" if summary.graded and seconds else ""
    lines = [f"{summary.graded} graded{rate}, {summary.known} known before, {summary.written} written to the gradebook"]
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(summary.verdicts.items()))
    if verdicts:
        lines.append(f"verdicts: {verdicts}")
    if summary.faults:
        lines.append(f"the grader failed {summary.faults} times and tried again")
    if summary.earlier_tests:
        lines.append(
            f"{len(summary.earlier_tests)} grades come from earlier tests or another environment: "
            "`--regrade --dry-run` shows what would change"
        )
    lines.append(f"journal: {summary.head[:16]} (note it down to see later that nobody rewrote the journal)")
    for line in lines:
        console.print(line, markup=False, highlight=False)
    for title, people in (
        ("needs staff", summary.needs_staff),
        ("could not be read", summary.refused),
        ("odd", summary.remarks),
    ):
        for learner in sorted(people):
            console.print(f"{title}: {learner}: {people[learner]}", style="red", markup=False, highlight=False)


def show_changes(changes: Sequence[Any]) -> None:
    """Print what would change in the gradebook, by learner."""
    if not changes:
        console.print("No automatic score changes.")
        return
    table = Table(title="What changes in the gradebook", title_justify="left")
    for column in ("learner", "before", "after", "cells"):
        table.add_column(column, justify="right" if column in ("before", "after") else "left")
    for change in changes[:MOST_SHOWN]:
        before = "-" if change.before is None else f"{change.before:g}"
        cells = ", ".join(
            f"{name} {'-' if old is None else f'{old:g}'} → {new:g}" for name, old, new in change.cells[:4]
        )
        more = f" and {len(change.cells) - 4} more" if len(change.cells) > 4 else ""
        kept = f" (by hand, stays: {', '.join(change.manual)})" if change.manual else ""
        table.add_row(escape(change.learner), before, f"{change.after:g}", escape(cells + more + kept))
    console.print(table)
    if len(changes) > MOST_SHOWN:
        console.print(f"... and {len(changes) - MOST_SHOWN} more")
    up = sum(change.after > (change.before or 0.0) for change in changes)
    down = sum(change.after < (change.before or 0.0) for change in changes)
    console.print(f"{len(changes)} learners change: {up} up, {down} down")


def show_attacks(rows: Sequence[Any]) -> None:
    """Print what each attack on the sandbox did."""
    table = Table(title="Attacks on the sandbox", title_justify="left")
    for column in ("attack", "held", "expected", "what happened"):
        table.add_column(column)
    for row in rows:
        held = "[green]yes[/]" if row.ok else "[red]NO[/]"
        table.add_row(escape(row.attack), held, escape(row.expected), escape(row.happened))
    console.print(table)
