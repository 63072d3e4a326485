"""Coverage: an idea counts only with an experiment that runs it and every graded exercise that it asks for."""

from __future__ import annotations

from pathlib import Path

from utils.course.coverage import Idea, coverage, load_ideas, measure
from utils.course.notebooks import Topic, read_notebook


def test_an_idea_needs_its_experiment_and_its_exercises(small_topic: Topic) -> None:
    ideas = [
        Idea(1, "with an experiment and a graded exercise", "01", ("add_one", "double")),
        Idea(2, "without an experiment", "01", ("add_one",)),
        Idea(1, "with an exercise that does not exist", "01", ("add_two",)),
        Idea(1, "without an exercise", "01", ()),
    ]
    covered = measure(ideas, {"01": read_notebook(small_topic.source)})
    assert [one.executable for one in covered] == [True, False, False, True]
    assert covered[2].missing_exercises == ("add_two",)


def test_the_course_lists_all_105_ideas_once(root: Path) -> None:
    ideas = load_ideas(root)
    assert [idea.row for idea in ideas] == list(range(1, 106))
    assert {idea.notebook for idea in ideas} == {f"{number:02d}" for number in range(1, 10)}


def test_every_idea_of_an_existing_notebook_is_executable(root: Path) -> None:
    covered, existing = coverage(root)
    assert existing
    missing = [one.idea.row for one in covered if one.idea.notebook in existing and not one.executable]
    assert missing == []
