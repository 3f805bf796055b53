"""An SD card's day file → its lines, one after the other in constant memory. Pure.

A file is CSV with a head row, NDJSON, or a JSON array, and may be gzipped; what it is shows in its first bytes. A line
that cannot be read costs no other; what makes the whole file unreadable raises NotADayFile.
"""

from telemetry.imports.formats.lines import ImportLine, NotADayFile
from telemetry.imports.formats.reader import DayFileReader

__all__ = ["DayFileReader", "ImportLine", "NotADayFile"]
