"""SPCB arithmetic: per unit and per day, pollutants, ambient air."""

from decimal import Decimal as D

import pytest

from calculations.spcb import ambient, pollutants
from calculations.spcb.consumption import AgainstConsent, TwoYears, WasteBalance, per_day, per_unit_two_years
from calculations.spcb.pollutants import Result, Variation


def test_two_years_stand_side_by_side_and_a_blank_stays_blank():
    found = per_unit_two_years(TwoYears(D(900), D(800)), TwoYears(D(300), D(400)))
    assert (found.previous, found.current) == (D(3), D(2))
    assert round(found.change_pct, 2) == D("-33.33")
    unknown = per_unit_two_years(TwoYears(None, D(800)), TwoYears(D(300), D(0)))
    assert (unknown.previous, unknown.current, unknown.change_pct) == (None, None, None)


def test_water_per_day_is_by_operating_days():
    assert per_day(D(3000), 300) == D(10)
    assert per_day(D(3000), None) is None and per_day(D(3000), 0) is None


def test_a_quantity_above_its_consent_needs_a_reason():
    assert AgainstConsent(D(131), D(130)).may_need_reason
    assert not AgainstConsent(D(130), D(130)).may_need_reason
    assert AgainstConsent(D(130), None).share_pct is None


def test_a_waste_balance_names_its_difference():
    assert WasteBalance(D(5), D(10), D(8), D(2), D(5)).difference_t == 0
    assert WasteBalance(D(5), D(10), D(8), D(2), D(6)).difference_t == 1


@pytest.mark.parametrize(
    ("concentration", "oxygen", "reference", "expected"), [(120, 9, 6, 150), (150, 6, 3, 180), (80, "20.5", 6, None)]
)
def test_oxygen_is_brought_to_its_reference(concentration, oxygen, reference, expected):
    found = pollutants.at_reference_oxygen(D(concentration), D(oxygen), D(reference))
    assert found == (None if expected is None else D(expected))


def test_mass_per_day_of_air_and_water():
    assert pollutants.air_kg_per_day(D(150), D(10_000), D(20)) == D(30)
    assert pollutants.water_kg_per_day(D(30), D(50)) == D("1.5")


def test_ppm_need_the_temperature_of_the_normal_cubic_metre():
    assert round(pollutants.mg_per_nm3(D(100), D("64.066"), 0), 2) == D("285.83")
    assert round(pollutants.mg_per_nm3(D(100), D("64.066"), 25), 2) == D("262.03")


@pytest.mark.parametrize(
    ("text", "value", "below"),
    [
        ("42.5", D("42.5"), False),
        ("1,200", D(1200), False),
        ("BDL", None, True),
        ("<5", None, True),
        ("n/a", None, False),
    ],
)
def test_below_detection_is_never_zero(text, value, below):
    found = Result(text)
    assert (found.value, found.is_below_detection) == (value, below)


def test_below_detection_prints_its_limit():
    assert Result("BDL").printed(D("0.5")) == "BDL (DL = 0.5)"
    assert Result("42").printed(D("0.5")) == "42"


def test_a_positive_variation_demands_a_reason():
    assert Variation(D(180), D(150)).pct == 20
    assert Variation(D(180), D(150)).lacks_reason
    assert not Variation(D(180), D(150), "filter bags changed on 3 March").lacks_reason
    assert not Variation(D(150), D(150)).lacks_reason
    assert not Variation(None, D(150)).lacks_reason


def test_an_annual_mean_of_fewer_than_104_measurements_says_so():
    assert not ambient.annual_mean([D(70)] * 103, D(60)).is_representative
    found = ambient.annual_mean([D(70)] * 104, D(60))
    assert found.is_representative and found.is_above
    assert ambient.annual_mean([], D(60)).is_above is None


def test_two_per_cent_may_lie_above_but_not_two_days_in_a_row():
    calm, high = D(90), D(120)
    apart = ambient.short_term([high, *[calm] * 49, high, *[calm] * 49], D(100))
    assert (apart.within_pct, apart.meets_share, apart.has_consecutive) == (D(98), True, False)
    together = ambient.short_term([high, high, *[calm] * 98], D(100))
    assert (together.meets_share, together.has_consecutive, together.longest_run_above) == (True, True, 2)
    assert ambient.short_term([], D(100)).meets_share is None
