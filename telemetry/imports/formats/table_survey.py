"""The survey of a day file: how it is read, and what a person has to say about it. Pure.

It reads the whole file once, since one cell of a column may decide what a thousand others mean. Its memory is bounded.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from core.table_files.choices import Choices, Question
from core.table_files.days import DayColumn, DayOrder
from core.table_files.delimiters import SAMPLE_LINES
from core.table_files.numbers import Notation, NumberColumn
from telemetry.imports.formats.csv_files import logical_lines, split_cells
from telemetry.imports.formats.head import Head, Sample, kept_names, problem_of, read_head, read_sample
from telemetry.imports.formats.headings import is_known_role
from telemetry.imports.formats.layout import BESIDE, DATE, TIME, TIMESTAMP, Layout, role_choices, role_of
from telemetry.imports.formats.lines import NotADayFile, Truncated, numbered_lines
from telemetry.imports.formats.source import CSV, open_source
from telemetry.metrics import BY_NAME, METRIC_NAMES

SAMPLE_CELLS = 3
BEAT_LINES = 50_000
MAX_FALLS = 3  # of a register: resets; a column that falls more often holds something else
COLUMNS, DATES = "columns", "dates"
EXPORT_MARK = "received_at"  # stands in an export of readings only


@dataclass
class ColumnSight:
    """A column as a person sees it: its heading, its first cells, and what it is taken for."""

    number: int
    heading: str
    cells: list[str]
    role: str

    def as_json(self) -> dict:
        return {"number": self.number, "heading": self.heading, "cells": self.cells, "role": self.role}


@dataclass
class Survey:
    """`layout` is None for JSON. With `questions` the file must not be imported."""

    layout: Layout | None = None
    questions: list[Question] = field(default_factory=list)
    columns: list[ColumnSight] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    head_lines: list[tuple[int, str]] = field(default_factory=list)  # the lines that may be the head


def survey(stream, max_bytes: int, choices: Choices, beat: Callable[[], None] = lambda: None) -> Survey:
    """`beat` is called every BEAT_LINES lines, since a long file takes minutes. Raises NotADayFile."""
    source = open_source(stream)
    if source.kind != CSV:
        return Survey()
    lines = numbered_lines(source.stream, max_bytes)
    try:
        first = list(islice(lines, SAMPLE_LINES))
    except Truncated as end:
        raise NotADayFile(str(end)) from None
    sample = read_sample(first)
    head = read_head(sample, choices.head_line)
    columns = chosen_columns(head, choices)
    evidence = Evidence(columns, sample, head.line)
    evidence.add_all(with_beats(chain(first, lines), beat))
    found = conclude(sample, head, columns, evidence, choices)
    found.notes[:0] = source.notes
    if source.is_workbook and EXPORT_MARK in columns:
        raise NotADayFile("This workbook is an export of readings, whose times are rounded; export them as CSV.")
    return found


def with_beats(lines: Iterable, beat: Callable[[], None]) -> Iterator:
    for count, line in enumerate(lines, start=1):
        if count % BEAT_LINES == 0:
            beat()
        yield line


def chosen_columns(head: Head, choices: Choices) -> list[str]:
    """The role of each column: as a person said, else as the head says. Raises NotADayFile for what is no role."""
    width = max(len(head.columns), *map(int, choices.columns or {"0": ""}))
    if width > len(head.columns) and head.line:
        raise NotADayFile(f"There is no column {width}; the head has {len(head.columns)}.")
    columns = [*head.columns, *[""] * (width - len(head.columns))]
    for number, role in choices.columns.items():
        if not is_known_role(role) and role != columns[int(number) - 1]:
            raise NotADayFile(f"{role!r} is nothing a column of readings can be.")
        columns[int(number) - 1] = role
    fields = [role_of(name).field for name in columns if name not in ("", BESIDE)]
    twice = next((name for name in fields if fields.count(name) > 1), None)
    if twice:
        raise NotADayFile(f"Two columns are {twice}; one of them has to be something else.")
    return columns


class Evidence:
    """What the cells say about the notation of each figure column and about the order of day and month."""

    def __init__(self, columns: list[str], sample: Sample, head_line: int):
        self.delimiter, self.encoding, self.head_line = sample.delimiter, sample.encoding, head_line
        self.width = len(columns)
        roles = [role_of(name).field for name in columns]
        self.numbers = {index: NumberColumn() for index, name in enumerate(roles) if name in METRIC_NAMES}
        self.days = DayColumn()
        self.day_index = next((roles.index(name) for name in (DATE, TIMESTAMP) if name in roles), None)
        self.registers = {index: RegisterFalls() for index, name in enumerate(roles) if name == "energy_kwh"}
        self.samples: list[list[str]] = []

    def add_all(self, lines) -> None:
        try:
            for number, content in logical_lines(lines, self.delimiter, self.width):
                if number > self.head_line and content and content.strip():
                    self.add(number, content)
        except Truncated:
            return  # the reader says so

    def add(self, number: int, content: bytes) -> None:
        try:
            cells = split_cells(content.decode(self.encoding, "replace"), self.delimiter)
        except (csv.Error, StopIteration):
            return
        if len(cells) < self.width:
            return
        if len(self.samples) < SAMPLE_CELLS:
            self.samples.append([cell.strip()[:40] for cell in cells])
        if self.day_index is not None:
            self.days.add(number, cells[self.day_index].strip())
        if self.delimiter == "," and '"' not in content.decode("latin-1"):
            return self.add_registers(cells)
        for index, column in self.numbers.items():
            column.add(number, cells[index].strip())
        return self.add_registers(cells)

    def add_registers(self, cells: list[str]) -> None:
        for index, falls in self.registers.items():
            falls.add(cells[index])

    def decimals(self, columns: list[str], headings: list[str], choices: Choices) -> tuple[dict, list[Question]]:
        """({column number: notation}, questions of the columns that can be read in two ways)."""
        uses_point = any(Notation.POINT in column.only for column in self.numbers.values())
        notations, questions = {}, []
        for index, column in self.numbers.items():
            found = choices.decimal_of(index + 1) or column.decided(self.delimiter, uses_point)
            if found is None:
                questions.append(decimal_question(index, column, columns, headings))
            elif found != Notation.POINT:
                notations[str(index + 1)] = found.value
        return notations, questions


class RegisterFalls:
    """How often a column that might be a register falls."""

    def __init__(self) -> None:
        self.last, self.falls, self.count = "", 0, 0

    def add(self, text: str) -> None:
        digits = "".join(filter(str.isdigit, text.strip()))
        if not digits:
            return
        if self.last and (len(digits), digits) < (len(self.last), self.last):
            self.falls += 1
        self.last, self.count = digits, self.count + 1

    @property
    def is_doubtful(self) -> bool:
        return self.falls > MAX_FALLS and self.falls * 20 > self.count


def conclude(sample: Sample, head: Head, columns: list[str], evidence: Evidence, choices: Choices) -> Survey:
    notations, questions = evidence.decimals(columns, head.headings, choices)
    order = choices.day_order or evidence.days.decided()
    problem = problem_of(columns, head.headings)
    if problem or not (head.is_ours or choices.columns):
        questions.insert(0, columns_question(head, columns, problem, evidence))
    if order is None:
        questions.append(day_question(evidence.days))
    names = kept_names(columns, head.headings)
    layout = Layout(
        delimiter=sample.delimiter,
        head_line=head.line,
        columns=tuple(names),
        notations=notations,
        day_order=(order or DayOrder.DAY_FIRST).value,
        encoding=sample.encoding,
        zone=head.zone,
        power_kind=head.power_kind,
    )
    return Survey(
        layout,
        questions,
        [
            ColumnSight(index + 1, heading_at(head.headings, index), [cells[index] for cells in evidence.samples], role)
            for index, role in enumerate(columns)
        ],
        [*head.notes, *notes_of(sample, head, layout, evidence)],
        [(number, sample.delimiter.join(cells)[:80]) for number, cells in sample.rows[:20]],
    )


def heading_at(headings: list[str], index: int) -> str:
    return headings[index] if index < len(headings) else ""


def column_name(columns: list[str], headings: list[str], index: int) -> str:
    return heading_at(headings, index) or columns[index] or f"column {index + 1}"


def columns_question(head: Head, columns: list[str], problem: str, evidence: Evidence) -> Question:
    falling = [index for index, falls in evidence.registers.items() if falls.is_doubtful]
    sentence = problem or "These headings are not ours: say what each column is, or that it is as proposed."
    for index in falling:
        sentence += f" {column_name(columns, head.headings, index)} falls again and again: energy of each interval?"
    return Question(COLUMNS, sentence, tuple(role_choices()))


def decimal_question(index: int, column: NumberColumn, columns: list[str], headings: list[str]) -> Question:
    name = column_name(columns, headings, index)
    unit = BY_NAME[role_of(columns[index]).field].shown_unit
    if column.is_contradictory:
        lines = " and ".join(f"{sight.text} (line {sight.line})" for sight in column.only.values())
        sentence = f"{name} holds {lines}: which is right? Lines that do not fit are refused."
    else:
        example = column.example
        where = f"{example.text} (line {example.line})" if example else "a figure"
        sentence = f"{name} can be read in two ways: {where}."
    options = tuple((notation.value, words.replace(":", f" {unit}:", 1)) for notation, words in column.readings())
    return Question(f"decimals.{index + 1}", sentence, options, Notation.POINT.value)


def day_question(days: DayColumn) -> Question:
    example = days.either or next(iter(days.only.values()))
    sentence = f"Dates can be read in two ways: {example.text} (line {example.line})."
    if len(days.only) == 2:
        texts = " and ".join(f"{sight.text} (line {sight.line})" for sight in days.only.values())
        sentence = f"Dates hold {texts}, which do not fit together. Lines that do not fit are refused."
    return Question(
        DATES, sentence, tuple((order.value, words) for order, words in days.readings()), DayOrder.DAY_FIRST
    )


def notes_of(sample: Sample, head: Head, layout: Layout, evidence: Evidence) -> list[str]:
    """What was found out and not asked, for the person to see."""
    notes = []
    above = [number for number, _ in sample.rows if number < head.line]
    if above:
        notes.append(f"The head is line {head.line}; what stands above it is not read.")
    commas = [column_name(list(layout.columns), head.headings, int(number) - 1) for number in layout.notations]
    if commas:
        notes.append(f"A comma is the decimal sign in {', '.join(commas)}.")
    if evidence.days.only:
        first = "day" if layout.day_order == DayOrder.DAY_FIRST else "month"
        notes.append(f"Dates have the {first} first: {next(iter(evidence.days.only.values())).text}.")
    if TIME in layout.columns and DATE in layout.columns:
        notes.append("The time of a reading is put together from its date and its time of day.")
    return notes
