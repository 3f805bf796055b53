"""What the headings of somebody else's table probably mean: proposals, which a person confirms. Pure."""

import re
from collections.abc import Sequence

from telemetry.imports.formats.header import field_of
from telemetry.imports.formats.layout import BESIDE, DATE, DEVICE, ROLE_WORDS, TIME, TIMESTAMP
from telemetry.metrics import METRIC_NAMES

OWN_NAMES = {TIMESTAMP, DEVICE, *METRIC_NAMES}
TIMESTAMP_WORDS = {"timestamp", "datetime", "ts", "datetimestamp", "localtime", "recorded"}
ENERGY_UNITS = {"kwh": "energy_kwh/kwh", "wh": "energy_kwh/wh", "mwh": "energy_kwh/mwh"}
POWER_UNITS = {"kw": "power_consumption/kw", "w": "power_consumption/w", "watt": "power_consumption/w"}
POWER_UNITS |= {"watts": "power_consumption/w"}
OTHER_QUANTITIES = {"kva", "kvah", "kvar", "kvarh", "factor", "pf", "apparent", "reactive", "max", "md", "voltage"}
EXPORT_WORDS = {"export", "exp", "exported"}
PER_INTERVAL_WORDS = {"interval", "consumption", "consumed", "delta", "block"}
WORDS = {
    "temperature": {"temp", "temperature"},
    "humidity": {"hum", "humidity", "rh"},
    "pressure": {"pressure", "hpa", "pres"},
    "gas_index": {"gas"},
}


def words_of(heading: str) -> list[str]:
    return re.findall(r"[a-zµ°%]+|\d+", heading.lower())


def propose(heading: str) -> str:
    """The role's name; "" for an unknown heading."""
    name = field_of(re.sub(r"[(\[].*", "", heading))
    if name in OWN_NAMES and name != "power_consumption":
        return name
    words = set(words_of(heading))
    if words & TIMESTAMP_WORDS or {"date", "time"} <= words:
        return TIMESTAMP
    if "date" in words or words == {"day"}:
        return DATE
    if "time" in words:
        return TIME
    return propose_quantity(words, name)


def propose_quantity(words: set[str], name: str) -> str:
    if words & OTHER_QUANTITIES:
        return ""
    if energy := next((ENERGY_UNITS[unit] for unit in ENERGY_UNITS if unit in words), ""):
        if words & EXPORT_WORDS:
            return next((metric for metric in METRIC_NAMES if "export" in metric), "")
        return "power_consumption/kwh" if words & PER_INTERVAL_WORDS and energy == "energy_kwh/kwh" else energy
    if power := next((POWER_UNITS[unit] for unit in POWER_UNITS if unit in words), ""):
        return power
    if name == "power_consumption" or words == {"power"} or words == {"active", "power"}:
        return "power_consumption"
    return next((metric for metric, known in WORDS.items() if words & known and "f" not in words), "")


def propose_all(headings: Sequence[str]) -> list[str]:
    """A proposal for each column, none twice; a lone time column has the date in it too."""
    proposals: list[str] = []
    for heading in headings:
        proposal = propose(heading)
        proposals.append(proposal if proposal and proposal not in proposals else BESIDE if heading.strip() else "")
    if DATE not in proposals and TIMESTAMP not in proposals and TIME in proposals:
        proposals[proposals.index(TIME)] = TIMESTAMP
    if TIMESTAMP in proposals:
        proposals = [BESIDE if name in (DATE, TIME) else name for name in proposals]
    return proposals


def is_known_role(name: str) -> bool:
    return name in ("", BESIDE, DATE, TIME, *OWN_NAMES, *ROLE_WORDS)
