"""What devices said, what could not be taken, what is summed from it and found in it."""

from telemetry.models.imports import DayFile, DayFileLine, DayFilePiece
from telemetry.models.last_seen import KeyUse, LastWord, RefusalCount
from telemetry.models.quarantine import Quarantined
from telemetry.models.readings import Arrival, Clock, DeviceReadings, Digested, Edition, Reading
from telemetry.models.recommendations import Recommendation
from telemetry.models.rollups import Day, DayZone, DeviceQuarterHours, QuarterHour, Sums

__all__ = [
    "Arrival",
    "Clock",
    "Day",
    "DayFile",
    "DayFileLine",
    "DayFilePiece",
    "DayZone",
    "DeviceQuarterHours",
    "DeviceReadings",
    "Digested",
    "Edition",
    "KeyUse",
    "LastWord",
    "Quarantined",
    "QuarterHour",
    "Reading",
    "Recommendation",
    "RefusalCount",
    "Sums",
]
