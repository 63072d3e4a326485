"""Parts that figures share."""

import matplotlib.pyplot as plt
import pytest

from utils.evaluation.intervals import Interval, paired_difference
from utils.notebook.drawing import interval_line, label_ticks, points_by_seed
from utils.notebook.verdicts import first_that_holds


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_every_value_of_a_log_axis_gets_its_label_and_no_other(axes):
    axes.set(xscale="log", xlim=(10, 3000))
    label_ticks(axes, x=(32, 128, 2048))
    assert [label.get_text() for label in axes.get_xticklabels()] == ["32", "128", "2,048"]
    assert not len(axes.xaxis.get_minorticklocs())
    assert axes.get_xlim() == (10, 3000)


def test_ticks_outside_the_data_do_not_widen_the_axes(axes):
    axes.plot([1, 2], [10, 20])
    axes.set(yscale="log")
    limits = axes.get_ylim()
    label_ticks(axes, y=(0.01, 10, 1e6))
    assert axes.get_ylim() == limits


def test_an_interval_line_reaches_from_low_to_high(axes):
    interval_line(axes, [1, 2], [Interval(2.0, 1.5, 2.25, 5), Interval(3.0, 3.0, 4.0, 5)])
    (segments,) = [bars.get_segments() for bars in axes.collections]
    assert [[tuple(end) for end in one] for one in segments] == [[(1, 1.5), (1, 2.25)], [(2, 3), (2, 4)]]


def test_a_paired_difference_removes_what_both_have_in_common():
    difference = paired_difference([10.0, 20.0, 31.0], [9.0, 19.0, 30.0])
    assert (difference.mean, difference.low, difference.high) == (1, 1, 1)
    with pytest.raises(ValueError, match="3 values and others 2"):
        paired_difference([1.0, 2.0, 3.0], [1.0, 2.0])


def test_the_strictest_rule_that_is_met_decides():
    assert first_that_holds(("holds", False), ("holds in part", True), otherwise="undecided") == "holds in part"
    assert first_that_holds(("holds", False), otherwise="does not hold") == "does not hold"


def test_points_by_seed_stand_in_a_column_above_their_name(axes):
    points_by_seed(axes, {"one": [1.0, 2.0], "two": [3.0]}, fontsize=8)
    columns = [line.get_xydata().tolist() for line in axes.lines]
    assert columns == [[[0.0, 1.0], [0.0, 2.0]], [[1.0, 3.0]]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["one", "two"]
