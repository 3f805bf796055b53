"""Registers over the API: whose rows, who may, and that what is sent cannot reach into another factory."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices.tests.cast import make_device
from factories.roles import Role
from factories.tests.cast import MembershipMaker
from registers import locks, models
from registers.tests.cast import APRIL, MAY, gears, production_row

pytestmark = pytest.mark.django_db


def test_a_month_of_production_is_entered_and_read(api, vik, steel_forge):
    product = gears(steel_forge)
    sent = {
        "product_id": product.pk,
        "month": "2024-04-17",
        "opening": 0,
        "made": 12.5,
        "dispatched": 2,
        "closing": 10.5,
    }
    answer = api(vik).post("/registers/production", sent)
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["month"], answer.json()["made"], answer.json()["source"]) == ("2024-04-01", 12.5, "record")
    assert [row["id"] for row in api(vik).get("/registers/production").json()] == [answer.json()["id"]]


def test_faults_come_under_the_names_that_were_sent(api, vik, steel_forge):
    product = gears(steel_forge)
    sent = {"product_id": product.pk, "month": "2024-04-01", "opening": 0, "made": 5, "dispatched": 0, "closing": 9}
    answer = api(vik).post("/registers/production", sent)
    assert answer.status_code == 400
    assert "that makes 5, not 9" in answer.json()["closing"][0]


@pytest.mark.parametrize(
    "sent", [{"made": "lots"}, {"made": -1}, {"made": 1e30}, {"month": "never"}, {"product_id": True}]
)
def test_bad_input_names_its_field(sent, api, vik, steel_forge):
    whole = {"product_id": gears(steel_forge).pk, "month": "2024-04-01", **sent}
    answer = api(vik).post("/registers/production", whole)
    assert answer.status_code == 400 and list(answer.json()) == list(sent)


def test_a_payload_that_names_another_factorys_row_is_refused(api, asha, steel_forge, chem_works):
    theirs, ours = gears(chem_works), gears(steel_forge)
    answer = api(asha).post("/registers/production", {"product_id": theirs.pk, "month": "2024-04-01"})
    assert answer.status_code == 400 and "product_id" in answer.json()
    row = production_row(steel_forge, ours)
    answer = api(asha).patch(f"/registers/production/{row.pk}", {"product_id": theirs.pk})
    assert answer.status_code == 400 and "product_id" in answer.json()
    device = make_device(chem_works, "ESP32-CW-1")
    answer = api(asha).post("/registers/machines", {"device_id": device.pk, "month": "2024-04-01"})
    assert answer.status_code == 400 and "device_id" in answer.json()
    assert models.Production.objects.count() == 1 and not models.MachineMonth.objects.exists()


def test_a_payload_for_another_factory_is_a_404(api, asha, steel_forge, chem_works):
    sent = {"factory_id": chem_works.pk, "name": "Ours now", "unit": "t"}
    assert api(asha).post("/registers/products", sent).status_code == 404
    assert not models.Product.objects.exists()


def test_a_row_does_not_move_even_between_ones_own_factories(api, asha, steel_forge, chem_works):
    MembershipMaker(user=asha, factory=chem_works, role=Role.OWNER.value)
    product = gears(steel_forge)
    answer = api(asha).patch(f"/registers/products/{product.pk}", {"factory_id": chem_works.pk})
    assert answer.status_code == 400 and "factory_id" in answer.json()


def test_a_locked_month_refuses_every_method(api, asha, vik, steel_forge):
    row = production_row(steel_forge, gears(steel_forge))
    locks.lock_month(steel_forge, APRIL, by=asha, now=timezone.now())
    answer = api(vik).patch(f"/registers/production/{row.pk}", {"remark": "late"})
    assert answer.status_code == 400 and "April 2024 is locked" in answer.json()["month"][0]
    assert api(vik).patch(f"/registers/production/{row.pk}", {"month": "2024-05-01"}).status_code == 400
    assert api(vik).delete(f"/registers/production/{row.pk}").status_code == 409
    sent = {"product_id": row.product_id, "month": "2024-04-01"}
    assert api(vik).post("/registers/production", sent).status_code == 400


def test_what_others_rest_on_is_not_deleted(api, vik, steel_forge):
    row = production_row(steel_forge, gears(steel_forge))
    assert api(vik).delete(f"/registers/products/{row.product_id}").status_code == 409
    assert api(vik).delete(f"/registers/production/{row.pk}").status_code == 204


def test_months_are_filtered(api, vik, steel_forge):
    product = gears(steel_forge)
    for month in (APRIL, MAY):
        production_row(steel_forge, product, month)
    found = api(vik).get("/registers/production", {"since": "2024-05-01"}).json()
    assert [row["month"] for row in found] == ["2024-05-01"]


def test_more_rows_need_no_more_queries(api, vik, steel_forge):
    product, client = gears(steel_forge), api(vik)
    production_row(steel_forge, product)
    client.get("/registers/production")
    with CaptureQueriesContext(connection) as one:
        client.get("/registers/production")
    for month in (MAY, date(2024, 6, 1)):
        production_row(steel_forge, product, month)
    with CaptureQueriesContext(connection) as three:
        assert len(client.get("/registers/production").json()) == 3
    assert len(three) == len(one)


def test_figures_keep_every_digit(api, vik, steel_forge):
    product = gears(steel_forge)
    sent = {"product_id": product.pk, "month": "2024-04-01", "made": "12345678901234.123456"}
    assert api(vik).post("/registers/production", sent).status_code == 201
    assert models.Production.objects.get().made == Decimal("12345678901234.123456")


def test_a_factory_whose_registers_are_kept_is_not_archived(api, asha, steel_forge):
    gears(steel_forge)
    answer = api(asha).delete(f"/factories/{steel_forge.pk}")
    assert answer.status_code == 409 and "Registers rest on Steel Forge." in answer.json()["detail"]
