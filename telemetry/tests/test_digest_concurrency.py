"""Two transactions, one old and one new: with real connections, since one cannot see what another has not committed."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from devices.tests.cast import make_device
from telemetry.models import Day, DirtySpan, QuarterHour, Reading
from telemetry.rollups.digest import DIGEST_LOCK, digest
from telemetry.storage.partitions import ensure_span
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]
TEN = datetime(2025, 1, 15, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def month(db):
    ensure_span(TEN, TEN)


def in_thread(work):
    """Run `work` on a connection of its own → the thread, started."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_transaction_that_commits_late_still_reaches_its_quarter(device, now):
    written, may_commit = threading.Event(), threading.Event()

    def slow_writer():
        with transaction.atomic():
            store_readings(device, TEN, [10])
            written.set()
            may_commit.wait(10)

    writer = in_thread(slow_writer)
    assert written.wait(10)
    store_readings(device, TEN + timedelta(minutes=5), [20])  # begun later, committed earlier
    assert digest(now) == 1
    assert QuarterHour.objects.get(starts_at=TEN).received == 1
    may_commit.set()
    writer.join()
    assert digest(now) == 1
    quarter = QuarterHour.objects.get(starts_at=TEN)
    assert (quarter.received, quarter.power_consumption_sum) == (2, 30)
    assert quarter.energy_kwh == pytest.approx(10 / 12 + 20 / 12)


def test_a_second_digest_leaves_at_once(device, now):
    store_readings(device, TEN, [10])
    held, may_end = threading.Event(), threading.Event()

    def first_digest():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DIGEST_LOCK])
            held.set()
            may_end.wait(10)

    first = in_thread(first_digest)
    assert held.wait(10)
    assert digest(now) == 0
    assert DirtySpan.objects.count() == 1
    may_end.set()
    first.join()
    assert digest(now) == 1


def test_hammered_by_writers_every_reading_is_in_its_quarter(device, now):
    """Four writers in random order beside a digest that never rests: nothing is lost, nothing counted twice."""
    stop = threading.Event()

    def write(places):
        for place in places:
            with transaction.atomic():
                store_readings(device, TEN + timedelta(seconds=10 * place), [1 + place % 5], every_s=10)

    def keep_digesting():
        while not stop.is_set():
            digest(now)

    digesting = in_thread(keep_digesting)
    writers = [
        in_thread(lambda first=first: write(range(first, 240, 4)[:: -1 if first % 2 else 1])) for first in range(4)
    ]
    for writer in writers:
        writer.join()
    stop.set()
    digesting.join()
    digest(now)
    quarters = QuarterHour.objects.filter(received__gt=0)
    assert (Reading.objects.count(), sum(q.received for q in quarters)) == (240, 240)
    assert sum(q.power_consumption_sum for q in quarters) == sum(1 + place % 5 for place in range(240))
    assert sum(q.covered_s for q in QuarterHour.objects.all()) == pytest.approx(239 * 10 + 300)
    day = Day.objects.get()
    assert (day.received, day.power_consumption_sum) == (240, sum(q.power_consumption_sum for q in quarters))


def test_hammered_with_many_devices_every_reading_is_in_its_quarter_and_day(steel_forge, device, now):
    """Writers send for all devices at once, newest first or oldest first, some with a register, across two days."""
    devices = [device, *(make_device(steel_forge, f"ESP32-SF-10{place}") for place in range(5))]
    first_at = datetime(2025, 1, 15, 18, tzinfo=UTC)  # half an hour before midnight in Kolkata
    stop = threading.Event()

    def write(places):
        for place in places:
            with transaction.atomic():
                for number, its in enumerate(devices):
                    register = 1000.0 + place if number % 2 else None
                    store_readings(its, first_at + timedelta(minutes=2 * place), [12], energy_kwh=register)

    def keep_digesting():
        while not stop.is_set():
            digest(now)

    digesting = in_thread(keep_digesting)
    writers = [in_thread(lambda n=n: write(range(n, 36, 3)[:: -1 if n % 2 else 1])) for n in range(3)]
    for writer in writers:
        writer.join()
    stop.set()
    digesting.join()
    digest(now)
    for number, its in enumerate(devices):
        quarters = QuarterHour.objects.filter(device=its)
        assert sum(q.received for q in quarters) == 36
        days = Day.objects.filter(device=its).order_by("on")
        assert [(day.on.day, day.received) for day in days] == [(15, 15), (16, 21)]
        energy_kwh = sum(q.energy_kwh or 0 for q in quarters)
        assert energy_kwh == pytest.approx(35 + 1 if number % 2 else 12 * (70 + 5) / 60)
        assert sum(day.energy_kwh for day in days) == pytest.approx(energy_kwh)


def test_rows_that_a_writer_holds_do_not_hold_up_the_digest(device, now):
    store_readings(device, TEN, [10, 20])
    held, may_end = threading.Event(), threading.Event()

    def hold_readings():
        with transaction.atomic():
            list(Reading.objects.select_for_update().filter(device=device))
            held.set()
            may_end.wait(10)

    writer = in_thread(hold_readings)
    assert held.wait(10)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        assert digest(now) == 1
    may_end.set()
    writer.join()
