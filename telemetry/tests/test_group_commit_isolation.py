"""Batches committed together, one of which fails: the others are stored as if alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections

from devices.tests.cast import make_device
from factories.tests.cast import FactoryMaker
from telemetry.metrics import METRIC_NAMES
from telemetry.models import QuarantineItem, Reading
from telemetry.storage import writer as storing
from telemetry.storage.partitions import ensure_span
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason
from telemetry.storage.writer import Batch, ReadingRow, store, store_batches

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]
MISSING = 10**9  # no device has this primary key


@pytest.fixture
def hammer(now):
    ensure_span(now, now)
    storing.repeaters.clear()
    return make_device(FactoryMaker(name="Steel Forge"))


def good(device, now):
    values = tuple(850.5 if name == "temperature" else None for name in METRIC_NAMES)
    return Batch([ReadingRow(device.pk, device.factory_id, now, now, 0, 0, values, None, {})], [], now, None)


def bad(device, now, detail="its device was deleted meanwhile"):
    return Batch([], [NewQuarantineItem(device.factory_id, MISSING, Reason.INVALID, detail, {})], now, None)


def test_what_only_the_commit_refuses_is_refused_alone(hammer, now):
    """A foreign key is checked at the very end, when all of them have been written."""
    assert store_batches([good(hammer, now), bad(hammer, now)]) == [None, None]  # so each tries alone
    assert not Reading.objects.exists()
    assert store(good(hammer, now).rows, now=now).accepted == 1
    with pytest.raises(IntegrityError):
        store([], bad(hammer, now).quarantine_items, now=now)
    assert not QuarantineItem.objects.exists()


def test_an_error_of_our_own_in_one_parcel_is_nobody_elses(hammer, now, monkeypatch):
    def fail_odd(cursor, items, at):
        if any(item.detail == "odd" for item in items):
            raise ValueError("what nobody thought of")

    monkeypatch.setattr(storing, "quarantine", fail_odd)
    assert store_batches([good(hammer, now), bad(hammer, now, "odd")]) == [None, None]


def test_a_large_parcel_is_stored_beside_small_ones(hammer, now, monkeypatch):
    """A day file under way: a single reading goes in without waiting for it."""
    begun, may_end = threading.Event(), threading.Event()
    commit_batches = storing.commit_batches

    def slow(batches, timeouts):
        if len(batches[0].rows) > storing.LARGE_BATCH_READINGS:
            begun.set()
            assert may_end.wait(10)
        return commit_batches(batches, timeouts)

    monkeypatch.setattr(storing, "commit_batches", slow)
    one = good(hammer, now).rows[0]
    file = [one._replace(at=now - timedelta(seconds=1 + n)) for n in range(storing.LARGE_BATCH_READINGS + 1)]
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(in_thread, file, now)
        assert begun.wait(10)
        assert store([one], now=now).accepted == 1
        may_end.set()
        assert under_way.result(10).accepted == len(file)


def in_thread(rows, now):
    try:
        return store(rows, now=now)
    finally:
        connections.close_all()
