"""Which breach of a second judgement is which alert of the first."""

from hypothesis import given, strategies

from alerts.rules.matching import match, overlap


def test_the_same_start_is_the_same_alert_whatever_else_overlaps():
    assert match([(1, 4), (5, None)], [(1, None), (5, 6)]) == ([(0, 0), (1, 1)], [], [])


def test_a_breach_that_took_in_two_alerts_is_the_first():
    assert match([(0, 9)], [(1, 2), (4, 5)]) == ([(0, 0)], [], [1])


def test_an_alert_that_fell_in_two_is_the_first_part():
    assert match([(1, 2), (4, None)], [(0, None)]) == ([(0, 0)], [1], [])


def test_spans_that_only_touch_are_two():
    assert not overlap((1, 3), (3, 5))
    assert match([(3, 5)], [(1, 3)]) == ([], [0], [0])


SPANS = strategies.lists(strategies.tuples(strategies.integers(0, 40), strategies.integers(1, 9)), max_size=6).map(
    lambda pairs: [(start, start + length) for start, length in sorted(pairs)]
)


@given(SPANS, SPANS)
def test_every_breach_and_every_alert_is_used_once(breaches, alerts):
    matching = match(breaches, alerts)
    assert sorted([*(place for place, _ in matching.pairs), *matching.new]) == list(range(len(breaches)))
    assert sorted([*(other for _, other in matching.pairs), *matching.gone]) == list(range(len(alerts)))
    assert all(overlap(breaches[place], alerts[other]) for place, other in matching.pairs)
