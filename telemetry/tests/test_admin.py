import pytest
from django.contrib import admin
from django.urls import reverse

from telemetry.models import QuarantineItem
from telemetry.rollups.digest import digest
from telemetry.tests.model_factories import (
    DayFileMaker,
    QuarantineItemMaker,
    RecommendationMaker,
    RefusalCountMaker,
)
from telemetry.tests.stored_readings import add_dirty_span, store_readings

pytestmark = pytest.mark.django_db
MODELS = [model for model in admin.site._registry if model._meta.app_label == "telemetry"]


@pytest.fixture
def device_with_rows(device, now):
    store_readings(device, now, [30, 31], extra={"note": "<b>bold</b>"}, suspect=1, temperature=-300)
    digest(now)
    add_dirty_span(device, now, now)
    RefusalCountMaker(device=device)
    QuarantineItemMaker(device=device, payload=b"\x00\xff{")
    RecommendationMaker(device=device)
    DayFileMaker(device=device)
    return device


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_opens_and_searches_and_nothing_can_be_added(page, admin_user, device_with_rows, model):
    path = reverse(f"admin:telemetry_{model._meta.model_name}_changelist")
    assert page(admin_user).get(path).status_code == 200
    assert page(admin_user).get(path, {"q": "ESP32"}).status_code == 200
    assert page(admin_user).get(path + "add/").status_code == 403


def test_readings_have_a_page_of_their_own(page, admin_user, device_with_rows):
    path = reverse("admin:telemetry_devicereadings_change", args=[device_with_rows.pk])
    body = page(admin_user).get(path).content.decode()
    assert "2 rows" in body
    assert "-300" in body
    assert "&lt;b&gt;" in body
    for asked in ({"start": "nonsense"}, {"page": "99"}, {"start": "0001-01-01", "end": "0001-01-01"}, {"end": "\x00"}):
        assert page(admin_user).get(path, asked).status_code == 200


def test_quarter_hours_have_a_page_of_their_own(page, admin_user, device_with_rows):
    path = reverse("admin:telemetry_devicequarterhours_change", args=[device_with_rows.pk])
    assert "temperature mean" in page(admin_user).get(path).content.decode()


@pytest.mark.parametrize("pk", ["4711", "x", "9" * 40])
def test_a_device_that_is_not_there_is_a_404(page, admin_user, pk):
    assert page(admin_user).get(f"/admin/telemetry/devicereadings/{pk}/change/").status_code == 404


def test_quarantine_shows_what_was_sent(page, admin_user, device_with_rows):
    path = reverse("admin:telemetry_quarantineitem_change", args=[QuarantineItem.objects.get().pk])
    assert r"\xff{" in page(admin_user).get(path).content.decode()


def test_the_admin_is_for_admins(page, asha, device_with_rows):
    path = reverse("admin:telemetry_devicereadings_change", args=[device_with_rows.pk])
    assert page(asha).get(path).status_code == 302
