"""A meter is swapped for one with a higher register: seen, said, decided, and right in every figure."""

from datetime import timedelta

import pytest

from alerts import lifecycle
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, Delivery
from telemetry.models import DoubtfulStep
from telemetry.queries.summary import summarise
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)


@pytest.fixture
def meter(device):
    device.profiles.update(rated_kw=5, interval_s=900)
    return device


def work(now):
    digest(now)
    evaluate_new_readings(now)


def kwh(device, start, now):
    return round(summarise(device, start, now, now).energy.total_kwh, 2)


@pytest.fixture
def swapped(meter, now):
    """Six readings that end now; the fourth is the new meter's first."""
    start = now - 5 * QUARTER
    store_readings(meter, start, [1204.0, 1204.5, 1205.0], every_s=900, metric="energy_kwh")
    work(now - 2 * QUARTER)
    store_readings(meter, now - 2 * QUARTER, [88_315.0, 88_315.5, 88_316.0], every_s=900, metric="energy_kwh")
    work(now)
    return start


def decide(page, user, **fields):
    step = DoubtfulStep.objects.get()
    page(user).post(f"/dashboard/doubtful-steps/{step.pk}/decide/", fields)


def test_it_is_in_no_figure_and_a_sensor_alert_names_it(meter, asha, swapped, now):
    assert kwh(meter, swapped, now) == 2.0
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.severity, alert.triggered_at) == ("counter_doubtful", "warning", now - 2 * QUARTER)
    assert alert.message == (
        "Main furnace: its energy register rose from 1,205 to 88,315 kWh between 15:15 and 15:30 on 16 Jan 2025: "
        "87,110 kWh, where its rating of 5 kW allows at most 2.67 kWh. It is left out of every figure until a person "
        "decides on the machine's page: meter swapped, glitch, or real."
    )
    assert Delivery.objects.filter(alert=alert, recipient=asha).exists()


def test_the_owner_says_meter_swapped_and_the_alert_is_over(page, meter, asha, swapped, now):
    decide(page, asha, decision="meter_swapped")
    work(now)
    assert kwh(meter, swapped, now) == 2.0
    alert = Alert.objects.get()
    assert (alert.status, alert.comments.get().text) == ("resolved", "Resolved: the step is decided.")


def test_the_owner_says_real_and_takes_it_back(page, meter, asha, swapped, now):
    decide(page, asha, decision="real")
    work(now)
    assert kwh(meter, swapped, now) == 87_112.0
    decide(page, asha, decision="open")
    work(now)
    assert kwh(meter, swapped, now) == 2.0
    assert DoubtfulStep.objects.get().is_open


def test_another_step_widens_the_alert_and_notifies_nobody_again(meter, asha, swapped, now):
    told = Delivery.objects.count()
    store_readings(meter, now + QUARTER, [188_316.0, 188_316.5], every_s=900, metric="energy_kwh")
    work(now + 2 * QUARTER)
    alert = Alert.objects.get()
    assert ", and 1 more" in alert.message and len(alert.terms["steps"]) == 2
    assert Delivery.objects.count() == told


def test_an_alert_that_a_person_resolves_is_not_raised_again_for_the_same_step(page, meter, vik, swapped, now):
    alert = Alert.objects.get()
    detail = page(vik).get(f"/dashboard/alerts/{alert.pk}/").content.decode()
    assert f'href="/dashboard/machines/{meter.pk}/doubts/"' in detail
    lifecycle.resolve(alert, by=vik, now=now)
    store_readings(meter, now + QUARTER, [88_316.5], every_s=900, metric="energy_kwh")
    work(now + QUARTER)
    assert not Alert.objects.open().exists() and DoubtfulStep.objects.open().exists()
    store_readings(meter, now + 2 * QUARTER, [288_316.5], every_s=900, metric="energy_kwh")
    work(now + 2 * QUARTER)
    assert Alert.objects.open().count() == 1


def test_a_late_reading_that_explains_it_resolves_the_alert(meter, asha, now):
    start = now - timedelta(days=20)
    store_readings(meter, start, [1_000.0], every_s=900, metric="energy_kwh")
    work(start)
    store_readings(meter, now, [50_000.0], every_s=900, metric="energy_kwh")
    work(now)
    assert DoubtfulStep.objects.open().count() == Alert.objects.open().count() == 1
    DoubtfulStep.objects.all().delete()  # as the digest does when late readings explain it
    evaluate_new_readings(now)
    alert = Alert.objects.get()
    assert (alert.status, alert.comments.get().text) == ("resolved", "Resolved: later readings explain the step.")


def test_watt_hours_are_one_question_and_no_alert(page, meter, asha, now):
    values = [439_534 + 18 * place for place in range(5)]
    meter.profiles.update(rated_kw=1)
    for place, value in enumerate(values):
        store_readings(meter, now + place * QUARTER, [value], every_s=900, metric="energy_kwh")
        work(now + place * QUARTER)
    until = now + 4 * QUARTER
    page(asha).post(f"/dashboard/machines/{meter.pk}/unit-answer/", {"kind": "register_unit", "answer": "correct"})
    work(until)
    assert kwh(meter, now, until) == 0.07
    assert not DoubtfulStep.objects.open().exists() and not Alert.objects.open().exists()
