"""Models of telemetry: readings, quarantine, rollups, doubtful steps, day files, recommendations."""

from telemetry.models.doubtful_steps import DoubtfulStep
from telemetry.models.imports import DayFile, DayFileChunk, DayFileLine
from telemetry.models.last_seen import KeyUse, LastSeen, RefusalCount, UnreadStreak
from telemetry.models.quarantine import QuarantineItem
from telemetry.models.readings import Clock, DeviceReadings, DirtySpan, Edition, ProcessedSpan, Reading
from telemetry.models.recommendations import Recommendation
from telemetry.models.rollups import Day, DayTimeZone, DeviceQuarterHours, QuarterHour, Sums
from telemetry.models.unit_doubts import UnitDoubt

__all__ = [
    "Clock",
    "Day",
    "DayFile",
    "DayFileChunk",
    "DayFileLine",
    "DayTimeZone",
    "DeviceQuarterHours",
    "DeviceReadings",
    "DirtySpan",
    "DoubtfulStep",
    "Edition",
    "KeyUse",
    "LastSeen",
    "ProcessedSpan",
    "QuarantineItem",
    "QuarterHour",
    "Reading",
    "Recommendation",
    "RefusalCount",
    "Sums",
    "UnitDoubt",
    "UnreadStreak",
]
