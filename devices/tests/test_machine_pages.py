"""Pages of machines and keys: what owners enter, and what is shown once."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from devices.models import Device, DeviceProfile
from devices.tests.model_factories import DeviceKeyMaker, DeviceMaker
from factories.tests.cast import MembershipMaker

NEW = {
    "device_id": "ESP32-SF-009",
    "device_name": "Roof sensor",
    "machine_name": "Furnace 2",
    "device_type": "ESP32",
    "power_kind": "W",
    "interval_s": "60",
    "vibration_kind": "rms",
}
KEY = re.compile(r"cs_[0-9a-f]{12}_[\w-]{43}")


def url(name, device):
    return reverse(name, args=[device.pk])


def test_a_new_machine_shows_its_key_once_with_ready_lines(page, asha):
    answer = page(asha).post(reverse("machine_new"), NEW)
    text = answer.content.decode()
    device = Device.objects.get()
    assert answer["Cache-Control"] == "no-store"
    assert KEY.search(text)
    assert "curl -X POST http://testserver/ingest" in text
    assert "60UL * 1000UL" in text
    assert device.profiles.get().power_kind == "W"
    assert not KEY.search(page(asha).get(url("machine_keys", device)).content.decode())


def test_a_taken_id_is_told_at_its_field(page, asha, device):
    answer = page(asha).post(reverse("machine_new"), {**NEW, "device_id": device.device_id})
    assert "already registered" in str(answer.context["form"].errors["device_id"])


@pytest.mark.parametrize("bad", [{"device_id": ""}, {"device_id": "a\x00"}, {"interval_s": "0"}, {"rated_kw": "nan"}])
def test_bad_entries_are_told_at_their_field(page, asha, bad):
    answer = page(asha).post(reverse("machine_new"), {**NEW, **bad})
    errors = {**answer.context["form"].errors, **answer.context["profile_form"].errors}
    assert (answer.status_code, list(errors)) == (200, list(bad))
    assert not Device.objects.exists()


def test_a_machine_is_renamed(page, asha, device):
    page(asha).post(url("machine_edit", device), {"device_name": "Sensor", "machine_name": "Furnace 7"})
    device.refresh_from_db()
    assert (device.machine_name, device.device_id) == ("Furnace 7", "ESP32-SF-001")


def test_kind_and_measured_point_are_said_with_a_new_machine(page, asha):
    page(asha).post(reverse("machine_new"), {**NEW, "machine_kind": "press", "temperature_point": "oil"})
    device = Device.objects.get()
    assert (device.machine_kind, device.temperature_point) == ("press", "oil")


def test_an_unknown_kind_is_told_at_its_field(page, asha):
    answer = page(asha).post(reverse("machine_new"), {**NEW, "machine_kind": "submarine"})
    assert list(answer.context["form"].errors) == ["machine_kind"]


def test_the_name_of_a_machine_suggests_its_kind_and_sets_nothing(page, asha, device):
    Device.objects.filter(pk=device.pk).update(machine_name="Screw compressor 2")
    assert "Its name suggests: Screw air compressor." in page(asha).get(url("machine_edit", device)).text
    device.refresh_from_db()
    assert device.machine_kind == ""
    page(asha).post(url("machine_edit", device), {"device_name": "Sensor", "machine_kind": "screw_compressor"})
    assert "Its name suggests" not in page(asha).get(url("machine_edit", device)).text


def test_a_form_without_the_kind_leaves_it(page, asha, device):
    Device.objects.filter(pk=device.pk).update(machine_kind="press")
    page(asha).post(url("machine_edit", device), {"device_name": "Sensor"})
    device.refresh_from_db()
    assert (device.machine_kind, device.device_name) == ("press", "Sensor")


def test_a_change_of_meaning_holds_from_a_date_in_the_factorys_time(page, asha, device):
    fields = {"power_kind": "register", "interval_s": "300", "vibration_kind": "rms"}
    answer = page(asha).post(url("machine_profile", device), {"valid_from": "2025-06-01T00:00", **fields})
    assert answer.status_code == 302
    before, after = DeviceProfile.objects.order_by("valid_from")
    assert after.valid_from.isoformat() == "2025-05-31T18:30:00+00:00"
    assert device.profile_at(after.valid_from - timedelta(seconds=1)) == before
    assert device.profile_at(after.valid_from) == after
    page(asha).post(url("machine_profile", device), {"valid_from": "2025-06-01T00:00", **fields, "interval_s": "60"})
    assert [profile.interval_s for profile in DeviceProfile.objects.order_by("valid_from")] == [300, 60]


@pytest.mark.parametrize("moment", ["1999-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00", "soon", ""])
def test_a_change_needs_a_sensible_moment(page, asha, device, moment):
    answer = page(asha).post(
        url("machine_profile", device),
        {"valid_from": moment, "power_kind": "W", "interval_s": "300", "vibration_kind": "rms"},
    )
    assert list(answer.context["form"].errors) == ["valid_from"]


def test_a_machine_is_paused_and_resumed_by_post_only(page, asha, device):
    assert page(asha).get(url("machine_pause", device)).status_code == 405
    page(asha).post(url("machine_pause", device))
    assert not Device.objects.get().is_active
    page(asha).post(url("machine_resume", device))
    assert Device.objects.get().is_active


def test_archiving_asks_first_and_names_the_machine(page, asha, device):
    question = page(asha).get(url("machine_archive", device)).content.decode()
    assert "Archive Main furnace" in question
    page(asha).post(url("machine_archive", device))
    assert Device.objects.get().archived_at is not None


def test_another_unit_is_fitted_and_its_key_shown(page, asha, device):
    answer = page(asha).post(url("machine_swap", device), {"device_id": "ESP32-SF-777"})
    assert KEY.search(answer.content.decode())
    device.refresh_from_db()
    assert device.device_id == "ESP32-SF-777"


def test_a_unit_of_another_machine_is_refused_at_its_field(page, asha, device, steel_forge):
    DeviceMaker(factory=steel_forge, device_id="ESP32-SF-002")
    answer = page(asha).post(url("machine_swap", device), {"device_id": "ESP32-SF-002"})
    assert list(answer.context["form"].errors) == ["device_id"]


def test_a_second_key_is_shown_once_and_a_third_refused(page, asha, device):
    answer = page(asha).post(url("machine_keys", device), {"expires_on": ""})
    assert KEY.search(answer.content.decode())
    third = page(asha).post(url("machine_keys", device), {"expires_on": ""})
    assert "revoke one first" in third.content.decode() or "Revoke one first" in third.content.decode()
    assert device.keys.count() == 2


def test_a_key_works_until_the_end_of_its_day_in_the_factory(page, asha, device):
    day = timezone.localdate() + timedelta(days=30)
    page(asha).post(url("machine_keys", device), {"expires_on": day.isoformat()})
    expires_at = device.keys.exclude(expires_at=None).get().expires_at
    assert expires_at.astimezone(device.factory.zone).date() == day
    assert (expires_at + timedelta(seconds=1)).astimezone(device.factory.zone).date() > day


def test_a_key_cannot_end_before_it_begins(page, asha, device):
    answer = page(asha).post(url("machine_keys", device), {"expires_on": "2020-01-01"})
    assert list(answer.context["form"].errors) == ["expires_on"]


def test_revoking_asks_first_and_names_the_key(page, asha, device):
    key = device.keys.get()
    revoke = reverse("key_revoke", args=[key.prefix])
    assert str(key) in page(asha).get(revoke).content.decode()
    page(asha).post(revoke)
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_gateway_key_is_issued_for_the_factory(page, asha, steel_forge):
    answer = page(asha).post(reverse("gateway_keys"), {})
    assert KEY.search(answer.content.decode())
    assert steel_forge.device_keys.get().device is None


PAGES = ["machine_edit", "machine_profile", "machine_archive", "machine_swap", "machine_keys"]


@pytest.mark.parametrize("name", PAGES)
def test_only_managers_open_these_pages(client, device, name, asha, vik, vera, ira, chitra, admin_user):
    for user, code in [(asha, 200), (admin_user, 200), (vik, 403), (vera, 403), (ira, 403), (chitra, 404)]:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(url(name, device)).status_code == code, user
    client.logout()
    assert client.get(url(name, device)).status_code == 302


def test_the_page_of_a_machine_in_another_of_ones_factories_opens(page, asha, chem_works):
    MembershipMaker(user=asha, factory=chem_works)
    other = DeviceMaker(factory=chem_works)
    answer = page(asha).get(url("machine_keys", other))
    assert answer.status_code == 200
    assert page(asha).session["factory_id"] == chem_works.pk


def test_another_factorys_key_cannot_be_revoked(page, asha, chitra, chem_works):
    key = DeviceKeyMaker(device__factory=chem_works)
    assert page(asha).post(reverse("key_revoke", args=[key.prefix])).status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


def test_the_keys_page_costs_the_same_queries_however_many(page, asha, device, now, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from devices.key_issuing import issue_key, revoke_key

    client = page(asha)
    client.get(url("machine_keys", device))
    with CaptureQueriesContext(connection) as few:
        client.get(url("machine_keys", device))
    revoke_key(device.keys.get(), now=now)
    for _ in range(2):
        issue_key(device, by=asha, now=now)
    with django_assert_num_queries(len(few)):
        client.get(url("machine_keys", device))
