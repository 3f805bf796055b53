"""Readings of a clock that was never set: none is lost, and those of one request keep their distances."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.models import Clock, QuarantineItem, Reading
from telemetry.payloads import ReadingSample, Reject, parse_batch, parse_sample
from telemetry.payloads.samples import has_own_time
from telemetry.tests.payload_examples import response_counts

NOW = datetime(2025, 1, 16, 10, 30, tzinfo=UTC)
OLDEST = datetime(2019, 1, 1, tzinfo=UTC)
NOW_S = 1737023400
Y2000 = 946684800
T = "temperature"


def placed(*stamps, now=NOW, oldest=OLDEST):
    """Seconds before now of each reading, by what its `timestamp` says; a dict is a reading as it is."""
    readings = [stamp if isinstance(stamp, dict) else {"timestamp": stamp, T: n} for n, stamp in enumerate(stamps)]
    results = parse_batch(readings, now=now, oldest=oldest)
    assert all(isinstance(result, ReadingSample) for result in results), results
    return [round((now - result.at).total_seconds(), 3) for result in results]


def iso(seconds):
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@pytest.mark.parametrize("base", [0, Y2000])
@pytest.mark.parametrize("stamp", [int, float, str, iso])
def test_a_batch_keeps_its_distances_and_ends_now(base, stamp):
    assert placed(*(stamp(base + seconds) for seconds in (37, 97, 157))) == [120, 60, 0]
    assert placed(*(stamp(base + seconds) for seconds in (157, 97, 37))) == [0, 60, 120]


def test_one_reading_takes_the_servers_time():
    taken = parse_batch([{"timestamp": 37, T: 1}], now=NOW, oldest=OLDEST)[0]
    assert (taken.at, taken.clock) == (NOW, Clock.SHIFTED)
    assert taken.warnings == ("timestamp: 1970-01-01T00:00:37Z: clock not set, the server's time is taken",)


def test_the_answer_says_so_once_for_all():
    results = parse_batch([{"timestamp": 60 * n, T: 1} for n in range(20)], now=NOW, oldest=OLDEST)
    said = {warning for result in results for warning in result.warnings}
    assert said == {"timestamp: 1970-01-01T00:00:00Z: clock not set, 20 shifted, distances kept"}
    assert {result.clock for result in results} == {Clock.SHIFTED}


@pytest.mark.parametrize(
    ("stamps", "seconds"),
    [
        ([37, 97, NOW_S - 600, NOW_S - 540], [720, 660, 600, 540]),  # set while it was measuring
        ([NOW_S - 540, NOW_S - 600, 97, 37], [540, 600, 660, 720]),  # the newest first
        ([37, NOW_S - 600, NOW_S - 540], [660, 600, 540]),  # one alone: the interval of the others
        ([NOW_S - 600, NOW_S - 540, 37], [600, 540, 0]),  # a restart after what was set
        ([NOW_S - 600, 37, 97], [600, 60, 0]),
        ([NOW_S - 3600, 37, 97, NOW_S - 60], [3600, 180, 120, 60]),
        ([5, 65, 125, 8, 68], [240, 180, 120, 60, 0]),  # two restarts
        ([37, Y2000 + 100, Y2000 + 160], [120, 60, 0]),  # from one epoch to another
        ([97, 37, NOW_S - 600], [0, 60, 600]),  # the oldest comes last
    ],
)
def test_the_order_in_the_body_says_what_came_first(stamps, seconds):
    assert placed(*stamps) == seconds


def test_readings_without_any_time_come_after_those_of_an_unset_clock():
    assert placed(37, 97, {T: 1}, {T: 2}) == [60.002, 0.002, 0.001, 0]


@pytest.mark.parametrize(
    ("stamps", "seconds"),
    [
        ([37_000, 97_000, 157_000], [120, 60, 0]),  # an epoch in ms that starts in 1970, or millis()
        ([37_123, 47_140, 57_119], [19.996, 9.979, 0]),
        ([1_000, 2_000, 3_000], [2, 1, 0]),
        ([0, 300_000, 600_000], [600, 300, 0]),
        ([900, 1_800, 2_700], [1_800, 900, 0]),  # quarter hours are seconds
        ([3_600, 7_201, 10_800], [7_200, 3_599, 0]),  # hours too
        ([0, 86_400, 172_800], [172_800, 86_400, 0]),  # and days
        ([0, 1_200, 2_400], [2_400, 1_200, 0]),
        ([0, 5_400, 10_800], [10_800, 5_400, 0]),
        ([7, 1_213, 2_421], [2_414, 1_208, 0]),  # twenty minutes of sleep, and some seconds of boot
        ([0, 5_000, 10_040], [10.04, 5.04, 0]),
        ([0, 10_193, 20_380], [20.38, 10.187, 0]),
        ([0, 3_600_000, 7_200_000], [7_200, 3_600, 0]),
        ([1, 2, NOW_S * 1000 - 60_000], [60.002, 60.001, 60]),  # its later readings are in ms
        ([iso(0), iso(5_000), iso(10_000)], [10_000, 5_000, 0]),  # a date leaves no doubt
        ([Y2000 * 1000 + 5_000, Y2000 * 1000 + 10_000], [5, 0]),
    ],
)
def test_a_count_of_milliseconds_is_told_from_one_of_seconds(stamps, seconds):
    assert placed(*stamps) == seconds


def test_a_clock_that_stands_still_gives_the_order_alone():
    assert placed(Y2000, Y2000, Y2000) == [0.002, 0.001, 0]


def test_parts_of_one_reading_stay_together():
    assert placed({"timestamp": 37, T: 1}, {"timestamp": 37, "humidity": 2}) == [0, 0]


def test_each_device_behind_a_gateway_has_a_clock_of_its_own():
    def reading(name, stamp):
        return {"device_id": name, "timestamp": stamp, T: 1}

    assert placed(reading("A", 37), reading("B", 90_000), reading("A", 97), reading("B", 90_060)) == [60, 60, 0, 0]
    # of one gateway clock the times rise throughout: A was not heard for half a minute
    assert placed(reading("A", 37), reading("A", 97), reading("B", 127)) == [90, 30, 0]


@pytest.mark.parametrize(
    ("fields", "seconds", "clock"),
    [
        ({"timestamp": 37, "age_ms": 90_000}, 90, Clock.SHIFTED),  # an age says more
        ({"timestamp": 37, "sent_at": 127}, 90, Clock.SHIFTED),  # both on the same unset clock
        ({"timestamp": 37, "sent_at": NOW_S}, 0, Clock.SHIFTED),  # set between measuring and sending
        ({"timestamp": NOW_S - 90, "sent_at": 127}, 90, Clock.DEVICE),  # restarted in between
    ],
)
def test_what_else_is_known_of_the_clock_is_used(fields, seconds, clock):
    result = parse_batch([{T: 1, **fields}], now=NOW, oldest=OLDEST)[0]
    assert ((NOW - result.at).total_seconds(), result.clock) == (seconds, clock)


def test_what_was_sent_long_ago_is_not_shifted():
    """A day file and a release from quarantine have no "now" to shift to."""
    assert parse_sample({"timestamp": 37, T: 1}, now=NOW, oldest=OLDEST).reason == "too_old"
    assert parse_sample({"timestamp": 45123.5, T: 1}, now=NOW, oldest=OLDEST).reason == "too_old"  # Excel's serial


def test_before_2020_is_history_where_history_is_kept():
    results = parse_batch([{"timestamp": "2019-06-01T00:00:00Z", T: 1}], now=NOW, oldest=OLDEST)
    assert (results[0].at, results[0].clock) == (datetime(2019, 6, 1, tzinfo=UTC), Clock.DEVICE)
    long_kept = parse_batch([{"timestamp": 37, T: 1}], now=NOW, oldest=datetime(1960, 1, 1, tzinfo=UTC))
    assert long_kept[0].at == NOW


def test_a_buffer_that_reaches_beyond_what_is_kept_loses_that_part_alone():
    stamps = [0, 300 * 86_400, 310 * 86_400]
    results = parse_batch(
        [{"timestamp": iso(stamp), T: 1} for stamp in stamps], now=NOW, oldest=NOW - timedelta(days=100)
    )
    assert [isinstance(result, Reject) and result.reason for result in results] == ["too_old", False, False]


def test_a_resend_is_told_from_a_reading_with_its_own_time():
    assert [has_own_time({"timestamp": stamp}) for stamp in (37, iso(37), Y2000, NOW_S, iso(NOW_S))] == [
        *(False, False, False, True, True)
    ]
    assert (has_own_time({"ts": NOW_S}), has_own_time({"ts": 37}), has_own_time({"timestamp": "soon"})) == (
        *(True, False, True),
    )


STAMPS = st.one_of(
    st.integers(-(10**12), 10**20),
    st.integers(0, 10**6),
    st.integers(NOW_S - 10**5, NOW_S + 10**3),
    st.integers(-(10**10), NOW_S).map(iso),
    st.none(),
)


@given(st.lists(st.tuples(STAMPS, st.sampled_from(["A", "B", None])), max_size=12))
def test_whatever_clocks_say_every_reading_is_placed_or_refused_and_none_after_its_arrival(sent):
    readings = [{"timestamp": stamp, "device_id": name, T: 1} for stamp, name in sent]
    for result in parse_batch(readings, now=NOW, oldest=OLDEST):
        if isinstance(result, ReadingSample):
            assert OLDEST <= result.at <= NOW + timedelta(minutes=5)
            assert result.clock in Clock.values
        else:
            assert result.reason in ("future", "too_old", "invalid")


@given(st.lists(st.integers(0, 10**5), min_size=2, max_size=20, unique=True))
def test_counts_that_rise_keep_order_and_proportion(counts):
    counts.sort()
    ages = placed(*map(iso, counts))
    assert ages == [counts[-1] - count for count in counts]


@pytest.mark.sql
def test_a_night_without_a_set_clock_then_right(post, device, now):
    """Every minute a reading; the network comes back, then the time does."""
    night = [{"timestamp": 60 * minute, T: minute} for minute in range(100)]
    assert response_counts(post(night, device.key)) == (201, 100, 0, 0)
    moments = list(Reading.objects.order_by("at").values_list("at", T))
    assert moments == [(now - timedelta(minutes=99 - minute), minute) for minute in range(100)]
    later = {"timestamp": (now + timedelta(minutes=1)).isoformat(), T: 100}
    answer = post(later, device.key)
    assert (answer.json()["warnings"], Reading.objects.filter(clock=Clock.DEVICE).count()) == ([], 1)
    assert not QuarantineItem.objects.exists()


@pytest.mark.sql
def test_the_same_buffer_again_is_stored_at_its_new_end_and_nothing_is_lost(post, device, monkeypatch, now):
    """It has no time of its own to be known by: a lost answer costs a second copy, never the first."""
    from telemetry.ingest.views import IngestView

    buffer = [{"timestamp": 37, T: 1}, {"timestamp": 97, T: 2}]
    post(buffer, device.key)
    monkeypatch.setattr(IngestView, "now", staticmethod(lambda: now + timedelta(seconds=7)))
    assert response_counts(post(buffer, device.key)) == (201, 2, 0, 0)
    assert sorted((now - at).total_seconds() for at in Reading.objects.values_list("at", flat=True)) == [-7, 0, 53, 60]


@pytest.mark.sql
def test_plain_buffers_take_the_columns_and_unset_clocks_do_not(post, device):
    plain = [{"timestamp": NOW_S - 60 * n, T: 1} for n in range(20)]
    assert post(plain, device.key).json()["warnings"] == []
    unset = [{"timestamp": 60 * n, T: 1} for n in range(20)]
    assert "clock not set" in post(unset, device.key).json()["warnings"][0]


# Local time sent as UTC


@pytest.mark.sql
@pytest.mark.parametrize(
    ("zone", "ahead", "words"),
    [
        (
            "Asia/Kolkata",
            timedelta(hours=5, minutes=30),
            "5 h 30 min ahead: Indian time sent as UTC?",
        ),
        (
            "Asia/Kolkata",
            timedelta(hours=5, minutes=27),
            "5 h 27 min ahead: Indian time sent as UTC?",
        ),
        ("Asia/Kolkata", timedelta(hours=5), "5 h 0 min ahead of the clock here"),
        ("Asia/Kolkata", timedelta(days=30), "30 days ahead of the clock here"),
        ("Asia/Kathmandu", timedelta(hours=5, minutes=45), "5 h 45 min ahead: Asia/Kathmandu time"),
        ("Asia/Kathmandu", timedelta(hours=5, minutes=30), "5 h 30 min ahead of the clock here"),
        ("America/New_York", timedelta(hours=5), "5 h 0 min ahead of the clock here"),
    ],
)
def test_local_time_that_was_sent_as_utc_is_named(post, device, now, zone, ahead, words):
    device.factory.time_zone = zone
    device.factory.save()
    answer = post({"timestamp": (now + ahead).isoformat(), T: 1}, device.key)
    assert response_counts(answer) == (200, 0, 0, 1)
    detail = QuarantineItem.objects.get().detail
    assert words in detail
    assert ("sent as UTC?" in detail) == ("time" in words)
    assert answer.json()["warnings"] == [detail]


def test_a_buffer_of_local_time_is_named_by_its_newest_reading():
    from zoneinfo import ZoneInfo

    stamps = [NOW + timedelta(hours=5, minutes=30) - timedelta(hours=n) for n in range(5)]
    readings = [{"timestamp": stamp.isoformat(), T: 1} for stamp in stamps]
    results = parse_batch(readings, now=NOW, oldest=OLDEST, zone=ZoneInfo("Asia/Kolkata"))
    assert all("Indian time sent as UTC?" in result.detail for result in results)
    assert "is 1 h 30 min ahead" in results[-1].detail
