"""Team, profile and history pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from devices.key_issuing import revoke_key
from devices.tests.model_factories import DeviceMaker
from factories.models import Membership
from factories.roles import Role
from factories.tests.cast import PASSWORD, member


def membership(user):
    return user.memberships.get()


def test_an_owner_changes_a_role_and_an_auditor_gets_a_last_day(page, asha, vik, steel_forge):
    day = timezone.localdate() + timedelta(days=9)
    page(asha).post(
        reverse("member_role", args=[membership(vik).pk]), {"role": "auditor", "expires_on": day.isoformat()}
    )
    assert (membership(vik).role, membership(vik).expires_at) == ("auditor", steel_forge.end_of_day(day))


def test_the_last_owner_is_neither_demoted_nor_removed(page, asha, steel_forge):
    answer = page(asha).post(reverse("member_role", args=[membership(asha).pk]), {"role": "viewer"})
    assert "last owner" in str(answer.context["form"].errors["role"])
    page(asha).post(reverse("member_remove", args=[membership(asha).pk]))
    assert asha.role_in(steel_forge) == Role.OWNER


def test_removing_asks_first_and_names_the_person(page, asha, vik, steel_forge):
    path = reverse("member_remove", args=[membership(vik).pk])
    assert "Remove Vik Patil" in page(asha).get(path).content.decode()
    page(asha).post(path)
    assert vik.role_in(steel_forge) is None


@pytest.mark.parametrize("name", ["member_role", "member_remove"])
def test_members_of_another_factory_are_out_of_reach(page, chitra, vik, asha, name):
    path = reverse(name, args=[membership(vik).pk])
    assert page(chitra).get(path).status_code == 404
    assert page(chitra).post(path, {"role": "viewer"}).status_code == 404
    assert page(vik).post(path, {"role": "factory_owner"}).status_code == 403
    assert membership(vik).role == "operator"


PAGES = ["team", "factory_settings", "history", "gateway_keys", "machine_new"]


@pytest.mark.parametrize("name", PAGES)
def test_only_managers_open_these_pages(client, name, asha, vik, vera, ira):
    for user, code in [(asha, 200), (vik, 403), (vera, 403), (ira, 403)]:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(reverse(name)).status_code == code, user
    client.logout()
    assert client.get(reverse(name)).status_code == 302


def test_an_admin_without_any_factory_is_led_on(page, admin_user):
    for name in PAGES:
        assert page(admin_user).get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", ["team", "history"])
def test_a_longer_page_costs_the_same_queries(page, asha, steel_forge, name):
    def count():
        with CaptureQueriesContext(connection) as queries:
            page(asha).get(reverse(name))
        return len(queries)

    count()
    few = count()
    for number in range(3):
        member(steel_forge, Role.VIEWER, email=f"v{number}@steelforge.in")
        DeviceMaker(factory=steel_forge)
    assert count() == few


def test_everyone_changes_their_own_name_and_password(client, page, ira):
    page(ira).post(reverse("profile"), {"form": "name", "full_name": "Ira M."})
    answer = page(ira).post(
        reverse("profile"),
        {"form": "password", "old_password": PASSWORD, "new_password1": "bay-seven-2025", "new_password2": "x"},
    )
    assert list(answer.context["password_form"].errors) == ["new_password2"]
    page(ira).post(
        reverse("profile"),
        {
            "form": "password",
            "old_password": PASSWORD,
            "new_password1": "bay-seven-2025",
            "new_password2": "bay-seven-2025",
        },
    )
    ira.refresh_from_db()
    assert (ira.full_name, ira.check_password("bay-seven-2025")) == ("Ira M.", True)


def test_the_history_names_who_did_what_and_only_here(page, api, asha, chitra, device, chem_works, now):
    api(asha).delete(f"/devices/{device.pk}/keys/{device.keys.get().prefix}")
    api(asha).patch(f"/devices/{device.pk}", {"machine_name": "Furnace 9"})
    api(chitra).patch(f"/factories/{chem_works.pk}", {"location": "Vapi, Gujarat"})
    shown = page(asha).get(reverse("history")).content.decode()
    assert "Asha Kulkarni" in shown
    assert "Furnace 9" in shown
    assert str(device.keys.get()) in shown
    assert "Vapi" not in shown


def test_the_history_outlives_the_row(page, asha, vik, steel_forge):
    page(asha).post(reverse("member_remove", args=[membership(vik).pk]))
    assert (
        "removed membership <strong>Vik Patil is Operator of Steel Forge"
        in page(asha).get(reverse("history")).content.decode()
    )


def test_the_history_speaks_in_words_and_local_time(page, asha, device):
    page(asha).post(reverse("machine_pause", args=[device.pk]))
    shown = page(asha).get(reverse("history")).content.decode()
    assert "kW, mean power" in shown
    assert "1 Jan 2025, 05:30" in shown
    assert "yes → no" in shown
    assert ".None" not in shown


def test_the_history_never_shows_a_secret(page, asha, device, now):
    key = device.keys.get()
    revoke_key(key, now=now)
    shown = page(asha).get(reverse("history")).content.decode()
    assert key.secret_hash not in shown


def test_an_expired_member_sees_nothing(page, ira, steel_forge):
    Membership.objects.filter(user=ira).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ira.role_in(steel_forge) is None
