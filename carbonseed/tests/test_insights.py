from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import AlertRule
from carbonseed.dashboard.alert_limits import alert_bounds
from devices.tests.cast import make_device
from telemetry.analytics.insights import insights
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def two_days(device, now):
    """Yesterday 20 kW at 800 °C, today 30 kW at 850 °C with three readings above 900."""
    device.alert_rules.all().delete()
    start = now - 2 * DAY
    store_readings(device, start, [20] * 288, temperature=[799, 800], vibration_x=1.0, vibration_y=[2.0, 1.9])
    store_readings(device, start + DAY, [30] * 285, temperature=[849, 850, 851], vibration_x=[3.0, 2.9, 2.9])
    store_readings(device, now - timedelta(minutes=15), [30] * 3, temperature=950, vibration_x=3.0)
    digest(now)
    return device


def figures(found):
    return {figure.name: figure for figure in found.figures}


def test_figures_stand_beside_the_period_before(two_days, now):
    found = figures(insights([two_days], "24h", now))
    energy, temperature = found["energy_consumption"], found["max_temperature"]
    assert (round(energy.value), round(energy.baseline), round(energy.change_percent)) == (720, 480, 50)
    assert (temperature.value, temperature.baseline) == (950, 800)
    assert found["avg_temperature"].value == pytest.approx((850 * 285 + 950 * 3) / 288)
    assert found["vibration_health_score"].value == pytest.approx(70)
    assert found["vibration_health_score"].baseline == pytest.approx(80)
    assert {figure.coverage_percent for figure in found.values()} == {None, 100}  # no gas sensor, no coverage of it


def test_readings_beyond_a_limit_are_counted_exactly(two_days, now):
    for level, severity in ((900, "warning"), (940, "critical")):
        AlertRule.objects.create(factory=two_days.factory, metric="temperature", level=level, severity=severity)
    AlertRule.objects.create(factory=two_days.factory, device=two_days, metric="power_consumption", level=25)
    found = insights([two_days], "24h", now, *alert_bounds([two_days]))
    by_limit = {(row.metric, row.title): (row.readings, row.baseline) for row in found.thresholds}
    assert sorted(by_limit.values()) == [(3, 0), (3, 0), (288, 0)]
    assert figures(found)["anomalies_detected"].value == 288  # a reading beyond three limits counts once


def test_power_limits_are_kilowatts_whatever_is_sent(device, now):
    device.alert_rules.all().delete()
    device.profiles.update(power_kind="W")
    store_readings(device, now - timedelta(hours=1), [30_000] * 11 + [60_000])
    digest(now)
    AlertRule.objects.create(factory=device.factory, metric="power_consumption", level=50)
    assert figures(insights([device], "24h", now, *alert_bounds([device])))["anomalies_detected"].value == 1


def test_raw_acceleration_has_no_health_score(two_days, now):
    two_days.profiles.update(vibration_kind="raw")
    assert figures(insights([two_days], "24h", now))["vibration_health_score"].value is None


def test_a_gap_lowers_the_coverage_and_is_not_filled(device, now):
    store_readings(device, now - 2 * DAY, [30] * 288 + [30] * 144)
    digest(now)
    energy = figures(insights([device], "24h", now))["energy_consumption"]
    assert (round(energy.value), energy.coverage_percent) == (360, 50)
    assert "12.0 machine hours are missing" in energy.note


def test_rolling_averages_end_now(two_days, now):
    windows = insights([two_days], "24h", now).rolling["temperature"]
    assert [window["hours"] for window in windows] == [1, 6, 24]
    assert windows[0]["mean"] == pytest.approx((850 * 9 + 950 * 3) / 12)


def test_the_api_explains_each_figure(api, vera, device):
    now = timezone.now()
    store_readings(device, now - timedelta(hours=1), [30] * 12, temperature=850)
    digest(now)
    answer = api(vera).get("/insights", {"period": "7d"}).json()
    assert answer["period"] == "7d"
    assert set(answer["metrics"]) == {
        "avg_temperature",
        "max_temperature",
        "avg_gas_index",
        "vibration_health_score",
        "device_uptime_percentage",
        "anomalies_detected",
        "energy_consumption",
    }
    for explained in answer["explanation"].values():
        assert {"window", "baseline", "formula", "coverage_percent"} <= set(explained)


@pytest.mark.parametrize(("query", "field"), [({"period": "1y"}, "period"), ({"factory_id": "x"}, "factory_id")])
def test_the_api_names_what_it_does_not_understand(api, vera, query, field):
    answer = api(vera).get("/insights", query)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_insights_are_not_the_auditors_and_no_strangers(api, page, ira, chitra, steel_forge):
    assert api(ira).get("/insights").status_code == 403
    assert api(chitra).get("/insights", {"factory_id": steel_forge.pk}).status_code == 404
    assert page(ira).get("/dashboard/insights/").status_code == 403


def test_the_page_shows_figures_and_formulas(page, vera, device):
    store_readings(device, timezone.now() - timedelta(hours=1), [1234] * 12, temperature=850)
    digest(timezone.now())
    for period in ("24h", "7d", "30d", "nonsense"):
        body = page(vera).get("/dashboard/insights/", {"period": period}).content.decode()
        assert "How these figures are made" in body
        assert "850.0" in body


def test_the_page_of_a_factory_without_machines_says_what_to_do(page, asha):
    assert "Nothing to look into yet" in page(asha).get("/dashboard/insights/").content.decode()


def test_the_page_costs_the_same_queries_for_one_machine_and_three(
    page, vera, steel_forge, device, django_assert_num_queries
):
    client = page(vera)
    store_readings(device, timezone.now(), [1])
    with CaptureQueriesContext(connection) as one:
        client.get("/dashboard/insights/")
    for number in (2, 3):
        store_readings(make_device(steel_forge, f"ESP32-SF-00{number}"), timezone.now(), [1])
    with django_assert_num_queries(len(one)):
        client.get("/dashboard/insights/")
