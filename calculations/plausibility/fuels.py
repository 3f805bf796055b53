"""Ranges of calorific values, densities and emission factors by kind of fuel. Pure.

They are built around the standard values of Implementing Regulation (EU) 2025/2547, Annex II G, Table 1: a refinery
product or gas differs little from them, a coal or a biomass much. The margins are this product's own.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from calculations.plausibility.quantities import DENSITY, GROSS_VALUE, MJ_PER_KG_IN_KCAL
from calculations.plausibility.ranges import PlausibleRange, Slip

D = Decimal
STANDARD = "the standard value is {} {}, (EU) 2025/2547 Annex II G, Table 1"
GROSS_ABOVE_NET = D("1.15")  # hydrogen-rich and damp fuels: the condensing steam adds at most this much
NET_SLIPS = (
    Slip("kcal/kg", D("0.0041868")),
    Slip("kJ/kg or MJ/t", D("0.001")),
    Slip("TJ/t", D(1000)),
    Slip("kWh/kg", D("3.6")),
)
FACTOR_SLIPS = (
    Slip("kg/TJ", D("0.001")),
    Slip("t/GJ", D(1000)),
    Slip("kg/kWh", D("277.78")),
    Slip("t C/TJ", D("3.664")),
)
VOLUME_SLIPS = (Slip("kcal/m³", D("0.0041868")), Slip("kJ/m³", D("0.001")), Slip("GJ/m³", D(1000)))
GAS_VALUE_SLIPS = (Slip("MJ/m³", MJ_PER_KG_IN_KCAL), Slip("kJ/m³", MJ_PER_KG_IN_KCAL / 1000))


@dataclass(frozen=True)
class FuelRanges:
    """Of one kind of fuel; None where a range makes no sense for it."""

    net_gj_per_t: PlausibleRange
    factor_t_per_tj: PlausibleRange
    gross_kcal_per_kg: PlausibleRange
    density_kg_per_l: PlausibleRange
    gross_kcal_per_sm3: PlausibleRange
    net_gj_per_1000nm3: PlausibleRange


# kind: name, standard NCV (GJ/t), margins of it (hard, usual), standard factor (t CO2/TJ), margins of that
NARROW, GASEOUS = (D("0.2"), D("0.06")), (D("0.25"), D("0.1"))
KINDS: dict[str, tuple[str, Decimal, tuple[Decimal, Decimal], Decimal, tuple[Decimal, Decimal]]] = {
    "gas_diesel_oil": ("diesel", D("43.0"), NARROW, D("74.1"), NARROW),
    "residual_fuel_oil": ("furnace oil", D("40.4"), NARROW, D("77.4"), NARROW),
    "kerosene": ("kerosene", D("43.8"), NARROW, D("71.9"), NARROW),
    "naphtha": ("naphtha", D("44.5"), NARROW, D("73.3"), NARROW),
    "motor_gasoline": ("petrol", D("44.3"), NARROW, D("69.3"), NARROW),
    "lpg": ("LPG", D("47.3"), GASEOUS, D("63.1"), GASEOUS),
    "natural_gas": ("natural gas", D("48.0"), GASEOUS, D("56.1"), GASEOUS),
    "coke_oven_coke": ("coke", D("28.2"), (D("0.4"), D("0.15")), D("107.0"), (D("0.3"), D("0.12"))),
    "petroleum_coke": ("petroleum coke", D("32.5"), (D("0.3"), D("0.15")), D("97.5"), (D("0.3"), D("0.12"))),
}
# Solids vary too much for a margin: kind → name, hard and usual NCV, hard and usual factor.
SOLIDS: dict[str, tuple[str, tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    "other_bituminous_coal": ("coal", (5, 36), (10, 33), (65, 130), (85, 105)),
    "sub_bituminous_coal": ("sub-bituminous coal", (5, 34), (8, 28), (65, 130), (85, 108)),
    "coking_coal": ("coking coal", (10, 36), (18, 33), (65, 130), (85, 105)),
    "lignite": ("lignite", (3, 26), (5, 22), (70, 140), (90, 116)),
    "charcoal": ("charcoal", (15, 36), (24, 33), (70, 150), (95, 125)),
    "wood": ("wood or crop residue", (3, 24), (7, 20), (60, 160), (80, 135)),
    "waste": ("waste as fuel", (1, 46), (4, 44), (20, 250), (60, 160)),
}
COALS_OF_THE_TABLE = "around the values of (EU) 2025/2547 Annex II G, Table 1, and of Indian fuels"
ANY_NET = PlausibleRange(
    "net calorific value", "GJ/t", (D("0.5"), D(125)), (D(2), D(55)), "blast furnace gas 2.47 to hydrogen 120",
    NET_SLIPS,
)  # fmt: skip
ANY_FACTOR = PlausibleRange(
    "emission factor", "t CO2/TJ", (D(20), D(300)), (D(40), D(180)),
    "(EU) 2025/2547, Annex II G: 44.4 (coke oven gas) to 260 (blast furnace gas)", FACTOR_SLIPS,
)  # fmt: skip
ANY_GAS_GROSS = PlausibleRange(
    "gross calorific value of a gas", "kcal/Sm³", (D(500), D(32_000)), (D(700), D(30_000)),
    "blast furnace gas about 750, butane about 29,000", GAS_VALUE_SLIPS,
)  # fmt: skip
ANY_GAS_NET = PlausibleRange(
    "net calorific value of a gas", "GJ/1000 Nm³", (D(2), D(135)), (D(3), D(125)),
    "blast furnace gas about 3, butane about 120", VOLUME_SLIPS,
)  # fmt: skip
NATURAL_GAS_GROSS = replace(
    ANY_GAS_GROSS, quantity="gross calorific value of natural gas", hard=(D(6500), D(12_500)),
    usual=(D(8000), D(10_500)), source="S.O. 394(E): 8,000 to 10,500",
)  # fmt: skip
NATURAL_GAS_NET = replace(
    ANY_GAS_NET, quantity="net calorific value of natural gas", hard=(D(25), D(50)), usual=(D(30), D("39.5")),
    source="natural gas of all fields; gross values begin above 39.5",
)  # fmt: skip
BIOGAS_GROSS = replace(ANY_GAS_GROSS, hard=(D(2500), D(9500)), usual=(D(4000), D(7000)), source="45 to 75 % methane")
BIOGAS_NET = replace(ANY_GAS_NET, hard=(D(10), D(37)), usual=(D(16), D(28)), source="45 to 75 % methane")
USUAL_DENSITY = {  # kg/L, at 15 °C; S.O. 394(E) and product standards lie inside
    "gas_diesel_oil": (D("0.80"), D("0.90")),
    "residual_fuel_oil": (D("0.88"), D("1.02")),
    "kerosene": (D("0.76"), D("0.84")),
    "naphtha": (D("0.64"), D("0.94")),
    "motor_gasoline": (D("0.70"), D("0.83")),
    "lpg": (D("0.50"), D("0.59")),
}
GASES = {"natural_gas": (NATURAL_GAS_GROSS, NATURAL_GAS_NET), "biogas": (BIOGAS_GROSS, BIOGAS_NET)}
NAMES = [
    ("petroleum_coke", r"pet.?coke|petroleum coke"),
    ("lpg", r"\blpg\b|propane|butane"),
    ("biogas", r"bio.?gas|\bcbg\b"),
    ("natural_gas", r"natural gas|\bpng\b|\blng\b|\bcng\b|\brlng\b|gail"),
    ("residual_fuel_oil", r"furnace oil|\bfo\b|\blshs\b|\bhfo\b|residual fuel"),
    ("gas_diesel_oil", r"diesel|\bhsd\b|\bldo\b|gas oil"),
    ("kerosene", r"kerosene|\bsko\b"),
    ("naphtha", r"naphtha"),
    ("motor_gasoline", r"petrol\b|gasoline"),
    ("lignite", r"lignite"),
    ("charcoal", r"charcoal"),
    ("wood", r"\bwood\b|bagasse|\bhusk|briquette|biomass"),
    ("coking_coal", r"coking coal"),
    ("sub_bituminous_coal", r"sub.?bituminous"),
    ("other_bituminous_coal", r"(?<!coking )(?<!bituminous )\bcoal\b"),
    ("coke_oven_coke", r"(?<!pet )(?<!petroleum )\bcoke\b(?! oven gas)"),
]


def kind_named(name: str) -> str:
    """The kind of fuel that a name speaks of: "Furnace oil, tank 2" → residual_fuel_oil; "" for none or several."""
    kinds = [kind for kind, pattern in NAMES if re.search(pattern, name, re.IGNORECASE)]
    return kinds[0] if len(kinds) == 1 else ""


def ranges_of(kind: str) -> FuelRanges:
    """The ranges of a kind (`registers.models.fuels.FuelKind`); of an unknown one, those of any fuel."""
    net, factor, name = net_range(kind), factor_range(kind), name_of(kind)
    gas_gross, gas_net = GASES.get(kind, (ANY_GAS_GROSS, ANY_GAS_NET))
    usual_density = USUAL_DENSITY.get(kind)
    density = replace(DENSITY, quantity=f"density of {name}", usual=usual_density) if usual_density else DENSITY
    return FuelRanges(net, factor, gross_range(net, name), density, gas_gross, gas_net)


def name_of(kind: str) -> str:
    return KINDS[kind][0] if kind in KINDS else SOLIDS[kind][0] if kind in SOLIDS else ""


def net_range(kind: str) -> PlausibleRange:
    if kind in KINDS:
        name, value, margins, *_ = KINDS[kind]
        return around(ANY_NET, name, value, margins)
    if kind in SOLIDS:
        name, hard, usual, *_ = SOLIDS[kind]
        return between(ANY_NET, name, hard, usual)
    return ANY_NET


def factor_range(kind: str) -> PlausibleRange:
    if kind in KINDS:
        name, _ncv, _margins, value, margins = KINDS[kind]
        return around(ANY_FACTOR, name, value, margins)
    if kind in SOLIDS:
        name, _hard, _usual, hard, usual = SOLIDS[kind]
        return between(ANY_FACTOR, name, hard, usual)
    return ANY_FACTOR


def around(any_fuel: PlausibleRange, name: str, value: Decimal, margins: tuple[Decimal, Decimal]) -> PlausibleRange:
    hard, usual = ((value * (1 - margin), value * (1 + margin)) for margin in margins)
    source = STANDARD.format(value, any_fuel.unit)
    return replace(any_fuel, quantity=f"{any_fuel.quantity} of {name}", hard=hard, usual=usual, source=source)


def between(any_fuel: PlausibleRange, name: str, hard: tuple[int, int], usual: tuple[int, int]) -> PlausibleRange:
    possible, common = (D(hard[0]), D(hard[1])), (D(usual[0]), D(usual[1]))
    quantity = f"{any_fuel.quantity} of {name}"
    return replace(any_fuel, quantity=quantity, hard=possible, usual=common, source=COALS_OF_THE_TABLE)


def gross_range(net: PlausibleRange, name: str) -> PlausibleRange:
    """kcal/kg, from the net range: a gross value lies above its net one, by at most 15 %."""
    if not name:
        return GROSS_VALUE
    hard, usual = (
        (round(low * MJ_PER_KG_IN_KCAL, -1), round(high * MJ_PER_KG_IN_KCAL * GROSS_ABOVE_NET, -1))
        for low, high in (net.hard, net.usual)
    )
    quantity, source = f"gross calorific value of {name}", f"net value plus at most 15 %; {net.source}"
    return replace(GROSS_VALUE, quantity=quantity, hard=hard, usual=usual, source=source)


# Standard values: net of (EU) 2025/2547, Annex II G, Tables 1 and 2, in GJ/t; gross of S.O. 394(E), in kcal/kg.
STANDARD_NET = {
    **{kind: value for kind, (_name, value, *_rest) in KINDS.items()},
    "other_bituminous_coal": D("25.8"),
    "sub_bituminous_coal": D("18.9"),
    "coking_coal": D("28.2"),
    "lignite": D("11.9"),
    "charcoal": D("29.5"),
    "wood": D("15.6"),
    "biogas": D("50.4"),
}
STANDARD_GROSS = {
    "gas_diesel_oil": D(11840),
    "residual_fuel_oil": D(10050),
    "naphtha": D(10050),
    "motor_gasoline": D(11200),
    "kerosene": D(11110),
    "charcoal": D(6900),
}


def standard_net(kind: str) -> Decimal | None:
    """GJ/t; None where the act has none for the kind."""
    return STANDARD_NET.get(kind)


def standard_gross(kind: str) -> Decimal | None:
    """kcal/kg; None where the notification has none for the kind."""
    return STANDARD_GROSS.get(kind)
