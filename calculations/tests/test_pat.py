"""PAT and CCTS beyond the published files."""

from decimal import Decimal as D

import pytest

from calculations.cbam.streams import SourceStream
from calculations.ccts import credits, intensity
from calculations.pat import energy, json_input, performance
from calculations.strict_json import StructureError
from calculations.tests.test_trace import by_hand


def energy_of(**electricity):
    return json_input.work_out({"electricity": electricity, "products": [{"name": "Forgings", "quantity_t": 1000}]})


def test_exports_are_deducted_at_860_unless_the_exporters_heat_rate_is_entered():
    sold = energy_of(purchased_kwh=10_000, exported_kwh=1_000)
    assert sold.energy.total.value == 9_000 * 860
    rated = energy_of(purchased_kwh=10_000, exported_kwh=1_000, export_heat_rate_kcal_per_kwh=2717)
    assert rated.energy.total.value == 10_000 * 860 - 1_000 * 2717


def test_the_three_energies_of_a_tonne():
    found = json_input.work_out(
        {
            "electricity": {"purchased_kwh": 500_000, "excluded_kwh": 100_000},
            "fuels": [
                {"name": "PNG", "quantity": 10_000, "unit": "Sm3", "gross_calorific_value_kcal_per_sm3": 9000},
                {"name": "Coal", "quantity": 20, "unit": "t", "gross_calorific_value_kcal_per_kg": 5000},
            ],
            "products": [{"name": "Forgings", "quantity_t": 600}, {"name": "Rings", "quantity_t": 400}],
        }
    )
    assert found.specific.electrical_kwh_per_t == 400
    assert found.specific.thermal_kcal_per_kg == 190
    assert found.specific.total_toe_per_t == D("0.0534")
    assert found.energy.total_toe == D("53.4")


def with_generator(**electricity):
    diesel = {
        "name": "HSD", "quantity": 12, "unit": "kL", "gross_calorific_value_kcal_per_kg": 11840,
        "density_kg_per_l": D("0.8263"), "for_power": 9,
    }  # fmt: skip
    return json_input.work_out(
        {
            "electricity": {"purchased_kwh": 100_000, **electricity},
            "fuels": [diesel],
            "products": [{"name": "Forgings", "quantity_t": 100}],
        }
    )


def test_power_of_listed_fuels_is_electrical_and_its_fuel_not_thermal_as_well():
    found, heat = with_generator(generated_of_fuels_kwh=33_000), 12 * 1000 * D("0.8263") * 11840
    assert found.specific.electrical_kwh_per_t == 1330
    assert found.specific.thermal_kcal_per_kg == heat * 3 / 12 / 100_000
    assert found.energy.total.value == 100_000 * 860 + heat, "the total has the fuel, and its kWh not as well"


def test_without_its_kwh_the_generators_fuel_stays_thermal():
    found = with_generator()
    assert found.specific.electrical_kwh_per_t == 1000
    assert found.specific.thermal_kcal_per_kg == 12 * 1000 * D("0.8263") * 11840 / 100_000


def test_more_for_power_than_was_used_is_refused():
    fuel = {"name": "Coal", "quantity": 2, "unit": "t", "gross_calorific_value_kcal_per_kg": 5000, "for_power": 3}
    with pytest.raises(StructureError, match=r"for_power: is 3 of 2 t"):
        json_input.work_out({"electricity": {}, "fuels": [fuel], "products": []})


def test_nothing_produced_has_no_specific_energy():
    found = json_input.work_out({"electricity": {"purchased_kwh": 1}, "products": []})
    assert json_input.figures(found)["specific_energy_consumption_toe_per_t"] is None
    assert found.specific.electrical_kwh_per_t is None


def test_coal_of_a_captive_plant():
    """80,000 t of 5,000 kcal/kg, "MTOE Calculation" of a State Designated Agency: 40,000 toe."""
    assert energy.fuel_kcal(energy.Fuel("Coal", D(80_000), "t", D(5000))).value / D(10) ** 7 == 40_000


@pytest.mark.parametrize(("auxiliary", "published"), [("0.09", "2527.47"), ("0.08", "2500")])
def test_the_net_heat_rate_of_a_captive_plant(auxiliary, published):
    """BEE's 25th certification examination, paper 4: 2,300 kcal/kWh gross and what the plant uses itself."""
    plant = energy.CaptivePlant(D(2_300_000), D(1000), D(auxiliary))
    assert plant.gross_heat_rate.value == 2300
    assert round(plant.net_heat_rate.value, 2) == D(published)
    assert by_hand(plant.net_heat_rate) == plant.net_heat_rate.value


def test_a_year_without_a_target_has_no_certificates():
    assert performance.escerts(None, D("0.4"), D(9500)) is None
    assert credits.carbon_credits(None, D("0.0128"), D(2_787_464)) is None


@pytest.mark.parametrize(
    ("output", "base", "target", "shortfall"),
    [
        (3_666_138, "0.8086", "0.7891", "71489.7"),
        (1_400_465, "0.7994", "0.7935", "8262.7"),
        (5_390_695, "0.5923", "0.5788", "72774.4"),
        (3_532_948, "0.4455", "0.4440", "5299.4"),
    ],
)
def test_credits_on_notified_targets(output, base, target, shortfall):
    """First Schedule of G.S.R. 739(E): the shortfall if intensity and output stay as they were."""
    found = credits.carbon_credits(D(target), D(base), D(output))
    assert round(-found.value, 1) == D(shortfall)
    assert by_hand(found) == found.value


def test_compensation_is_twice_the_average_price_of_a_shortfall():
    short = credits.carbon_credits(D("0.8"), D("0.9"), D(100))
    found = credits.environmental_compensation(short, D(500))
    assert found.value == by_hand(found) == 10_000
    assert credits.environmental_compensation(short, None) is None
    assert credits.environmental_compensation(None, D(500)) is None
    gained = credits.carbon_credits(D("0.9"), D("0.8"), D(100))
    assert credits.environmental_compensation(gained, D(500)).value == 0


def test_performance_stands_against_previous_year_baseline_and_target():
    found = performance.compare(D("0.40"), "baseline", D("0.50"))
    assert (found.saving_toe_per_t, found.saving_pct) == (D("0.10"), D(20))
    assert performance.compare(None, "target", D("0.5")) is None


def test_a_threshold_that_is_not_known_is_not_judged():
    assert performance.Threshold(D(20_000), D(20_000)).is_reached
    assert performance.Threshold(D(19_999), D(20_000)).is_reached is False
    assert performance.Threshold(D(19_999), None).is_reached is None


def test_intensity_is_by_stream_over_the_equivalent_output():
    diesel = SourceStream("Diesel", "combustion", D(10), "t", net_calorific_value=D(43), emission_factor=D("74.1"))
    power = intensity.BoughtEnergy("Grid", D(1000), "MWh", D("0.7117"))
    found = intensity.intensity([diesel], [power], D(100))
    assert [step.value for step in found.streams] == [D("31.863"), D("711.7")]
    assert found.intensity.value == D("7.43563")
    assert intensity.intensity([diesel], [power], D(0)).intensity is None


def test_production_counts_in_the_major_product():
    assert performance.equivalent_production_t([(D(100), D(1)), (D(50), D("1.2"))]) == 160


def test_the_carbon_balance_of_ccts_is_at_44_over_12():
    """12 t of carbon in, 3 t out in the product: 9 × 44/12."""
    coke = SourceStream("Coke", "mass_balance", D(24), carbon_content=D("0.5"))
    steel = SourceStream("Steel", "mass_balance", D(-300), carbon_content=D("0.01"))
    found = intensity.intensity([coke, steel], [], D(3))
    assert abs(found.total.value - 33) < D("1e-24")
    assert all(abs(by_hand(step) - step.value) < D("1e-24") for step in found.streams)
    assert [step.name for step in found.streams] == ["Coke", "Steel"]
