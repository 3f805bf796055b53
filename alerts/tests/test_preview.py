"""What a rule would have done last month, before anybody saves it."""

from datetime import timedelta

import pytest

from alerts.evaluation.preview import preview_rule
from alerts.models import AlertRule
from alerts.tests.cast import minutes, store_readings
from alerts.tests.model_factories import only_rule
from telemetry.models import QuarterHour, Reading
from telemetry.rollups.digest import rebuild_quarters

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(device, now):
    """A furnace at 850 °C that was at 950 for 20 minutes on three days."""
    for day in (3, 2, 1):
        start = now - timedelta(days=day)
        rows = [(start + minutes(5 * step), 950 if 12 <= step < 16 else 850 + step % 2) for step in range(36)]
        store_readings(device, [(at, {"temperature": value}) for at, value in rows])
        rebuild_quarters(device, rows[0][0], rows[-1][0])
    return device


def build_rule(device, **fields):
    fields = {"metric": "temperature", "kind": "above", "level": 900} | fields
    return AlertRule(factory=device.factory, device=device, **fields)


@pytest.mark.parametrize(
    ("fields", "fired"),
    [
        ({}, 3),
        ({"level": 960}, 0),
        ({"hold_seconds": 900}, 3),
        ({"hold_seconds": 1200}, 0),
        ({"kind": "below", "level": 900}, 4),
        ({"kind": "outside", "level": None, "params": {"low": 800, "high": 900}}, 3),
        ({"kind": "rate", "level": 50, "params": {"window_seconds": 600, "direction": "rise"}}, 3),
        ({"kind": "rate", "level": 150, "params": {"window_seconds": 600}}, 0),
    ],
)
def test_it_is_replayed_from_what_is_stored(month, now, fields, fired):
    found = preview_rule(build_rule(month, **fields), [month], now)
    assert (len(found.breaches), found.approximate_count) == (fired, 0)


def test_where_readings_are_gone_quarter_hours_stand_for_them_and_it_says_so(month, now):
    Reading.objects.all().delete()
    found = preview_rule(build_rule(month), [month], now)
    assert len(found.breaches) >= 3
    mixed = QuarterHour.objects.filter(temperature_max__gt=900, temperature_min__lte=900)
    assert found.approximate_count == mixed.count() > 0  # one wholly across the limit has no secret


def test_the_page_tries_the_rule_in_the_form(page, asha, vik, month):
    fields = {"metric": "temperature", "kind": "above", "level": "900", "severity": "info", "device": month.pk}
    answer = page(asha).get("/dashboard/alerts/rules/preview/", fields)
    assert b"Nothing is stored of the last 30 days" in answer.content
    assert b"Fill in the rule" in page(asha).get("/dashboard/alerts/rules/preview/", {"kind": "above"}).content
    assert page(vik).get("/dashboard/alerts/rules/preview/", fields).status_code == 403


def test_nobody_tries_another_factorys_rule(page, chitra, device, month):
    theirs = only_rule(device)
    assert page(chitra).get("/dashboard/alerts/rules/preview/", {"of": theirs.pk}).status_code == 404


def test_a_restless_value_gets_a_hint_until_the_rule_has_a_level_to_end_at(device, now):
    start = now - timedelta(days=3)
    rows = [(start + timedelta(minutes=5 * step), {"temperature": 905 if step % 2 else 898}) for step in range(12)]
    store_readings(device, rows)
    rebuild_quarters(device, start, now)
    assert preview_rule(build_rule(device), [device], now).flapping_count >= 3
    assert preview_rule(build_rule(device, clear_level=890), [device], now).flapping_count == 0
