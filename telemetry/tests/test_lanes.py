"""Which stored readings the digest sums first: present ones, and from each factory in turn."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.tests.cast import make_device
from telemetry.metrics import METRIC_NAMES
from telemetry.models import Clock, DirtySpan, ProcessedSpan, QuarterHour
from telemetry.rollups import digest as digest_module
from telemetry.rollups.digest import digest, digest_pass
from telemetry.rollups.lanes import RECOUNT_COST, SPAN_COST, slice_off, waiting
from telemetry.storage.dirty_spans import LoggedSpan, received_spans
from telemetry.storage.writer import ReadingRow, store
from telemetry.tests.stored_readings import add_dirty_span, store_readings

TEN = datetime(2025, 1, 15, 10, tzinfo=UTC)
NEEDS_DATABASE = [pytest.mark.django_db, pytest.mark.sql]
ONE = SPAN_COST + 1  # what a span with one reading costs


def spans_of(first_at, count, every):
    """The spans of a request that came at TEN: (first, last, readings, is_present) each."""
    keys = [(1, first_at + place * every) for place in range(count)]
    found = received_spans(keys, TEN, "", {1: 7})
    assert {(span.device_pk, span.factory_pk, span.received_at) for span in found} == {(1, 7, TEN)}
    return [(span.first_at, span.last_at, span.readings, span.is_present) for span in found]


HOUR, FIVE = timedelta(hours=1), timedelta(minutes=5)


@pytest.mark.parametrize(
    "at, is_present",
    [
        (TEN, True),
        (TEN - 2 * HOUR, True),
        (TEN - 2 * HOUR - FIVE, False),
        (TEN + FIVE, True),  # a clock that is ahead
        (TEN - timedelta(days=300), False),
    ],
)
def test_a_reading_is_present_that_comes_within_two_hours_of_its_own_time(at, is_present):
    assert spans_of(at, 1, FIVE) == [(at, at, 1, is_present)]


def test_a_nights_buffer_that_ends_now_is_present_in_one_piece():
    first = TEN - 12 * HOUR
    assert spans_of(first, 145, FIVE) == [(first, TEN, 145, True)]


def test_of_a_months_buffer_that_ends_now_the_newest_readings_are_present_and_the_rest_is_a_backlog():
    first, cut = TEN - timedelta(days=30), TEN - 2 * HOUR
    assert spans_of(first, 30 * 288 + 1, FIVE) == [
        (first, cut - FIVE, 30 * 288 - 24, False),
        (cut, TEN, 25, True),
    ]


def test_readings_far_apart_are_spans_of_their_own_and_each_is_present_or_not():
    first = TEN - timedelta(days=2)
    assert [(last, is_present) for _, last, _, is_present in spans_of(first, 3, timedelta(days=1))] == [
        (first, False),
        (first + timedelta(days=1), False),
        (TEN, True),
    ]


@pytest.mark.django_db
def test_what_is_stored_says_whose_turn_it_takes(device, now):
    values = tuple(850.0 if name == "temperature" else None for name in METRIC_NAMES)
    rows = [
        ReadingRow(device.pk, device.factory_id, at, now, Clock.DEVICE, 0, values, None, {})
        for at in (now - timedelta(days=200), now)
    ]
    store(rows, now=now)
    logged = DirtySpan.objects.order_by("first_at").values_list("first_at", "is_present", "factory_id")
    assert list(logged) == [
        (now - timedelta(days=200), False, device.factory_id),
        (now, True, device.factory_id),
    ]


class TestFairness:
    pytestmark = NEEDS_DATABASE

    def test_a_present_reading_goes_before_any_backlog(self, device, chem_works, now):
        other = make_device(chem_works, "ESP32-CW-001")
        for place in range(30):
            store_readings(device, TEN - timedelta(days=place), [30])
        store_readings(other, TEN, [30], log=False)
        add_dirty_span(other, TEN, TEN, is_present=True)
        assert waiting() == (True, True)
        assert digest(now, budget=5 * ONE, passes=1) == 1
        assert set(QuarterHour.objects.values_list("device", flat=True)) == {other.pk}
        assert waiting() == (False, True)
        assert digest(now, budget=5 * ONE, passes=1) == 5
        digest(now, budget=5 * ONE)
        assert waiting() == (False, False)
        assert QuarterHour.objects.filter(device=device, received=1).count() == 30

    @pytest.mark.parametrize("is_present", [True, False])
    def test_two_factories_share_a_pass(self, device, chem_works, now, is_present):
        """Steel Forge sent fifty before Chem Works sent three."""
        other = make_device(chem_works, "ESP32-CW-001")
        for its, count in ((device, 50), (other, 3)):
            for place in range(count):
                store_readings(its, TEN + timedelta(hours=2 * place), [30], log=False)
                at = TEN + timedelta(hours=2 * place)
                add_dirty_span(its, at, at, is_present=is_present)
        assert digest_pass(now, is_present=is_present, budget=10 * ONE) == 10
        summed = QuarterHour.objects.filter(received=1)
        assert (summed.filter(device=other).count(), summed.filter(device=device).count()) == (3, 7)
        assert set(ProcessedSpan.objects.values_list("is_present", flat=True)) == {is_present}

    def test_a_factory_that_sends_large_batches_has_no_larger_share(self, device, chem_works, now):
        other = make_device(chem_works, "ESP32-CW-001")
        for day in range(4):
            store_readings(device, TEN + timedelta(days=day), [30] * 200)
        for place in range(4):
            store_readings(other, TEN + timedelta(hours=2 * place), [30])
        budget = SPAN_COST + 200 + 4 * ONE  # for one batch, and all that the other sent
        assert digest_pass(now, is_present=False, budget=budget) == 5
        assert QuarterHour.objects.filter(device=other, received=1).count() == 4
        assert (
            QuarterHour.objects.filter(device=device, received__gt=0).values("starts_at__date").distinct().count() == 2
        )

    def test_a_span_larger_than_a_pass_is_summed_all_the_same(self, device, now):
        store_readings(device, TEN, [30] * 100)
        assert digest_pass(now, is_present=False, budget=1) == 1
        assert not DirtySpan.objects.exists()

    def test_a_device_that_cannot_be_summed_leaves_the_present_readings(self, device, now, monkeypatch):
        def failing(*arguments):
            raise ZeroDivisionError

        store_readings(device, TEN, [30], log=False)
        add_dirty_span(device, TEN, TEN, is_present=True)
        with monkeypatch.context() as patch:
            patch.setattr(digest_module, "rebuild_spans", failing)
            assert digest_pass(now, is_present=True, budget=ONE) == 0
        assert waiting() == (False, True)
        assert digest(now) == 1

    def test_a_corrected_profile_recounts_a_year_in_slices(self, device, now):
        first = TEN - timedelta(days=20)
        store_readings(device, first, [30], log=False)
        store_readings(device, TEN, [30], log=False)
        add_dirty_span(device, first, TEN, readings=0)
        assert digest_pass(now, is_present=False, budget=RECOUNT_COST) == 1
        [rest] = DirtySpan.objects.all()
        assert (rest.first_at, rest.last_at, rest.readings) == (first + timedelta(days=7), TEN, 0)
        assert QuarterHour.objects.filter(received=1).count() == 1
        digest(now)
        assert QuarterHour.objects.filter(received=1).count() == 2
        assert not ProcessedSpan.objects.exists()

    def test_a_span_of_months_is_summed_and_judged_in_slices(self, device, now):
        first = TEN - timedelta(days=20)
        store_readings(device, first, [30] * 101, every_s=5 * 3600)
        assert digest_pass(now, is_present=False, budget=ONE) == 1
        [rest] = DirtySpan.objects.all()
        assert (rest.first_at, rest.readings) == (first + timedelta(days=7), 101 - 34)
        assert QuarterHour.objects.filter(received=1).count() == 34
        digest(now)
        assert QuarterHour.objects.filter(received=1).count() == 101
        judged = ProcessedSpan.objects.order_by("first_at").values_list("first_at", "last_at")
        assert [(a, b) for a, b in judged] == [
            (first + timedelta(days=a), min(first + timedelta(days=b), first + timedelta(hours=500)))
            for a, b in ((0, 7), (7, 14), (14, 21))
        ]


@pytest.mark.parametrize("readings", [1, 3, 1000])
def test_no_slice_of_readings_becomes_one_without_any(readings):
    span, slices = LoggedSpan(1, TEN - timedelta(days=300), TEN, readings, TEN), []
    while span is not None:
        taken, span = slice_off(span)
        slices.append(taken)
    assert len(slices) == 43 and slices[0].first_at == TEN - timedelta(days=300) and slices[-1].last_at == TEN
    assert min(taken.readings for taken in slices) >= 1
    assert readings < 1000 or sum(taken.readings for taken in slices) == readings
