"""Two independent roads to one figure, with what they may differ by, in the documents."""

from decimal import Decimal

import pytest

from calculations.two_roads import TwoRoads, allowed_with_gaps
from registers.tests.model_factories import (
    FuelMaker,
    FuelUseMaker,
    GenerationMaker,
    GeneratorMaker,
    OperatingMonthMaker,
)
from reports.documents import comparisons
from reports.tests.test_documents_from_registers import ACTUAL, FY, Year, forge, pat, quick_print, table_named

__all__ = ["forge", "quick_print"]
D = Decimal


@pytest.mark.parametrize(
    ("first", "second", "said"), [("100", "95", True), ("100", "94.9", False), ("100", "106", False), ("0", "1", None)]
)
def test_two_roads_agree_within_what_is_allowed(first, second, said):
    assert TwoRoads(D(first), D(second), D(5)).agrees is said


def test_a_ceiling_is_kept_from_below():
    assert TwoRoads(D(100), D(1), D(0), is_ceiling=True).agrees
    assert not TwoRoads(D(100), D(101), D(0), is_ceiling=True).agrees


def test_what_was_not_measured_is_allowed_on_top():
    assert allowed_with_gaps(D(5), D("98.5")) == D("6.5")


def supply(billed, generated, exported=None):
    generation = [{"generated_kwh": generated, "exported_kwh": exported}] if generated else []
    return {"bills": [{"energy_kwh": billed}], "generation": generation}


def test_own_generation_belongs_to_what_the_feeders_should_have_measured():
    """344,800 kWh billed and 37,028 of the DG set against 336,008: 2.55 % of the bills alone, 12.0 % of the supply."""
    found = comparisons.electricity(supply("344800", "37028"), D(336_008), D(100))
    assert found.roads.first == 381_828 and round(found.roads.difference_pct, 1) == D("12.0")
    assert found.is_apart
    assert "3,81,828 kWh by bills + own generation − exported, 3,36,008 kWh by feeders" in found.sentence()
    assert "12.0 % apart, 5.0 % are allowed (1 % each for the billing meter" in found.sentence()


def test_exports_left_the_unit_before_the_feeders():
    assert comparisons.electricity(supply("1000", "200", "150"), D(1040), D(100)).roads.difference == 10


def test_bills_of_some_months_are_not_compared_with_a_measured_year():
    found = comparisons.electricity(supply("1000", None), D(4000), D(100), "3 of 12 months")
    assert not found.is_apart and comparisons.row_of(found)[6]["text"] == "not compared"


def stock(used):
    return {
        "name": "Furnace oil", "unit": "t", "opening": "10", "purchased": "100", "closing": "20",
        "used_process": used, "used_power": None, "used_elsewhere": None,
    }  # fmt: skip


@pytest.mark.parametrize(("used", "apart"), [("90", False), ("89.1", False), ("80", True)])
def test_fuel_by_stock_and_purchases_against_the_use_entered(used, apart):
    (found,) = comparisons.fuel_stocks([stock(used)])
    assert found.roads.first == 90 and found.is_apart is apart


def consent(made, months=12):
    return {"name": "Gears", "unit": "t", "made": made, "allowed": "1200", "months_entered": months}


@pytest.mark.parametrize(
    ("row", "apart", "compared"),
    [(consent("1000"), False, True), (consent("1300"), True, True),
     (consent("300", 3), False, False), (consent("1300", 3), True, True)],
)  # fmt: skip
def test_production_against_the_consent(row, apart, compared):
    (found,) = comparisons.production([row], 12)
    assert (found.is_apart, found.is_compared) == (apart, compared)


def machine(label, hours, unknown="0"):
    return {
        "label": label, "energy": {"has_power": True},
        "operating": {"operating_h": hours, "unknown_h": unknown, "period_h": "720"},
    }  # fmt: skip


def test_hours_entered_against_the_machine_that_ran_longest():
    inputs = {"machines": [machine("Press", "300"), machine("Furnace", "387.4")]}
    (found,) = comparisons.operating_hours(inputs, D(416))
    assert found.is_apart and "387.4 h by measured at Furnace" in found.sentence()
    (part,) = comparisons.operating_hours(inputs, D(104), "1 of 3 months")
    assert not part.is_apart


def test_a_year_with_a_dg_set_states_both_roads_and_counts_its_diesel_once(forge):
    year = Year(forge, FY, ACTUAL)
    diesel = FuelMaker(factory=forge, name="Diesel", fuel_kind="gas_diesel_oil", unit="t")
    generator = GeneratorMaker(factory=forge, name="DG set", plant="dg", fuel=diesel)
    for month in FY:
        OperatingMonthMaker(factory=forge, month=month, operating_days=D(25), operating_hours=D(400))
        FuelUseMaker(
            factory=forge, fuel=diesel, process=year.forging, month=month, used_process=D(0), used_power=D(1),
            gcv_kcal_per_kg=D(11840), value_source="standard", opening=D(1), purchased=D(1), closing=D(1),
        )  # fmt: skip
        GenerationMaker(
            factory=forge,
            generator=generator,
            month=month,
            generated_kwh=D(3300),
            exported_kwh=D(0),
            auxiliary_kwh=D(40),
        )
    report = pat(forge)
    row = table_named(report, "Bills and own generation against meters")["rows"][0]
    assert [D(cell["value"]) for cell in row[:4]] == [360_000, 39_600, 0, 399_600]
    kinds = {cells[0]["text"]: D(cells[1]["value"]) for cells in table_named(report, "Two years side by side")["rows"]}
    assert kinds["Electrical, kWh/t"] == D(399_600) / 1200
    assert kinds["Thermal, kcal/kg"] == D(120) * 1000 * 10050 / 1_200_000, "without the diesel"
    names = [cells[0]["text"] for cells in table_named(report, "Two roads to one figure")["rows"]]
    assert names == ["Electricity", "Diesel", "Gear blanks"]
