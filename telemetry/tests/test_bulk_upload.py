"""POST /data/bulk: readings that a person uploads, by the device's number."""

import pytest

from devices.tests.cast import make_device
from telemetry.ingest.bulk_upload import upload_readings
from telemetry.models import QuarantineItem, Reading
from telemetry.tests.payload_examples import reading_payload

pytestmark = pytest.mark.sql
URL = "/data/bulk"


def test_an_owner_brings_readings_of_their_devices(api, asha, device, steel_forge):
    other = make_device(steel_forge, "ESP32-SF-002")
    body = {
        "readings": [{"device_id": device.pk, **reading_payload(1)}, {"device_id": str(other.pk), **reading_payload(2)}]
    }
    answer = api(asha).post(URL, body)
    assert (answer.status_code, answer.json()) == (
        201,
        {"status": "success", "created": 2, "duplicates": 0, "errors": []},
    )
    assert set(Reading.objects.values_list("device_id", flat=True)) == {device.pk, other.pk}
    again = api(asha).post(URL, body)
    assert (again.status_code, again.json()["created"], again.json()["duplicates"]) == (200, 0, 2)


def test_each_reading_stands_for_itself(asha, device, now):
    result = upload_readings(
        [
            {"device_id": device.pk, **reading_payload(1)},
            {"device_id": device.pk, "timestamp": "2025-01-16T10:30:00", "temperature": 1},
            {"device_id": device.pk + 10**6, **reading_payload(2)},
            {"device_id": True, **reading_payload(2)},
            "odd",
            {"device_id": device.pk, **reading_payload(1, temperature=1)},
        ],
        asha,
        now=now,
    )
    assert result.store_result.accepted == 1
    assert [(each["index"], *each["errors"]) for each in result.errors] == [
        (1, "timestamp"),
        (2, "device_id"),
        (3, "device_id"),
        (4, "device_id"),
        (5, "timestamp"),
    ]
    assert result.errors[1]["errors"] == {"device_id": ["not found"]}
    assert QuarantineItem.objects.get().reason == "conflict"


def test_devices_of_another_factory_are_not_found_and_nothing_is_stored(api, asha, chem_works):
    theirs = make_device(chem_works, "ESP32-CW-001")
    answer = api(asha).post(URL, {"readings": [{"device_id": theirs.pk, **reading_payload()}]})
    assert (answer.status_code, answer.json()["status"]) == (400, "failed")
    assert answer.json()["errors"] == [{"index": 0, "device_id": theirs.pk, "errors": {"device_id": ["not found"]}}]
    assert not Reading.objects.exists()


def test_an_admin_brings_readings_of_any_factory(api, admin_user, device, chem_works):
    theirs = make_device(chem_works, "ESP32-CW-001")
    body = {"readings": [{"device_id": pk, **reading_payload()} for pk in (device.pk, theirs.pk)]}
    assert api(admin_user).post(URL, body).json()["created"] == 2


def test_only_those_who_manage_may(api, vik, vera, ira, device):
    for person in (vik, vera, ira):
        assert api(person).post(URL, {"readings": [{"device_id": device.pk, **reading_payload()}]}).status_code == 403
    assert api().post(URL, {"readings": []}).status_code == 401


def test_a_device_key_is_no_persons_token(client, device):
    answer = client.post(URL, "{}", content_type="application/json", **device.key)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"readings": 5}', 400),
        (b'{"device_id": 1, "temperature": 5}', 400),
        (b"[" * 100_000, 400),
        (b'{"readings": [{"device_id": 99999999999999999999999}]}', 400),
        (b'{"readings": []}', 200),
    ],
)
def test_bad_bodies_are_told_so(api, asha, body, status):
    assert api(asha).post(URL, body, content_type="application/json").status_code == status


def test_too_many_are_refused(api, asha, device, settings):
    settings.INGEST_MAX_READINGS = 1
    answer = api(asha).post(URL, {"readings": [{"device_id": device.pk, **reading_payload(n)} for n in (1, 2)]})
    assert (answer.status_code, answer.json()["max_readings"]) == (413, 1)


def test_what_a_person_uploads_has_no_now_to_be_moved_to(asha, device, now):
    result = upload_readings([{"device_id": device.pk, "timestamp": 37, "temperature": 1}], asha, now=now)
    assert (list(result.errors[0]["errors"]), Reading.objects.count()) == (["timestamp"], 0)


def test_units_that_a_person_uploads_become_the_devices(asha, device, now):
    device.profiles.update(power_kind="W")
    upload_readings([{"device_id": device.pk, "kw": 32.5}], asha, now=now)
    assert Reading.objects.get().power_consumption == 32_500
