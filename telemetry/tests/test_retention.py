from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from telemetry.models import QuarterHour, Reading
from telemetry.queries.summary import summarise
from telemetry.queries.timeseries import buckets
from telemetry.rollups.digest import digest, rebuild_quarters
from telemetry.storage.partitions import ensure_future_months, existing_months
from telemetry.storage.retention import drop_old_readings, droppable_months
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
LAST_OF_NOVEMBER = datetime(2024, 11, 30, 23, tzinfo=UTC)
DECEMBER = datetime(2024, 12, 1, tzinfo=UTC)
HOURS_END = datetime(2024, 12, 1, 1, tzinfo=UTC)


def rows(device):
    return list(QuarterHour.objects.filter(device=device).order_by("starts_at").values())


@pytest.fixture
def two_months(device, now):
    """An hour on either side of the end of November."""
    store_readings(device, LAST_OF_NOVEMBER, [30] * 24, temperature=850)
    digest(now)
    return device


def test_dropping_raw_readings_leaves_the_quarters(two_months, now):
    before = rows(two_months)
    assert drop_old_readings(DECEMBER) == [date(2024, 11, 1)]
    assert Reading.objects.count() == 12
    assert rows(two_months) == before


def test_a_rebuild_over_dropped_readings_does_not_delete_their_quarters(two_months, now):
    before = rows(two_months)
    drop_old_readings(DECEMBER)
    rebuild_quarters(two_months, LAST_OF_NOVEMBER, HOURS_END, now)
    assert rows(two_months) == before


def test_figures_and_charts_outlive_raw_readings(two_months, now):
    before = summarise(two_months, LAST_OF_NOVEMBER, HOURS_END, now)
    drop_old_readings(DECEMBER)
    after = summarise(two_months, LAST_OF_NOVEMBER, HOURS_END, now)
    assert (after.energy, after.received, after.gaps) == (before.energy, before.received, before.gaps)
    chart = buckets(two_months, LAST_OF_NOVEMBER, HOURS_END, resolution="15m", metrics=["temperature"], now=now)
    assert chart["series"]["temperature"]["mean"] == [850] * 8


def test_what_a_report_rests_on_stays(two_months):
    assert droppable_months(DECEMBER, datetime(2024, 11, 30, 18, 30, tzinfo=UTC)) == []
    assert droppable_months(DECEMBER, None) == [date(2024, 11, 1)]
    assert droppable_months(None) == []


def test_what_awaits_its_digest_stays(device):
    store_readings(device, LAST_OF_NOVEMBER, [30])
    assert droppable_months(DECEMBER) == []


def test_partitions_are_made_ahead(db):
    ensure_future_months(datetime(2031, 11, 30, tzinfo=UTC), months=3)
    ahead = {date(2031, 11, 1), date(2031, 12, 1), date(2032, 1, 1), date(2032, 2, 1)}
    assert ahead <= existing_months()


def test_the_command_rebuilds_a_device(two_months):
    before = rows(two_months)
    QuarterHour.objects.all().delete()
    out = StringIO()
    call_command("rebuild_quarters", device=[two_months.pk], start=None, end=None, stdout=out)
    assert rows(two_months) == before
    assert "100%" in out.getvalue()


def test_the_command_names_a_device_that_is_not_there(db):
    with pytest.raises(CommandError, match="no device 4711"):
        call_command("rebuild_quarters", "--device", "4711", "--start", "2025-01-01")
