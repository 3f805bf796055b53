"""Devices over the API: register, list, change, archive."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.models import Device
from devices.tests.model_factories import DeviceMaker
from factories.roles import Role
from factories.tests.cast import MembershipMaker
from telemetry.models import LastSeen, QuarterHour

BODY = {"device_id": "ESP32-SF-009", "device_name": "Induction furnace", "machine_name": "Furnace 2"}


def register(client, **fields):
    return client.post("/devices/register", {**BODY, **fields})


def test_a_device_is_registered_with_a_key_shown_once(api, asha, steel_forge):
    answer = register(api(asha), location="Bay A", firmware_version="1.4.0").json()
    assert answer["factory_id"] == steel_forge.pk
    assert answer["api_key"].startswith("cs_")
    assert (answer["is_active"], answer["last_seen"], answer["device_type"]) == (True, None, "ESP32")
    again = api(asha).get(f"/devices/{answer['id']}").json()
    assert "api_key" not in again
    assert again == {name: value for name, value in answer.items() if name != "api_key"}


def test_a_taken_device_id_is_a_400_that_names_the_field(api, asha, device):
    answer = register(api(asha), device_id=device.device_id)
    assert (answer.status_code, list(answer.json())) == (400, ["device_id"])


def test_two_factories_may_use_the_same_device_id(api, chitra, device):
    assert register(api(chitra), device_id=device.device_id).status_code == 201


def test_a_device_never_lands_in_a_factory_one_does_not_manage(api, asha, chem_works):
    assert register(api(asha), factory_id=chem_works.pk).status_code == 404
    MembershipMaker(user=asha, factory=chem_works, role=Role.VIEWER)
    assert register(api(asha), factory_id=chem_works.pk).status_code == 403
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"device_id": ""},
        {"device_id": "a\x00b"},
        {"device_id": "a\nb"},
        {"device_id": "x" * 65},
        {"device_id": {}},
        {"device_name": None},
        {"factory_id": "abc"},
        {"factory_id": 10**30},
        {"factory_id": []},
        {"firmware_version": [1]},
    ],
)
def test_bad_fields_are_named(api, asha, bad):
    answer = register(api(asha), **bad)
    assert (answer.status_code, list(answer.json())) == (400, list(bad))


@pytest.mark.parametrize(
    "body",
    [b'{"device_id": "\\ud800"}', b'{"device_id": 1e999}', b"[" * 100_000, b"{", b"\xff", b'{"role": "\\udfff"}'],
)
@pytest.mark.parametrize("path", ["/devices/register", "/auth/login", "/auth/register"])
def test_json_that_cannot_be_stored_is_a_400(api, asha, path, body):
    assert api(asha).generic("POST", path, body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("body", [[], "x", 3, None])
@pytest.mark.parametrize("path", ["/devices/register", "/devices/bulk"])
def test_a_body_of_the_wrong_type_is_a_400(api, asha, path, body):
    assert api(asha).post(path, body, format="json").status_code == 400


def test_a_list_is_a_plain_array_until_a_page_is_asked_for(api, asha, device):
    assert isinstance(api(asha).get("/devices").json(), list)
    assert api(asha).get("/devices?page=1").json()["count"] == 1


def test_the_list_is_searched_filtered_and_ordered(api, asha, steel_forge, now):
    furnace = DeviceMaker(factory=steel_forge, device_id="B-1", device_name="Main furnace", location="Bay A")
    DeviceMaker(factory=steel_forge, device_id="A-1", device_name="Cooling tower", location="Bay B", is_active=False)
    LastSeen.objects.create(device=furnace, heard_at=now, reading_at=now)

    def names(query):
        return [each["device_id"] for each in api(asha).get(f"/devices?{query}").json()]

    assert names("search=furnace") == names("search=BAY%20A") == names("is_active=true") == ["B-1"]
    assert names("ordering=device_id") == ["A-1", "B-1"]
    assert names("ordering=-device_id") == ["B-1", "A-1"]
    assert names("ordering=last_seen") == ["B-1", "A-1"]
    assert api(asha).get("/devices?search=furnace").json()[0]["last_seen"].startswith("2025-01-16")


@pytest.mark.parametrize("query", ["ordering=x", "search=%00", "factory_id=x", "factory_id=1e999", "page=0"])
def test_a_bad_query_is_never_a_500(api, asha, query):
    assert api(asha).get(f"/devices?{query}").status_code in (400, 404)


def test_the_list_costs_the_same_queries_however_long(api, asha, steel_forge):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert api(asha).get("/devices").status_code == 200
        return len(queries)

    DeviceMaker(factory=steel_forge)
    one = count()
    DeviceMaker.create_batch(2, factory=steel_forge)
    assert count() == one


def test_a_change_keeps_id_and_factory(api, asha, device, chem_works):
    path = f"/devices/{device.pk}"
    assert (
        api(asha).patch(path, {"machine_name": "Furnace 7", "is_active": False}).json()["machine_name"] == "Furnace 7"
    )
    assert api(asha).patch(path, {"factory_id": chem_works.pk}).status_code == 400
    assert api(asha).patch(path, {"device_id": "OTHER"}).status_code == 400
    device.refresh_from_db()
    assert (device.factory_id != chem_works.pk, device.device_id, device.is_active) == (True, "ESP32-SF-001", False)


def test_archiving_hides_the_device_and_kills_its_keys(api, asha, device):
    assert api(asha).delete(f"/devices/{device.pk}").status_code == 204
    assert api(asha).get(f"/devices/{device.pk}").status_code == 404
    assert api(asha).get("/devices").json() == []
    assert not device.keys.live().exists()
    assert register(api(asha), device_id=device.device_id).status_code == 201


def test_a_device_on_which_readings_rest_is_not_archived(api, asha, device, now):
    QuarterHour.objects.create(device=device, starts_at=now, received=3, expected=3)
    answer = api(asha).delete(f"/devices/{device.pk}")
    assert answer.status_code == 409
    assert "Readings rest on" in answer.json()["detail"]
    assert api(asha).delete(f"/factories/{device.factory_id}").status_code == 409


def test_a_bulk_registers_what_it_can_and_names_the_rest(api, asha, device, chem_works):
    answer = api(asha).post(
        "/devices/bulk",
        {
            "devices": [
                BODY,
                {**BODY, "device_id": device.device_id},
                {**BODY, "device_id": "Z", "factory_id": chem_works.pk},
                "nonsense",
                {"device_id": "no-name"},
            ]
        },
    )
    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["created"]) == ("partial", 1)
    assert [list(error["errors"]) for error in body["errors"]][:2] == [["device_id"], ["factory_id"]]
    assert [error["index"] for error in body["errors"]] == [1, 2, 3, 4]
    assert body["devices"][0]["api_key"].startswith("cs_")


# Who may do what: asha owner, vik operator, vera viewer, ira auditor, chitra of another factory, nobody.
WHO = ["asha", "vik", "vera", "ira", "chitra", "admin_user", None]
TABLE = [
    ("get", "/devices/{device}", [200, 200, 200, 200, 404, 200, 401]),
    ("patch", "/devices/{device}", [200, 403, 403, 403, 404, 200, 401]),
    ("delete", "/devices/{device}", [204, 403, 403, 403, 404, 204, 401]),
    ("post", "/devices/register", [201, 403, 403, 403, 404, 201, 401]),
    ("post", "/devices/{device}/keys", [201, 403, 403, 403, 404, 201, 401]),
    ("delete", "/devices/{device}/keys/{prefix}", [204, 403, 403, 403, 404, 204, 401]),
    ("post", "/factories/{factory}/keys", [201, 403, 403, 403, 404, 201, 401]),
    ("get", "/factories/{factory}", [200, 200, 200, 200, 404, 200, 401]),
    ("patch", "/factories/{factory}", [200, 403, 403, 403, 404, 200, 401]),
    ("post", "/factories", [403, 403, 403, 403, 403, 201, 401]),
    ("delete", "/factories/{factory}", [204, 403, 403, 403, 404, 204, 401]),
]


@pytest.mark.parametrize(("index", "who"), list(enumerate(WHO)))
@pytest.mark.parametrize(("method", "path", "codes"), TABLE)
def test_who_may_do_what(api, request, device, method, path, codes, index, who):
    user = request.getfixturevalue(who) if who else None
    url = path.format(device=device.pk, factory=device.factory_id, prefix=device.keys.get().prefix)
    body = {**BODY, "factory_id": device.factory_id} if path == "/devices/register" else {"name": "Third Works"}
    answer = getattr(api(user), method)(url, body if "keys" not in path and "{device}" not in path else {})
    assert answer.status_code == codes[index]


def test_kind_measured_point_and_rating_are_said_at_registration_and_later(api, asha, steel_forge):
    sent = BODY | {"factory_id": steel_forge.pk, "machine_kind": "induction_furnace"}
    made = api(asha).post("/devices/register", sent | {"rated_kw": 250}).json()
    assert (made["machine_kind"], made["temperature_point"]) == ("induction_furnace", "")
    assert Device.objects.get(pk=made["id"]).profiles.get().rated_kw == 250
    path = f"/devices/{made['id']}"
    assert api(asha).patch(path, {"temperature_point": "coil_water"}).json()["temperature_point"] == "coil_water"
    rules = api(asha).get("/alert-rules", {"device_id": made["id"]}).json()
    assert {rule["title"] for rule in rules} == {
        "Device is silent", "Temperature above 60 °C", "Temperature above 65 °C", "Power above 276 kW",
        "Power above 289 kW",
    }  # fmt: skip
    urgent = next(rule for rule in rules if rule["title"] == "Power above 289 kW")
    assert (urgent["origin"], urgent["learning_until"]) == ("default", None)
    assert "rating 250 kW: 263 kW at full load (panel, efficiency 0.95) × 110 %" in urgent["basis"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("machine_kind", "submarine"), ("temperature_point", 3), *(("rated_kw", bad) for bad in (-1, "many", "nan", 1e9))],
)
def test_an_unknown_kind_or_rating_names_its_field(api, asha, steel_forge, field, value):
    answer = api(asha).post("/devices/register", BODY | {"factory_id": steel_forge.pk, field: value})
    assert answer.status_code == 400
    assert set(answer.json()) == {field}
