"""Streaming parsers of day files (SD cards), in constant memory. Pure.

A file is CSV with a header row, NDJSON, or a JSON array, and may be gzipped; the format is detected from its first
bytes. An unreadable line does not affect the others; an unreadable file raises NotADayFile.
"""

from telemetry.imports.formats.lines import ImportLine, NotADayFile
from telemetry.imports.formats.reader import DayFileReader

__all__ = ["DayFileReader", "ImportLine", "NotADayFile"]
