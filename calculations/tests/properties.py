"""Inputs for property-based tests: any installation or unit of the formats, and how close two figures must be."""

import os
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "50"))  # `make mutation` runs each test hundreds of times
suite = settings(max_examples=EXAMPLES)

ZERO, ONE = Decimal(0), Decimal(1)
CLOSE = Decimal("1e-22")  # of 28 digits, a sum of many products keeps these


def numbers(least="0", most="1e6", places=4):
    """Decimals as a person would type them."""
    return st.decimals(Decimal(least), Decimal(most), allow_nan=False, allow_infinity=False, places=places)


amounts = numbers()
above_zero = numbers("0.001")
shares = numbers("0", "1")
above_zero_shares = numbers("0.01", "1")
scales = numbers("0.01", "1000", 2)


def is_close(one: Decimal, other: Decimal, size: Decimal = ONE) -> bool:
    """Whether two figures differ by no more than rounding; `size` is that of the terms they are sums of."""
    return abs(one - other) <= CLOSE * max(abs(one), abs(other), abs(size), ONE)


def fuel(name: str):
    return st.fixed_dictionaries(
        {
            "name": st.just(name),
            "method": st.just("combustion"),
            "activity_data": amounts,
            "unit": st.just("t"),
            "net_calorific_value": numbers("0.5", "125"),
            "net_calorific_value_unit": st.just("GJ/t"),
            "emission_factor": numbers("20", "300"),
            "emission_factor_unit": st.just("tCO2/TJ"),
            "oxidation_factor": shares,
            "biomass_fraction": shares,
        }
    )


def precursor(name: str):
    return st.fixed_dictionaries(
        {
            "name": st.just(name),
            "category": st.sampled_from(["Crude steel", "Sintered ore", "Pig iron", ""]),
            "mass_t": amounts,
            "see_direct": numbers("0", "40"),
            "electricity_mwh_per_t": numbers("0", "40"),
            "electricity_emission_factor": numbers("0", "3"),
            "source": st.sampled_from(["measured", "default"]),
        }
    )


@st.composite
def processes(draw, least=1, most=4):
    """Processes in any order of use: each may take from those before it, then they are shuffled."""
    rows = []
    for place in range(draw(st.integers(least, most))):
        before = [row["name"] for row in rows]
        rows.append(
            {
                "name": f"P{place}",
                "category": draw(st.sampled_from(["Crude steel", "Sintered ore", "Cement", ""])),
                "activity_level_t": draw(above_zero),
                "directly_attributable_emissions_t": draw(amounts),
                "electricity": {
                    "consumed_mwh": draw(amounts),
                    "emission_factor": draw(numbers("0", "3")),
                    "exported_mwh": draw(numbers("0", "1000")),
                },
                "heat": {
                    "imported_tj": draw(amounts),
                    "imported_emission_factor": draw(numbers("0", "300")),
                    "exported_tj": draw(numbers("0", "1000")),
                    "exported_emission_factor": draw(numbers("0", "300")),
                },
                "waste_gas": {"imported_tj": draw(numbers("0", "1000")), "exported_tj": draw(numbers("0", "1000"))},
                "purchased_precursors": [
                    draw(precursor(f"bought {number}")) for number in range(draw(st.integers(0, 2)))
                ],
                "own_precursors": [
                    {"process": name, "mass_t": draw(amounts)} for name in before if draw(st.booleans())
                ],
            }
        )
    return draw(st.permutations(rows))


@st.composite
def installations(draw):
    made = draw(processes())
    return {
        "source_streams": [draw(fuel(f"fuel {place}")) for place in range(draw(st.integers(1, 3)))],
        "processes": made,
        "goods": [{"process": row["name"], "cn_code": "73181542"} for row in made],
    }


@st.composite
def units(draw):
    """A PAT file: electricity, fuels of every unit, steam, products."""
    gross = "gross_calorific_value_kcal_per_kg"
    kinds = {
        "t": {gross: numbers("500", "12000")},
        "kL": {gross: numbers("500", "12000"), "density_kg_per_l": numbers("0.5", "1.2")},
        "Sm3": {"gross_calorific_value_kcal_per_sm3": numbers("500", "12000")},
    }
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), max_size=4))
    return {
        "electricity": {
            "purchased_kwh": draw(numbers("10000", "1e6")),  # more than leaves again
            "excluded_kwh": draw(numbers("0", "1000")),
            "exported_kwh": draw(numbers("0", "1000")),
        },
        "heat": [
            {"name": "Steam", "quantity_t": draw(amounts), "enthalpy_kcal_per_kg": draw(numbers("0", "800"))}
            for _ in range(draw(st.integers(0, 2)))
        ],
        "fuels": [
            {
                "name": f"{unit} {place}",
                "unit": unit,
                "quantity": draw(amounts),
                **{key: draw(values) for key, values in kinds[unit].items()},
            }
            for place, unit in enumerate(chosen)
        ],
        "products": [
            {"name": f"Product {place}", "quantity_t": draw(above_zero), "equivalence": draw(numbers("0.1", "3"))}
            for place in range(draw(st.integers(1, 3)))
        ],
    }
