"""P_R, the electrical input of a machine at full load, from its rated power. Pure.

A healthy machine draws more than its plate says: a motor its shaft power over its efficiency, a screw compressor its
service factor and fan besides. A limit on the plate's figure would be across on the first day.
"""

from collections.abc import Callable
from typing import NamedTuple

SMALL_MOTOR_KW = 15
SMALL_MOTOR_EFFICIENCY, MOTOR_EFFICIENCY = 0.90, 0.93
PANEL_EFFICIENCY = 0.95  # of a medium-frequency panel
PACKAGE_FACTOR = 1.27  # screw compressor: service factor 1.15, efficiency of the motor, fan


class FullLoad(NamedTuple):
    """P_R in kW, and how it came about, in words."""

    kw: float
    words: str


def motor(rated_kw: float) -> FullLoad:
    efficiency = SMALL_MOTOR_EFFICIENCY if rated_kw <= SMALL_MOTOR_KW else MOTOR_EFFICIENCY
    return FullLoad(rated_kw / efficiency, f"motor, efficiency {efficiency:.2f}")


def panel(rated_kw: float) -> FullLoad:
    return FullLoad(rated_kw / PANEL_EFFICIENCY, f"panel, efficiency {PANEL_EFFICIENCY:.2f}")


def package(rated_kw: float) -> FullLoad:
    return FullLoad(rated_kw * PACKAGE_FACTOR, f"motor of a screw compressor × {PACKAGE_FACTOR}")


def input_power(rated_kw: float) -> FullLoad:
    return FullLoad(rated_kw, "taken as electrical input")


def widest(rated_kw: float) -> FullLoad:
    return FullLoad(rated_kw * PACKAGE_FACTOR, f"kind of machine not said: the widest factor, × {PACKAGE_FACTOR}")


FACTORS: dict[str, Callable[[float], FullLoad]] = {
    "motor": motor,
    "panel": panel,
    "package": package,
    "input": input_power,
    "widest": widest,
}


def full_load(rating: str, rated_kw: float) -> FullLoad:
    return FACTORS[rating](rated_kw)
