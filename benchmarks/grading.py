"""Trusted grading against plain `nbgrader autograde`, and a large class: speed, equal scores, flat memory.

    python benchmarks/grading.py speed [--assignments 01 02] [--learners 30] [--cores 2] [--json FILE]
    python benchmarks/grading.py scale [--assignments 01] [--learners 1000] [--cores 2] [--json FILE]

`speed` makes an honest synthetic class for each assignment and grades it twice on the same cores in one run: with
nbgrader's own command, which runs learners' code unprotected, and with `course grade`, sandbox and self-attack
included. Scores are compared cell by cell; right answers that nbgrader scores 0 because they print to stderr are
counted apart. `scale` grades one large class and watches the coordinating process.
`--small` takes the two small assignments of the tests, one of them with torch.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
    answers = ROOT / "tests" / "answers" / name.split("_")[0]
    chosen = answers if answers.is_dir() and (ROOT / "solutions" / name).is_dir() else None
    ingredients = Ingredients(classroom.specification(name), classroom.release(name), chosen)
    write_class(make_class(ingredients, learners, 0, HONEST_KINDS), classroom.submitted, name)


def timed(command: Sequence[str], root: Path) -> float:
    """Run a command in the class's folder and return its wall time in seconds."""
    beside = str(Path(sys.executable).parent)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": os.pathsep.join([beside, os.environ["PATH"]])}
    begin = time.perf_counter()
    done = subprocess.run(list(command), cwd=root, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command[:4])} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return seconds


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
            nbgrader = [sys.executable, "-m", "nbgrader", "autograde", name, "--Autograde.force=True"]
            theirs_s = timed(nbgrader, plain)
            ours_s = timed([*COURSE, "grade", name, "--workers", workers, "--root", str(ours)], ours)
            theirs, found = scores(Classroom.at(plain), name), scores(Classroom.at(ours), name)
            different = sorted(key for key in found if theirs.get(key) != found[key])
            for_stderr = [key for key in different if wrote_only_to_stderr(Classroom.at(plain), key[0], name, key[1])]
            different = [key for key in different if key not in for_stderr]
            rows.append(
                {
                    "assignment": name,
                    "submissions": arguments.learners,
                    "cells": len(found),
                    "nbgrader_per_minute": 60 * arguments.learners / theirs_s,
                    "course_per_minute": 60 * arguments.learners / ours_s,
                    "ratio": theirs_s / ours_s,
                    "nbgrader_s": theirs_s,
                    "course_s": ours_s,
                    "nbgrader_zero_for_stderr": len(for_stderr),
                    "different_scores": [[*key, theirs.get(key), found[key]] for key in different],
                }
            )
    theirs_all, ours_all = sum(row["nbgrader_s"] for row in rows), sum(row["course_s"] for row in rows)
    return {"cores": len(cores), "rows": rows, "ratio": theirs_all / ours_all}


def measure_scale(arguments: argparse.Namespace) -> dict[str, Any]:
    """Grade one large class and watch the coordinator's memory and the rate."""
    import psutil

    from utils.course.classroom.backends import SandboxRecipe, local_backend
    from utils.course.classroom.handed_in import handed_in
    from utils.course.classroom.run import GradingRun, Progress
    from utils.course.grading import Limits

    cores = use_cores(arguments.cores)
    me = psutil.Process()
    with tempfile.TemporaryDirectory(prefix="course-benchmark-") as scratch:
        root = Path(scratch)
        name = put_course(root, arguments.assignments[:1], arguments.small)[0]
        put_class(root, name, arguments.learners)
        classroom = Classroom.at(root)
        assignment = classroom.specification(name)
        recipe = SandboxRecipe(assignment.to_dict(), Limits().to_dict(), classroom.secret())
        times: list[float] = []
        memory: list[int] = []

        def observe(progress: Progress) -> None:
            if progress.kind != "fault":
                times.append(time.perf_counter())
                memory.append(me.memory_info().rss)

        with (
            GradebookWriter(classroom, assignment) as writer,
            GradingRun(classroom, assignment, recipe, observe=observe) as run,
        ):
            writer.register()
            found = handed_in(classroom.submitted, name)
            summary = run.grade(found, lambda recipe: local_backend(recipe, len(cores)), writer=writer)
    # The first few pay for starting the workers; a fifth at either end is compared.
    skipped = 2 * len(cores)
    part = max(2, (len(times) - skipped) // 5)
    first = 60 * (part - 1) / (times[skipped + part - 1] - times[skipped])
    last = 60 * (part - 1) / (times[-1] - times[-part])
    return {
        "assignment": name,
        "submissions": len(times),
        "needs_staff": len(summary.needs_staff),
        "per_minute": 60 * (len(times) - skipped) / (times[-1] - times[skipped]),
        "per_minute_first_fifth": first,
        "per_minute_last_fifth": last,
        "last_over_first": last / first,
        "coordinator_mb_peak": max(memory) / 1e6,
        "coordinator_mb_at_a_fifth": memory[skipped + part - 1] / 1e6,
        "coordinator_mb_at_the_end": memory[-1] / 1e6,
    }


def show_speed(found: dict[str, Any]) -> None:
    """Print the table for docs/benchmarks.md."""
    print(f"on {found['cores']} cores, submissions per minute, whole commands:\n")
    print("| assignment | submissions | nbgrader autograde | course grade | ratio | different scores | 0 for stderr |")
    print("|---|---|---|---|---|---|---|")
    for row in found["rows"]:
        print(
            f"| {row['assignment']} | {row['submissions']} | {row['nbgrader_per_minute']:.1f} "
            f"| {row['course_per_minute']:.1f} | {row['ratio']:.1f} "
            f"| {len(row['different_scores'])} of {row['cells']} | {row['nbgrader_zero_for_stderr']} |"
        )
    print(f"\ntogether: {found['ratio']:.1f} times nbgrader's rate")
    for row in found["rows"]:
        for learner, cell, theirs, ours in row["different_scores"][:10]:
            print(f"{row['assignment']}: {learner} {cell}: nbgrader {theirs}, course {ours}")


def show_scale(found: dict[str, Any]) -> None:
    """Print the measurement in words."""
    print(
        f"{found['submissions']} submissions of {found['assignment']}: {found['per_minute']:.0f} a minute; "
        f"first fifth {found['per_minute_first_fifth']:.0f}, last fifth {found['per_minute_last_fifth']:.0f} "
        f"({found['last_over_first']:.2f}); coordinator {found['coordinator_mb_at_a_fifth']:.0f} MB after a fifth, "
        f"{found['coordinator_mb_at_the_end']:.0f} MB at the end, peak {found['coordinator_mb_peak']:.0f} MB; "
        f"{found['needs_staff']} need staff"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "scale"))
    parser.add_argument("--assignments", nargs="+", default=["01", "02"])
    parser.add_argument("--learners", type=int, default=None)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    arguments.learners = arguments.learners or (30 if arguments.what == "speed" else 1000)
    found = measure_speed(arguments) if arguments.what == "speed" else measure_scale(arguments)
    (show_speed if arguments.what == "speed" else show_scale)(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
