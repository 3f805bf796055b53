"""Ranges of quantities that do not depend on a fuel. Pure."""

from decimal import Decimal

from calculations.plausibility.ranges import PlausibleRange, Slip

D = Decimal
THOUSANDTH, THOUSAND = D("0.001"), D(1000)
MJ_PER_KG_IN_KCAL = D("238.846")  # the international table calorie: 4.1868 J

GRID_FACTOR = PlausibleRange(
    "emission factor of electricity",
    "t CO2/MWh",
    (D(0), D(3)),
    (D(0), D("1.6")),
    "a coal plant of 30 % efficiency emits 1.2; even lignite at 20 % stays below 2",
    (Slip("kg/MWh or g/kWh", THOUSANDTH),),
)
# The highest of the Commission's default values of all countries: aluminium 5.6 direct, hydrogen and ammonia below 30.
SEE = PlausibleRange(
    "specific embedded emissions",
    "t CO2e/t",
    (D(0), D(40)),
    (D("0.005"), D(20)),
    "default values of all countries in (EU) 2025/2621 lie within these bounds",
    (Slip("kg CO2e per tonne", THOUSANDTH),),
)
MWH_PER_TONNE = PlausibleRange(
    "electricity per tonne",
    "MWh/t",
    (D(0), D(100)),
    (D("0.0005"), D(40)),
    "primary aluminium needs about 15, hydrogen by electrolysis about 55",
    (Slip("kWh", THOUSANDTH), Slip("GWh", THOUSAND)),
)
OWN_DIRECT = PlausibleRange(
    "direct emissions of a process",
    "t CO2e/t",
    (D(0), D(100)),
    (D(0), D(15)),
    "hydrogen from coal about 20, primary aluminium with perfluorocarbons below 10",
    (Slip("kg", THOUSANDTH),),
)
OXIDATION_PERCENT = PlausibleRange(
    "oxidation factor",
    "%",
    (D(20), D(100)),
    (D(80), D(100)),
    "2025/2547 Annex II B.5.3: 100 unless measured; what leaves in ash is seldom more than a fifth",
    (Slip("a fraction of one", D(100)),),
)
GROSS_VALUE = PlausibleRange(
    "gross calorific value",
    "kcal/kg",
    (D(500), D(34_500)),
    (D(1500), D(13_500)),
    "damp waste wood to hydrogen (34,000)",
    (
        Slip("MJ/kg or GJ/t", MJ_PER_KG_IN_KCAL),
        Slip("kJ/kg", MJ_PER_KG_IN_KCAL / 1000),
        Slip("kWh/kg", D("859.845")),
        Slip("kcal per 10 kg, a digit too many", D("0.1")),
    ),
)
DENSITY = PlausibleRange(
    "density of a liquid fuel",
    "kg/L",
    (D("0.45"), D("1.2")),
    (D("0.5"), D("1.05")),
    "LPG 0.5 to heavy tar oils 1.1",
    (Slip("kg/m³", THOUSANDTH),),
)
CARBON_DIOXIDE_OF_A_TONNE = PlausibleRange(
    "emission factor of a material",
    "t CO2/t",
    (D(0), D("3.67")),
    (D("0.001"), D("3.67")),
    "pure carbon gives 44/12 = 3.667",
    (Slip("kg CO2/t", THOUSANDTH),),
)
HEAT_RATE = PlausibleRange(
    "heat rate",
    "kcal/kWh",
    (D(800), D(10_000)),
    (D(860), D(5000)),
    "860 kcal are a kilowatt-hour; a small old steam turbine needs 5,000",
    (Slip("kJ/kWh", D("0.238846")), Slip("MJ/kWh", MJ_PER_KG_IN_KCAL)),
)
# Kilocalories a kilogram of steam or hot water gives.
STEAM_ENTHALPY = PlausibleRange(
    "enthalpy of steam",
    "kcal/kg",
    (D(0), D(1000)),
    (D(20), D(900)),
    "superheated steam of 600 °C holds 880",
    (Slip("kJ/kg", D("0.238846")),),
)
SPECIFIC_ENERGY = PlausibleRange(
    "specific energy consumption",
    "toe/t",
    (D(0), D(200)),
    (D("0.0005"), D(20)),
    "primary aluminium needs about 4; the lightest machining some thousandths",
)
