"""Accounts over the API: who gets in, who may see and change whom."""

import pytest
from auditlog.models import LogEntry
from rest_framework.test import APIClient

from factories.models import Membership, User
from factories.roles import Role
from factories.tests.cast import PASSWORD, MembershipMaker, UserMaker, member

GOOD_PASSWORD = "furnace-bay-seven-2025"


def login(email, password=PASSWORD):
    return APIClient().post("/auth/login", {"email": email, "password": password})


def test_a_login_answers_with_both_tokens_and_the_person(asha, steel_forge):
    answer = login("ASHA@steelforge.in").json()
    assert answer["token_type"] == "bearer"
    assert answer["redirect_url"] == "/dashboard/"
    assert answer["user"]["role"] == "factory_owner"
    assert answer["user"]["factory_id"] == steel_forge.pk
    assert answer["user"]["factories"] == [{"id": steel_forge.pk, "name": "Steel Forge", "role": "factory_owner"}]
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {answer['access_token']}")
    assert client.get("/auth/me").json()["email"] == "asha@steelforge.in"
    fresh = APIClient().post("/auth/refresh", {"refresh_token": answer["refresh_token"]})
    assert fresh.status_code == 200
    assert set(fresh.json()) == {"access_token", "token_type"}


def test_a_wrong_password_an_unknown_address_and_a_closed_account_look_the_same(asha):
    User.objects.filter(pk=asha.pk).update(is_active=False)
    for email, password in [("asha@steelforge.in", PASSWORD), ("nobody@steelforge.in", "x"), (asha.email, "wrong")]:
        answer = login(email, password)
        assert (answer.status_code, answer.json()) == (401, {"detail": "Incorrect email or password"})


def test_repeated_failures_lock_the_address_out_even_with_the_right_password(asha, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        last = login("Asha@steelforge.in", "wrong")
    assert last.status_code == 429
    answer = login("asha@steelforge.in")
    assert answer.status_code == 429
    assert "15 minutes" in answer.json()["detail"]
    assert answer["Retry-After"] == "900"


def test_a_changed_password_ends_refresh_and_access_tokens(asha):
    tokens = login(asha.email).json()
    asha.set_password(GOOD_PASSWORD)
    asha.save()
    assert APIClient().post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 401
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    assert client.get("/auth/me").status_code == 401


@pytest.mark.parametrize("body", [[], "text", 5, None, {"email": {"a": 1}, "password": []}, {"email": "a\x00@b.in"}])
@pytest.mark.parametrize("path", ["/auth/login", "/auth/refresh", "/auth/register"])
def test_a_body_of_the_wrong_type_is_a_400(api, admin_user, path, body):
    assert api(admin_user).post(path, body, format="json").status_code == 400


def test_me_names_the_role_in_the_factory_asked_about(api, asha, chem_works):
    MembershipMaker(user=asha, factory=chem_works, role=Role.AUDITOR)
    assert api(asha).get(f"/auth/me?factory_id={chem_works.pk}").json()["role"] == "auditor"


def test_me_hides_other_factories(api, asha, chem_works):
    assert api(asha).get(f"/auth/me?factory_id={chem_works.pk}").status_code == 404
    assert api(asha).get("/auth/me?factory_id=x").status_code == 400


def register(client, **fields):
    body = {"email": "new@steelforge.in", "password": GOOD_PASSWORD, "full_name": "New", "role": "operator", **fields}
    return client.post("/auth/register", body)


def test_an_owner_registers_a_colleague_in_their_own_factory(api, asha, steel_forge):
    answer = register(api(asha))
    assert answer.status_code == 201
    assert answer.json()["role"] == "operator"
    assert User.objects.get(email="new@steelforge.in").role_in(steel_forge) == Role.OPERATOR


def test_an_owner_cannot_register_anyone_elsewhere_nor_make_an_admin(api, asha, chem_works):
    assert register(api(asha), factory_id=chem_works.pk).status_code == 404
    assert register(api(asha), role="admin").status_code == 403
    assert not User.objects.filter(email="new@steelforge.in").exists()


def test_an_operator_registers_nobody(api, vik, steel_forge):
    assert register(api(vik)).status_code == 403
    assert register(api(vik), factory_id=steel_forge.pk).status_code == 403


def test_an_admin_registers_anyone_anywhere(api, admin_user, chem_works):
    assert register(api(admin_user)).status_code == 400
    assert register(api(admin_user), factory_id=chem_works.pk).status_code == 201
    assert register(api(admin_user), email="second@carbonseed.io", role="admin").json()["role"] == "admin"


@pytest.mark.parametrize("password", ["short", "12345678901", "password", "new@steelforge.in"])
def test_a_weak_password_is_refused_by_name(api, asha, password):
    answer = register(api(asha), password=password)
    assert (answer.status_code, list(answer.json())) == (400, ["password"])


def test_an_address_that_has_an_account_is_refused(api, asha, chitra):
    answer = register(api(asha), email="CHITRA@chemworks.in")
    assert (answer.status_code, list(answer.json())) == (400, ["email"])


def emails(client, query=""):
    return [person["email"] for person in client.get(f"/auth/users{query}").json()]


def test_people_see_themselves_and_whom_they_manage(api, asha, vik, vera, chitra, admin_user):
    assert emails(api(asha)) == ["asha@steelforge.in", "vera@steelforge.in", "vik@steelforge.in"]
    assert emails(api(vik)) == ["vik@steelforge.in"]
    assert len(emails(api(admin_user))) == 5


def test_people_are_found_by_role_and_email(api, asha, vik, vera, ira, admin_user, steel_forge, chem_works):
    client = api(asha)
    assert emails(client, "?role=viewer") == ["vera@steelforge.in"]
    assert emails(client, f"?role=auditor&factory_id={steel_forge.pk}") == ["ira@auditors.in"]
    assert emails(client, "?role=admin") == []
    assert emails(api(admin_user), "?role=admin") == ["root@carbonseed.io"]
    assert emails(client, "?email=VIK") == emails(client, "?search=patil") == ["vik@steelforge.in"]
    assert emails(client, "?is_active=false") == []
    assert emails(client, "?ordering=-email")[0] == "vik@steelforge.in"
    for bad in ("role=owner", "email=%00", "ordering=password"):
        assert client.get(f"/auth/users?{bad}").status_code == 400


def test_a_role_in_a_factory_one_does_not_see_finds_nobody(api, asha, vik, chem_works):
    MembershipMaker(user=vik, factory=chem_works, role=Role.AUDITOR)
    assert emails(api(asha), "?role=auditor") == []
    assert emails(api(asha), "?role=operator") == ["vik@steelforge.in"]


def test_another_persons_other_factories_stay_unknown(api, asha, vik, steel_forge, chem_works):
    MembershipMaker(user=vik, factory=chem_works, role=Role.OWNER)
    seen = next(person for person in api(asha).get("/auth/users").json() if person["email"] == vik.email)
    assert seen["factory_id"] == steel_forge.pk
    assert [place["id"] for place in seen["factories"]] == [steel_forge.pk]


def test_users_of_a_foreign_factory_are_a_404(api, asha, chem_works):
    assert api(asha).get(f"/auth/users?factory_id={chem_works.pk}").status_code == 404


def test_the_list_of_people_costs_the_same_queries_however_long(
    api, asha, steel_forge, django_assert_max_num_queries, django_assert_num_queries
):
    client = api(asha)
    with django_assert_max_num_queries(6) as first:
        client.get("/auth/users")
    for number in range(3):
        member(steel_forge, Role.VIEWER, email=f"v{number}@steelforge.in")
    with django_assert_num_queries(len(first)):
        client.get("/auth/users")


def set_role(client, person, role, query="", **body):
    return client.put(f"/auth/users/{person.pk}/role{query}", {"role": role, **body} if role else None)


def test_an_owner_changes_a_role_by_body_or_query(api, asha, vik, steel_forge):
    assert set_role(api(asha), vik, "viewer").json()["role"] == "viewer"
    assert set_role(api(asha), vik, None, "?role=auditor").json()["role"] == "auditor"
    assert vik.role_in(steel_forge) == Role.AUDITOR


def test_nobody_touches_the_people_of_another_factory(api, asha, chitra, chem_works, steel_forge):
    assert set_role(api(asha), chitra, "viewer").status_code == 404
    assert set_role(api(asha), chitra, "viewer", factory_id=steel_forge.pk).status_code == 404
    assert set_role(api(asha), chitra, "viewer", factory_id=chem_works.pk).status_code == 404
    assert chitra.role_in(chem_works) == Role.OWNER
    assert chitra.role_in(steel_forge) is None


def test_a_shared_colleague_keeps_the_role_they_have_elsewhere(api, asha, vik, chem_works):
    MembershipMaker(user=vik, factory=chem_works, role=Role.VIEWER)
    assert set_role(api(asha), vik, "owner").status_code == 400
    assert set_role(api(asha), vik, "auditor", factory_id=chem_works.pk).status_code == 404
    assert set_role(api(asha), vik, "auditor").status_code == 200
    assert vik.role_in(chem_works) == Role.VIEWER


def test_the_wrong_role_is_a_403(api, asha, vik, vera):
    assert set_role(api(vik), vera, "auditor").status_code == 403
    assert set_role(api(vik), vik, "factory_owner").status_code == 403
    assert set_role(api(asha), asha, "admin").status_code == 403


def test_the_last_owner_cannot_step_down(api, asha, steel_forge):
    assert set_role(api(asha), asha, "viewer").status_code == 409
    other = member(steel_forge, Role.OWNER)
    assert set_role(api(asha), asha, "viewer").status_code == 200
    assert other.role_in(steel_forge) == Role.OWNER


def test_the_last_admin_cannot_step_down(api, admin_user, steel_forge):
    assert set_role(api(admin_user), admin_user, "viewer", factory_id=steel_forge.pk).status_code == 409
    UserMaker(is_superuser=True)
    assert set_role(api(admin_user), admin_user, "viewer", factory_id=steel_forge.pk).status_code == 200
    admin_user.refresh_from_db()
    assert not admin_user.is_superuser


def test_an_owner_cannot_take_the_admin_role_from_an_admin_who_is_a_member(api, asha, admin_user, steel_forge):
    UserMaker(email="second@carbonseed.io", is_superuser=True, is_staff=True)
    MembershipMaker(user=admin_user, factory=steel_forge, role=Role.OPERATOR)
    assert set_role(api(asha), admin_user, "viewer", factory_id=steel_forge.pk).status_code == 200
    admin_user.refresh_from_db()
    assert admin_user.is_superuser
    assert admin_user.memberships.get().role == Role.VIEWER


def test_an_expiring_auditor_still_expires_after_a_change_of_role(api, asha, ira, steel_forge, now):
    later = now.replace(year=2999)
    Membership.objects.filter(user=ira).update(expires_at=later)
    set_role(api(asha), ira, "viewer")
    assert Membership.objects.get(user=ira).expires_at == later


def test_a_change_by_token_is_remembered_under_the_name_of_the_person(asha, vik):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {login(asha.email).json()['access_token']}")
    set_role(client, vik, "viewer")
    entry = LogEntry.objects.filter(content_type__model="membership").latest("pk")
    assert (entry.actor, entry.changes["role"]) == (asha, ["operator", "viewer"])


def test_the_address_in_the_log_is_the_connections_and_no_header_is_believed(page, asha, vik, steel_forge):
    headers = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_X_FORWARDED_PORT": "99999999999"}
    address = f"/dashboard/team/{vik.memberships.get().pk}/role/"
    assert page(asha).post(address, {"role": "viewer"}, REMOTE_ADDR="198.51.100.7", **headers).status_code == 302
    entry = LogEntry.objects.filter(content_type__model="membership").latest("pk")
    assert (entry.remote_addr, entry.remote_port, entry.actor) == ("198.51.100.7", None, asha)
