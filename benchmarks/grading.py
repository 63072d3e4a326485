"""Trusted grading against plain `nbgrader autograde`, and a large class: speed, equal scores, flat memory.

    python benchmarks/grading.py speed [--assignments 01 02] [--learners 60] [--nbgrader-learners N] [--cores 2]
    python benchmarks/grading.py scale [--assignments 01] [--learners 1000] [--cores 2]

`speed` makes an honest synthetic class for each assignment and grades it twice on the same cores in one run: with
nbgrader's own command, which runs learners' code unprotected, and with `course grade`, sandbox and self-attack
included. Scores are compared cell by cell; right answers that nbgrader scores 0 because they print to stderr are
counted apart. nbgrader takes minutes: `--nbgrader-learners N` gives it the first N learners of the class only, and its
time for all is that time and, for each learner more, the time that one of the N took beyond its start. On a virtual
machine the host may take the cores away for a while, which slows two busy cores more than the one that nbgrader keeps
busy; so a second ratio leaves out what the kernel says was taken.

`scale` grades one large class and watches the coordinating process: its memory, and the rate by the clock and by
processor time (that of this process and all below it), which other work on the machine disturbs less.
`--small` takes the two small assignments of the tests, one of them with torch. `--json FILE` keeps the figures.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from utils.course.classroom.gradebook import GradebookWriter, open_gradebook  # noqa: E402
from utils.course.classroom.place import Classroom  # noqa: E402
from utils.course.classroom.synthetic import HONEST_KINDS, Ingredients, make_class, write_class  # noqa: E402

COURSE = [sys.executable, "-c", "from utils.course.classroom.commands import app; app()"]


def use_cores(count: int) -> list[int]:
    """Keep this process and all it starts on the first cores."""
    if not hasattr(os, "sched_setaffinity"):
        return list(range(os.cpu_count() or 1))
    cores = sorted(os.sched_getaffinity(0))[:count]
    os.sched_setaffinity(0, cores)
    return cores


def put_course(root: Path, wanted: Sequence[str], small: bool) -> list[str]:
    """Copy the assignments into a class's folder; return their names."""
    if small:
        from tests.classroom.assignments import COUNTING, VECTORS, counting_notebook, put_assignment, vectors_notebook

        put_assignment(root, COUNTING, counting_notebook())
        put_assignment(root, VECTORS, vectors_notebook())
        return [COUNTING, VECTORS]
    names = [Classroom.at(ROOT).find_assignment(one) for one in wanted]
    for name in names:
        for folder in ("solutions", "notebooks"):
            place = root / folder / name
            place.mkdir(parents=True)
            shutil.copy(ROOT / folder / name / f"{name}.ipynb", place)
    (root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    return names


def put_class(root: Path, name: str, learners: int) -> None:
    """Write an honest class."""
    classroom = Classroom.at(root)
    answers = ROOT / "solutions" / name / "exercises" / "answers"
    chosen = answers if answers.is_dir() and (ROOT / "solutions" / name).is_dir() else None
    ingredients = Ingredients(classroom.specification(name), classroom.release(name), chosen)
    write_class(make_class(ingredients, learners, 0, HONEST_KINDS), classroom.submitted, name)


class Duration(NamedTuple):
    """How long a command took: wall time in seconds, and the core seconds that the host took away meanwhile."""

    wall_s: float
    stolen_s: float

    def net_s(self, cores: int) -> float:
        """Return the wall time without what was taken, for a command that keeps so many cores busy."""
        return self.wall_s - self.stolen_s / cores


def timed(command: Sequence[str], root: Path) -> Duration:
    """Run a command in the class's folder and return how long it took."""
    beside = str(Path(sys.executable).parent)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": os.pathsep.join([beside, os.environ["PATH"]])}
    begin, stolen = time.perf_counter(), stolen_s()
    done = subprocess.run(list(command), cwd=root, env=environment, capture_output=True, text=True, check=False)
    took = Duration(time.perf_counter() - begin, stolen_s() - stolen)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command[:4])} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return took


def stolen_s() -> float:
    """Return the core seconds that the host of this virtual machine has given to others; 0 where nobody counts them."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            return int(file.readline().split()[8]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0


def scores(classroom: Classroom, name: str) -> dict[tuple[str, str], float | None]:
    """Return the automatic score of every learner's every graded cell."""
    gradebook = open_gradebook(classroom)
    try:
        return {
            (submission.student_id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(name)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
    finally:
        gradebook.close()


def wrote_only_to_stderr(classroom: Classroom, learner: str, name: str, grade_id: str) -> bool:
    """Return whether nbgrader scored a cell 0 for text on stderr alone, although no test failed."""
    notebook = json.loads(classroom.autograded(learner, name).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            kinds = {output.get("name", output["output_type"]) for output in cell.get("outputs", [])}
            return "stderr" in kinds and "error" not in kinds
    return False


def time_nbgrader(root: Path, name: str, learners: int) -> Duration:
    """Grade with nbgrader's own command; return how long the whole class takes.

    Args:
        root: the class's folder.
        name: the assignment.
        learners: how many to grade; where the class has more, the time for all is extrapolated.
    """
    everybody = sorted(path.parent for path in (root / "submitted").glob(f"*/{name}"))
    command = [sys.executable, "-m", "nbgrader", "autograde", name, "--Autograde.force=True"]
    if learners >= len(everybody):
        return timed(command, root)
    left_out = root / "left-out" / name
    left_out.mkdir(parents=True)
    for learner in everybody[learners:]:
        (learner / name).rename(left_out / learner.name)
    one = timed([*command, f"--student={everybody[0].name}"], root)
    some = timed(command, root)
    more = (len(everybody) - learners) / (learners - 1)
    return Duration(*(several + (several - single) * more for several, single in zip(some, one, strict=True)))


def measure_speed(arguments: argparse.Namespace) -> dict[str, Any]:
    """Grade the same honest class with nbgrader and with the course."""
    cores = use_cores(arguments.cores)
    rows = []
    with tempfile.TemporaryDirectory(prefix="course-benchmark-") as scratch:
        plain, ours = Path(scratch, "plain"), Path(scratch, "course")
        plain.mkdir()
        names = put_course(plain, arguments.assignments, arguments.small)
        for name in names:
            put_class(plain, name, arguments.learners)
            classroom = Classroom.at(plain)
            with GradebookWriter(classroom, classroom.specification(name)) as writer:
                writer.register()
        shutil.copytree(plain, ours)
        workers = str(len(cores))
        for name in names:
            ours_took = timed([*COURSE, "grade", name, "--workers", workers, "--root", str(ours)], ours)
            theirs_took = time_nbgrader(plain, name, arguments.nbgrader_learners or arguments.learners)
            theirs, found = scores(Classroom.at(plain), name), scores(Classroom.at(ours), name)
            graded_by_both = {learner for learner, _ in theirs}
            different = sorted(key for key in found if key[0] in graded_by_both and theirs.get(key) != found[key])
            for_stderr = [key for key in different if wrote_only_to_stderr(Classroom.at(plain), key[0], name, key[1])]
            different = [key for key in different if key not in for_stderr]
            rows.append(
                {
                    "assignment": name,
                    "submissions": arguments.learners,
                    "nbgrader_graded": len(graded_by_both),
                    "cells": len(theirs),
                    "nbgrader_per_minute": 60 * arguments.learners / theirs_took.wall_s,
                    "course_per_minute": 60 * arguments.learners / ours_took.wall_s,
                    "ratio": theirs_took.wall_s / ours_took.wall_s,
                    "nbgrader_s": theirs_took.wall_s,
                    "course_s": ours_took.wall_s,
                    "nbgrader_net_s": theirs_took.net_s(1),
                    "course_net_s": ours_took.net_s(len(cores)),
                    "course_stolen": ours_took.stolen_s / ours_took.wall_s / len(cores),
                    "nbgrader_zero_for_stderr": len(for_stderr),
                    "different_scores": [[*key, theirs.get(key), found[key]] for key in different],
                }
            )
    whole = {key: sum(row[key] for row in rows) for key in ("nbgrader_s", "course_s", "nbgrader_net_s", "course_net_s")}
    return {
        "cores": len(cores),
        "rows": rows,
        "ratio": whole["nbgrader_s"] / whole["course_s"],
        "net_ratio": whole["nbgrader_net_s"] / whole["course_net_s"],
    }


def processor_seconds(process: Any) -> float:
    """Return the processor time of a process and of all below it, those that have ended included."""
    import psutil

    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def measure_scale(arguments: argparse.Namespace) -> dict[str, Any]:
    """Grade one large class and watch the coordinator's memory and the rate."""
    import psutil

    from utils.course.classroom.backends import SandboxRecipe, local_backend
    from utils.course.classroom.handed_in import handed_in
    from utils.course.classroom.run import GradingRun, Progress
    from utils.course.grading import Limits

    cores = use_cores(arguments.cores)
    me = psutil.Process()
    coordinator_s = 0.0
    # The first few pay for starting the workers; up to a hundred at either end are compared.
    count = arguments.learners
    skipped = min(20, count // 5)
    part = max(2, min(100, (count - skipped) // 3))
    marks = (skipped, skipped + part - 1, count - part, count - 1)
    with tempfile.TemporaryDirectory(prefix="course-benchmark-") as scratch:
        root = Path(scratch)
        name = put_course(root, arguments.assignments[:1], arguments.small)[0]
        put_class(root, name, arguments.learners)
        classroom = Classroom.at(root)
        assignment = classroom.specification(name)
        recipe = SandboxRecipe(assignment.to_dict(), Limits().to_dict(), classroom.secret())
        times: list[float] = []
        used: dict[int, float] = {}
        memory: list[int] = []

        def observe(progress: Progress) -> None:
            if progress.kind != "fault":
                times.append(time.perf_counter())
                if len(times) - 1 in marks:
                    used[len(times) - 1] = processor_seconds(me)
                memory.append(me.memory_info().rss)

        with (
            GradebookWriter(classroom, assignment) as writer,
            GradingRun(classroom, assignment, recipe, observe=observe) as run,
        ):
            writer.register()
            found = handed_in(classroom.submitted, name)
            coordinator_s = time.process_time()
            summary = run.grade(found, lambda recipe: local_backend(recipe, len(cores)), writer=writer)
            coordinator_s = time.process_time() - coordinator_s
    first = 60 * (part - 1) / (times[skipped + part - 1] - times[skipped])
    last = 60 * (part - 1) / (times[-1] - times[-part])
    first_used, last_used = ((used[end] - used[start]) / (part - 1) for start, end in (marks[:2], marks[2:]))
    return {
        "assignment": name,
        "submissions": len(times),
        "needs_staff": len(summary.needs_staff),
        "per_minute": 60 * (len(times) - skipped) / (times[-1] - times[skipped]),
        "compared": part,
        "per_minute_first": first,
        "per_minute_last": last,
        "last_over_first": last / first,
        "cpu_s_each_first": first_used,
        "cpu_s_each_last": last_used,
        "cpu_rate_last_over_first": first_used / last_used,
        "coordinator_cpu_s_each": coordinator_s / len(times),
        "coordinator_mb_peak": max(memory) / 1e6,
        "coordinator_mb_after_the_first": memory[skipped + part - 1] / 1e6,
        "coordinator_mb_at_the_end": memory[-1] / 1e6,
    }


def show_speed(found: dict[str, Any]) -> None:
    """Print the table for docs/benchmarks.md."""
    print(f"on {found['cores']} cores, submissions per minute, whole commands:\n")
    print(
        "| assignment | submissions | graded by nbgrader | nbgrader | course | ratio | taken by the host | net ratio "
        "| scores differ | 0 for stderr |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in found["rows"]:
        print(
            f"| {row['assignment']} | {row['submissions']} | {row['nbgrader_graded']} "
            f"| {row['nbgrader_per_minute']:.1f} "
            f"| {row['course_per_minute']:.1f} | {row['ratio']:.1f} "
            f"| {row['course_stolen']:.0%} | {row['nbgrader_net_s'] / row['course_net_s']:.1f} "
            f"| {len(row['different_scores'])} of {row['cells']} | {row['nbgrader_zero_for_stderr']} |"
        )
    print(
        f"\ntogether: {found['ratio']:.1f} times nbgrader's rate, {found['net_ratio']:.1f} without what the host took"
    )
    for row in found["rows"]:
        for learner, cell, theirs, ours in row["different_scores"][:10]:
            print(f"{row['assignment']}: {learner} {cell}: nbgrader {theirs}, course {ours}")


def show_scale(found: dict[str, Any]) -> None:
    """Print the measurement in words."""
    print(
        f"{found['submissions']} submissions of {found['assignment']}: {found['per_minute']:.0f} a minute; "
        f"first {found['compared']} {found['per_minute_first']:.0f}, last {found['compared']} "
        f"{found['per_minute_last']:.0f} ({found['last_over_first']:.2f}); processor seconds each "
        f"{found['cpu_s_each_first']:.3f} and {found['cpu_s_each_last']:.3f} "
        f"({found['cpu_rate_last_over_first']:.2f} as rates), "
        f"of the coordinator {found['coordinator_cpu_s_each']:.3f}; "
        f"coordinator {found['coordinator_mb_after_the_first']:.0f} MB after the first {found['compared']}, "
        f"{found['coordinator_mb_at_the_end']:.0f} MB at the end, peak {found['coordinator_mb_peak']:.0f} MB; "
        f"{found['needs_staff']} need staff"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "scale"))
    parser.add_argument("--assignments", nargs="+", default=["01", "02"])
    parser.add_argument("--learners", type=int, default=None)
    parser.add_argument("--nbgrader-learners", type=int, default=None)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.nbgrader_learners is not None and arguments.nbgrader_learners < 2:
        parser.error(f"--nbgrader-learners must be at least 2, not {arguments.nbgrader_learners}")
    arguments.learners = arguments.learners or (60 if arguments.what == "speed" else 1000)
    found = measure_speed(arguments) if arguments.what == "speed" else measure_scale(arguments)
    (show_speed if arguments.what == "speed" else show_scale)(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
