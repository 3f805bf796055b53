"""Requests committed together: each with its own result, and none fails for another."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction

from devices.tests.cast import make_device
from factories.tests.cast import FactoryMaker
from telemetry.metrics import METRIC_NAMES
from telemetry.models import DirtySpan, QuarantineItem, Reading
from telemetry.storage import writer as storing
from telemetry.storage.partitions import ensure_span
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason
from telemetry.storage.writer import (
    COALESCED_TIMEOUTS,
    SOLO_TIMEOUTS,
    Batch,
    ReadingRow,
    commit_batches,
    store,
    store_batches,
)

pytestmark = pytest.mark.sql


@pytest.fixture
def hammer(device, now):
    ensure_span(now - timedelta(days=1), now)
    return device


def row(device, at, temperature=20.0, **values):
    measured = {"temperature": temperature, **values}
    return ReadingRow(
        device.pk, device.factory_id, at, at, 0, 0, tuple(measured.get(n) for n in METRIC_NAMES), None, measured
    )


def batch(now, *rows, held=()):
    return Batch(list(rows), list(held), now, None)


def result_counts(stored):
    return [(one.accepted, one.duplicates, one.quarantined) for one in stored]


def test_each_parcel_is_counted_for_itself(hammer, now):
    earlier = now - timedelta(minutes=5)
    store([row(hammer, earlier)], now=now)
    stored = commit_batches(
        [
            batch(now, row(hammer, now), row(hammer, earlier)),
            batch(now, row(hammer, now)),
            batch(now, row(hammer, now, None, humidity=40.0)),
            batch(now, row(hammer, now, 99.0)),
            batch(now, held=[NewQuarantineItem(hammer.factory_id, hammer.pk, Reason.INVALID, "holds no metric", {})]),
        ],
        SOLO_TIMEOUTS,
    )
    assert result_counts(stored) == [(1, 1, 0), (0, 1, 0), (1, 0, 0), (0, 0, 1), (0, 0, 1)]
    assert stored[3].conflicts[0][1] == "temperature: 20.0 is stored, 99.0 was sent"
    assert Reading.objects.values_list("temperature", "humidity").get(at=now) == (20, 40)
    assert sorted(QuarantineItem.objects.values_list("reason", flat=True)) == ["conflict", "invalid"]


def test_the_first_word_in_a_group_stays_whoever_contradicts_it(hammer, now):
    stored = commit_batches([batch(now, row(hammer, now, 1.0)), batch(now, row(hammer, now, 2.0))], SOLO_TIMEOUTS)
    assert result_counts(stored) == [(1, 0, 0), (0, 0, 1)]
    assert Reading.objects.get().temperature == 1


def test_the_log_of_arrivals_says_of_each_parcel_what_was_accepted(hammer, now):
    later = now + timedelta(minutes=1)
    commit_batches([batch(now, row(hammer, now), row(hammer, later)), batch(later, row(hammer, now))], SOLO_TIMEOUTS)
    assert list(DirtySpan.objects.values_list("first_at", "last_at", "readings", "received_at")) == [
        (now, later, 2, now)
    ]


def test_a_device_that_repeated_itself_goes_the_careful_way_until_all_is_new(hammer, now):
    storing.repeaters.clear()
    moments = [now + timedelta(seconds=n) for n in range(4)]
    store([row(hammer, moments[0])], now=now)
    assert result_counts([store([row(hammer, at) for at in moments[:2]], now=now)]) == [(1, 1, 0)]
    assert hammer.pk in storing.repeaters
    assert result_counts([store([row(hammer, moments[2])], now=now)]) == [(1, 0, 0)]
    assert hammer.pk not in storing.repeaters
    assert result_counts([store([row(hammer, moments[3])], now=now)]) == [(1, 0, 0)]
    assert Reading.objects.count() == 4


def test_a_month_that_was_dropped_meanwhile_is_made_again_even_where_a_key_is_taken(hammer, now):
    store([row(hammer, now)], now=now)
    storing.repeaters.clear()
    old = now - timedelta(days=400)
    storing.cached_months.add(old.date().replace(day=1))  # as if it had been there until just now
    assert result_counts([store([row(hammer, now), row(hammer, old)], now=now)]) == [(1, 1, 0)]


@pytest.mark.django_db(transaction=True)
class TestNeighbours:
    @pytest.fixture
    def two(self, now):
        factory = FactoryMaker(name="Steel Forge")
        ensure_span(now - timedelta(days=1), now)
        storing.repeaters.clear()
        return make_device(factory), make_device(factory, "ESP32-SF-002")

    def test_one_that_waits_for_a_lock_does_not_fail_the_others(self, two, now):
        """Somebody holds the first device's key: together they give up quickly, alone the second is stored at once."""
        first, second = two

        def together():
            try:
                return store_batches([batch(now, row(first, now)), batch(now, row(second, now))])
            finally:
                connections.close_all()

        def alone(device):
            try:
                return commit_batches([batch(now, row(device, now))], SOLO_TIMEOUTS)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                Reading.objects.create(device=first, at=now, temperature=20.0)
                assert pool.submit(together).result(10) == [None, None]
                assert result_counts(pool.submit(alone, second).result(10)) == [(1, 0, 0)]
            assert result_counts(pool.submit(alone, first).result(10)) == [(0, 1, 0)]
        assert Reading.objects.count() == 2

    def test_where_the_server_is_gone_nobody_tries_again_alone(self, two, now, monkeypatch):
        tried = []

        def gone(parcels, times):
            tried.append(times)
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(storing, "commit_batches", gone)
        with pytest.raises(OperationalError):
            store_batches([batch(now, row(device, now)) for device in two])
        assert tried == [COALESCED_TIMEOUTS]

    def test_a_storm_of_parcels_at_once_is_counted_exactly(self, two, now):
        """Eight clients send overlapping buffers of two devices over and over: each reading is accepted once."""
        storing.repeaters.clear()
        moments = [now + timedelta(seconds=n) for n in range(60)]
        barrier = threading.Barrier(8)

        def send(number):
            totals = [0, 0]
            barrier.wait()
            try:
                for start in range(0, 60, 10):
                    device = two[(number + start // 10) % 2]
                    stored = store([row(device, at) for at in moments[start : start + 20]], now=now)
                    totals[0] += stored.accepted
                    totals[1] += stored.duplicates
            finally:
                connections.close_all()
            return totals

        with ThreadPoolExecutor(8) as pool:
            accepted, duplicates = map(sum, zip(*pool.map(send, range(8)), strict=True))
        assert accepted == Reading.objects.count() == 120
        assert accepted + duplicates == 8 * (5 * 20 + 10)
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(readings) FROM telemetry_dirtyspan")
            assert cursor.fetchone() == (120,)
