"""Planned work raises no alert and ends none; what still holds afterwards is told then."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from alerts import service_uptime
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.evaluation.silence import check_silent_devices
from alerts.models import Alert, Delivery, MaintenanceWindow
from alerts.tests.cast import minutes, set_last_seen, store_reading
from alerts.tests.model_factories import MaintenanceWindowMaker
from devices.tests.cast import make_device

pytestmark = pytest.mark.django_db


def create_window(device, start, end, **fields):
    return MaintenanceWindowMaker(device=device, starts_at=start, ends_at=end, **fields)


def test_a_breach_during_work_is_no_alert(device, now):
    create_window(device, now - minutes(10), now + minutes(10))
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    assert not Alert.objects.exists() and not Delivery.objects.exists()


def test_what_still_holds_after_the_work_is_told_then(device, now):
    create_window(device, now - minutes(30), now - minutes(5))
    store_reading(device, now - minutes(10), temperature=950)
    evaluate_new_readings(now - minutes(10))
    store_reading(device, now, temperature=950)
    evaluate_new_readings(now)
    assert Alert.objects.get().triggered_at == now


def test_work_does_not_end_an_alert_that_was_open_before(device, now):
    store_reading(device, now - minutes(20), temperature=950)
    evaluate_new_readings(now - minutes(20))
    create_window(device, now - minutes(10), now + minutes(10))
    store_reading(device, now, temperature=20)
    evaluate_new_readings(now)
    assert Alert.objects.open().exists()


def test_work_in_the_factory_holds_for_every_machine_and_for_no_other_factory(device, chem_works, now):
    other = make_device(chem_works, device_id="ESP32-CW-1")
    create_window(None, now - minutes(10), now + minutes(10), factory=device.factory)
    for machine in (device, other):
        store_reading(machine, now, temperature=950)
    evaluate_new_readings(now)
    assert Alert.objects.get().device == other


def test_a_suspect_sensor_during_work_is_left_alone(device, now):
    create_window(device, now - minutes(10), now + minutes(10))
    store_reading(device, now, temperature=-127, suspect=("temperature",))
    evaluate_new_readings(now)
    assert not Alert.objects.exists()


def test_a_machine_under_work_is_not_called_silent_and_gets_its_time_afterwards(device, now):
    for passed in range(-60, 60):
        service_uptime.record_heartbeat(now + minutes(passed))
    set_last_seen(device, now - minutes(40))
    create_window(device, now - minutes(30), now + minutes(30))
    looks = [check_silent_devices(now + minutes(passed)) for passed in range(0, 50, 4)]
    assert looks[:-1] == [0] * (len(looks) - 1) and looks[-1] == 1, "15 minutes after the work"


def test_the_page_announces_and_takes_back(device, vik, client, now):
    client.force_login(vik)
    told = {"device": device.pk, "starts_at": "2099-01-01T10:00", "ends_at": "2099-01-01T12:00", "reason": "New lining"}
    assert client.post(reverse("maintenance_list"), told).status_code == 302
    window = MaintenanceWindow.objects.get()
    assert (window.starts_at.hour, window.starts_at.minute, window.made_by) == (4, 30, vik), "10:00 in India"
    assert "New lining" in client.get(reverse("maintenance_list")).content.decode()
    client.post(reverse("maintenance_end", args=[window.pk]))
    assert not MaintenanceWindow.objects.exists()


def test_an_end_before_the_start_is_named(device, vik, client):
    client.force_login(vik)
    told = {"device": "", "starts_at": "2099-01-01T10:00", "ends_at": "2099-01-01T09:00", "reason": "x"}
    answer = client.post(reverse("maintenance_list"), told)
    assert answer.status_code == 422 and "The end lies after the start." in answer.content.decode()


def test_a_machine_of_another_factory_cannot_be_named(device, chem_works, vik, client):
    other = make_device(chem_works, device_id="ESP32-CW-1")
    client.force_login(vik)
    told = {"device": other.pk, "starts_at": "2099-01-01T10:00", "ends_at": "2099-01-01T12:00", "reason": "x"}
    assert client.post(reverse("maintenance_list"), told).status_code == 422
    with pytest.raises(ValidationError):
        MaintenanceWindow(factory=device.factory, device=other, reason="x").clean()
