"""How the lines of a table become readings: a value that is stored with the file. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from core.table_files.days import DayOrder
from core.table_files.numbers import Notation
from telemetry.metrics import BY_NAME, METRIC_NAMES

TIMESTAMP, DATE, TIME, DEVICE, BESIDE = "timestamp", "date", "time", "device_id", "beside"


class Role(NamedTuple):
    """What a column is for: `field` of the reading, and the column's own unit of power or energy."""

    field: str
    power_kind: str = ""
    energy_unit: str = ""


# Fields with a unit of the column; without one it is as the machine's profile says.
ROLES = {
    "power_consumption/kw": Role("power_consumption", "kw"),
    "power_consumption/w": Role("power_consumption", "w"),
    "power_consumption/kwh": Role("power_consumption", "kwh"),
    "power_consumption/register": Role("power_consumption", "register"),
    "energy_kwh/kwh": Role("energy_kwh", energy_unit="kwh"),
    "energy_kwh/wh": Role("energy_kwh", energy_unit="wh"),
    "energy_kwh/mwh": Role("energy_kwh", energy_unit="mwh"),
}
ROLE_WORDS = {
    "power_consumption": "Power, in the unit of the machine's profile",
    "power_consumption/kw": "Power in kW",
    "power_consumption/w": "Power in W",
    "power_consumption/kwh": "Energy of each interval, kWh since the last reading",
    "power_consumption/register": "Meter register in kWh, where the profile says power is one",
    "energy_kwh": "Energy register, in the unit of the machine's profile",
    "energy_kwh/kwh": "Energy register in kWh",
    "energy_kwh/wh": "Energy register in Wh",
    "energy_kwh/mwh": "Energy register in MWh",
}


def role_of(name: str) -> Role:
    return ROLES.get(name) or Role(name)


def role_choices() -> list[tuple[str, str]]:
    """(value, words) of what a column may be, for a person who maps it."""
    metrics = [name for name in METRIC_NAMES if name not in ("power_consumption", "energy_kwh")]
    return [
        (TIMESTAMP, "Date and time"),
        (DATE, "Date"),
        (TIME, "Time of day"),
        *ROLE_WORDS.items(),
        *((name, f"{BY_NAME[name].label}, {BY_NAME[name].unit}") for name in metrics),
        (DEVICE, "Device id"),
        (BESIDE, "Kept beside the reading"),
        ("", "Left out"),
    ]


@dataclass(frozen=True)
class Layout:
    """`columns`: the role's name of each column, or the name under which an unknown one is kept."""

    delimiter: str
    head_line: int  # 0: without a head
    columns: tuple[str, ...]
    notations: Mapping[str, str] = field(default_factory=dict)  # column number → notation
    day_order: str = DayOrder.DAY_FIRST.value
    encoding: str = "utf-8"
    zone: str = ""  # named in the head
    power_kind: str = ""  # of the power column, named in the head

    def notation_of(self, index: int) -> Notation:
        return Notation(self.notations.get(str(index + 1), Notation.POINT))

    def index_of(self, name: str) -> int | None:
        return self.columns.index(name) if name in self.columns else None

    def as_json(self) -> dict:
        return asdict(self) | {"columns": list(self.columns)}


def layout_from_json(data: Mapping) -> Layout | None:
    return Layout(**{**data, "columns": tuple(data["columns"])}) if data else None
