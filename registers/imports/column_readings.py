"""What the columns of an imported table are, and how their cells are read; or what has to be asked about them. Pure."""

from dataclasses import dataclass, field

from django.db import models

from core.table_files.cells import is_exact
from core.table_files.choices import Choices, Question
from core.table_files.days import DayColumn, DayOrder
from core.table_files.head_rows import MAX_LINES_ABOVE, find_head, is_total
from core.table_files.months import MonthError, MonthMeaning, parse_month
from core.table_files.numbers import Notation, NumberColumn
from registers.columns import Quantity, ResultField, field_label
from registers.imports import spreadsheets
from registers.imports.tables import SourceRow, SourceTable

PERIOD = "(period)"
IGNORED = {"unit", "metered by", "document"}  # informational columns of the export
MAX_NAMED = 6  # lines named in a question


@dataclass
class Columns:
    """`names`: the field of each column, or None. `rows`: the lines below the head."""

    names: list[str | None]
    headings: list[str]
    rows: list[SourceRow]
    head_line: int  # 0: without a head
    unheaded: list[int] = field(default_factory=list)  # places without a heading, not left out by a person
    notations: dict[int, Notation] = field(default_factory=dict)
    day_order: DayOrder = DayOrder.DAY_FIRST
    month_meaning: MonthMeaning | None = None
    questions: list[Question] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class ColumnReader:
    def __init__(self, register) -> None:
        self.register = register
        self.known = self.headings()

    def read(self, table: SourceTable, choices: Choices) -> Columns:
        columns = self.columns_of(table, choices)
        columns.notes[:0] = table.notes
        self.validate(columns, choices)
        self.read_numbers(columns, table.delimiter, choices)
        self.read_days(columns, choices)
        self.read_months(columns, choices)
        return columns

    # Headings

    def columns_of(self, table, choices) -> Columns:
        rows = table.rows
        place = self.head_place(rows, choices.head_line)
        width = max(len(row.cells) for row in rows)
        if place is None:
            names = [*self.usual_columns()[:width], *[None] * (width - len(self.usual_columns()))]
            columns = Columns(names, [self.heading(name) for name in names], rows, 0)
        else:
            head = [*rows[place].cells, *[""] * (width - len(rows[place].cells))]
            names = [self.known.get(normalise(cell)) for cell in head]
            columns = Columns(names, list(map(str, head)), rows[place + 1 :], rows[place].number)
            if place:
                columns.notes.append(f"The headings are in line {columns.head_line}; what is above is not read.")
        for number, name in choices.columns.items():
            if int(number) <= width:
                columns.names[int(number) - 1] = name if name in self.fields() else None
        return columns

    def head_place(self, rows, chosen) -> int | None:
        if chosen == 0:
            return None
        if chosen is not None:
            return next((place for place, row in enumerate(rows) if row.number == chosen), None)
        place = find_head([row.cells for row in rows], lambda cell: self.known.get(normalise(cell)))
        if place is None:
            return None
        found = {self.known.get(normalise(cell)) for cell in rows[place].cells} - {None}
        return place if place == 0 or (len(found) > 1 and place < MAX_LINES_ABOVE) else None

    def headings(self) -> dict:
        """{normalised column heading: field}, all accepted spellings."""
        names_by_heading = {}
        for name in self.fields():
            if name == PERIOD:
                names_by_heading[normalise(self.heading(name))] = name
                continue
            column = self.register.model._meta.get_field(name)
            for heading in (name, field_label(column), self.register.heading(name)):
                names_by_heading[normalise(heading)] = name
        return names_by_heading

    def fields(self) -> list:
        """All that a column may be."""
        period = [PERIOD] if spreadsheets.period_heading(self.register) else []
        return [*period, *self.register.field_names, "source", "remark"]

    def usual_columns(self) -> list:
        period = [PERIOD] if spreadsheets.period_heading(self.register) else []
        return [*period, *self.register.identity, *self.register.columns, "source", "remark"]

    def heading(self, name) -> str:
        if name == PERIOD:
            return spreadsheets.period_heading(self.register)
        return self.register.heading(name) if name else ""

    def validate(self, columns, choices) -> None:
        for place, (name, heading) in enumerate(zip(columns.names, columns.headings, strict=True), start=1):
            is_left_out = choices.columns.get(str(place)) == ""
            if name is not None or is_left_out or normalise(heading) in IGNORED:
                continue
            if not normalise(heading):
                columns.unheaded.append(place - 1)
            else:
                columns.faults.append(f"“{heading[:60]}” is no column of this register.")
        names = [name for name in columns.names if name]
        columns.faults += [
            f"“{self.heading(name)}” stands twice among the headings."
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
        if not columns.head_line and not choices.columns:
            columns.questions.append(
                Question("columns", "There are no headings: is each column what it is taken for below?", ())
            )

    # Cells

    def cells_of(self, columns, place):
        """(line, cell) of a column, without sums."""
        for row in columns.rows:
            if place < len(row.cells) and row.cells[place] and not is_total(row.cells):
                yield row.number, row.cells[place]

    def model_field(self, name):
        return None if name in (None, PERIOD) else self.register.model._meta.get_field(name)

    def read_numbers(self, columns, delimiter, choices) -> None:
        evidence = {}
        for place, name in enumerate(columns.names):
            if isinstance(self.model_field(name), Quantity | ResultField):
                evidence[place] = column = NumberColumn()
                for line, cell in self.cells_of(columns, place):
                    if not is_exact(cell):
                        column.add(line, cell.removeprefix("<").strip())
        uses_point = any(Notation.POINT in column.only for column in evidence.values())
        for place, column in evidence.items():
            found = choices.decimal_of(place + 1) or column.decided(delimiter, uses_point)
            columns.notations[place] = found or Notation.POINT
            if found is None:
                columns.questions.append(self.decimal_question(place, column, columns))
            elif found == Notation.COMMA:
                columns.notes.append(f"A comma is the decimal sign in {self.heading(columns.names[place])}.")

    def decimal_question(self, place, column, columns) -> Question:
        name = self.heading(columns.names[place])
        if column.is_contradictory:
            texts = " and ".join(f"{sight.text} (line {sight.line})" for sight in column.only.values())
            sentence = f"{name} holds {texts}, which do not fit together: which is right?"
        else:
            sentence = f"{name} can be read in two ways: {column.example.text} (line {column.example.line})."
        options = tuple((notation.value, words) for notation, words in column.readings())
        return Question(f"decimals.{place + 1}", sentence, options, Notation.POINT.value)

    def read_days(self, columns, choices) -> None:
        days = DayColumn()
        for place, name in enumerate(columns.names):
            if isinstance(self.model_field(name), models.DateField) or (name == PERIOD and self.register.is_monthly):
                for line, cell in self.cells_of(columns, place):
                    days.add(line, cell)
        found = choices.day_order or days.decided(dashes_are_indian=True)
        columns.day_order = found or DayOrder.DAY_FIRST
        if found is None:
            example = days.either or next(iter(days.only.values()))
            sentence = f"Dates can be read in two ways: {example.text} (line {example.line})."
            options = tuple((order.value, words) for order, words in days.readings())
            columns.questions.append(Question("dates", sentence, options, DayOrder.DAY_FIRST.value))

    def read_months(self, columns, choices) -> None:
        """Dates that are not the first of a month are asked about: Excel makes 25 April of this year of “Apr-25”."""
        columns.month_meaning = choices.month_meaning
        if not self.register.is_monthly or PERIOD not in columns.names or choices.month_meaning:
            return
        doubtful = []
        for line, cell in self.cells_of(columns, columns.names.index(PERIOD)):
            try:
                month = parse_month(cell, columns.day_order)
            except MonthError:
                continue
            if month.is_doubtful:
                doubtful.append((line, month))
        if doubtful:
            columns.questions.append(month_question(doubtful))


def month_question(doubtful) -> Question:
    _, cell = doubtful[0]
    lines = ", ".join(str(line) for line, _ in doubtful[:MAX_NAMED]) + (" …" if len(doubtful) > MAX_NAMED else "")
    word = "line" if len(doubtful) == 1 else "lines"
    sentence = (
        f"A day stands where a month is expected ({word} {lines}): {cell.text}. A spreadsheet turns a typed “Apr-25” "
        "into 25 April of the running year. Which month is meant?"
    )
    by_day = f"{cell.by_day:%B %Y}: {cell.by_day:%b-%y} was typed" if cell.by_day else ""
    by_date = f"{cell.month:%B %Y}: the month of that date" if cell.month else "neither: such lines are refused"
    options = ((MonthMeaning.MONTH_YEAR.value, by_day), (MonthMeaning.DATE.value, by_date))
    return Question("months", sentence, options)


def normalise(text) -> str:
    return " ".join(str(text).replace("\u202f", " ").split()).casefold()
