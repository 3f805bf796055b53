"""Who and what the demo shows: two factories, their people, their machines and what went wrong there lately."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from alerts.models import Severity
from carbonseed.demo.simulator import IST, Incident, SimulatedMachine, WorkWeek, local
from devices.models import MachineKind, TemperaturePoint
from factories.roles import Role

DIWALI = [date(2025, 10, 20), date(2025, 10, 21), date(2026, 11, 8), date(2026, 11, 9), date(2027, 10, 29)]
FIXED_HOLIDAYS = [
    (1, 26, "Republic Day"),
    (5, 1, "Maharashtra Day"),
    (8, 15, "Independence Day"),
    (10, 2, "Gandhi Jayanti"),
]


def holidays_around(day: date) -> list:
    """(date, name) from a year before to a year after."""
    fixed = [
        (date(year, month, on), name)
        for year in (day.year - 1, day.year, day.year + 1)
        for month, on, name in FIXED_HOLIDAYS
    ]
    return sorted(fixed + [(diwali, "Diwali") for diwali in DIWALI])


FACTORIES = {
    "SF": {
        "name": "Steel Forge Industries",
        "industry": "forging",
        "location": "Pune, Maharashtra",
        "contact_email": "owner@steelforge.in",
        "contact_phone": "+91 20 5550 0142",
        "legal_name": "Steel Forge Industries Private Limited",
        "registration_number": "U28910PN2009PTC000000",
        "occupier": "Rajesh Kulkarni",
        "address": "Plot C-42, MIDC Industrial Area, Chakan, Tal. Khed, Dist. Pune",
        "state": "Maharashtra",
        "pin_code": "410501",
        "year_established": 2009,
        "latitude": "18.760600",
        "longitude": "73.858900",
    },
    "CP": {
        "name": "ChemProcess Ltd",
        "industry": "chemicals",
        "location": "Ankleshwar, Gujarat",
        "contact_email": "owner@chemprocessing.in",
        "contact_phone": "+91 2646 555 018",
        "legal_name": "ChemProcess Limited",
        "occupier": "Meena Shah",
        "address": "Plot 1207, GIDC Estate, Ankleshwar, Dist. Bharuch",
        "state": "Gujarat",
        "pin_code": "393002",
        "year_established": 2014,
        "latitude": "21.626400",
        "longitude": "73.015200",
    },
}
SHIFTS = {
    "SF": [("A", time(6), time(14)), ("B", time(14), time(22))],
    "CP": [("A", time(6), time(14)), ("B", time(14), time(22)), ("C", time(22), time(6))],
}
WEEKS = {"SF": (4, 6.0, 16.0), "CP": (7, 6.0, 24.0)}  # weekly day off (Thursday, Sunday), start, hours

ADMIN = ("admin@carbonseed.io", "admin123", "Platform Admin")
PEOPLE = [  # e-mail, password, name, {factory: role}
    ("owner@steelforge.in", "password123", "Rajesh Kulkarni", {"SF": Role.OWNER}),
    ("operator@steelforge.in", "password123", "Vikram Patil", {"SF": Role.OPERATOR}),
    ("viewer@steelforge.in", "password123", "Asmita Joshi", {"SF": Role.VIEWER}),
    ("owner@chemprocessing.in", "password123", "Meena Shah", {"CP": Role.OWNER}),
    ("auditor@carbonseed.io", "password123", "Ira Menon", {"SF": Role.AUDITOR, "CP": Role.AUDITOR}),
]
EMAILS = [ADMIN[0], *(email for email, *_ in PEOPLE)]

# device id, machine, bay, curve, what power_consumption is, rated kW
DEVICES = [
    ("ESP32-SF-001", "Main furnace", "Furnace bay", "furnace", "kW", 48),
    ("ESP32-SF-002", "Cooling tower", "Yard", "cooling_tower", "W", 9),
    ("ESP32-SF-003", "Forging hammer", "Forge bay", "hammer", "kW", 30),
    ("ESP32-SF-004", "Compressor", "Utility room", "compressor", "register", 18.5),
    ("ESP32-SF-005", "Quench tank", "Heat treatment", "tank", "kW", 3),
    ("ESP32-CP-001", "Reactor R-101", "Process block 1", "reactor", "kW", 45),
    ("ESP32-CP-002", "Spray dryer", "Process block 2", "dryer", "kW", 22),
    ("ESP32-CP-003", "Boiler", "Boiler house", "boiler", "W", 11),
    ("ESP32-CP-004", "Effluent pumps", "ETP", "pump", "kWh", 5.5),
]
KINDS = {  # by curve: the kind of machine, what its temperature sensor measures
    "furnace": (MachineKind.FORGING_FURNACE, TemperaturePoint.BATH),
    "cooling_tower": (MachineKind.COOLING_TOWER, TemperaturePoint.OTHER),
    "hammer": (MachineKind.HAMMER, TemperaturePoint.OIL),
    "compressor": (MachineKind.SCREW_COMPRESSOR, TemperaturePoint.OUTLET),
    "tank": (MachineKind.HEAT_TREATMENT, TemperaturePoint.QUENCH_OIL),
    "reactor": (MachineKind.OTHER, TemperaturePoint.OTHER),
    "dryer": (MachineKind.SPRAY_DRYER, TemperaturePoint.OTHER),
    "boiler": (MachineKind.BOILER, TemperaturePoint.OTHER),
    "pump": (MachineKind.PUMP, TemperaturePoint.AIR),
}
# The limits that the factories' people have set: device id or, for every machine, site; metric; level; where it ends
LIMITS = [
    ("ESP32-SF-001", "temperature", 900, 890, Severity.CRITICAL),
    *((site, "gas_index", 400, 380, Severity.WARNING) for site in FACTORIES),
    *((site, "vibration", 5, 4.2, Severity.WARNING) for site in FACTORIES),
    *((site, "vibration", 8, 6.8, Severity.CRITICAL) for site in FACTORIES),
]
SILENT = "ESP32-SF-005"  # stopped sending a day before the demo was made


def week_of(site: str, loaded_at: datetime) -> WorkWeek:
    return WorkWeek(*WEEKS[site], frozenset(day for day, _ in holidays_around(local(loaded_at).date())))


def machines(loaded_at: datetime) -> list[SimulatedMachine]:
    """The demo's machines, with incidents placed before the moment the demo was made."""
    return [
        SimulatedMachine(
            device_id, curve, week_of(device_id[6:8], loaded_at), kind, tuple(incidents(device_id, loaded_at))
        )
        for device_id, _, _, curve, kind, _ in DEVICES
    ]


def incidents(device_id, loaded_at) -> Iterator:
    week = week_of(device_id[6:8], loaded_at)

    def on(days_ago, hour, minutes, metric="", by=0.0):
        begins = working_moment(week, loaded_at, days_ago, hour)
        return Incident(begins, begins + timedelta(minutes=minutes), metric, by)

    def lately(hours_before, hours_after, metric="", by=0.0):
        begins, ends = loaded_at - timedelta(hours=hours_before), loaded_at + timedelta(hours=hours_after)
        return Incident(begins, ends, metric, by)

    if device_id.startswith("ESP32-SF"):
        yield on(23, 13.2, 280)  # a power cut: nothing of the whole factory
    match device_id:
        case "ESP32-SF-001":
            yield on(41, 11.4, 40, "temperature", 66)
            yield on(12, 15.1, 30, "temperature", 58)
            yield on(5, 17.6, 45, "temperature", 71)
            yield on(12, 15.1, 60, "gas_index", 130)
        case "ESP32-SF-002":
            yield lately(5, 48, "vibration_z", 4.8)  # its fan: the open alert
        case "ESP32-SF-003":
            yield on(33, 10.5, 70, "vibration_z", 3.4)
            yield on(18, 12.2, 90, "vibration_z", 6.4)
            yield on(3, 16.4, 60, "vibration_z", 3.8)
        case "ESP32-SF-004":
            yield on(29, 9, 150)  # its Wi-Fi: the meter's register bridges it
        case "ESP32-SF-005":
            yield lately(26, 24 * 3650)
        case "ESP32-CP-001":
            yield on(9, 11, 35, "gas_index", 140)
        case "ESP32-CP-002":
            yield on(27, 14.5, 80, "gas_index", 150)
            yield on(15, 9, 55, "gas_index", 120)
            yield lately(3, 12, "gas_index", 125)
        case "ESP32-CP-004":
            yield on(20, 8, 300)


def working_moment(week, loaded_at, days_ago, hour):
    """`hour` of the last working day at least `days_ago` days before."""
    day = local(loaded_at).date() - timedelta(days=days_ago)
    while not week.works_on(day):
        day -= timedelta(days=1)
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour) - IST
