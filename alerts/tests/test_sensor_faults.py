"""When a sensor is at fault, and when it is well again; minutes after midnight stand for moments."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies

from alerts.rules.sensor_faults import CLEAN_VALUES, SensorJudgement, fault_as_json, fault_from_json

MIDNIGHT = datetime(2025, 1, 16, tzinfo=UTC)


def judged(minutes, suspect_at, judgement=None):
    judgement = judgement or SensorJudgement()
    for minute in minutes:
        suspects = {"temperature": "range"} if minute in suspect_at else {}
        judgement.feed(MIDNIGHT + timedelta(minutes=minute), suspects, [] if suspects else ["temperature"])
    return judgement


def ends(judgement):
    return [(fault.ended_at - MIDNIGHT) / timedelta(minutes=1) for fault in judgement.faults]


def test_a_fault_ends_after_an_hour_and_a_hundred_plausible_values():
    assert ends(judged(range(200), {10})) == [10 + CLEAN_VALUES]
    assert ends(judged([step / 10 for step in range(2000)], {10})) == [70]


def test_a_suspect_value_now_and_then_is_one_fault():
    week = range(0, 7 * 24 * 60, 14)
    judgement = judged(week, set(week[::10]))
    assert judgement.faults == []
    assert judgement.fault.since == MIDNIGHT


def test_a_reading_without_the_metric_says_nothing():
    judgement = judged([0], {0})
    for minute in range(1, 300):
        judgement.feed(MIDNIGHT + timedelta(minutes=minute), {}, [])
    assert judgement.fault is not None


@given(strategies.sets(strategies.integers(0, 400), max_size=4), strategies.integers(0, 400))
def test_it_does_not_matter_where_a_stream_is_cut(suspect_at, cut):
    whole = judged(range(400), suspect_at)
    first = judged(range(cut), suspect_at)
    resumed = SensorJudgement(fault_from_json(fault_as_json(first.fault)))
    second = judged(range(cut, 400), suspect_at, resumed)
    assert ends(whole) == ends(first) + ends(second)
    assert fault_as_json(whole.fault) == fault_as_json(second.fault)
