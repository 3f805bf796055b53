"""CSV lines → readings, by the file's layout. Pure.

Each line is parsed by itself, so that a quote left open by a power failure swallows no other line.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator

from core.formula_injection import unescape_formula
from core.table_files.days import DayError
from core.table_files.head_rows import is_total
from core.table_files.moments import ClockError, join_day_and_clock, parse_local
from core.table_files.numbers import Notation, NumberError, parse_cell
from telemetry.imports.formats.header import EXPORT_ONLY_COLUMNS, POWER_KINDS, UNIT_SPELLINGS
from telemetry.imports.formats.layout import DATE, TIME, TIMESTAMP, Layout, Role, role_of
from telemetry.imports.formats.lines import ImportLine
from telemetry.imports.formats.workbooks import UNREADABLE
from telemetry.metrics import BY_NAME, METRIC_NAMES

PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
PLAIN_COMMA = re.compile(r"[+-]?\d+(?:,\d+)?")
ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ](?:[01]\d|2[0-3]):")
OFFSET = re.compile(r"\s*(Z|UTC|GMT|IST|[+-]\d{2}:?\d{2})$")
OFFSETS = {"UTC": "Z", "GMT": "Z", "IST": "+05:30"}
ENERGY_UNITS = ("wh", "kwh", "mwh")
MAX_JOINED_LINES = 4  # of a cell that goes over lines


class BadCell(ValueError):
    def __init__(self, field: str, problem: str):
        super().__init__(problem)
        self.field = field


def split_cells(text: str, delimiter: str) -> list[str]:
    """Raises csv.Error."""
    if '"' not in text:
        return text.split(delimiter)
    return next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))


def logical_lines(lines: Iterable[tuple], delimiter: str, width: int) -> Iterator[tuple]:
    """The lines, with those joined that a quoted cell goes over; only where the parts make no lines by themselves."""
    waiting = iter(lines)
    queue: list[tuple] = []
    while entry := queue.pop(0) if queue else next(waiting, None):
        number, content = entry
        if content is None or content.count(b'"') % 2 == 0:
            yield entry
            continue
        while len(queue) < MAX_JOINED_LINES - 1 and (following := next(waiting, None)):
            queue.append(following)
        count = joined_count(content, queue, delimiter, width)
        joined = b"\n".join([content, *(part for _, part in queue[:count])])
        del queue[:count]
        yield number, joined


def joined_count(content: bytes, following: list[tuple], delimiter: str, width: int) -> int:
    """How many of the following lines belong to this one."""
    for count in range(1, len(following) + 1):
        part = following[count - 1][1]
        if part is None or width_of(part, delimiter) == width:
            return 0
        joined = b"\n".join([content, *(each for _, each in following[:count])])
        if width_of(joined, delimiter) == width:
            return count
    return 0


def width_of(content: bytes, delimiter: str) -> int:
    try:
        return len(split_cells(content.decode("utf-8", "replace"), delimiter))
    except (csv.Error, StopIteration):
        return 0


class CsvLineParser:
    def __init__(self, layout: Layout):
        self.layout, self.width, self.header_line = layout, len(layout.columns), b""
        roles = [role_of(name) for name in layout.columns]
        self.roles = [
            (index, role) for index, role in enumerate(roles) if role.field and role.field not in (DATE, TIME)
        ]
        self.notations = [layout.notation_of(index) for index in range(self.width)]
        self.date, self.time = layout.index_of(DATE), layout.index_of(TIME)

    def parse_line(self, number: int, content: bytes) -> ImportLine | None:
        """None for an empty line, or the header again, which loggers write at a reboot."""
        if not content.strip() or content.strip() == self.header_line:
            return None
        if b"\0" in content:
            return ImportLine(number, None, "holds NUL bytes: this part of the card is damaged")
        try:
            cells = split_cells(content.decode(self.layout.encoding).removeprefix("\ufeff"), self.layout.delimiter)
        except UnicodeDecodeError as error:
            return ImportLine(number, None, f"is not UTF-8 at position {error.start}")
        except (csv.Error, StopIteration) as error:
            return ImportLine(number, None, f"cannot be cut into cells: {error}")
        return self.parse_cells(number, [cell.strip() for cell in cells])

    def parse_cells(self, number: int, cells: list[str]) -> ImportLine | None:
        if not any(cells):
            return None
        if is_total(cells):
            return ImportLine(number, None, "is a sum of the table, no reading", is_left_out=True)
        while len(cells) > self.width and not cells[-1]:
            cells.pop()
        if len(cells) != self.width:
            return ImportLine(
                number, None, f"has {len(cells)} cell{'s' * (len(cells) != 1)}, the head has {self.width}"
            )
        try:
            return self.reading(number, cells)
        except BadCell as bad:
            return ImportLine(number, None, str(bad), field=bad.field)

    def reading(self, number: int, cells: list[str]) -> ImportLine:
        fields, export_fields = {}, {}
        for index, role in self.roles:
            cell = unescape_formula(cells[index])
            if not cell:
                continue
            if cell.startswith(UNREADABLE):
                raise BadCell(role.field, f"is {cell.removeprefix(UNREADABLE)}")
            if role.field in EXPORT_ONLY_COLUMNS:
                export_fields[role.field] = cell
            elif role.field in METRIC_NAMES:
                fields[role.field] = self.number(cell, index, role, export_fields)
            else:
                fields[role.field] = cell
        if self.date is not None:
            fields[TIMESTAMP] = self.joined_time(cells)
        elif TIMESTAMP in fields:
            fields[TIMESTAMP] = self.moment(fields[TIMESTAMP])
        if self.layout.power_kind:
            export_fields.setdefault("power_kind", self.layout.power_kind)
        try:
            extra = json.loads(export_fields.pop("extra", "{}"))
        except (ValueError, RecursionError):
            extra = None
        if not isinstance(extra, dict):
            return ImportLine(number, None, "extra: a JSON object is expected")
        return ImportLine(number, extra | fields, export_fields=export_fields)

    def number(self, cell: str, index: int, role: Role, export_fields: dict) -> str:
        """The figure with a decimal point, in the unit of its field; a text that is no number stays as it is."""
        notation = self.notations[index]
        if role.power_kind:
            export_fields["power_kind"] = role.power_kind
        if role.energy_unit:
            export_fields["energy_unit"] = role.energy_unit
        if notation == Notation.POINT and PLAIN.fullmatch(cell):
            return cell
        if notation == Notation.COMMA and PLAIN_COMMA.fullmatch(cell):
            return cell.replace(",", ".")
        try:
            found = parse_cell(cell, notation)
        except NumberError:
            return cell
        if found is None:
            return cell
        value, unit = found
        self.check_unit(role, unit, export_fields)
        return f"{value:f}"

    def check_unit(self, role: Role, unit: str, export_fields: dict) -> None:
        """A unit in the cell must be the field's; power's is compared with the machine's profile. Raises BadCell."""
        if not unit:
            return
        spelled = unit.lower()
        if role.field == "power_consumption" and spelled in POWER_KINDS:
            export_fields["power_kind"] = spelled
            return
        if role.field == "energy_kwh" and spelled in ENERGY_UNITS:
            export_fields["energy_unit"] = spelled
            return
        expected = BY_NAME[role.field].unit
        if spelled not in UNIT_SPELLINGS.get(expected, (expected.lower(),)):
            raise BadCell(role.field, f"is in {unit[:20]!r} in the cell; {expected} is expected")

    def joined_time(self, cells: list[str]) -> str:
        day, clock = cells[self.date], cells[self.time] if self.time is not None else ""
        if not day:
            raise BadCell(DATE, "is missing; an imported reading needs a time of its own")
        if self.time is not None and not clock:
            raise BadCell(TIME, "is missing; an imported reading needs a time of its own")
        try:
            if self.time is None:
                return self.moment(day)
            clock, offset = split_offset(clock)
            return join_day_and_clock(day, clock, self.layout.day_order).isoformat() + offset
        except DayError as error:
            raise BadCell(DATE, f"{day[:30]!r} is no day. {error}") from None
        except ClockError as error:
            raise BadCell(TIME, f"{clock[:30]!r} is no time. {error}") from None

    def moment(self, text: str) -> str:
        """The timestamp as ISO text; ISO texts and epoch numbers stay as they are. Raises BadCell."""
        if ISO.match(text):
            return text
        bare, offset = split_offset(text)
        try:
            local = parse_local(bare, self.layout.day_order)
        except (DayError, ClockError) as error:
            raise BadCell(TIMESTAMP, f"{text[:30]!r} is no time. {error}") from None
        return text if local is None else local.isoformat() + offset


def split_offset(text: str) -> tuple[str, str]:
    may_have_one = ":" in text and (not text[-1].isdecimal() or "+" in text[-6:] or "-" in text[-6:])
    found = OFFSET.search(text) if may_have_one else None
    return (text[: found.start()], OFFSETS.get(found[1], found[1])) if found else (text, "")
