"""The head of a table of readings: found among its first lines, read as ours or as somebody else's. Pure."""

import csv
from dataclasses import dataclass, field

from core.table_files.delimiters import SAMPLE_LINES, detect_delimiter
from core.table_files.head_rows import find_head
from telemetry.imports.formats.csv_files import MAX_JOINED_LINES, split_cells
from telemetry.imports.formats.header import parse_header
from telemetry.imports.formats.headings import propose, propose_all
from telemetry.imports.formats.layout import BESIDE, DATE, TIMESTAMP, role_of
from telemetry.imports.formats.lines import NotADayFile
from telemetry.metrics import METRIC_NAMES
from telemetry.payloads import names as payload_names


@dataclass
class Head:
    """`line`: number of its last line, 0 without one. `is_ours`: it names fields, so that nothing is guessed."""

    line: int
    headings: list[str]
    columns: list[str]
    is_ours: bool = False
    notes: list[str] = field(default_factory=list)
    zone: str = ""
    power_kind: str = ""

    @property
    def problem(self) -> str:
        return problem_of(self.columns, self.headings)


def problem_of(columns, headings) -> str:
    """What the columns lack to be readings, or ""."""
    if TIMESTAMP not in columns and DATE not in columns:
        named = ", ".join(filter(None, headings))[:200]
        return f"The head has no column timestamp, and none for the date; it has {named}."
    if not {role_of(name).field for name in columns} & set(METRIC_NAMES):
        return f"The head names no metric; these are known: {', '.join(METRIC_NAMES)}."
    return ""


@dataclass
class Sample:
    """The first lines of a table: `rows` are (number of the last line, cells)."""

    encoding: str
    delimiter: str
    rows: list[tuple[int, list[str]]]


def read_sample(lines: list[tuple[int, bytes | None]]) -> Sample:
    """Raises NotADayFile where nothing cuts the lines into cells."""
    contents = [(number, content) for number, content in lines if content is not None and content.strip()]
    if not contents:
        raise NotADayFile("The first line is too long for a head.")
    encoding = "utf-8" if all(map(is_utf_8, (content for _, content in contents[:1]))) else "cp1252"
    texts = [(number, content.decode(encoding, "replace").removeprefix("\ufeff")) for number, content in contents]
    delimiter = detect_delimiter([text for _, text in texts])
    if not delimiter or "\0" in texts[0][1]:
        raise NotADayFile(f"The first line is no head of a table: {texts[0][1][:60]!r}.")
    return Sample(encoding, delimiter, rows_of(texts, delimiter))


def is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def rows_of(texts: list[tuple[int, str]], delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows, with the lines joined that a quoted cell goes over; a line that cannot be cut is left out."""
    rows, place = [], 0
    while place < len(texts):
        for count in range(1, MAX_JOINED_LINES + 1):
            part = texts[place : place + count]
            try:
                cells = split_cells("\n".join(text for _, text in part), delimiter)
            except (csv.Error, StopIteration):
                continue
            rows.append((part[-1][0], [" ".join(cell.split()) for cell in cells]))
            place += len(part)
            break
        else:
            place += 1
    return rows


def read_head(sample: Sample, head_line: int | None) -> Head:
    """The head at the line a person chose, else our own head, else the line that looks most like one."""
    if head_line == 0:
        width = max((len(cells) for _, cells in sample.rows), default=0)
        return Head(0, [""] * width, [""] * width)
    if head_line is not None:
        row = next((row for row in sample.rows if row[0] == head_line), None)
        if row is None:
            raise NotADayFile(f"Line {head_line} is no line of the first {SAMPLE_LINES} that could be a head.")
        return head_of(*row)
    found = find_head([cells for _, cells in sample.rows], propose)
    return head_of(*sample.rows[found if found is not None else 0])


def head_of(line: int, cells: list[str]) -> Head:
    ours = parse_header(cells)
    if ours is not None and not any(is_alias(name) for name in ours.fields):
        return Head(line, cells, ours.fields, True, ours.notes, ours.zone, ours.power_kind)
    return Head(line, cells, propose_all(cells))


def is_alias(name: str) -> bool:
    """Whether a device that sends this name means a field by it: “kw”, “temp”."""
    field = payload_names.field_of(name) if name else None
    return field is not None and field.name in METRIC_NAMES and name != field.name


def kept_names(columns, headings) -> list[str]:
    """The columns with the name under which each unknown one is kept, which no reader takes for a field."""
    names: list[str] = []
    for index, name in enumerate(columns):
        if name == BESIDE:
            heading = "_".join(headings[index].lower().split())[:60] if index < len(headings) else ""
            name = heading or f"column_{index + 1}"
            while name in names or name in columns or payload_names.field_of(name):
                name = f"column_{name}"
        names.append(name)
    return names
