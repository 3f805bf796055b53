"""Counters as plants send them, from the post to the insights: right, or in no figure and asked about."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert
from telemetry.models import DoubtfulStep
from telemetry.rollups.digest import digest

pytestmark = pytest.mark.django_db
QUARTER_S = 900
ZERO_RUN = [13_423.7, 13_424.2, *[0] * 8, 13_429.2, 13_429.7]
SWAPPED = [1204.0, 1204.5, 1205.0, 88_315.0, 88_315.5, 88_316.0]
CHIP = [0.4, 0.45, 0.492942, 3137.403564, 3137.45, 3137.5]
WATT_HOURS = [5_000_000 + 4_000 * place for place in range(20)]
FEW_WATT_HOURS = [439_534 + 18 * place for place in range(5)]
TWICE = [(QUARTER_S * place + late, 0.5) for place in range(5) for late in (0, 2)]


def spaced(values):
    return [(QUARTER_S * place, value) for place, value in enumerate(values)]


@pytest.fixture
def insights(api, client, asha, device):
    """`insights(rows, metric, **profile)`: what they say of rows (s, value) sent in one post three days ago."""

    def of(rows, metric, **profile):
        device.profiles.update(interval_s=QUARTER_S, **profile)
        start = (timezone.now() - timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
        body = [{"timestamp": (start + timedelta(seconds=s)).isoformat(), metric: value} for s, value in rows]
        assert client.post("/ingest", json.dumps(body), "application/json", **device.key).status_code == 201
        digest(timezone.now())
        evaluate_new_readings(timezone.now())
        energy = api(asha).get("/insights/energy?period=7d").json()
        doubts = api(asha).get("/insights?period=7d").json()["power_doubts"]
        return energy, [doubt["words"] for doubt in doubts]

    return of


@pytest.mark.parametrize(
    "values, rated_kw, kwh, steps",
    [(ZERO_RUN, 5, 6.0, 0), (SWAPPED, 5, 2.0, 1), (CHIP, 2, 0.19, 1)],
    ids=["zero run", "swapped meter", "chip reset"],
)
@pytest.mark.parametrize("metric", ["power_consumption", "energy_kwh"])
def test_a_register_that_lies_is_right_or_in_no_figure(insights, metric, values, rated_kw, kwh, steps):
    kind = "register" if metric == "power_consumption" else "kW"
    energy, doubts = insights(spaced(values), metric, power_kind=kind, rated_kw=rated_kw)
    assert round(energy["measured_kwh"] + energy["bridged_kwh"], 2) == kwh
    assert (energy["doubtful"]["steps"], doubts) == (steps, [])
    assert Alert.objects.filter(alert_type="counter_doubtful").count() == min(steps, 1)


@pytest.mark.parametrize("values, rated_kw, times", [(WATT_HOURS, 20, "800 times"), (FEW_WATT_HOURS, 1, "72 times")])
def test_watt_hours_are_in_no_figure_and_asked_about(insights, values, rated_kw, times):
    energy, [words] = insights(spaced(values), "energy_kwh", rated_kw=rated_kw)
    assert energy["measured_kwh"] + energy["bridged_kwh"] == 0
    assert times in words and "It probably sends Wh." in words
    assert not Alert.objects.exists()


def test_the_same_kilowatt_hours_two_seconds_later_are_left_out_and_named(insights):
    energy, _ = insights(TWICE, "power_consumption", power_kind="kWh", rated_kw=4)
    assert round(energy["measured_kwh"] + energy["bridged_kwh"], 2) == 2.5
    assert set(DoubtfulStep.objects.values_list("reason", flat=True)) == {"repeated"}
    assert energy["doubtful"]["steps"] == 5
