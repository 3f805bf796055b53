"""Columnar parsing of a buffer gives the same as parsing one by one, or None."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from telemetry.metrics import METRIC_NAMES
from telemetry.payloads import ReadingSample, Reject, columns_of, parse_sample
from telemetry.payloads.columns import MIN_READINGS
from telemetry.storage.binary_copy import pack_columnar, pack_one_by_one
from telemetry.storage.writer import ReadingRow

NOW = datetime(2025, 1, 16, 10, 30, tzinfo=UTC)
OLDEST = datetime(2020, 1, 1, tzinfo=UTC)
EPOCH_S = 1737000000
ODD = [
    {"temperature": "21.5"},
    {"temperature": True},
    {"temperature": 10**400},
    {"temperature": float("inf")},
    {"temperature": [1]},
    {"timestamp": None},
    {"timestamp": EPOCH_S + 0.5},
    {"timestamp": "2025-01-16"},
    {"timestamp": "20250116"},
    {"timestamp": "2025-01-16T10:00:00"},
    {"timestamp": -1},
    {"timestamp": 10**11 + 1},
    {"timestamp": EPOCH_S + 86_400},
    {"timestamp": 1_000_000},
    {"device_id": "ANOTHER"},
    {"device_id": 7},
    {"device_id": "x" * 65},
    {"device_id": "a\x00"},
    {"age_ms": 5},
    {"sent_at": EPOCH_S},
    {"unknown": 1},
]


def plain(count=MIN_READINGS, **fields):
    return [{"timestamp": EPOCH_S - 60 * n, "temperature": 20.0 + n, "gas_index": 320, **fields} for n in range(count)]


def columns(readings):
    return columns_of(readings, now=NOW, oldest=OLDEST)


def one_by_one(readings):
    return [parse_sample(reading, now=NOW, oldest=OLDEST) for reading in readings]


def assert_same(readings):
    found, samples = columns(readings), one_by_one(readings)
    assert all(isinstance(sample, ReadingSample) and sample.clock == 0 for sample in samples)
    assert {found.device_id} == {sample.device_id for sample in samples}
    assert found.moments == [sample.at for sample in samples]
    assert found.values == [sample.values for sample in samples]
    assert [tuple(map(type, values)) for values in found.values] == [tuple(map(type, s.values)) for s in samples]
    assert [(sample.extra, sample.warnings) for sample in samples] == [(None, ())] * len(samples)
    for place, extremes in enumerate(found.extremes):
        known = [sample.values[place] for sample in samples if sample.values[place] is not None]
        assert extremes == ((min(known), max(known)) if known else None)


@pytest.mark.parametrize(
    "stamp",
    [
        lambda moment: int(moment.timestamp()),
        lambda moment: int(moment.timestamp() * 1000) + 7,
        lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        lambda moment: moment.astimezone(tz=None).isoformat(),
        lambda moment: (moment + timedelta(microseconds=5)).isoformat().replace("+00:00", "+05:30"),
    ],
)
def test_plain_readings_say_the_same_either_way(stamp):
    moments = [NOW - timedelta(minutes=n) for n in range(20)]
    assert_same([{"device_id": "D1", "timestamp": stamp(moment), "temperature": 21.5} for moment in moments])


def test_random_plain_buffers_say_the_same_either_way():
    chance = random.Random(7)
    for _again in range(300):
        sent = chance.sample(METRIC_NAMES, chance.randint(1, len(METRIC_NAMES)))
        readings = []
        for _reading in range(chance.randint(MIN_READINGS, 30)):
            values = {name: chance.choice([chance.uniform(-50, 2000), chance.randint(0, 9), None]) for name in sent}
            values[chance.choice(sent)] = 1.0
            readings.append({"timestamp": EPOCH_S - chance.randint(0, 10**6), **values})
        assert_same(readings)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_one_odd_reading_sends_the_whole_buffer_the_careful_way(odd):
    readings = plain()
    assert columns(readings) is not None
    readings[3] = readings[3] | odd
    assert columns(readings) is None


@pytest.mark.parametrize("odd", [5, None, [], "text", {"timestamp": EPOCH_S}], ids=str)
def test_something_that_is_no_reading_sends_it_the_careful_way(odd):
    assert columns([*plain(), odd]) is None
    assert isinstance(one_by_one([odd])[0], Reject)


def test_a_few_readings_are_read_one_by_one():
    assert columns(plain(MIN_READINGS - 1)) is None


def row(place, values, extra=None):
    return ReadingRow(7, 1, NOW - timedelta(seconds=place), NOW, 0, 3, values, extra, None)


def test_rows_of_the_same_metrics_are_packed_together_as_they_would_be_alone():
    values = [float(place) if place % 2 else None for place in range(len(METRIC_NAMES))]
    rows = [row(place, tuple(values)) for place in range(20)]
    assert b"".join(pack_columnar(rows)) == b"".join(pack_one_by_one(rows))


@pytest.mark.parametrize(
    "odd", [row(20, (None,) * len(METRIC_NAMES)), row(20, (1.0,) * len(METRIC_NAMES), {"rpm": 900})]
)
def test_one_row_unlike_the_others_sends_all_the_slow_way(odd):
    rows = [row(place, (1.0,) * len(METRIC_NAMES)) for place in range(20)]
    assert pack_columnar(rows) is not None
    assert pack_columnar([*rows, odd]) is None
