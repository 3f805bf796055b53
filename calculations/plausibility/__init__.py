"""Plausible ranges of entered quantities, for entry, import, API and `manage.py calculate` alike. Pure.

Outside its *hard* range a value cannot be what its field means: it is refused. Outside the *usual* range it can, and
needs a reason. Where the value would be usual in another unit, the slip is named.
"""

from calculations.plausibility.entered import refuse_impossible
from calculations.plausibility.fuels import FuelRanges, kind_named, ranges_of
from calculations.plausibility.quantities import (
    CARBON_DIOXIDE_OF_A_TONNE,
    DENSITY,
    GRID_FACTOR,
    GROSS_VALUE,
    HEAT_RATE,
    MWH_PER_TONNE,
    OWN_DIRECT,
    OXIDATION_PERCENT,
    SEE,
    SPECIFIC_ENERGY,
    STEAM_ENTHALPY,
)
from calculations.plausibility.ranges import Doubt, PlausibleRange, Slip

__all__ = [
    "CARBON_DIOXIDE_OF_A_TONNE",
    "DENSITY",
    "GRID_FACTOR",
    "GROSS_VALUE",
    "HEAT_RATE",
    "MWH_PER_TONNE",
    "OWN_DIRECT",
    "OXIDATION_PERCENT",
    "SEE",
    "SPECIFIC_ENERGY",
    "STEAM_ENTHALPY",
    "Doubt",
    "FuelRanges",
    "PlausibleRange",
    "Slip",
    "kind_named",
    "ranges_of",
    "refuse_impossible",
]
