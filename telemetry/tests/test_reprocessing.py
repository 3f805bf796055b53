"""Reprocessing reads a device's readings by their key, whatever the planner's statistics say."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.tests.cast import make_device
from telemetry.models import Reading
from telemetry.rollups.reprocessing import update_suspect_bits
from telemetry.signal.profile_timeline import ProfileTimeline
from telemetry.storage.partitions import ensure_span
from telemetry.tests.stored_readings import store_readings
from telemetry.tests.test_query_plans import explain

pytestmark = pytest.mark.django_db


@pytest.fixture
def analysed_while_empty(db, now):
    ensure_span(now - timedelta(hours=1), now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE telemetry_reading")


def update_statement(device, now):
    with CaptureQueriesContext(connection) as queries:
        update_suspect_bits(device.pk, now - timedelta(hours=1), now, ProfileTimeline(device).at(now))
    [statement] = [query["sql"] for query in queries.captured_queries if "UPDATE telemetry_reading" in query["sql"]]
    return statement


def test_readings_are_locked_and_updated_by_key_without_a_join(analysed_while_empty, steel_forge, device, now):
    """A nested loop over so many rows, of which the planner expects one, takes their number squared."""
    other = make_device(steel_forge, "ESP32-SF-002")
    for one in (device, other):
        store_readings(one, now - timedelta(minutes=45), [30] * 9)
    plan = explain(update_statement(device, now))
    assert not [node for node in plan if "Join" in node["Node Type"] or node["Node Type"] == "Nested Loop"]
    scans = [node for node in plan if node["Node Type"].endswith("Scan") and "Relation Name" in node]
    assert len(scans) == 2
    for scan in scans:
        assert "device_id" in scan.get("Index Cond", scan.get("Recheck Cond", "")), scan


def test_rows_are_locked_before_the_first_is_updated(device, now):
    store_readings(device, now - timedelta(minutes=45), [30] * 9)
    gate = next(node for node in explain(update_statement(device, now)) if node["Node Type"] == "Result")
    assert gate["One-Time Filter"]


def test_only_the_device_and_the_span_are_checked_again(steel_forge, device, now):
    other = make_device(steel_forge, "ESP32-SF-002")
    for one in (device, other):
        store_readings(one, now - timedelta(minutes=10), [1e8])
        store_readings(one, now - timedelta(hours=2), [1e8])
    Reading.objects.update(suspect=0)
    update_suspect_bits(device.pk, now - timedelta(hours=1), now, ProfileTimeline(device).at(now))
    [marked] = Reading.objects.exclude(suspect=0)
    assert (marked.device_id, marked.at) == (device.pk, now - timedelta(minutes=10))
