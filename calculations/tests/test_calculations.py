"""The arithmetic of reports; where the law or a published example gave the number, it is named."""

from decimal import Decimal as D

import pytest

from calculations import cbam, operations, pat, quantities, spcb
from calculations.cbam import definitive
from calculations.operations import MachineEnergy, Quarter


@pytest.mark.parametrize(
    ("kwh", "toe"),
    [
        (D("220000000"), D("18920")),  # 2,200 lakh kWh, "MTOE Calculation" of a State Designated Agency
        (D("1000"), D("0.086")),
        (D(0), D(0)),
    ],
)
def test_electricity_in_tonnes_of_oil_equivalent(kwh, toe):
    assert pat.electricity_toe(kwh) == toe


def test_lakh_kwh_and_million_kcal():
    assert pat.lakh_kwh(D(250_000)) == D("2.5")
    assert pat.million_kcal(D(250_000)) == D(215)


def test_electricity_of_devices_is_megawatt_hours_in_a_cbam_report():
    assert cbam.electricity_mwh(D(1500)) == D("1.5")


@pytest.mark.parametrize(("exact", "printed"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.49", 2)])
def test_emissions_are_printed_in_full_tonnes_half_up(exact, printed):
    assert definitive.printed_emissions_t(D(exact)) == printed


def quarters(*kws, rated=None):
    return [Quarter(D(kw) / 4, D(900), rated) for kw in kws]


def test_a_quarter_hour_operates_from_a_tenth_of_the_rating():
    hours = operations.operating_hours(quarters("14.9", "15", "120", "0", rated=D(150)), D(2))
    assert (hours.operating_h, hours.idle_h, hours.unknown_h) == (D("0.5"), D("0.5"), D(1))
    assert hours.basis == "15 kW (10 % of 150 kW rated)"
    assert hours.coverage_pct == D(50)


def test_an_unrated_machine_is_judged_by_its_highest_quarter_hour():
    hours = operations.operating_hours(quarters("80", "8", "7.9"), D("0.75"))
    assert hours.operating_h == D("0.5")
    assert hours.basis == "8 kW (10 % of the highest quarter hour, 80 kW)"


def test_a_quarter_hour_measured_for_less_than_half_is_not_known():
    hours = operations.operating_hours([*quarters("80"), Quarter(D(10), D(449))], D("0.5"))
    assert (hours.operating_h, hours.idle_h, hours.unknown_h) == (D("0.25"), D(0), D("0.25"))


def test_mean_power_is_that_of_the_time_measured():
    assert Quarter(D(10), D(450)).mean_kw == D(80)


def test_a_machine_without_power_has_no_operating_hours_rather_than_none():
    hours = operations.operating_hours([], D(24))
    assert (hours.operating_h, hours.unknown_h) == (None, D(24))


def test_a_machine_that_stood_still_all_the_time_operated_for_zero_hours():
    assert operations.operating_hours(quarters("0", "0"), D("0.5")).operating_h == 0


def test_energy_of_all_machines_keeps_measured_and_bridged_apart():
    whole = operations.energy_total(
        [
            MachineEnergy(D(100), D(5), covered_h=D(21), bridged_h=D(1), missing_h=D(2)),
            MachineEnergy(D(50), covered_h=D(24)),
            MachineEnergy(missing_h=D(24)),
        ]
    )
    assert (whole.measured_kwh, whole.bridged_kwh, whole.total_kwh) == (D(150), D(5), D(155))
    assert whole.coverage_pct == D("62.5")


def test_nothing_known_adds_up_to_nothing_known():
    assert quantities.total([None, None]) is None
    assert quantities.total([]) is None


def test_a_float_becomes_the_decimal_a_person_would_write():
    assert quantities.decimal_of(0.1) == D("0.1")
    assert quantities.decimal_of(float("nan")) is None
    assert quantities.text_of(D("1E+3")) == "1000"


def test_capture_is_valid_over_expected_and_never_above_all():
    assert spcb.capture_pct(85, D(100)) == D(85)
    assert spcb.capture_pct(101, D(100)) == D(100)
    assert spcb.capture_pct(0, D(0)) is None


def test_days_below_the_benchmark_are_named():
    days = [("2025-01-06", 288, D(288)), ("2025-01-07", 244, D(288)), ("2025-01-08", 245, D(288))]
    assert [day for day, _ in spcb.days_below_benchmark(days)] == ["2025-01-07"]


@pytest.mark.parametrize("industry", ["forging", "foundry", "aluminium"])
def test_electricity_of_steel_and_aluminium_is_recorded_not_counted(industry):
    assert "not part of embedded emissions" in cbam.electricity_note(industry)


def test_other_industries_get_no_such_promise():
    assert "Indirect emissions of these goods count" in cbam.electricity_note("cement")
    assert "not entered" in cbam.electricity_note("chemicals")
