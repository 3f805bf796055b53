"""Pictures of values: gaps stay gaps, limits are in the picture."""

from datetime import UTC, datetime, timedelta

from alerts.sparkline_svg import HEIGHT, WIDTH, Point, draw

START = datetime(2025, 1, 16, 10, tzinfo=UTC)
END = START + timedelta(hours=2)


def points(*pairs):
    return [Point(START + timedelta(minutes=minute), value, value, value) for minute, value in pairs]


def test_a_gap_is_a_gap_in_the_line():
    picture = draw(points((0, 850), (5, 860), (90, 870)), start=START, end=END, gap_s=900)
    assert [len(line.split()) for line in picture.lines] == [2, 2]
    assert picture.lines[1].startswith("179.0,")


def test_the_limit_and_every_value_are_inside():
    picture = draw(points((0, 850), (120, 950)), start=START, end=END, limits=[900, 1000], gap_s=9e9)
    heights = [float(pair.split(",")[1]) for pair in picture.lines[0].split()] + picture.limits
    assert all(0 < y < HEIGHT for y in heights)
    assert picture.limits[0] > picture.limits[1]


def test_one_value_alone_and_nothing_at_all_can_be_drawn():
    assert draw(points((60, 5)), start=START, end=END, gap_s=900).lines == ["119.0,30.0 121.0,30.0"]
    assert draw([], start=START, end=END, gap_s=900) is None


def test_what_lasted_beyond_the_picture_ends_with_it():
    picture = draw(points((0, 1)), start=START, end=END, gap_s=900, since=START + timedelta(hours=1))
    assert picture.shade == (WIDTH / 2, WIDTH / 2)


def test_highs_and_lows_make_a_band():
    spread = [Point(START, 1, 2, 3), Point(END, 2, 3, 4)]
    assert len(draw(spread, start=START, end=END, gap_s=9e9).bands) == 1
    assert draw(points((0, 1), (5, 2)), start=START, end=END, gap_s=9e9).bands == []
