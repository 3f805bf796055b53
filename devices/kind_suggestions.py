"""The kind of machine that a name suggests. Pure; a person decides: nothing is set from it."""

import re

from devices.models.machine_kinds import MachineKind

# The first row of which all words are in the name; so "billet heater" stands before "heater".
WORDS: list[tuple[tuple[str, ...], MachineKind]] = [
    (("billet",), MachineKind.BILLET_HEATER),
    (("induction", "heater"), MachineKind.BILLET_HEATER),
    (("cupola",), MachineKind.CUPOLA),
    (("arc", "furnace"), MachineKind.ARC_FURNACE),
    (("eaf",), MachineKind.ARC_FURNACE),
    (("alumin",), MachineKind.ALUMINIUM_FURNACE),
    (("holding", "furnace"), MachineKind.ALUMINIUM_FURNACE),
    (("induction",), MachineKind.INDUCTION_FURNACE),
    (("melting", "furnace"), MachineKind.INDUCTION_FURNACE),
    (("crucible",), MachineKind.INDUCTION_FURNACE),
    (("heat", "treat"), MachineKind.HEAT_TREATMENT),
    (("anneal",), MachineKind.HEAT_TREATMENT),
    (("harden",), MachineKind.HEAT_TREATMENT),
    (("temper",), MachineKind.HEAT_TREATMENT),
    (("carburi",), MachineKind.HEAT_TREATMENT),
    (("quench",), MachineKind.HEAT_TREATMENT),
    (("bogie",), MachineKind.HEAT_TREATMENT),
    (("forg", "furnace"), MachineKind.FORGING_FURNACE),
    (("reheat",), MachineKind.FORGING_FURNACE),
    (("hammer",), MachineKind.HAMMER),
    (("die", "cast"), MachineKind.DIE_CASTER),
    (("hpdc",), MachineKind.DIE_CASTER),
    (("recip", "compressor"), MachineKind.RECIPROCATING_COMPRESSOR),
    (("piston", "compressor"), MachineKind.RECIPROCATING_COMPRESSOR),
    (("screw",), MachineKind.SCREW_COMPRESSOR),
    (("compressor",), MachineKind.SCREW_COMPRESSOR),
    (("cooling", "tower"), MachineKind.COOLING_TOWER),
    (("spray", "dr"), MachineKind.SPRAY_DRYER),
    (("kiln",), MachineKind.ROTARY_KILN),
    (("ball", "mill"), MachineKind.BALL_MILL),
    (("thermic",), MachineKind.THERMIC_HEATER),
    (("thermal", "oil"), MachineKind.THERMIC_HEATER),
    (("boiler",), MachineKind.BOILER),
    (("transformer",), MachineKind.INCOMER),
    (("incomer",), MachineKind.INCOMER),
    (("main", "meter"), MachineKind.INCOMER),
    (("dg",), MachineKind.DG_SET),
    (("genset",), MachineKind.DG_SET),
    (("generator",), MachineKind.DG_SET),
    (("pump",), MachineKind.PUMP),
    (("etp",), MachineKind.EFFLUENT_PLANT),
    (("stp",), MachineKind.EFFLUENT_PLANT),
    (("effluent",), MachineKind.EFFLUENT_PLANT),
    (("press",), MachineKind.PRESS),
]
WHOLE_WORDS = {"dg", "etp", "stp", "eaf", "press", "temper"}  # "pressure" is no press, "temperature" no tempering


def suggest_kind(*names: str) -> MachineKind | None:
    """The kind suggested by the first of `names` (machine, measuring point) that suggests one."""
    return next((kind for name in names if (kind := kind_in(name))), None)


def kind_in(name: str) -> MachineKind | None:
    words = set(re.findall(r"[a-z]+", name.lower()))
    return next((kind for parts, kind in WORDS if all(is_among(part, words) for part in parts)), None)


def is_among(part: str, words: set[str]) -> bool:
    return part in words if part in WHOLE_WORDS else any(word.startswith(part) for word in words)
