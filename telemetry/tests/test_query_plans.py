"""What people look at all day never scans readings, however many months are kept and however long one is silent."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.tests.cast import make_device
from telemetry.models import LastSeen
from telemetry.queries.latest import last_rows_query, latest
from telemetry.queries.live_status import factory_status
from telemetry.rollups.digest import digest
from telemetry.storage.partitions import ensure_span
from telemetry.tests.stored_readings import store_readings

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
YEAR = timedelta(days=365)


@pytest.fixture
def six_years(db, now):
    ensure_span(now - 6 * YEAR, now + timedelta(days=92))


def nodes(plan):
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def explain(sql, parameters=None):
    """All plan nodes of `sql`."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # so small a table is scanned whole, index or not
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        [[plan]] = cursor.fetchall()
        cursor.execute("SET LOCAL enable_seqscan = on")
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return list(nodes(plan[0]["Plan"]))


def scans_of_readings(sql, parameters=None):
    """Plan nodes of `sql` that open a partition of the readings."""
    return [node for node in explain(sql, parameters) if node.get("Relation Name", "").startswith("telemetry_reading")]


def test_the_last_word_opens_two_months_of_seventy_two(six_years, device, now):
    scans = scans_of_readings(*last_rows_query({device.pk: now}))
    assert {scan["Relation Name"] for scan in scans} == {"telemetry_reading_2024_12", "telemetry_reading_2025_01"}
    assert all("device_id" in scan["Index Cond"] and "at <=" in scan["Index Cond"] for scan in scans)


def test_a_year_of_silence_is_looked_up_where_it_began(six_years, steel_forge, device, now):
    """Its own rows are found a year back; the months since then are planned for, not opened."""
    other = make_device(steel_forge, "ESP32-SF-002")
    store_readings(device, now - YEAR, [30, 31])
    store_readings(other, now, [20])
    digest(now)
    found = latest([device, other], now)
    assert (found[device.pk].values, found[device.pk].is_offline) == ({"power_consumption": 31}, True)
    assert found[other.pk].values == {"power_consumption": 20}
    with connection.cursor() as cursor:
        sql, parameters = last_rows_query({device.pk: now - YEAR + timedelta(minutes=15), other.pk: now})
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
        [[plan]] = cursor.fetchall()
    opened = [
        node["Relation Name"]
        for node in nodes(plan[0]["Plan"])
        if node.get("Relation Name", "").startswith("telemetry_reading") and node["Actual Loops"]
    ]
    assert len(opened) <= 4


def test_a_device_never_heard_costs_no_look_at_readings(six_years, device, now):
    with CaptureQueriesContext(connection) as queries:
        assert latest([device], now) == {}
    assert not [query for query in queries.captured_queries if "telemetry_reading" in query["sql"]]


def test_readings_that_were_summed_without_a_last_word_are_found(device, now):
    """Loaded and rebuilt by hand: the quarters know."""
    store_readings(device, now, [30])
    digest(now)
    LastSeen.objects.all().delete()
    assert latest([device], now)[device.pk].values == {"power_consumption": 30}


@pytest.mark.parametrize("is_digested", [True, False])
def test_how_a_factory_stands_is_looked_up_by_index_alone(six_years, device, now, is_digested):
    store_readings(device, now - timedelta(hours=12), [30] * 20)
    store_readings(device, now - timedelta(hours=1), [30] * 12)
    if is_digested:
        digest(now)
    with CaptureQueriesContext(connection) as queries:
        assert factory_status([device], now)["devices"][0]["values"]
    touching = [query["sql"] for query in queries.captured_queries if "telemetry_reading" in query["sql"]]
    assert touching
    for sql in touching:
        scans = scans_of_readings(sql)
        assert scans
        for scan in scans:
            assert "Index" in scan["Node Type"] and "device_id" in scan["Index Cond"], sql
        assert len({scan["Relation Name"] for scan in scans}) <= 3, sql
