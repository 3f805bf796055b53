"""Django admin of factories and devices."""

import pytest
from auditlog.models import LogEntry
from django.contrib.admin.sites import site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from devices.models import Device, DeviceKey, DeviceProfile, Hardware
from devices.tests.cast import make_device
from devices.tests.model_factories import DeviceKeyMaker
from factories.models import Factory, Holiday, Invitation, Membership, Shift, Tariff, User
from factories.roles import Role
from factories.tests.cast import PASSWORD, FactoryMaker, member
from factories.tests.model_factories import HolidayMaker, InvitationMaker, ShiftMaker, TariffBandMaker
from telemetry.models import KeyUse, LastSeen

MODELS = [
    *[User, Factory, Membership, Invitation, Shift, Holiday, Tariff],
    *[Device, DeviceKey, DeviceProfile, Hardware],
]


@pytest.fixture
def rows(steel_forge, asha, now):
    """One row of every model."""
    device = make_device(steel_forge)
    LastSeen.objects.create(device=device, heard_at=now, reading_at=now)
    KeyUse.objects.create(key=device.keys.get(), used_at=now)
    InvitationMaker(factory=steel_forge, invited_by=asha)
    ShiftMaker(factory=steel_forge)
    HolidayMaker(factory=steel_forge)
    TariffBandMaker(tariff__factory=steel_forge)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_listed_searched_and_opened(page, admin_user, rows, model):
    client = page(admin_user)
    assert client.get(address(model, "changelist")).status_code == 200
    assert client.get(address(model, "changelist"), {"q": "furnace"}).status_code == 200
    assert client.get(address(model, "change", model.objects.first().pk)).status_code == 200


def test_an_admin_logs_in_at_the_admin_with_an_email(client, admin_user):
    answer = client.post(reverse("admin:login"), {"username": admin_user.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200


def test_owners_do_not_get_into_the_admin(page, asha):
    assert page(asha).get(reverse("admin:index")).status_code == 302


def test_a_person_is_added_with_an_email(page, admin_user):
    answer = page(admin_user).post(
        address(User, "add"),
        {
            "email": "New@x.in", "full_name": "New", "usable_password": "true",
            "password1": "bay-seven-2025", "password2": "bay-seven-2025",
            "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0,
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["adminform"].errors
    assert User.objects.get(email="new@x.in").check_password("bay-seven-2025")


def test_a_keys_hash_is_never_shown(page, admin_user, rows):
    key = DeviceKey.objects.get()
    for url in (address(DeviceKey, "changelist"), address(DeviceKey, "change", key.pk)):
        shown = page(admin_user).get(url).content.decode()
        assert key.prefix in shown
        assert key.secret_hash not in shown


def test_keys_are_revoked_from_the_list(page, admin_user, rows):
    key = DeviceKey.objects.get()
    page(admin_user).post(address(DeviceKey, "changelist"), {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_what_readings_rest_on_cannot_be_deleted():
    class Request:
        pass

    for model in (Factory, Device, DeviceKey, Hardware):
        assert site.get_model_admin(model).has_delete_permission(Request()) is False


@pytest.mark.parametrize("model", [Factory, Device, DeviceKey, Membership])
def test_longer_lists_cost_the_same_queries(page, admin_user, rows, model):
    def count():
        with CaptureQueriesContext(connection) as queries:
            page(admin_user).get(address(model, "changelist"))
        return len(queries)

    count()
    few = count()
    for _ in range(3):
        works = FactoryMaker()
        member(works, Role.OWNER)
        DeviceKeyMaker(device__factory=works)
    assert count() == few


@pytest.mark.parametrize(
    ("words", "found"),
    [("steel forge", 1), ("asha@steelforge", 1), ("Kulkarni", 1), ("Bhosari", 1), ("x", 0)],
    ids=["the row", "who, by e-mail", "who, by name", "the change", "nothing"],
)
def test_the_audit_log_is_searched_by_row_person_and_change(page, admin_user, steel_forge, asha, words, found):
    LogEntry.objects.all().delete()
    LogEntry.objects.log_create(
        steel_forge, actor=asha, action=LogEntry.Action.UPDATE, changes={"location": ["", "Bhosari"]}, force_log=True
    )
    answer = page(admin_user).get(address(LogEntry, "changelist"), {"q": words})
    assert answer.context["cl"].result_count == found


def test_the_audit_log_is_filtered_by_kind_of_row(page, admin_user, steel_forge, rows):
    entry = LogEntry.objects.first()
    kind = entry.content_type_id
    answer = page(admin_user).get(address(LogEntry, "changelist"), {"resource_type": kind})
    assert answer.context["cl"].result_count == LogEntry.objects.filter(content_type_id=kind).count()


@pytest.mark.parametrize("kind", ["x", "0", "9" * 40])
def test_a_kind_of_row_the_audit_log_does_not_have_leads_back_to_the_list(page, admin_user, rows, kind):
    answer = page(admin_user).get(address(LogEntry, "changelist"), {"resource_type": kind})
    assert (answer.status_code, answer["Location"]) == (302, address(LogEntry, "changelist") + "?e=1")
