"""Decisions on quarantine items: release into the readings, as sent or with a moved time, or discard."""

from telemetry.quarantine.decisions import ConflictingReading, NotReleased, discard, release

__all__ = ["ConflictingReading", "NotReleased", "discard", "release"]
