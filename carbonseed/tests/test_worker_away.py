"""The worker is away for an hour while devices go on: it catches up in bounded passes, and its alerts are the same."""

from datetime import timedelta

import pytest

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.evaluation.silence import check_silent_devices
from alerts.models import Alert, Delivery
from alerts.tests.cast import set_last_seen
from devices.models import DeviceProfile
from devices.tests.cast import make_device
from factories.roles import Role
from factories.tests.cast import FactoryMaker, member
from telemetry.models import DirtySpan, ProcessedSpan, QuarterHour
from telemetry.rollups import lanes
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
MINUTE = timedelta(minutes=1)
HOUR = 60  # minutes
ROWS, PASSES = 40, 2  # arrivals of one pass, passes of one digest
BUDGET = ROWS * (lanes.SPAN_COST + 1)  # of a pass: each arrival is a span of one reading
MACHINES = {
    "CALM": lambda minute: 850,
    "PAST": lambda minute: 950 if 10 <= minute < 20 else 850,
    "TWICE": lambda minute: 950 if minute in (5, 6, 7, 30, 31) else 850,
    "PRESENT": lambda minute: 950 if minute >= 55 else 850,
    "FLUTTER": lambda minute: 899.9 if minute % 2 else 900,
    "BROKEN": lambda minute: -300 if 20 <= minute < 25 else 850,
    "QUIET": lambda minute: 850 if minute < 20 else None,
}


def factory_of(name, start):
    """A factory with these machines, each with a reading just before `start`."""
    factory = FactoryMaker(name=name)
    member(factory, Role.OWNER, email=f"{name.split()[0].lower()}@example.in")
    machines = {machine: make_device(factory, machine) for machine in MACHINES}
    DeviceProfile.objects.filter(device__factory=factory).update(interval_s=60)
    for device in machines.values():
        set_last_seen(device, start - MINUTE)
    return factory, machines


def store_all_readings(machines, minute, at):
    for name, device in machines.items():
        value = MACHINES[name](minute)
        if value is not None:
            suspect = {"suspect": 1} if value < -273 else {}
            store_readings(device, at, [value], metric="temperature", log=False, **suspect)
            DirtySpan.objects.create(device=device, first_at=at, last_at=at, readings=1, received_at=at)


def run_worker(now):
    """One round of the worker → arrivals it took up."""
    waiting = DirtySpan.objects.count()
    digest(now, budget=BUDGET, passes=PASSES)
    evaluate_new_readings(now)
    check_silent_devices(now)
    return waiting - DirtySpan.objects.count()


@pytest.fixture
def hour(now):
    """→ two factories with the same readings: the worker ran for the first one's hour, and not for the other's."""
    start = now - HOUR * MINUTE
    watched, machines = factory_of("Watched Forge", start)
    for minute in range(HOUR):
        store_all_readings(machines, minute, start + minute * MINUTE)
        run_worker(start + minute * MINUTE)
    alone, machines = factory_of("Lonely Forge", start)
    for minute in range(HOUR):
        store_all_readings(machines, minute, start + minute * MINUTE)
    return watched, alone


def alerts_of(factory):
    alerts = Alert.objects.filter(factory=factory).order_by("device__device_id", "triggered_at")
    fields = ("device__device_id", "alert_type", "severity", "status", "triggered_at", "resolved_at", "peak_value")
    return list(alerts.values_list(*fields))


def quarters_of(factory):
    quarters = QuarterHour.objects.filter(device__factory=factory).order_by("device__device_id", "starts_at")
    return list(quarters.values_list("device__device_id", "starts_at", "received", "suspect", "temperature_max"))


def notified_devices(factory, *, later=False):
    """Of whom word went out at once; `later`: of whom it waits for the next common message."""
    rows = Delivery.objects.filter(alert__factory=factory, next_attempt_at__isnull=not later)
    return sorted(rows.values_list("alert__device__device_id", flat=True))


def test_an_hour_without_a_worker_is_made_up_for(hour, now):
    watched, alone = hour
    check_silent_devices(now)  # the schedule may come before the digest: words that wait are no silence
    assert not Alert.objects.filter(factory=alone).exists()
    rounds = []
    while DirtySpan.objects.exists():
        rounds.append(run_worker(now))
        assert 0 < rounds[-1] <= ROWS * PASSES
    assert len(rounds) > 3
    assert not ProcessedSpan.objects.exists()
    assert quarters_of(alone) == quarters_of(watched)
    assert alerts_of(alone) == alerts_of(watched)
    assert_only_the_present_is_announced(watched, alone)


def assert_only_the_present_is_announced(watched, alone):
    assert notified_devices(watched) == ["BROKEN", "PAST", "PRESENT", "QUIET", "TWICE", "TWICE"]
    assert notified_devices(alone) == ["PRESENT", "QUIET"]
    assert notified_devices(alone, later=True) == ["BROKEN", "PAST", "TWICE", "TWICE"]
    late = Alert.objects.filter(factory=alone, found_late=True)
    assert sorted(late.values_list("device__device_id", flat=True)) == ["BROKEN", "PAST", "TWICE", "TWICE"]
    still_open = late.exclude(status=Alert.Status.RESOLVED)  # a sensor is trusted again after an hour
    assert list(still_open.values_list("device__device_id", "alert_type")) == [("BROKEN", "sensor_suspect")]
    assert not Alert.objects.filter(device__device_id__in=["CALM", "FLUTTER"]).exists()
