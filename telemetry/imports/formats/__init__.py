"""Streaming parsers of day files (SD cards, load surveys of meters), in constant memory. Pure.

A file is a table, NDJSON, or a JSON array, and may be gzipped; the format is detected from its first bytes. A table is
surveyed first: delimiter, head, columns, decimals and the order of day and month, each of a column as a whole. What can
be read in two ways is a question. An unreadable line does not affect the others; an unreadable file raises NotADayFile.
"""

from telemetry.imports.formats.layout import Layout, layout_from_json
from telemetry.imports.formats.lines import ImportLine, NotADayFile
from telemetry.imports.formats.reader import DayFileReader
from telemetry.imports.formats.table_survey import Survey, survey

__all__ = ["DayFileReader", "ImportLine", "Layout", "NotADayFile", "Survey", "layout_from_json", "survey"]
