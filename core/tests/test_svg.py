"""Geometry of SVG charts: scales, gaps, bars, round numbers, escaping."""

import pytest

from core.svg import (
    Scale,
    area,
    bar,
    element,
    known_runs,
    line,
    nice_ceiling,
    nice_ticks,
    split_at_gaps,
    step_area,
    text,
)


def test_a_scale_maps_both_ways_and_clamps():
    up = Scale(0, 10, 100, 0)
    assert (up(0), up(2.5), up(10), up(12)) == (100, 75, 0, -20)
    assert (up.clamped(12), up.clamped(-1)) == (0, 100)
    assert Scale(5, 5, 0, 60)(5) == 0, "a single value has a place too"


def test_coordinates_are_rounded():
    assert (Scale(0, 3, 0, 10)(1), Scale(0, 3, 0, 10, decimals=2)(1)) == (3.3, 3.33)


@pytest.mark.parametrize(
    ("values", "runs"),
    [
        ([], []),
        ([None], []),
        ([0, 1], [range(2)]),
        ([None, 1, 2, None, None, 3], [range(1, 3), range(5, 6)]),
    ],
)
def test_runs_lie_between_gaps(values, runs):
    assert known_runs(values) == runs


def test_items_are_split_at_gaps():
    assert split_at_gaps([1, 2, 5, 6, 9], lambda a, b: b - a > 1) == [[1, 2], [5, 6], [9]]
    assert split_at_gaps([], lambda a, b: True) == []


@pytest.mark.parametrize(
    ("pairs", "drawn"),
    [
        ([(0, 5), (1, 6)], "0,5 1,6"),
        ([(60.0, 5)], "59.0,5 61.0,5"),
        ([(0.0, 5)], "0.0,5 1.0,5"),
        ([(120.0, 5)], "119.0,5 120.0,5"),
    ],
)
def test_a_single_point_is_a_dash_inside_the_box(pairs, drawn):
    assert line(pairs, width=120) == drawn


def test_areas_close_over_the_lower_line():
    assert area([(0, 1), (9, 2)], [(0, 5), (9, 6)]) == "0,1 9,2 9,6 0,5"
    assert step_area([1, None, 3], [2, 2, None], Scale(0, 2, 20, 0)) == "M0 0.0H1V10.0H0Z"


def test_bars_begin_at_zero():
    y = Scale(-10, 10, 100, 0)
    assert (bar(5, y), bar(0, y), bar(-5, y)) == ((25, 25), (50, 0), (50, 25))


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, [0, 25, 50, 75, 100]),
        (-3, 9, [-5, 0, 5, 10]),
        (-3, 7, [-5, -2.5, 0, 2.5, 5, 7.5]),
        (7, 7, [7, 7.25, 7.5, 7.75, 8]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(low, high, ticks):
    assert nice_ticks(low, high, 4) == pytest.approx(ticks)


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.3, 0.3), (7, 8), (212, 250), (1000, 1000), (1001, 1200)])
def test_an_axis_ends_at_a_round_number(value, top):
    assert nice_ceiling(value) == pytest.approx(top)


def test_markup_is_escaped():
    assert element("line", x1=0, stroke_width=0.4) == '<line x1="0" stroke-width="0.4"/>'
    assert text("<a & b>", fill='"') == '<text fill="&quot;">&lt;a &amp; b&gt;</text>'
