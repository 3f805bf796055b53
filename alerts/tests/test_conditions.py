"""When a rule fires and when it clears, in tables. Minutes after midnight stand for moments."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given, strategies

from alerts.rules.conditions import CLEAR, BreachState, Limit, RuleSample, evaluate
from alerts.rules.validation import problems

MIDNIGHT = datetime(2025, 1, 16, tzinfo=UTC)
ABOVE = Limit("above", 900)
BELOW = Limit("below", 10)
BAND = Limit("outside", low=800, high=900)
HYSTERESIS = Limit("above", 900, clear_level=880)
HELD = Limit("above", 900, hold=timedelta(minutes=10))


def at(minute):
    return None if minute is None else MIDNIGHT + timedelta(minutes=minute)


def samples(*pairs):
    return [RuleSample(at(minute), value) for minute, value in pairs]


def breach_minutes(breaches):
    """(crossed, fired, ended) in minutes per breach."""

    def minute(moment):
        return None if moment is None else (moment - MIDNIGHT).total_seconds() / 60

    return [(minute(b.since), minute(b.fired_at), minute(b.ended_at)) for b in breaches]


@pytest.mark.parametrize(
    ("limit", "said", "expected"),
    [
        pytest.param(ABOVE, [(0, 850)], [], id="within"),
        pytest.param(ABOVE, [(0, 900)], [], id="on the limit is not across"),
        pytest.param(ABOVE, [(0, 850), (5, 950)], [(5, 5, None)], id="fires at once without hold"),
        pytest.param(ABOVE, [(0, 950), (5, 900)], [(0, 0, 5)], id="clears on the level"),
        pytest.param(ABOVE, [(0, 950), (5, 850), (9, 960), (12, 800)], [(0, 0, 5), (9, 9, 12)], id="twice"),
        pytest.param(BELOW, [(0, 12), (1, 9), (2, 10)], [(1, 1, 2)], id="below"),
        pytest.param(BAND, [(0, 850), (1, 799), (2, 901), (3, 800)], [(1, 1, 3)], id="outside on either side is one"),
        pytest.param(HYSTERESIS, [(0, 905), (1, 895), (2, 905), (3, 881)], [(0, 0, None)], id="flutter is one breach"),
        pytest.param(HYSTERESIS, [(0, 905), (1, 880)], [(0, 0, 1)], id="clears at the clear level"),
        pytest.param(HELD, [(0, 950), (5, 960)], [], id="not held long enough"),
        pytest.param(HELD, [(0, 950), (5, 960), (10, 940)], [(0, 10, None)], id="held"),
        pytest.param(HELD, [(0, 950), (5, 890), (10, 950)], [], id="a return starts the hold anew"),
        pytest.param(HELD, [(0, 950), (300, 950)], [(0, 300, None)], id="a hold is met by samples, whatever between"),
        pytest.param(HELD, [(0, 950), (15, 890)], [], id="a clearing sample never meets a hold"),
        pytest.param(ABOVE, [(0, nan), (1, inf), (2, 950), (3, nan)], [(2, 2, None)], id="no figure, no judgement"),
        pytest.param(ABOVE, [], [], id="nothing said"),
    ],
)
def test_a_limit_fires_and_clears(limit, said, expected):
    assert breach_minutes(evaluate(limit, samples(*said)).breaches) == expected


@pytest.mark.parametrize("limit", [ABOVE, BELOW, BAND, HYSTERESIS, HELD])
def test_it_does_not_matter_where_a_stream_is_cut(limit):
    said = samples(*[(minute, value) for minute, value in enumerate([850, 950, 5, 950, 905, 881, 940, 930, 5, 12] * 4)])
    whole = evaluate(limit, said)
    for cut in range(len(said)):
        first = evaluate(limit, said[:cut])
        second = evaluate(limit, said[cut:], first.state)
        new = [b for b in second.breaches if not b.is_continued]
        assert len(first.breaches) + len(new) == len(whole.breaches)
        peaks = {b.since: (b.peak, b.peak_at) for b in [*first.breaches, *second.breaches]}
        assert peaks == {b.since: (b.peak, b.peak_at) for b in whole.breaches}
        assert second.state == whole.state


def test_a_breach_reported_before_goes_on_without_firing_again():
    judgement = evaluate(ABOVE, samples((5, 980), (10, 960)), BreachState(at(0), has_fired=True))
    [breach] = judgement.breaches
    assert (breach.is_continued, breach.peak, breach.ended_at) == (True, 980, None)
    assert judgement.state == BreachState(at(0), True, peak=980, peak_at=at(5), last_at=at(10))


def test_silence_neither_fires_nor_clears():
    standing = BreachState(at(0), has_fired=True)
    assert evaluate(ABOVE, [], standing).state == standing
    assert evaluate(ABOVE, [], CLEAR).state == CLEAR


def test_the_peak_is_the_value_farthest_across():
    [low] = evaluate(BELOW, samples((0, 8), (1, 3), (2, 9))).breaches
    [band] = evaluate(BAND, samples((0, 905), (1, 700), (2, 950))).breaches
    assert (low.peak, band.peak) == (3, 700)


GOOD = {"kind": "above", "metric": "temperature", "level": 900, "clear_level": None, "params": {}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"clear_level": 880}, None),
        ({"kind": "outside", "level": None, "params": {"low": 1, "high": 2}}, None),
        ({"kind": "silence", "metric": "", "level": None}, None),
        ({"kind": "sideways"}, "kind"),
        ({"kind": "rate"}, "params"),
        ({"kind": "rate", "params": {"window_seconds": 600}}, None),
        ({"kind": "rate", "params": {"window_seconds": 600, "direction": "up"}}, "params"),
        ({"kind": "rate", "params": {"window_seconds": 600}, "level": 0}, "level"),
        ({"kind": "flat", "level": None}, "hold_seconds"),
        ({"kind": "flat", "level": None, "hold_seconds": 3600}, None),
        ({"kind": "flat", "level": None, "hold_seconds": 3600, "metric": "power_consumption"}, "metric"),
        ({"kind": "silence", "level": None}, None),
        ({"kind": "baseline", "level": None}, None),
        ({"kind": "baseline", "level": None, "params": {"z": 1}}, "params"),
        ({"kind": "baseline"}, "level"),
        ({"kind": "budget", "metric": ""}, None),
        ({"kind": "budget"}, "metric"),
        ({"kind": "budget", "metric": "", "params": {"period": "year"}}, "params"),
        ({"metric": "energy_kwh"}, "metric"),
        ({"metric": ""}, "metric"),
        ({"level": None}, "level"),
        ({"level": nan}, "level"),
        ({"level": inf}, "level"),
        ({"level": 1e10}, "level"),
        ({"clear_level": 950}, "clear_level"),
        ({"clear_level": nan}, "clear_level"),
        ({"kind": "below", "clear_level": 850}, "clear_level"),
        ({"params": {"z": 3}}, "params"),
        ({"params": []}, "params"),
        ({"params": {"second_level": 950}}, None),
        ({"params": {"second_level": 800}}, "params"),
        ({"kind": "outside", "level": None, "params": {"low": 2, "high": 1}}, "params"),
        ({"kind": "outside", "level": None, "params": {"low": "1", "high": True}}, "params"),
        ({"kind": "outside", "params": {"low": 1, "high": 2}}, "level"),
        ({"kind": "silence"}, "level"),
        ({"kind": "silence", "metric": "mood", "level": None}, "metric"),
        ({"kind": "silence", "metric": "", "level": 5}, "level"),
    ],
)
def test_a_rule_that_could_not_be_judged_is_refused_by_field(change, field):
    assert list(problems(**(GOOD | change))) == ([field] if field else [])


VALUES = strategies.lists(strategies.sampled_from([850.0, 880.0, 881.0, 899.0, 900.0, 901.0, 950.0, nan]), max_size=40)


@given(
    VALUES, strategies.lists(strategies.integers(0, 40), max_size=6), strategies.sampled_from([ABOVE, HYSTERESIS, HELD])
)
def test_however_samples_are_cut_into_batches_the_judgement_is_the_same(values, cuts, limit):
    rows = samples(*((5 * minute, value) for minute, value in enumerate(values)))
    edges = [0, *sorted(cut for cut in cuts if cut <= len(rows)), len(rows)]
    standing, found = CLEAR, {}
    for first, last in pairwise(edges):
        judgement = evaluate(limit, rows[first:last], standing)
        standing = judgement.state
        for breach in judgement.breaches:
            before = found.get(breach.since)
            fired_at = before[0] if before else breach.fired_at
            found[breach.since] = (fired_at, breach.ended_at, breach.peak)
    whole = evaluate(limit, rows)
    assert found == {breach.since: (breach.fired_at, breach.ended_at, breach.peak) for breach in whole.breaches}
    assert standing == whole.state
