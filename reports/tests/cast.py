"""Readings of a week at Steel Forge for report tests: what is known of them is written beside them."""

from datetime import UTC, datetime, timedelta

from reports.issuing import open_points
from telemetry.rollups import digest
from telemetry.storage.partitions import ensure_span
from telemetry.tests.stored_readings import add_dirty_span, insert

MONDAY = datetime(2025, 1, 5, 18, 30, tzinfo=UTC)  # 6 January 2025, 00:00 in India
SUNDAY_END = MONDAY + timedelta(days=7)


def waive_all(report, by, now):
    """Every open point of a report, so that a test about something else can make it final."""
    if keys := [point.key for point in open_points.unwaived(report)]:
        open_points.waive(report, keys, reason="not the matter of this test", by=by, now=now)


def create_readings_and_digest(device, first, last, now, every_s=300, **values):
    """Readings with these values from `first` until `last`, summed to quarter hours."""
    create_readings(device, first, last, every_s, **values)
    digest.digest(now)


def create_readings(device, first, last, every_s=300, **values):
    ensure_span(first, last)
    count = int((last - first).total_seconds() // every_s)
    moments = [first + timedelta(seconds=every_s * place) for place in range(count)]
    insert(device, [{"at": at, **values} for at in moments])
    add_dirty_span(device, moments[0], moments[-1], count)


def create_week_of_power(device, now):
    """60 kW by day (06:00 to 18:00), 2 kW by night, all week: 12 × 60 + 12 × 2 = 744 kWh a day, 5,208 in all."""
    for day in range(7):
        midnight = MONDAY + timedelta(days=day)
        morning, evening = midnight + timedelta(hours=6), midnight + timedelta(hours=18)
        create_readings(device, midnight, morning, power_consumption=2, temperature=40, gas_index=210)
        create_readings(device, morning, evening, power_consumption=60, temperature=850, gas_index=320)
        create_readings(
            device, evening, midnight + timedelta(days=1), power_consumption=2, temperature=40, gas_index=210
        )
    digest.digest(now)
