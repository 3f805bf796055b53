"""What is proposed for each kind of machine: limits on power as a share of full load, on temperatures in °C. Pure.

The figures are proposals of this product, from trade practice: no norms, and no maker's data. What a name plate, a
maker or the factory's own metallurgist says comes first. A warning ("watch") is silent while it learns; a critical
limit ("urgent") holds from the first day. Vibration has none: acceleration gives a trend, and no zone of a standard.
Nor have "low" limits: a stopped machine would raise them.
"""

from typing import NamedTuple

from alerts.models import Severity
from devices.models import MachineKind, TemperaturePoint

MINUTE = 60
WATCH, URGENT = Severity.WARNING, Severity.CRITICAL


class PowerLimit(NamedTuple):
    """Shares are of P_R, the electrical input at full load."""

    severity: Severity
    share: float
    hold_s: int
    clear_share: float


class TemperatureLimit(NamedTuple):
    """In °C, where the sensor sits at `point`."""

    point: TemperaturePoint
    severity: Severity
    level: float
    hold_s: int
    clear_level: float


class Proposal(NamedTuple):
    """`rating`: how P_R follows from the rated power (`full_load.FACTORS`). `loaded_share`: from there on it works."""

    rating: str = "motor"
    power: tuple[PowerLimit, ...] = ()
    temperatures: tuple[TemperatureLimit, ...] = ()
    loaded_share: float = 0.4


def power(share: float, minutes: int, clear_share: float, severity: Severity) -> PowerLimit:
    return PowerLimit(severity, share, minutes * MINUTE, clear_share)


def temperatures(
    point: TemperaturePoint, watch: tuple[float, int] | None, urgent: tuple[float, int] | None, clear: float
) -> tuple[TemperatureLimit, ...]:
    """`watch` and `urgent`: (°C, minutes)."""
    rows = ((WATCH, watch), (URGENT, urgent))
    return tuple(TemperatureLimit(point, severity, row[0], row[1] * MINUTE, clear) for severity, row in rows if row)


OVERLOAD = (power(1.05, 10, 1.00, WATCH), power(1.15, 2, 1.00, URGENT))
POINT = TemperaturePoint
COIL_WATER = temperatures(POINT.COIL_WATER, (60, 2), (65, 1), 55)
TRANSFORMER_OIL = temperatures(POINT.OIL, (80, 5), (90, 5), 75)
BEARING = temperatures(POINT.BEARING, (75, 10), (90, 2), 70)

UNKNOWN = Proposal("widest", OVERLOAD)  # a rating, but nobody said of what
PROPOSALS: dict[str, Proposal] = {
    MachineKind.INDUCTION_FURNACE: Proposal(
        "panel", (power(1.05, 15, 1.00, WATCH), power(1.10, 5, 1.00, URGENT)), COIL_WATER, 0.6
    ),
    MachineKind.CUPOLA: Proposal(power=OVERLOAD, temperatures=temperatures(POINT.FLUE, (500, 5), None, 470)),
    MachineKind.ARC_FURNACE: Proposal(
        "input", OVERLOAD, (*temperatures(POINT.COIL_WATER, (55, 2), (60, 1), 50), *TRANSFORMER_OIL)
    ),
    MachineKind.FORGING_FURNACE: Proposal("input", OVERLOAD),  # its meter sees blower, oil pump or elements
    MachineKind.BILLET_HEATER: Proposal("panel", OVERLOAD, COIL_WATER, 0.6),
    MachineKind.HEAT_TREATMENT: Proposal("input", OVERLOAD, temperatures(POINT.QUENCH_OIL, (90, 5), (110, 2), 85), 0.2),
    MachineKind.HAMMER: Proposal(power=(power(0.95, 30, 0.90, WATCH),)),  # blows are peaks: only the mean counts
    MachineKind.PRESS: Proposal(
        power=(power(1.00, 15, 0.95, WATCH),),
        temperatures=(*temperatures(POINT.OIL, (60, 10), (70, 3), 55), *BEARING),
    ),
    MachineKind.SCREW_COMPRESSOR: Proposal(
        "package",
        (power(1.08, 10, 1.03, WATCH), power(1.18, 2, 1.03, URGENT)),
        temperatures(POINT.OUTLET, (98, 5), (105, 1), 93),
        0.6,
    ),
    MachineKind.RECIPROCATING_COMPRESSOR: Proposal(
        power=OVERLOAD, temperatures=temperatures(POINT.OUTLET, (165, 5), (180, 1), 160), loaded_share=0.6
    ),
    MachineKind.PUMP: Proposal(power=OVERLOAD, temperatures=BEARING),
    MachineKind.COOLING_TOWER: Proposal(power=OVERLOAD),
    MachineKind.SPRAY_DRYER: Proposal(power=OVERLOAD),
    MachineKind.ROTARY_KILN: Proposal(
        power=(power(1.05, 10, 1.00, URGENT),),
        temperatures=(
            *temperatures(POINT.SHELL, (350, 15), (400, 5), 330),
            *temperatures(POINT.BEARING, (65, 10), (75, 2), 60),
        ),
        loaded_share=0.3,
    ),
    MachineKind.BALL_MILL: Proposal(
        power=OVERLOAD, temperatures=temperatures(POINT.BEARING, (62, 10), (70, 2), 58), loaded_share=0.7
    ),
    MachineKind.BOILER: Proposal(power=OVERLOAD),
    MachineKind.THERMIC_HEATER: Proposal(power=OVERLOAD),
    MachineKind.ALUMINIUM_FURNACE: Proposal("input", OVERLOAD),
    MachineKind.DIE_CASTER: Proposal(power=OVERLOAD, temperatures=temperatures(POINT.OIL, (55, 10), (65, 2), 50)),
    MachineKind.INCOMER: Proposal(
        "input", (power(0.90, 60, 0.85, WATCH), power(1.05, 15, 0.95, URGENT)), TRANSFORMER_OIL, 0.2
    ),
    MachineKind.DG_SET: Proposal(
        "input",
        (power(0.90, 30, 0.85, WATCH), power(1.00, 5, 0.95, URGENT)),
        temperatures(POINT.COOLANT, (98, 2), (103, 1), 93),
        0.3,
    ),
    MachineKind.EFFLUENT_PLANT: Proposal(power=OVERLOAD, temperatures=BEARING),
    MachineKind.OTHER: Proposal(power=OVERLOAD),
}


def proposal_for(kind: str) -> Proposal:
    return PROPOSALS.get(kind, UNKNOWN)
