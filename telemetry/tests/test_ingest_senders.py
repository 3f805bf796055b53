"""POST /ingest: which key may send for which device."""

import pytest

from devices.key_issuing import issue_key
from devices.tests.cast import make_device
from telemetry.models import QuarantineItem, Reading
from telemetry.tests.payload_examples import EXAMPLE, reading_payload, response_counts


def test_a_device_key_sends_for_its_own_device_only(post, device, steel_forge):
    make_device(steel_forge, "ESP32-SF-002")
    answer = post({"device_id": "ESP32-SF-002", "temperature": 1}, device.key)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "This key belongs to ESP32-SF-001; the request names ESP32-SF-002."
    assert not Reading.objects.exists()


def test_in_a_batch_another_devices_readings_are_held(post, device, steel_forge):
    other = make_device(steel_forge, "ESP32-SF-002")
    answer = post([reading_payload(1), {"device_id": other.device_id, **reading_payload(2)}], device.key)
    assert response_counts(answer) == (201, 1, 0, 1)
    assert QuarantineItem.objects.get().reason == "other_device"
    assert not Reading.objects.filter(device=other).exists()


@pytest.fixture
def gateway(steel_forge, now):
    return {"HTTP_X_API_KEY": issue_key(steel_forge, now=now)[1]}


def test_a_gateway_sends_for_any_device_of_its_factory(post, device, steel_forge, gateway):
    other = make_device(steel_forge, "ESP32-SF-002")
    answer = post([{"device_id": d.device_id, **reading_payload()} for d in (device, other)], gateway)
    assert response_counts(answer) == (201, 2, 0, 0)
    assert set(Reading.objects.values_list("device_id", flat=True)) == {device.pk, other.pk}


def test_a_gateway_that_names_an_unknown_device_gets_404(post, gateway, chem_works):
    make_device(chem_works, "ESP32-CW-001")
    for name in ("ESP32-CW-001", "NOWHERE"):
        answer = post({"device_id": name, "temperature": 1}, gateway)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"device_id {name} is not registered.")
    assert not Reading.objects.exists()


def test_in_a_gateways_batch_an_unknown_device_is_held_for_its_own_factory(post, device, gateway, chem_works):
    make_device(chem_works, "ESP32-CW-001")
    answer = post(
        [{"device_id": "ESP32-CW-001", **reading_payload()}, {"device_id": device.device_id, **reading_payload()}],
        gateway,
    )
    assert response_counts(answer) == (201, 1, 0, 1)
    held = QuarantineItem.objects.get()
    assert (held.reason, held.factory, held.device) == ("unknown_device", device.factory, None)


def test_a_gateway_must_name_the_device(post, gateway):
    assert post(reading_payload(), gateway).json()["errors"] == {"device_id": ["a gateway must name the device"]}


def test_a_paused_device_is_asked_to_keep_its_readings(post, device):
    device.is_active = False
    device.save()
    answer = post(EXAMPLE, device.key)
    assert (answer.status_code, answer["Retry-After"]) == (503, "3600")


def test_behind_a_gateway_a_paused_device_does_not_stop_the_others(post, device, steel_forge, gateway):
    paused = make_device(steel_forge, "ESP32-SF-002", is_active=False)
    alone = {"device_id": paused.device_id, **reading_payload()}
    assert post([alone], gateway)["Retry-After"] == "3600"
    assert response_counts(post([alone, {"device_id": device.device_id, **reading_payload()}], gateway)) == (
        201,
        1,
        0,
        1,
    )
    assert QuarantineItem.objects.get().reason == "paused"


def test_a_batch_takes_the_same_number_of_queries_as_one_reading(post, device, django_assert_num_queries):
    post(reading_payload(1), device.key)  # makes the partition
    with django_assert_num_queries(4):  # savepoint of this test (2); time limits, arrival and key in one; COPY
        post(reading_payload(2), device.key)
    with django_assert_num_queries(4):
        post([reading_payload(3), reading_payload(4), reading_payload(5)], device.key)
