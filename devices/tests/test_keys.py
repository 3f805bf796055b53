"""Keys: shown once, two at a time, revoked for good."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry

from devices.key_issuing import TooManyKeys, issue_key, revoke_key
from devices.keys import matches_secret, new_key, split_key
from devices.models import DeviceKey
from devices.provisioning import DeviceIdTaken, swap_unit
from devices.tests.model_factories import DeviceKeyMaker, DeviceMaker


def test_a_key_is_split_and_checked():
    made = new_key()
    prefix, secret = split_key(f" {made.text}\n")
    assert prefix == made.prefix
    assert matches_secret(secret, made.secret_hash)
    assert not matches_secret(secret[:-1] + "x", made.secret_hash)
    assert split_key("cs_short") is None


def test_two_keys_live_side_by_side_and_a_third_is_refused(device, asha, now):
    second, _text = issue_key(device, by=asha, now=now)
    with pytest.raises(TooManyKeys):
        issue_key(device, now=now)
    revoke_key(second, now=now)
    issue_key(device, now=now)
    assert device.keys.live(now).count() == 2


def test_an_expired_key_makes_room(device, now):
    issue_key(device, now=now, expires_at=now.replace(year=2990))
    assert device.keys.live(now.replace(year=2995)).count() == 1
    issue_key(device, now=now.replace(year=2995))


def test_revoking_twice_keeps_the_first_moment(device, now):
    key = device.keys.get()
    revoke_key(key, now=now)
    revoke_key(key, now=now + timedelta(days=1))
    assert DeviceKey.objects.get(pk=key.pk).revoked_at == now


def test_a_swapped_unit_keeps_the_machine_and_its_history(device, now):
    old = device.keys.get()
    text = swap_unit(device, device_id="ESP32-SF-777", now=now)
    assert split_key(text)
    old.refresh_from_db()
    assert old.revoked_at == now
    assert [unit.unit for unit in device.hardware.all()] == ["ESP32-SF-777", "ESP32-SF-001"]
    assert device.hardware.get(unit="ESP32-SF-001").removed_at == now


def test_a_unit_that_serves_elsewhere_cannot_be_fitted(device, steel_forge, now):
    DeviceMaker(factory=steel_forge, device_id="ESP32-SF-002")
    with pytest.raises(DeviceIdTaken):
        swap_unit(device, device_id="ESP32-SF-002", now=now)
    assert device.keys.live().count() == 1


def test_a_rotation_over_the_api(api, asha, device):
    keys = f"/devices/{device.pk}/keys"
    first = device.keys.get().prefix
    second = api(asha).post(keys)
    assert (second.status_code, second["Cache-Control"]) == (201, "no-store")
    assert api(asha).post(keys).status_code == 409
    assert api(asha).delete(f"{keys}/{first}").status_code == 204
    assert api(asha).delete(f"{keys}/{first}").status_code == 204
    assert [key.prefix for key in device.keys.live()] == [second.json()["prefix"]]


def test_a_key_cannot_be_issued_into_the_past(api, asha, device):
    answer = api(asha).post(f"/devices/{device.pk}/keys", {"expires_at": "2020-01-01T00:00:00Z"})
    assert (answer.status_code, list(answer.json())) == (400, ["expires_at"])


def test_another_devices_key_is_not_revoked_through_ones_own(api, asha, chitra, device, chem_works):
    other = DeviceKeyMaker(device__factory=chem_works)
    assert api(asha).delete(f"/devices/{device.pk}/keys/{other.prefix}").status_code == 404
    assert api(asha).delete(f"/factories/{device.factory_id}/keys/{other.prefix}").status_code == 404
    assert api(asha).delete(f"/factories/{device.factory_id}/keys/{device.keys.get().prefix}").status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


def test_a_gateway_key_belongs_to_the_factory(api, asha, steel_forge):
    answer = api(asha).post(f"/factories/{steel_forge.pk}/keys").json()
    key = DeviceKey.objects.get(prefix=answer["prefix"])
    assert (key.factory, key.device) == (steel_forge, None)
    assert api(asha).delete(f"/factories/{steel_forge.pk}/keys/{key.prefix}").status_code == 204


def test_what_happens_to_a_key_is_remembered_without_its_hash(device):
    entry = LogEntry.objects.filter(content_type__model="devicekey").latest("pk")
    assert entry.additional_data == {"factory_id": device.factory_id}
    assert "secret_hash" not in entry.changes
