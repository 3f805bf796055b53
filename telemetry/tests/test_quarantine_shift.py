"""Held readings released with a moved time: one or a thousand, by a typed shift or so that the last is when it came."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from devices.tests.cast import make_device
from telemetry.models import Clock, DirtySpan, QuarantineItem, Reading
from telemetry.quarantine import NotReleased, release
from telemetry.quarantine.bulk import discard_many, release_many
from telemetry.quarantine.shift import LAST_IS_RECEIVED, describe_shift, parse_shift
from telemetry.tests.model_factories import QuarantineItemMaker, ReadingMaker

pytestmark = pytest.mark.sql
INDIA = timedelta(hours=5, minutes=30)


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("-5:30", -19_800), ("\u22125:30", -19_800), ("+05:30", 19_800), ("5:30", 19_800), ("05:30 hours", 19_800),
        ("+05:30 minutes", 330), ("-5:30 min", -330), ("1:00:10", 3610), ("0:00", 0), (" - 5:30 ", -19_800),
        ("90", 90), ("-90 s", -90), ("45 min", 2700), ("5 h 30 min", 19_800), ("-2 days 3 h", -183_600), ("1.5h", 5400),
        ("-PT5H30M", -19_800), ("P1DT12H", 129_600), ("pt90s", 90), (-19_800, -19_800), (0.5, 0.5),
        ("30 days, 1 h", 2_595_600),
    ],
)  # fmt: skip
def test_a_shift_is_typed_as_people_type_it(typed, seconds):
    assert parse_shift(typed) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "-", "yesterday", "5:99", "5 parsecs", "P", "PT", True, None, [], "1e9", "9" * 50, 1e300, float("nan")),
        *("5:30 GMT", "101 years"),
    ],
)  # fmt: skip
def test_anything_else_says_what_is_expected(typed):
    with pytest.raises(ValueError, match="expected"):
        parse_shift(typed)


@pytest.mark.parametrize("seconds", [-19_800, 330, 0, 90_061, -1])
def test_a_shift_is_read_back_as_it_is_written(seconds):
    shift = timedelta(seconds=seconds)
    assert parse_shift(describe_shift(shift)) == shift


def held(device, at, received_at, reason="future", **fields):
    """An item held for its time, as ingest makes it."""
    payload = {"timestamp": at if isinstance(at, str) else at.isoformat(), **(fields or {"temperature": 850.5})}
    return QuarantineItemMaker(
        device=device, received_at=received_at, reason=reason, payload=json.dumps(payload).encode()
    )


def moments():
    return list(Reading.objects.order_by("at").values_list("at", flat=True))


def outcomes_of(results):
    return [one.outcome for one in results]


def test_one_is_released_with_a_typed_shift_and_who_moved_it_is_on_record(device, asha, now):
    item = held(device, now + INDIA, now)
    release(item, asha, now, shift=-INDIA)
    assert Reading.objects.values_list("at", "clock", "received_at").get() == (now, Clock.SHIFTED, now)
    item.refresh_from_db()
    assert (item.state, item.decided_by, item.shift_seconds) == ("released", asha, -19_800)


def test_a_shift_that_does_not_help_is_refused(device, asha, now):
    item = held(device, now + INDIA, now)
    with pytest.raises(NotReleased, match="ahead of the server's clock"):
        release(item, asha, now, shift=timedelta(hours=-5))
    with pytest.raises(NotReleased, match="older than what is kept"):
        release(item, asha, now, shift=timedelta(days=-9000))
    assert not Reading.objects.exists()


def test_the_last_one_was_when_it_came_and_the_others_keep_their_distances(device, asha, now):
    start = datetime(2025, 3, 1, tzinfo=UTC)
    for n in range(3):
        held(device, start + n * timedelta(minutes=5), now - timedelta(minutes=10 - 5 * n))
    results = release_many(QuarantineItem.objects.all(), asha, now, shift=LAST_IS_RECEIVED)
    assert outcomes_of(results) == ["released"] * 3
    assert moments() == [now - timedelta(minutes=10), now - timedelta(minutes=5), now]
    assert set(Reading.objects.values_list("clock", flat=True)) == {Clock.SHIFTED}
    assert {one.shift_seconds for one in results} == {(now - start - timedelta(minutes=10)).total_seconds()}


def test_each_device_has_a_clock_of_its_own(device, steel_forge, asha, now):
    other = make_device(steel_forge, "ESP32-SF-002")
    held(device, now + timedelta(days=1), now)
    held(other, now + timedelta(days=7), now)
    release_many(QuarantineItem.objects.all(), asha, now, shift=LAST_IS_RECEIVED)
    assert moments() == [now, now]


def test_a_stamp_too_old_to_keep_and_one_without_offset_are_moved_as_well(device, asha, now):
    held(device, "1999-12-31T23:55:00Z", now, reason="too_old")
    held(device, "2000-01-01T05:30:00", now, reason="invalid")  # the factory's own time: midnight UTC
    release_many(QuarantineItem.objects.all(), asha, now, shift=LAST_IS_RECEIVED)
    assert moments() == [now - timedelta(minutes=5), now]


def test_local_time_without_offset_is_released_as_the_factorys(device, asha, now):
    item = held(device, "2025-01-16T15:30:00", now, reason="invalid")
    release(item, asha, now, shift=timedelta())
    assert moments() == [now - timedelta(minutes=30)]


def test_what_has_no_time_of_its_own_is_not_moved(device, asha, now):
    item = QuarantineItemMaker(
        device=device, received_at=now, reason="unknown_device", payload=b'{"age_ms": 60000, "temperature": 1}'
    )
    release_many(QuarantineItem.objects.all(), asha, now, shift=-INDIA)
    assert moments() == [now - timedelta(minutes=1)]
    item.refresh_from_db()
    assert item.shift_seconds is None


def test_the_good_part_is_kept_and_each_other_says_why(device, asha, now):
    ReadingMaker(device=device, at=now, temperature=850)
    conflict = held(device, now + INDIA, now, temperature=900)
    good = held(device, now + INDIA - timedelta(minutes=1), now)
    twice = held(device, now + INDIA - timedelta(minutes=1), now, temperature=850.5, reason="too_old")
    ahead = held(device, now + timedelta(days=9), now)
    odd = held(device, now + INDIA, now, temperature="warm")
    decided = held(device, now + INDIA, now, humidity=1)
    QuarantineItem.objects.filter(pk=decided.pk).update(state="discarded")
    results = {one.pk: one for one in release_many(QuarantineItem.objects.all(), asha, now, shift=-INDIA)}
    assert {pk: one.outcome for pk, one in results.items()} == {
        conflict.pk: "conflict", good.pk: "released", twice.pk: "released",
        ahead.pk: "refused", odd.pk: "refused", decided.pk: "refused",
    }  # fmt: skip
    assert results[conflict.pk].detail == "temperature: 850.0 is stored, 900.0 was sent."
    assert "ahead" in results[ahead.pk].detail and "warm" in results[odd.pk].detail
    assert results[decided.pk].detail == "It was discarded already."
    assert set(QuarantineItem.objects.filter(state="held")) == {conflict, ahead, odd}


def test_conflicts_win_where_replace_is_said_and_the_old_value_goes_on_record(device, asha, now):
    ReadingMaker(device=device, at=now, temperature=850)
    held(device, now + INDIA, now, temperature=900)
    held(device, now + INDIA, now, temperature=901)
    results = release_many(QuarantineItem.objects.all(), asha, now, shift=-INDIA, replace=True)
    assert outcomes_of(results) == ["released", "released"]
    assert Reading.objects.get().temperature == 901
    assert QuarantineItem.objects.filter(state="discarded", reason="conflict").count() == 2


def test_a_thousand_take_a_few_dozen_queries_and_a_repetition_changes_nothing(
    device, asha, now, django_assert_max_num_queries
):
    for n in range(1000):
        held(device, now + INDIA - n * timedelta(seconds=5), now)
    with django_assert_max_num_queries(50):
        results = release_many(QuarantineItem.objects.all(), asha, now, shift=LAST_IS_RECEIVED)
    assert set(outcomes_of(results)) == {"released"}
    assert (moments()[0], moments()[-1], len(moments())) == (now - 999 * timedelta(seconds=5), now, 1000)
    spans = DirtySpan.objects.all()
    assert (sum(span.readings for span in spans), {span.received_at for span in spans}) == (1000, {now})
    again = release_many(QuarantineItem.objects.all(), asha, now, shift=LAST_IS_RECEIVED)
    assert set(outcomes_of(again)) == {"refused"}
    assert Reading.objects.count() == 1000


def test_many_are_discarded_at_once(device, asha, now):
    items = [held(device, now + INDIA, now, temperature=n) for n in range(3)]
    release(items[0], asha, now, shift=-INDIA)
    assert outcomes_of(discard_many(QuarantineItem.objects.all(), asha, now)) == ["refused", "discarded", "discarded"]
    assert Reading.objects.count() == 1
