"""Memberships over the API: roles of a factory's members, with the rights of the team page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factories.models import Membership
from factories.roles import Role
from factories.tests.cast import MembershipMaker, member


def address(person):
    return f"/memberships/{person.memberships.get().pk}"


def in_days(days):
    return timezone.now() + timedelta(days=days)


def test_an_owner_reads_the_members_with_their_roles(api, asha, vik, steel_forge):
    rows = api(asha).get("/memberships").json()
    assert [(row["email"], row["role"]) for row in rows] == [
        ("asha@steelforge.in", "factory_owner"),
        ("vik@steelforge.in", "operator"),
    ]
    assert rows[1] == api(asha).get(address(vik)).json()
    assert (rows[1]["factory_id"], rows[1]["user_id"], rows[1]["full_name"]) == (steel_forge.pk, vik.pk, "Vik Patil")


def test_an_owner_changes_a_role_and_removes_a_member(api, asha, vik, steel_forge):
    path = address(vik)
    assert api(asha).patch(path, {"role": "viewer"}).json()["role"] == "viewer"
    assert vik.role_in(steel_forge) == Role.VIEWER
    assert api(asha).delete(path).status_code == 204
    assert vik.role_in(steel_forge) is None


def test_members_are_invited_or_registered_not_posted(api, asha, vik):
    assert api(asha).post("/memberships", {"user_id": vik.pk, "role": "viewer"}).status_code == 405
    assert api(asha).put(address(vik), {"role": "viewer"}).status_code == 405


WHO = ["asha", "vik", "vera", "ira", "chitra", "admin_user", None]


@pytest.mark.parametrize(
    ("method", "codes"),
    [
        ("get", [200, 403, 403, 403, 404, 200, 401]),
        ("patch", [200, 403, 403, 403, 404, 200, 401]),
        ("delete", [204, 403, 403, 403, 404, 204, 401]),
    ],
)
def test_who_may_do_what(api, request, steel_forge, method, codes):
    for who, code in zip(WHO, codes, strict=True):
        user = request.getfixturevalue(who) if who else None
        person = member(steel_forge, Role.OPERATOR)
        sent = {"role": "viewer"} if method == "patch" else None
        assert getattr(api(user), method)(address(person), sent).status_code == code, who


@pytest.mark.parametrize(("who", "code"), [("vik", 403), ("vera", 403), ("ira", 403), (None, 401)])
def test_only_managers_list_members(api, request, steel_forge, who, code):
    assert api(request.getfixturevalue(who) if who else None).get("/memberships").status_code == code


def test_members_of_another_factory_are_out_of_reach(api, asha, chitra, chem_works):
    assert [row["email"] for row in api(asha).get("/memberships").json()] == ["asha@steelforge.in"]
    assert api(asha).get("/memberships", {"factory_id": chem_works.pk}).status_code == 404
    for answer in (api(asha).patch(address(chitra), {"role": "viewer"}), api(asha).delete(address(chitra))):
        assert answer.status_code == 404
    assert chitra.role_in(chem_works) == Role.OWNER


def test_a_membership_keeps_its_person_and_factory(api, asha, vik, vera, steel_forge, chem_works):
    path = address(vik)
    answer = api(asha).patch(path, {"factory_id": chem_works.pk, "user_id": vera.pk, "email": "x@x.in"})
    assert (answer.status_code, answer.json()["user_id"]) == (200, vik.pk)
    assert vik.role_in(steel_forge) == Role.OPERATOR
    assert not Membership.objects.filter(factory=chem_works).exists()


def test_the_last_owner_stays(api, asha, steel_forge):
    for answer in (api(asha).patch(address(asha), {"role": "viewer"}), api(asha).delete(address(asha))):
        assert answer.status_code == 409
        assert "last owner" in answer.json()["detail"]
    assert asha.role_in(steel_forge) == Role.OWNER
    member(steel_forge, Role.OWNER)
    assert api(asha).patch(address(asha), {"role": "viewer"}).status_code == 200


def test_an_admin_who_is_a_member_stays_an_admin(api, asha, admin_user, steel_forge):
    MembershipMaker(user=admin_user, factory=steel_forge, role=Role.OPERATOR)
    assert api(asha).patch(address(admin_user), {"role": "viewer"}).status_code == 200
    admin_user.refresh_from_db()
    assert admin_user.is_superuser
    assert admin_user.memberships.get().role == Role.VIEWER


def test_an_auditors_access_gets_an_end_and_loses_it(api, asha, ira):
    end = in_days(30)
    answer = api(asha).patch(address(ira), {"expires_at": end.isoformat()})
    assert answer.status_code == 200
    assert ira.memberships.get().expires_at == end
    assert api(asha).patch(address(ira), answer.json()).status_code == 200
    assert api(asha).patch(address(ira), {"expires_at": None}).json()["expires_at"] is None


def test_an_auditor_who_becomes_an_owner_has_no_end(api, asha, ira):
    Membership.objects.filter(user=ira).update(expires_at=in_days(30))
    answer = api(asha).patch(address(ira), {"role": "factory_owner"}).json()
    assert (answer["role"], answer["expires_at"]) == ("factory_owner", None)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"role": "admin"}, "role"),
        ({"role": "owner"}, "role"),
        ({"role": None}, "role"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "2999-01-01T00:00:00Z"}, "expires_at"),
        ({"role": "auditor", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"role": "auditor", "expires_at": "2999-01-01T00:00:00Z"}, "expires_at"),
    ],
)
def test_bad_input_names_the_field(api, asha, vik, bad, field):
    answer = api(asha).patch(address(vik), bad)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert vik.memberships.get().role == Role.OPERATOR


def test_members_are_filtered_and_ordered(api, asha, vik, vera, ira, chitra):
    Membership.objects.filter(user=ira).update(expires_at=in_days(30))

    def emails(**query):
        return [row["email"].split("@")[0] for row in api(asha).get("/memberships", query).json()]

    assert emails(role="viewer") == ["vera"]
    assert emails(email="STEELFORGE") == ["asha", "vera", "vik"]
    assert emails(expires="true") == ["ira"]
    assert emails(expires="false") == ["asha", "vera", "vik"]
    assert emails(ordering="-email") == ["vik", "vera", "ira", "asha"]
    for query in ({"role": "x"}, {"ordering": "user__password"}, {"email": "\0"}):
        assert api(asha).get("/memberships", query).status_code == 400


def test_members_of_an_archived_factory_are_gone(api, admin_user, vik, steel_forge, now):
    steel_forge.archived_at = now
    steel_forge.save()
    assert api(admin_user).get("/memberships").json() == []
    assert api(admin_user).patch(address(vik), {"role": "viewer"}).status_code == 404


def test_a_longer_list_costs_the_same_queries(api, asha, steel_forge):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert api(asha).get("/memberships").status_code == 200
        return len(queries)

    one = count()
    for _ in range(2):
        member(steel_forge, Role.VIEWER)
    assert count() == one
