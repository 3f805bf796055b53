"""Tariffs, shifts and holidays over the API: for those who manage the factory, validated as on the pages."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.models import Holiday, Shift, Tariff
from factories.roles import Role
from factories.tests.cast import MembershipMaker
from factories.tests.model_factories import HolidayMaker, ShiftMaker, TariffBandMaker, TariffMaker

PEAK = {"name": "Evening peak", "starts_at": "18:00", "ends_at": "22:00", "change_rs_per_kwh": 1.1}
NIGHT = {"name": "Night", "starts_at": "22:00", "ends_at": "06:00", "change_rs_per_kwh": -0.75}
TARIFF = {"name": "HT I(A)", "valid_from": "2025-04-01", "energy_rs_per_kwh": 8.2, "bands": [PEAK, NIGHT]}
SHIFT = {"name": "Night", "starts_at": "22:00", "ends_at": "06:00", "weekdays": [1, 6]}
HOLIDAY = {"name": "Diwali", "on": "2025-10-20"}

# address, maker, model, a valid body
KINDS = [
    pytest.param("/tariffs", TariffMaker, Tariff, TARIFF, id="tariffs"),
    pytest.param("/shifts", ShiftMaker, Shift, SHIFT, id="shifts"),
    pytest.param("/holidays", HolidayMaker, Holiday, HOLIDAY, id="holidays"),
]
each_kind = pytest.mark.parametrize(("path", "maker", "model", "body"), KINDS)


@each_kind
def test_a_row_is_created_read_changed_and_deleted(api, asha, steel_forge, path, maker, model, body):
    created = api(asha).post(path, body)
    assert created.status_code == 201
    assert created.json()["factory_id"] == steel_forge.pk
    row = f"{path}/{created.json()['id']}"
    assert api(asha).get(row).json() == created.json()
    assert api(asha).get(path).json() == [created.json()]
    changed = api(asha).patch(row, {"name": "Renamed"})
    assert changed.json() == {**created.json(), "name": "Renamed"}
    assert api(asha).patch(row, changed.json()).json() == changed.json()
    assert api(asha).delete(row).status_code == 204
    assert not model.objects.exists()


WHO = ["asha", "vik", "vera", "ira", "chitra", "admin_user", None]
RIGHTS = [
    ("get", "list", [200, 403, 403, 403, 200, 200, 401]),
    ("post", "list", [201, 403, 403, 403, 404, 201, 401]),
    ("get", "row", [200, 403, 403, 403, 404, 200, 401]),
    ("patch", "row", [200, 403, 403, 403, 404, 200, 401]),
    ("delete", "row", [204, 403, 403, 403, 404, 204, 401]),
]


@each_kind
@pytest.mark.parametrize(("method", "address", "codes"), RIGHTS)
def test_who_may_do_what(api, request, steel_forge, path, maker, model, body, method, address, codes):
    sent = {"post": {**body, "factory_id": steel_forge.pk}, "patch": {"name": "Renamed"}}.get(method)
    for who, code in zip(WHO, codes, strict=True):
        user = request.getfixturevalue(who) if who else None
        model.objects.all().delete()
        row = maker(factory=steel_forge)
        url = path if address == "list" else f"{path}/{row.pk}"
        assert getattr(api(user), method)(url, sent).status_code == code, who


@each_kind
def test_rows_of_another_factory_are_out_of_reach(api, asha, chem_works, path, maker, model, body):
    theirs = maker(factory=chem_works)
    assert api(asha).get(path).json() == []
    assert api(asha).get(path, {"factory_id": chem_works.pk}).status_code == 404
    assert api(asha).post(path, {**body, "factory_id": chem_works.pk}).status_code == 404
    assert api(asha).delete(f"{path}/{theirs.pk}").status_code == 404
    assert list(model.objects.all()) == [theirs]


@each_kind
def test_a_row_does_not_move_even_between_ones_own_factories(
    api, asha, steel_forge, chem_works, path, maker, model, body
):
    MembershipMaker(user=asha, factory=chem_works)
    row = maker(factory=steel_forge)
    answer = api(asha).patch(f"{path}/{row.pk}", {"factory_id": chem_works.pk})
    assert (answer.status_code, list(answer.json())) == (400, ["factory_id"])


@each_kind
def test_a_member_of_two_factories_manages_only_where_the_role_says_so(
    api, asha, steel_forge, chem_works, path, maker, model, body
):
    MembershipMaker(user=asha, factory=chem_works, role=Role.VIEWER)
    ours, theirs = maker(factory=steel_forge), maker(factory=chem_works)
    assert [row["id"] for row in api(asha).get(path).json()] == [ours.pk]
    assert api(asha).get(path, {"factory_id": chem_works.pk}).status_code == 403
    assert api(asha).post(path, {**body, "factory_id": chem_works.pk}).status_code == 403
    assert api(asha).patch(f"{path}/{theirs.pk}", {"name": "Renamed"}).status_code == 403


@each_kind
def test_an_admin_says_in_which_factory_a_new_row_is(api, admin_user, path, maker, model, body):
    answer = api(admin_user).post(path, body)
    assert (answer.status_code, list(answer.json())) == (400, ["factory_id"])


@each_kind
def test_rows_of_an_archived_factory_are_gone(api, admin_user, steel_forge, now, path, maker, model, body):
    row = maker(factory=steel_forge)
    steel_forge.archived_at = now
    steel_forge.save()
    assert api(admin_user).get(path).json() == []
    assert api(admin_user).get(f"{path}/{row.pk}").status_code == 404


@each_kind
def test_a_longer_list_costs_the_same_queries(api, asha, steel_forge, path, maker, model, body):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert api(asha).get(path).status_code == 200
        return len(queries)

    maker(factory=steel_forge)
    one = count()
    maker.create_batch(2, factory=steel_forge)
    assert count() == one


BAD = [
    ("/tariffs", TARIFF, {"name": ""}),
    ("/tariffs", TARIFF, {"name": "HT\nI(A)"}),
    ("/tariffs", TARIFF, {"valid_from": "soon"}),
    ("/tariffs", TARIFF, {"energy_rs_per_kwh": -1}),
    ("/tariffs", TARIFF, {"energy_rs_per_kwh": "NaN"}),
    ("/tariffs", TARIFF, {"least_billed_percent": 101}),
    ("/tariffs", TARIFF, {"power_factor": 0.05}),
    ("/tariffs", TARIFF, {"factory_id": "abc"}),
    ("/tariffs", TARIFF, {"factory_id": 10**30}),
    ("/tariffs", TARIFF, {"bands": "none"}),
    ("/tariffs", TARIFF, {"bands": [{**PEAK, "starts_at": "25:00"}]}),
    ("/tariffs", TARIFF, {"bands": [PEAK, {**NIGHT, "name": "EVENING PEAK"}]}),
    ("/tariffs", TARIFF, {"bands": [PEAK, {**NIGHT, "starts_at": "21:58"}]}),
    ("/tariffs", TARIFF, {"bands": [{**PEAK, "starts_at": "00:00", "ends_at": "00:00"}, NIGHT]}),
    ("/tariffs", TARIFF, {"bands": [{**PEAK, "name": f"Hour {n}"} for n in range(9)]}),
    ("/shifts", SHIFT, {"name": "x" * 61}),
    ("/shifts", SHIFT, {"starts_at": "25:00"}),
    ("/shifts", SHIFT, {"ends_at": "22:00"}),
    ("/shifts", SHIFT, {"weekdays": []}),
    ("/shifts", SHIFT, {"weekdays": [0]}),
    ("/shifts", SHIFT, {"weekdays": [8]}),
    ("/shifts", SHIFT, {"weekdays": "Monday"}),
    ("/shifts", SHIFT, {"weekdays": [1] * 8}),
    ("/holidays", HOLIDAY, {"name": None}),
    ("/holidays", HOLIDAY, {"on": "2025-02-30"}),
    ("/holidays", HOLIDAY, {"on": "1999-12-31"}),
    ("/holidays", HOLIDAY, {"on": "2101-01-01"}),
]


@pytest.mark.parametrize(("path", "body", "bad"), BAD)
def test_bad_input_names_the_field(api, asha, path, body, bad):
    answer = api(asha).post(path, {**body, **bad})
    assert (answer.status_code, list(answer.json())) == (400, list(bad))


@pytest.mark.parametrize("body", [[], "x", 3, None])
@pytest.mark.parametrize("path", ["/tariffs", "/shifts", "/holidays"])
def test_a_body_of_the_wrong_type_is_a_400(api, asha, path, body):
    assert api(asha).post(path, body, format="json").status_code == 400


@pytest.mark.parametrize(
    ("path", "maker", "field", "day"),
    [("/tariffs", TariffMaker, "valid_from", date(2025, 4, 1)), ("/holidays", HolidayMaker, "on", date(2025, 10, 20))],
)
def test_a_day_that_is_taken_is_named_and_free_in_another_factory(
    api, asha, steel_forge, chem_works, path, maker, field, day
):
    maker(factory=chem_works, **{field: day})
    body = {**(TARIFF if path == "/tariffs" else HOLIDAY), field: day}
    assert api(asha).post(path, body).status_code == 201
    again = api(asha).post(path, body)
    assert (again.status_code, list(again.json())) == (400, [field])
    other = maker(factory=steel_forge)
    moved = api(asha).patch(f"{path}/{other.pk}", {field: day})
    assert (moved.status_code, list(moved.json())) == (400, [field])


# Tariffs: the bands


def test_bands_are_replaced_where_they_are_sent_and_stay_where_they_are_not(api, asha, steel_forge):
    tariff = TariffMaker(factory=steel_forge)
    TariffBandMaker(tariff=tariff)
    path = f"/tariffs/{tariff.pk}"
    kept = api(asha).patch(path, {"energy_rs_per_kwh": 9}).json()
    assert [band["name"] for band in kept["bands"]] == ["Evening peak"]
    replaced = api(asha).patch(path, {"bands": [NIGHT]}).json()
    assert replaced["bands"] == [{**NIGHT, "starts_at": "22:00:00", "ends_at": "06:00:00"}]
    assert api(asha).patch(path, {"bands": []}).json()["bands"] == []
    assert tariff.bands.count() == 0


def test_bad_bands_leave_the_tariff_as_it_was(api, asha, steel_forge):
    tariff = TariffMaker(factory=steel_forge, energy_rs_per_kwh=Decimal(8))
    TariffBandMaker(tariff=tariff)
    answer = api(asha).patch(f"/tariffs/{tariff.pk}", {"energy_rs_per_kwh": 9, "bands": [PEAK, PEAK]})
    assert answer.json() == {"bands": ["Two times of day have the same name."]}
    tariff.refresh_from_db()
    assert (tariff.energy_rs_per_kwh, tariff.bands.count()) == (8, 1)


def test_bands_may_meet_but_not_overlap(api, asha, steel_forge):
    day = {**PEAK, "name": "Day", "starts_at": "06:00", "ends_at": "18:00"}
    assert api(asha).post("/tariffs", {**TARIFF, "bands": [day, PEAK, NIGHT]}).status_code == 201
    answer = api(asha).post("/tariffs", {**TARIFF, "bands": [{**day, "starts_at": "05:59"}, PEAK, NIGHT]})
    assert answer.json() == {"bands": ["Day and Night overlap at 05:59."]}


# Filters


def names(client, path, **query):
    return [row["name"] for row in client.get(path, query).json()]


def test_tariffs_are_filtered_and_ordered(api, asha, steel_forge):
    TariffMaker(factory=steel_forge, name="HT old", valid_from=date(2023, 4, 1))
    TariffMaker(factory=steel_forge, name="LT new", valid_from=date(2025, 4, 1))
    client = api(asha)
    assert names(client, "/tariffs") == ["LT new", "HT old"]
    assert names(client, "/tariffs", name="ht") == ["HT old"]
    assert names(client, "/tariffs", valid_from_after="2025-04-01") == ["LT new"]
    assert names(client, "/tariffs", valid_from_before="2025-03-31") == ["HT old"]
    assert names(client, "/tariffs", ordering="valid_from") == ["HT old", "LT new"]


def test_shifts_are_filtered_and_ordered(api, asha, steel_forge):
    ShiftMaker(factory=steel_forge, name="Early", starts_at=time(6), weekdays=[1, 2])
    ShiftMaker(factory=steel_forge, name="Late", starts_at=time(14), ends_at=time(22), weekdays=[2, 7])
    client = api(asha)
    assert names(client, "/shifts") == ["Early", "Late"]
    assert names(client, "/shifts", name="LATE") == names(client, "/shifts", weekday=7) == ["Late"]
    assert names(client, "/shifts", weekday=2, ordering="-starts_at") == ["Late", "Early"]


def test_holidays_are_filtered_and_ordered(api, asha, steel_forge):
    HolidayMaker(factory=steel_forge, name="Pongal", on=date(2025, 1, 14))
    HolidayMaker(factory=steel_forge, name="Diwali", on=date(2025, 10, 20))
    client = api(asha)
    assert names(client, "/holidays") == ["Pongal", "Diwali"]
    assert names(client, "/holidays", on_after="2025-02-01", on_before="2025-12-31") == ["Diwali"]
    assert names(client, "/holidays", name="pon") == ["Pongal"]
    assert names(client, "/holidays", ordering="-on") == ["Diwali", "Pongal"]


@pytest.mark.parametrize(
    ("path", "bad"),
    [
        ("/tariffs", {"valid_from_after": "x"}),
        ("/tariffs", {"ordering": "factory"}),
        ("/shifts", {"weekday": "8"}),
        ("/shifts", {"name": "\0"}),
        ("/holidays", {"on_before": "2025-02-30"}),
        ("/holidays", {"factory_id": "x"}),
    ],
)
def test_a_bad_query_is_a_400(api, asha, path, bad):
    assert api(asha).get(path, bad).status_code == 400


def test_those_who_may_see_a_factory_but_not_manage_it_get_no_rows_of_it(api, vik, steel_forge, chem_works):
    """Vik owns a second factory: his rights there say nothing about Steel Forge."""
    MembershipMaker(user=vik, factory=chem_works)
    ShiftMaker(factory=steel_forge, name="Steel")
    ShiftMaker(factory=chem_works, name="Chem")
    assert names(api(vik), "/shifts") == ["Chem"]
