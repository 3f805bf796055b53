"""What a row may say: each rule has a row that keeps it and one that breaks it, and the sentence names the field."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from registers import models, parsers
from registers.models import ROWS, Source
from registers.tests.cast import APRIL, MAY, diesel, gears, one_row_per_register, production_row, row
from registers.tests.model_factories import (
    ConnectionMaker,
    ElectricityBillMaker,
    EmissionPointMaker,
    FuelUseMaker,
    LabResultMaker,
    ProcessMaker,
    ProductionMaker,
    WasteMaker,
    WasteMonthMaker,
)

pytestmark = pytest.mark.django_db


def refused(model, factory, **values):
    """{field: sentences} of a row that must be refused."""
    with pytest.raises(ValidationError) as refusal:
        row(model, factory, **values)
    return refusal.value.message_dict


def test_every_register_takes_a_row(steel_forge):
    rows = one_row_per_register(steel_forge)
    assert all(one.source for one in rows.values()) and len(rows) == len(ROWS)


def test_stock_must_add_up(steel_forge):
    product = gears(steel_forge)
    production_row(steel_forge, product)
    faults = refused(models.Production, steel_forge, product=product, month=MAY, **figures(20, 100, 90, 25))
    assert (
        "Closing stock is opening + made − dispatched − used in own processes: that makes 30, not 25."
        in faults["closing"]
    )


def figures(opening, new, gone, closing):
    names = ("opening", "made", "dispatched", "closing")
    return dict(zip(names, map(Decimal, (opening, new, gone, closing)), strict=True))


def test_a_blank_is_missing_and_no_zero(steel_forge):
    product = gears(steel_forge)
    found = ProductionMaker(factory=steel_forge, product=product, month=APRIL, opening=Decimal(10), closing=Decimal(99))
    assert found.made is None


def test_used_inside_counts_where_it_is_given(steel_forge):
    """Opening 10 + made 100 − dispatched 90 − used inside 5."""
    product = gears(steel_forge)
    assert production_row(steel_forge, product, used_inside=Decimal(5), closing=Decimal(15)).closing == 15
    wrong = {"used_inside": Decimal(5), **figures(15, 100, 90, 25)}
    faults = refused(models.Production, steel_forge, product=product, month=MAY, **wrong)
    assert "that makes 20, not 25" in " ".join(faults["closing"])


FIRST, SECOND = date(2024, 4, 1), date(2024, 4, 2)
STOP = {"what": "All", "from_on": SECOND, "until_on": SECOND}
BAR = {"name": "Bar", "cn_code": "72143000"}
WASTE = {"name": "Oil", "is_hazardous": True, "unit": "kL"}
RULES = [
    (models.Product, {"name": "X", "cn_code": "7326"}, "cn_code", "8 digits"),
    (models.Product, {"name": "X", "consented_quantity": Decimal(5)}, "consented_per", "per day or per year"),
    (models.Product, {"name": "X", "capacity": Decimal(-1)}, "capacity", "Installed capacity cannot be negative."),
    (models.Waste, WASTE, "schedule", "Schedule I, 5.1"),
    (models.Generator, {"name": "DG", "plant": "dg", "rated_kw": Decimal(-1)}, "rated_kw", "cannot be negative"),
    (models.Consent, {"number": "1", "what": "cto", "issued_on": SECOND, "valid_until": FIRST}, "valid_until", "issue"),
    (models.OperatingMonth, {"month": APRIL, "operating_days": Decimal(31)}, "operating_days", "month has 30 days"),
    (models.OperatingMonth, {"month": APRIL, "operating_hours": Decimal(721)}, "operating_hours", "720 hours"),
    (models.Shutdown, {**STOP, "until_on": FIRST, "reason": "planned"}, "until_on", "before the first day"),
    (models.Shutdown, {**STOP, "reason": "other"}, "remark", "what the other reason was"),
    (models.PrecursorSupply, {**BAR, "basis": "actual"}, "verification_report", "accredited verifier"),
    (models.PrecursorSupply, {**BAR, "basis": "default"}, "origin", "default value depends on it"),
    (models.PrecursorSupply, {**BAR, "cn_code": "7214", "basis": "default", "origin": "IN"}, "cn_code", "8 digits"),
    (models.Particulars, {"locode": "PUNE"}, "locode", "INPNQ"),
    (models.Particulars, {"emission_latitude": Decimal(91)}, "emission_latitude", "above 90"),
    (models.CbamYear, {"month": APRIL, "zero_rated_fuels": True}, "zero_rated_proof", "how it is proved"),
    (models.CbamYear, {"month": APRIL, "heat_exported": True}, "heat_others", "where the heat"),
    (models.Letter, {"received_on": APRIL, "what": "notice", "subject": "X", "closed_on": MAY}, "action", "dealt with"),
    (models.HeatFlow, {"month": APRIL, "what": "heat", "way": "imported"}, "partner", "name where"),
    (models.Production, {"month": None}, "month", "belongs to no period"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "values", "field", "words"), RULES)
def test_a_rule_refuses_and_names_the_field(model, values, field, words, steel_forge):
    if model is models.Production:
        values = {**values, "product": gears(steel_forge)}
    assert words in " ".join(refused(model, steel_forge, **values)[field])


def test_a_bill_number_stands_once(steel_forge):
    bill = ElectricityBillMaker(factory=steel_forge, month=APRIL, bill_number="B-1")
    faults = refused(models.ElectricityBill, steel_forge, connection=bill.connection, month=MAY, bill_number="B-1")
    assert "Bill number: this bill stands in another month already." in str(faults)


def test_a_bill_read_on_other_days_stands_in_the_wrong_month(steel_forge):
    connection = ConnectionMaker(factory=steel_forge)
    days = {"from_on": date(2024, 5, 2), "until_on": date(2024, 6, 1)}
    faults = refused(models.ElectricityBill, steel_forge, connection=connection, month=APRIL, **days)
    assert "do not touch April 2024" in faults["until_on"][0]


def test_more_kwh_than_kvah_are_exchanged(steel_forge):
    connection = ConnectionMaker(factory=steel_forge)
    bill = {"energy_kwh": Decimal(1000), "apparent_kvah": Decimal(900)}
    assert "exchanged" in str(refused(models.ElectricityBill, steel_forge, connection=connection, month=APRIL, **bill))


def test_a_net_calorific_value_lies_below_the_gross_one(steel_forge):
    fuel = diesel(steel_forge)
    values = {"gcv_kcal_per_kg": Decimal(10800), "ncv_gj_per_t": Decimal("45.3"), "value_source": "supplier"}
    assert "higher than the GCV" in str(refused(models.FuelUse, steel_forge, fuel=fuel, month=APRIL, **values))
    FuelUseMaker(factory=steel_forge, fuel=fuel, month=APRIL, **{**values, "ncv_gj_per_t": Decimal("43.0")})


def test_a_calorific_value_says_where_it_comes_from(steel_forge):
    faults = refused(models.FuelUse, steel_forge, fuel=diesel(steel_forge), month=APRIL, gcv_kcal_per_kg=Decimal(10800))
    assert "say where GCV and NCV come from" in faults["value_source"][0]


def test_hazardous_waste_leaves_with_a_manifest(steel_forge):
    oil = WasteMaker(factory=steel_forge, **WASTE, schedule="Schedule I, 5.1")
    month = {"waste": oil, "month": APRIL, "dispatched": Decimal(1)}
    assert "Form 10 manifest" in str(refused(models.WasteMonth, steel_forge, **month))
    WasteMonthMaker(factory=steel_forge, **month, manifests="MH-17")


def test_stack_gas_is_not_measured_in_mg_per_litre(steel_forge):
    stack = EmissionPointMaker(factory=steel_forge)
    sample = {"point": stack, "sampled_on": APRIL, "parameter": "pm", "result": "42"}
    assert "mg/L does not fit stack" in str(refused(models.LabResult, steel_forge, **sample, unit="mg/L"))


@pytest.mark.parametrize(
    ("said", "stored", "value"), [("bdl", "BDL", None), ("< 5", "<5", None), ("1,042.5", "1042.5", Decimal("1042.5"))]
)
def test_a_result_stays_what_the_laboratory_said(said, stored, value, steel_forge):
    stack = EmissionPointMaker(factory=steel_forge)
    found = LabResultMaker(
        factory=steel_forge, point=stack, sampled_on=APRIL, parameter="pm", result=said, unit="mg/Nm3"
    )
    found.refresh_from_db()
    assert (found.result, found.value) == (stored, value)


def test_a_result_is_a_figure_or_bdl(steel_forge):
    stack = EmissionPointMaker(factory=steel_forge)
    sample = {"point": stack, "sampled_on": APRIL, "parameter": "pm", "unit": "mg/Nm3"}
    assert "as BDL" in str(refused(models.LabResult, steel_forge, **sample, result="fine"))


def test_a_unit_others_count_in_does_not_change(steel_forge):
    product = gears(steel_forge)
    product.unit = "kg"
    product.full_clean()  # nothing rests on it yet
    product.unit = "t"
    production_row(steel_forge, product)
    product.unit = "kg"
    with pytest.raises(ValidationError, match="months are entered in it"):
        product.full_clean()


def test_a_product_does_not_enter_the_process_it_is_made_in(steel_forge):
    forging = ProcessMaker(factory=steel_forge)
    own = {"product": gears(steel_forge, process=forging), "process": forging, "month": APRIL}
    assert "cannot enter it" in str(refused(models.OwnPrecursorUse, steel_forge, **own))


def test_the_same_line_stands_once_a_month_also_without_a_process(steel_forge):
    fuel = diesel(steel_forge)
    FuelUseMaker(factory=steel_forge, fuel=fuel, month=APRIL)
    assert "There is such a row already." in str(refused(models.FuelUse, steel_forge, fuel=fuel, month=APRIL))


def test_nobody_just_says_that_a_device_measured_it(steel_forge):
    assert "source" in refused(models.OperatingMonth, steel_forge, month=APRIL, source=Source.DEVICE)


def test_a_row_names_only_rows_of_its_own_factory(steel_forge, chem_works):
    theirs = gears(chem_works)
    faults = refused(models.Production, steel_forge, product=theirs, month=APRIL)
    assert faults == {"product": ["Product: this factory has no such row."]}


def test_a_row_does_not_move_to_another_factory(steel_forge, chem_works):
    product = gears(steel_forge)
    product.factory = chem_works
    with pytest.raises(ValidationError, match="does not move"):
        product.full_clean()


@pytest.mark.parametrize(
    ("text", "figure"),
    [("1,23,456.50", "123456.50"), ("₹ 12,50,000", "1250000"), (" 12 345 ", "12345"), ("−4", "-4"), (".5", ".5")],
)
def test_figures_are_read_as_people_write_them(text, figure):
    assert parsers.parse_number(text) == Decimal(figure)


@pytest.mark.parametrize("text", ["1,5", "1e5", "12 t", "nan", "1.2.3", "--1", "0x10", "١٢"])
def test_what_could_mean_anything_is_refused(text):
    with pytest.raises(parsers.ParseError):
        parsers.parse_number(text)


@pytest.mark.parametrize("text", ["30-04-2025", "30.04.2025", "30/04/2025", "2025-04-30", "30 Apr 2025"])
def test_days_are_read_the_indian_way(text):
    assert parsers.parse_day(text) == date(2025, 4, 30)


@pytest.mark.parametrize("text", ["2025-04", "Apr 2025", "April 2025", "04/2025", "Apr-25", "2025-04-17"])
def test_months_are_read_in_every_usual_shape(text):
    assert parsers.parse_month(text) == date(2025, 4, 1)
