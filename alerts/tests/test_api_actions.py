"""Snoozing, acting on several alerts, and planned work over the API: for those who may, in their own factory."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, MaintenanceWindow
from alerts.tests.cast import minutes, store_reading
from alerts.tests.model_factories import MaintenanceWindowMaker
from devices.tests.cast import make_device

pytestmark = pytest.mark.django_db


@pytest.fixture
def alerts(device, asha, now):
    store_reading(device, now, temperature=950, gas_index=500)
    evaluate_new_readings(now)
    return list(Alert.objects.order_by("pk"))


def test_an_alert_is_snoozed(api, alerts, vik, vera):
    address = f"/alerts/{alerts[0].pk}/snooze"
    assert api(vera).post(address, {"minutes": 30}).status_code == 403
    assert api(vik).post(address, {"minutes": 30}).json()["snoozed_until"]
    for wrong in ({}, {"minutes": 0}, {"minutes": 99999}, {"minutes": "long"}):
        answer = api(vik).post(address, wrong)
        assert answer.status_code == 400 and list(answer.json()) == ["minutes"]


def test_several_alerts_are_answered_at_once_and_only_ones_own(api, alerts, vik, vera, chitra):
    ids = [alert.pk for alert in alerts]
    said = {"ids": [*ids, 10**9], "act": "acknowledge", "comment": "On it"}
    assert api(chitra).post("/alerts/bulk", said).json() == {"changed": 0}
    assert api(vera).post("/alerts/bulk", said).status_code == 403
    assert api(vik).post("/alerts/bulk", said).json() == {"changed": 2}
    assert api(vik).post("/alerts/bulk", said).json() == {"changed": 0}
    assert set(Alert.objects.values_list("status", flat=True)) == {"acknowledged"}


@pytest.mark.parametrize(
    ("wrong", "field"), [({"act": "delete"}, "act"), ({"ids": "all"}, "ids"), ({"ids": list(range(501))}, "ids")]
)
def test_what_makes_no_act_names_its_field(api, alerts, vik, wrong, field):
    answer = api(vik).post("/alerts/bulk", {"ids": [], "act": "resolve", **wrong})
    assert answer.status_code == 400 and list(answer.json()) == [field]


def window_payload(device, now, **values):
    payload = {"device_id": device.pk, "starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat()}
    return {**payload, "reason": "New lining", **values}


def test_work_is_announced_listed_and_taken_back(api, device, vik, vera, now):
    later = now + timedelta(days=4000)
    assert api(vera).post("/maintenance", window_payload(device, later)).status_code == 403
    made = api(vik).post("/maintenance", window_payload(device, later))
    assert made.status_code == 201 and made.json()["made_by"] == vik.pk
    assert [row["id"] for row in api(vera).get("/maintenance").json()] == [made.json()["id"]]
    assert api(vik).delete(f"/maintenance/{made.json()['id']}").status_code == 204
    assert not MaintenanceWindow.objects.exists()


def test_work_is_filtered_by_machine_and_state(api, device, steel_forge, vera):
    today = timezone.now()
    for days, reason in ((-2, "past"), (0, "running"), (2, "upcoming")):
        start = today + timedelta(days=days, minutes=-5)
        MaintenanceWindowMaker(device=device, starts_at=start, reason=reason)
    MaintenanceWindowMaker(device=None, factory=steel_forge, starts_at=today - timedelta(days=9), reason="everywhere")

    def reasons(query):
        return [row["reason"] for row in api(vera).get(f"/maintenance?{query}").json()]

    assert reasons(f"device_id={device.pk}") == ["upcoming", "running", "past"]
    assert reasons("state=running") == ["running"]
    assert reasons("state=upcoming") == ["upcoming"]
    assert reasons("state=past") == ["past", "everywhere"]
    assert api(vera).get("/maintenance?state=never").status_code == 400
    assert api(vera).get("/maintenance?device_id=x").status_code == 400


def test_work_that_is_over_stays_on_record(api, device, vik, now):
    made = api(vik).post("/maintenance", window_payload(device, now - timedelta(days=2))).json()
    answer = api(vik).delete(f"/maintenance/{made['id']}")
    assert answer.status_code == 400 and list(answer.json()) == ["ends_at"] and MaintenanceWindow.objects.exists()


def test_wrong_work_names_its_field_and_reaches_no_other_factory(api, device, vik, chem_works, now):
    theirs = make_device(chem_works, "ESP32-CW-1")
    wrong = [
        ({"device_id": theirs.pk}, "device_id"),
        ({"ends_at": (now - minutes(5)).isoformat()}, "ends_at"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"reason": ""}, "reason"),
    ]
    for values, field in wrong:
        answer = api(vik).post("/maintenance", window_payload(device, now, **values))
        assert answer.status_code == 400 and list(answer.json()) == [field]
    assert api(vik).post("/maintenance", window_payload(device, now, factory_id=chem_works.pk)).status_code == 404
