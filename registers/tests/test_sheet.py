"""The sheet of a register: what stands on it, what it takes, who may, and with how many questions to the database."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registers import models
from registers.models import BY_SLUG, REGISTERS
from registers.month_ranges import parse_period
from registers.sheet.sheet import Sheet, period_around
from registers.tests.cast import APRIL, MAY, diesel, gears, production_row
from registers.tests.model_factories import FuelUseMaker, ProductMaker

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/registers/production/?period=2024-05"


def text_of(answer):
    return " ".join(answer.content.decode().split())


def sent(key, **values):
    return {f"{key}-{name}": value for name, value in {"source": "record", **values}.items()}


def test_each_product_has_its_line_before_anything_is_entered(vik, page, steel_forge):
    product = gears(steel_forge)
    body = text_of(page(vik).get(PAGE))
    assert f'id="n202405-{product.pk}-made"' in body and "Gear blanks" in body


def test_cells_a_report_needs_are_outlined_once_the_month_is_over(vik, page, steel_forge):
    product = gears(steel_forge)
    body = text_of(page(vik).get(PAGE))
    assert f'id="c-n202405-{product.pk}-made" data-label="Made" class="num missing"' in body
    assert f'id="c-n202405-{product.pk}-used_inside" data-label="Used in own processes" class="num"' in body


def test_a_whole_sheet_is_saved_without_scripts(vik, page, steel_forge):
    product = gears(steel_forge)
    key = f"n202405-{product.pk}"
    figures = sent(key, opening="1,200", made="34.5", dispatched="0", used_inside="", closing="1,234.5")
    answer = page(vik).post(PAGE, {"rows": key, "save": "1", **figures}, follow=True)
    assert "1 row saved." in text_of(answer)
    found = models.Production.objects.get()
    assert (found.made, found.closing, found.month, found.source) == (Decimal("34.5"), Decimal("1234.5"), MAY, "record")


def test_a_fault_stands_at_its_cell_and_keeps_what_was_typed(vik, page, steel_forge):
    product = gears(steel_forge)
    key = f"n202405-{product.pk}"
    answer = page(vik).post(PAGE, {"only": key, **sent(key, opening="10", made="1,5", dispatched="0", closing="")})
    body = text_of(answer)
    assert 'class="saved"' not in body and "Write the figure as 1,23,456.50" in body and 'value="1,5"' in body
    assert not models.Production.objects.exists()


def test_one_faulty_row_keeps_no_other_from_being_saved(vik, page, steel_forge):
    good, bad = gears(steel_forge), ProductMaker(factory=steel_forge, name="Flanges", unit="kg")
    keys = [f"n202405-{good.pk}", f"n202405-{bad.pk}"]
    whole = sent(keys[0], made="5") | sent(keys[1], made="-5")
    answer = page(vik).post(PAGE, {"rows": keys, **whole})
    body = text_of(answer)
    assert "1 row saved." in body and "1 row not saved" in body and "Made cannot be negative." in body
    assert models.Production.objects.get().product == good


def test_a_row_sent_alone_comes_back_as_it_is_stored(vik, page, steel_forge):
    product = gears(steel_forge)
    key = f"n202405-{product.pk}"
    answer = page(vik).post(PAGE, {"only": key, **sent(key, made="7")})
    stored = models.Production.objects.get()
    assert answer.status_code == 200 and f'data-key="r{stored.pk}"' in answer.content.decode()


def test_a_new_line_is_typed_into_the_blank_row(vik, page, steel_forge):
    typed = sent("b7", name="HSD", fuel_kind="gas_diesel_oil", unit="kL", consented_quantity="", consented_per="")
    answer = page(vik).post("/dashboard/registers/fuels/", {"only": "b7", **typed})
    assert answer.status_code == 200 and models.Fuel.objects.get().name == "HSD"


@pytest.mark.parametrize("key", ["r999999", "x1", "b99999", "n202405-999", ""])
def test_a_row_that_does_not_stand_on_the_sheet_is_not_there(key, vik, page, steel_forge):
    gears(steel_forge)
    assert page(vik).post(PAGE, {"only": key, f"{key}-made": "1"}).status_code == 404


def test_another_factorys_line_cannot_be_chosen(vik, page, steel_forge, chem_works):
    theirs = diesel(chem_works)
    address = "/dashboard/registers/fuel-use/?period=2024-05"
    answer = page(vik).post(address, {"only": "b1", **sent("b1", fuel=str(theirs.pk), process="", value_source="")})
    assert b"saved" not in answer.content and not models.FuelUse.objects.exists()


def test_last_months_lines_are_copied_without_their_quantities(vik, page, steel_forge):
    product, fuel = gears(steel_forge), diesel(steel_forge)
    production_row(steel_forge, product)
    values = {
        "gcv_kcal_per_kg": Decimal(11840),
        "value_source": "standard",
        "closing": Decimal(3),
        "purchased": Decimal(9),
    }
    FuelUseMaker(factory=steel_forge, fuel=fuel, month=APRIL, **values)
    page(vik).post(PAGE, {"copy": "1"})
    copied = models.Production.objects.get(month=MAY)
    assert (copied.opening, copied.made, copied.closing) == (Decimal(20), None, None)
    page(vik).post("/dashboard/registers/fuel-use/?period=2024-05", {"copy": "1"})
    copied = models.FuelUse.objects.get(month=MAY)
    assert (copied.opening, copied.gcv_kcal_per_kg, copied.purchased) == (Decimal(3), Decimal(11840), None)


def test_a_line_out_of_use_is_not_copied(vik, page, steel_forge):
    product = gears(steel_forge, used_until=date(2024, 4, 30))
    production_row(steel_forge, product)
    page(vik).post(PAGE, {"copy": "1"})
    assert models.Production.objects.count() == 1


def test_copying_twice_copies_once(vik, page, steel_forge):
    production_row(steel_forge, gears(steel_forge))
    for _ in range(2):
        page(vik).post(PAGE, {"copy": "1"})
    assert models.Production.objects.count() == 2


def test_one_line_is_seen_through_the_year(vik, page, steel_forge):
    product = gears(steel_forge)
    production_row(steel_forge, product)
    body = text_of(page(vik).get(f"/dashboard/registers/production/?period=fy2024&line={product.pk}"))
    assert "<strong>Gear blanks</strong>" in body
    assert "Apr 2024" in body and "Jun 2024" in body and f'id="n202405-{product.pk}-made"' in body


@pytest.mark.parametrize("period", ["x", "2024-13", "fy9999", "cy0", "2024-04-01", "%00", "fy2024"])
def test_a_period_that_cannot_be_shows_the_usual_one(period, vik, page, steel_forge):
    gears(steel_forge)
    for slug in ("production", "products", "laboratory", "cbam-years", "operating-days"):
        assert page(vik).get(f"/dashboard/registers/{slug}/?period={period}&line=9-x").status_code == 200


def test_an_unknown_register_is_a_404(vik, page, steel_forge):
    for path in ("nothing/", "nothing/new/", "nothing/import/", "nothing/export/", "nothing/1/"):
        assert page(vik).get(f"/dashboard/registers/{path}").status_code == 404


def queries_of(client, path):
    with CaptureQueriesContext(connection) as context:
        assert client.get(path).status_code == 200
    return len(context)


@pytest.mark.parametrize("path", [PAGE, "/dashboard/registers/", "/dashboard/registers/checklist/?month=2024-05"])
def test_more_rows_need_no_more_queries(path, vik, page, steel_forge):
    client = page(vik)
    production_row(steel_forge, gears(steel_forge), MAY)
    client.get(path)
    with_one = queries_of(client, path)
    for name in ("Flanges", "Rings"):
        production_row(steel_forge, ProductMaker(factory=steel_forge, name=name, unit="t"), MAY)
    assert queries_of(client, path) == with_one


def test_every_fields_unit_and_name_are_sound():
    for register in REGISTERS:
        assert len(register.field_names) == len(set(register.field_names)), register.slug
        for report, names in register.needed.items():
            assert set(names) <= set(register.field_names), (register.slug, report)
        assert set(register.carry_forward) <= set(register.field_names), register.slug
        assert set(register.measured_fields) <= set(register.field_names), register.slug


def test_what_was_typed_for_a_month_not_begun_has_no_sheet(vik, page, steel_forge):
    today = datetime.now(UTC).date()
    sheet = Sheet(
        BY_SLUG["operating-days"], steel_forge, parse_period(f"fy{today.year + 3}", None), today, may_enter=True
    )
    assert sheet.rows == []
    assert period_around(BY_SLUG["products"], date(2024, 4, 1)) is None
