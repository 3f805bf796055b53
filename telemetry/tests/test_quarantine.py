"""Decisions on quarantine items: release, replacement and discard."""

import json
from datetime import timedelta

import pytest

from devices.key_issuing import issue_key
from devices.provisioning import swap_unit
from devices.tests.cast import make_device
from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.models import Clock, DirtySpan, QuarantineItem, Reading
from telemetry.quarantine import ConflictingReading, NotReleased, discard, release
from telemetry.tests.payload_examples import reading_payload

pytestmark = pytest.mark.sql


@pytest.fixture
def send_to_quarantine(post, device):
    """`send_to_quarantine(body)`: sent with the device's key, and the row that quarantine made of it."""

    def send(body, key=None):
        post(body, key or device.key)
        return QuarantineItem.objects.first()

    return send


def test_a_discarded_reading_stays_on_record(send_to_quarantine, asha, now):
    row = discard(send_to_quarantine([{"temperature": "warm"}]), asha, now)
    assert (row.state, row.decided_by, row.decided_at) == ("discarded", asha, now)
    assert not Reading.objects.exists()


def test_what_was_decided_is_not_decided_again(send_to_quarantine, asha, now):
    row = discard(send_to_quarantine([{"temperature": "warm"}]), asha, now)
    with pytest.raises(NotReleased, match="discarded already"):
        release(row, asha, now)
    with pytest.raises(NotReleased):
        discard(row, asha, now)


def test_what_lay_ahead_is_stored_once_its_time_has_come(send_to_quarantine, device, asha, now):
    row = send_to_quarantine([{"timestamp": "2025-01-16T12:00:00Z", "temperature": 850}])
    with pytest.raises(NotReleased, match="ahead of the server's clock"):
        release(row, asha, now)
    assert release(row, asha, now + timedelta(hours=2)).state == "released"
    reading = Reading.objects.get()
    assert (reading.device_id, reading.temperature, reading.received_at) == (device.pk, 850, now)


def test_a_release_does_not_make_the_device_heard(send_to_quarantine, device, asha, now):
    release(
        send_to_quarantine([{"timestamp": "2025-01-16T12:00:00Z", "temperature": 850}]), asha, now + timedelta(days=9)
    )
    assert DirtySpan.objects.get().received_at == now


def test_a_contradiction_is_released_only_by_choosing_it_and_the_old_value_stays_on_record(
    send_to_quarantine, post, device, asha, now
):
    post(reading_payload(temperature=850, humidity=45), device.key)
    row = send_to_quarantine(reading_payload(temperature=-900, pressure=1000))
    with pytest.raises(ConflictingReading, match=r"850\.0 is stored, -900\.0 was sent"):
        release(row, asha, now)
    assert QuarantineItem.objects.get().state == "held"
    release(row, asha, now, replace=True)
    reading = Reading.objects.get()
    assert (reading.temperature, reading.humidity, reading.pressure) == (-900, 45, 1000)
    assert reading.suspect == IMPLAUSIBLE_BIT["temperature"]
    trail = QuarantineItem.objects.exclude(pk=row.pk).get()
    assert (trail.state, trail.decided_by, trail.device) == ("discarded", asha, device)
    assert json.loads(bytes(trail.payload)) == {
        "device_id": device.device_id,
        "timestamp": "2025-01-16T10:30:00+00:00",
        "temperature": 850,
        "humidity": 45,
    }


def test_replacing_a_suspect_value_clears_its_mark(send_to_quarantine, post, device, asha, now):
    post(reading_payload(temperature=-900), device.key)
    release(send_to_quarantine(reading_payload(temperature=20)), asha, now, replace=True)
    assert Reading.objects.values_list("temperature", "suspect").get() == (20, 0)


def test_another_devices_reading_goes_to_that_device(send_to_quarantine, steel_forge, asha, now):
    row = send_to_quarantine([reading_payload(1), {"device_id": "ESP32-SF-002", **reading_payload(2)}])
    with pytest.raises(NotReleased, match="ESP32-SF-002 is not registered"):
        release(row, asha, now)
    other = make_device(steel_forge, "ESP32-SF-002")
    release(row, asha, now)
    assert Reading.objects.filter(device=other).count() == 1


def test_a_device_of_another_factory_is_not_registered_here(send_to_quarantine, chem_works, asha, now):
    make_device(chem_works, "ESP32-CW-001")
    with pytest.raises(NotReleased, match="not registered"):
        release(send_to_quarantine([{"device_id": "ESP32-CW-001", **reading_payload()}]), asha, now)


def test_a_unit_swapped_since_belongs_to_the_machine_it_served(send_to_quarantine, device, steel_forge, asha, now):
    gateway = {"HTTP_X_API_KEY": issue_key(steel_forge, now=now)[1]}
    swap_unit(device, device_id="ESP32-SF-009", now=now)
    release(send_to_quarantine([{"device_id": "ESP32-SF-001", **reading_payload()}], gateway), asha, now)
    assert Reading.objects.get().device_id == device.pk


def test_a_release_counts_ages_from_when_it_came(send_to_quarantine, steel_forge, device, asha, now):
    gateway = {"HTTP_X_API_KEY": issue_key(steel_forge, now=now)[1]}
    row = send_to_quarantine([{"device_id": "ESP32-SF-002", "age_ms": 60_000, "temperature": 1}], gateway)
    make_device(steel_forge, "ESP32-SF-002")
    release(row, asha, now + timedelta(days=3))
    assert Reading.objects.values_list("at", "clock").get() == (now - timedelta(minutes=1), Clock.SHIFTED)


def test_what_cannot_be_read_cannot_be_released(send_to_quarantine, asha, now):
    with pytest.raises(NotReleased, match="cannot be read"):
        release(send_to_quarantine("{"), asha, now)
    with pytest.raises(NotReleased, match="still cannot be stored: temperature"):
        release(send_to_quarantine([{"temperature": "warm"}]), asha, now)


# Over the API and the page


def test_owners_see_and_decide_over_the_api(send_to_quarantine, device, asha, vik, vera, ira, chitra, api):
    row = send_to_quarantine([{"temperature": "warm"}])
    for url in (f"/devices/{device.pk}/quarantine", "/quarantine", "/quarantine?state=held"):
        answer = api(asha).get(url)
        assert [each["id"] for each in answer.json()] == [row.pk]
        assert answer.json()[0]["payload"] == '{"temperature": "warm"}'
    assert api(ira).get(f"/devices/{device.pk}/quarantine").status_code == 200
    assert api(chitra).get(f"/devices/{device.pk}/quarantine").status_code == 404
    assert api(chitra).get("/quarantine").json() == []
    for person, status in ((chitra, 404), (vik, 403), (vera, 403), (ira, 403), (asha, 200), (asha, 409)):
        assert api(person).post(f"/quarantine/{row.pk}/discard").status_code == status
    assert api(asha).post(f"/quarantine/{row.pk}/release").status_code == 409
    assert api(asha).get("/quarantine?state=held").json() == []


def test_a_contradiction_is_a_409_until_replace_is_said(send_to_quarantine, post, device, asha, api):
    post(reading_payload(temperature=850), device.key)
    row = send_to_quarantine(reading_payload(temperature=900))
    assert "replace" in api(asha).post(f"/quarantine/{row.pk}/release").json()["detail"]
    assert api(asha).post(f"/quarantine/{row.pk}/release", {"replace": True}).json()["state"] == "released"
    assert Reading.objects.get().temperature == 900


def test_the_list_takes_the_same_number_of_queries_with_one_and_three_rows(
    send_to_quarantine, device, asha, api, django_assert_num_queries
):
    send_to_quarantine([{"temperature": "warm"}])
    client = api(asha)
    client.get("/quarantine")
    with django_assert_num_queries(3):
        client.get("/quarantine")
    send_to_quarantine([{"temperature": "cold"}, {"temperature": "hot"}])
    with django_assert_num_queries(3):
        assert len(client.get("/quarantine").json()) == 3


def test_the_page_asks_which_value_is_to_stay(send_to_quarantine, post, device, asha, page):
    post(reading_payload(temperature=850), device.key)
    row = send_to_quarantine(reading_payload(temperature=900))
    answer = page(asha).post(f"/dashboard/quarantine/{row.pk}/release/")
    assert (answer.status_code, "850.0 is stored, 900.0 was sent" in answer.content.decode()) == (409, True)
    page(asha).post(f"/dashboard/quarantine/{row.pk}/release/", {"replace": "yes"})
    assert Reading.objects.get().temperature == 900


def test_the_buttons_are_the_owners(send_to_quarantine, asha, vik, chitra, page):
    row = send_to_quarantine([{"temperature": "warm"}])
    for person, status in ((chitra, 404), (vik, 403), (asha, 302)):
        assert page(person).post(f"/dashboard/quarantine/{row.pk}/discard/").status_code == status
    assert page(asha).get(f"/dashboard/quarantine/{row.pk}/discard/").status_code == 405
