"""A value of unknown meaning wakes nobody: a question is open on the machine's page, and limits wait for the answer."""

import pytest

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule
from alerts.tests.cast import minutes, store_reading, store_readings
from alerts.tests.model_factories import only_rule
from telemetry.analytics import unit_doubts
from telemetry.models import UnitDoubt
from telemetry.rollups.digest import digest
from telemetry.tests.model_factories import QuarterHourMaker

pytestmark = pytest.mark.django_db


@pytest.fixture
def furnace(device):
    device.profiles.update(rated_kw=40)
    AlertRule.objects.filter(device=device).delete()
    return device


def power_rule(device, level=50):
    return only_rule(device, metric="power_consumption", level=level)


def judge(device, at, suspect=(), **values):
    store_reading(device, at, suspect, **values)
    evaluate_new_readings(at)


def the_doubt():
    return UnitDoubt.objects.open().get()


def test_watts_ask_at_the_first_reading_and_raise_no_alert(furnace, now):
    power_rule(furnace)
    judge(furnace, now, suspect=["power_consumption"], power_consumption=32_500)
    doubt = the_doubt()
    assert (doubt.kind, doubt.seen, doubt.seen_at, doubt.suggested) == (
        "power_unit", 32_500, now, {"power_kind": "W"},
    )  # fmt: skip
    assert doubt.since == furnace.profiles.get().valid_from
    assert not Alert.objects.exists()


def test_other_limits_of_the_device_are_judged_meanwhile(furnace, now):
    power_rule(furnace)
    AlertRule.objects.create(factory=furnace.factory, device=furnace, metric="temperature", level=900)
    judge(furnace, now, power_consumption=450, temperature=950)
    assert [alert.alert_type for alert in Alert.objects.all()] == ["temperature"]


def test_after_the_answer_the_next_reading_is_judged(furnace, asha, now):
    power_rule(furnace, level=30)
    judge(furnace, now, suspect=["power_consumption"], power_consumption=32_500)
    unit_doubts.answer(the_doubt(), "correct", by=asha, now=now + minutes(1))
    digest(now + minutes(1))
    judge(furnace, now + minutes(5), power_consumption=33_000)
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.metric_value) == ("power_consumption", 33)


def test_what_is_right_as_it_is_stays_answered_and_is_judged(furnace, asha, now):
    power_rule(furnace)
    judge(furnace, now, power_consumption=450)
    unit_doubts.answer(the_doubt(), "keep", by=asha, now=now, note="Two furnaces on one meter")
    judge(furnace, now + minutes(5), power_consumption=460)
    assert Alert.objects.get().metric_value == 460
    assert not UnitDoubt.objects.open().exists()


def test_gravity_holds_the_limits_on_vibration(furnace, now):
    only_rule(furnace, metric="vibration", level=5)
    judge(furnace, now, vibration_x=0.1, vibration_y=0.2, vibration_z=9.81)
    assert the_doubt().kind == "vibration_gravity" and not Alert.objects.exists()


def test_a_machine_that_is_known_raises_its_alert_at_a_wild_value(furnace, now):
    only_rule(furnace, metric="vibration", level=5)
    rows = [(now - minutes(60 - 5 * place), {"vibration_z": 2 + place / 10}) for place in range(10)]
    store_readings(furnace, rows)
    evaluate_new_readings(now)
    judge(furnace, now, vibration_z=9.81)
    assert Alert.objects.get().metric_value == 9.81
    assert not UnitDoubt.objects.exists()


def test_a_register_in_watt_hours_is_asked_about_at_its_fourth_quarter(furnace, now):
    for place in range(4):
        judge(furnace, now + minutes(15 * place), energy_kwh=5_000_000 + 30_000 * place)
    assert (the_doubt().kind, the_doubt().typical) == ("register_unit", 120_000)


def test_a_machine_that_was_colder_or_hotter_is_no_hall_in_fahrenheit(furnace, now):
    only_rule(furnace, metric="temperature", level=80)
    QuarterHourMaker(device=furnace, starts_at=now - minutes(600), temperature=32)
    rows = [(now - minutes(60 - 5 * place), {"temperature": 86, "humidity": 45}) for place in range(10)]
    store_readings(furnace, rows)
    evaluate_new_readings(now)
    assert not UnitDoubt.objects.exists() and Alert.objects.get().alert_type == "temperature"


def test_a_hall_in_fahrenheit_is_asked_about_and_nothing_is_changed(furnace, now):
    only_rule(furnace, metric="temperature", level=80)
    judge(furnace, now, temperature=86, humidity=45)
    assert (the_doubt().kind, the_doubt().suggested) == ("temperature_fahrenheit", {})
    assert not Alert.objects.exists()


def test_an_air_sensor_that_names_itself_is_asked_about_without_humidity(furnace, now):
    furnace.device_type = "ESP32 DHT22"
    furnace.save()
    judge(furnace, now, temperature=79)
    assert the_doubt().against == "sensor"


def test_a_question_that_later_values_answer_is_closed(furnace, now):
    judge(furnace, now, power_consumption=450)
    rows = [(now + minutes(5 * place), {"power_consumption": 30 + place}) for place in range(1, 8)]
    store_readings(furnace, rows)
    evaluate_new_readings(now + minutes(40))
    assert UnitDoubt.objects.get().state == UnitDoubt.State.PASSED


def test_values_of_long_ago_close_nothing(furnace, now):
    judge(furnace, now, power_consumption=450)
    store_readings(furnace, [(now - minutes(600 + place), {"power_consumption": 30}) for place in range(12)])
    evaluate_new_readings(now)
    assert the_doubt().seen == 450


def test_a_profile_changed_by_hand_answers_too(furnace, now):
    judge(furnace, now, power_consumption=450)
    profile = furnace.profiles.get()
    profile.power_kind = "W"
    profile.save()
    assert UnitDoubt.objects.get().state == UnitDoubt.State.CORRECTED
