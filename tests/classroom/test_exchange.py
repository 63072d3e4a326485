"""A class that hands in through nbgrader's exchange gets its feedback back through it."""

from __future__ import annotations

import datetime
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default.release_feedback import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from tests.classroom.assignments import COUNTING
from tests.classroom.test_run import run_class
from utils.course.classroom.feedback import generate_feedback


def test_release_feedback_hands_out_a_page_for_each_submission(make_class, stand_in, tmp_path: Path) -> None:
    classroom = make_class(3)
    for learner in ("right-00", "counts-01"):  # half-02 came by mail, say
        folder = classroom.submitted / learner / COUNTING
        (folder / "submission_secret.txt").write_text(f"secret of {learner}")
    run_class(classroom, stand_in(classroom))
    generate_feedback(classroom, COUNTING)

    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config = Config()
    config.CourseDirectory.root = str(classroom.root)
    config.CourseDirectory.course_id = "foundation-models"
    config.CourseDirectory.assignment_id = COUNTING
    config.Exchange.root = str(exchange)
    config.Exchange.timezone = "UTC"
    (exchange / "foundation-models" / "feedback").mkdir(parents=True)
    ExchangeReleaseFeedback(coursedir=CourseDirectory(config=config), config=config).start()

    released = {path.stem: path.read_text() for path in (exchange / "foundation-models" / "feedback").iterdir()}
    assert len(released) == 3
    for learner, score in (("right-00", "6.0 / 6.0"), ("counts-01", "1.0 / 6.0")):
        assert score in released[notebook_hash(secret=f"secret of {learner}", notebook_id=COUNTING)]
    stamp = classroom.feedback("right-00", COUNTING).with_name("timestamp.txt").read_text()
    assert datetime.datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S UTC")
