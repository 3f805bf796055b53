"""A plan of an import as its page shows it."""

from registers.imports import unusual
from registers.imports.column_readings import PERIOD
from registers.imports.row_import import CLEAR_BLANKS, ImportPlan
from registers.imports.shown_values import column_sums, months_covered
from registers.imports.tables import SourceTable

SAMPLE_CELLS = 3
MAX_HEAD_LINES = 20
ASKED_WITH_THE_IMPORT = ("columns", unusual.KEY)


def plan_context(plan: ImportPlan, reader, table: SourceTable, choices) -> dict:
    return {
        "plan": plan,
        "value_columns": value_columns(plan),
        "lines": [shown_line(line, plan) for line in plan.lines],
        "sums": column_sums(plan.names, plan.lines),
        "months": months_covered(plan.lines),
        "mapping": mapping(plan, reader),
        "roles": [("", "Left out"), *((name, reader.heading(name)) for name in reader.fields())],
        "head_lines": [(row.number, " · ".join(row.cells)[:80]) for row in table.rows[:MAX_HEAD_LINES]],
        "questions": [question for question in plan.questions if question.key not in ASKED_WITH_THE_IMPORT],
        "unusual": next((question for question in plan.questions if question.key == unusual.KEY), None),
        "asks_columns": any(question.key == "columns" for question in plan.questions),
        "clear_blanks": CLEAR_BLANKS,
        "clears_blanks": CLEAR_BLANKS in choices.accepted,
        "may_import": may_import(plan),
    }


def may_import(plan: ImportPlan) -> bool:
    """Whether nothing is open but what the import button itself confirms: the columns as shown, unusual figures."""
    return plan.is_faultless and {question.key for question in plan.questions} <= set(ASKED_WITH_THE_IMPORT)


def value_columns(plan) -> list[tuple]:
    return [(name, heading) for name, heading in plan.names if name != PERIOD]


def shown_line(line, plan) -> dict:
    values = [(heading, line.values.get(name)) for name, heading in value_columns(plan)]
    return {"line": line, "values": values}


def mapping(plan, reader) -> list[dict]:
    """Each column of the table: its heading, first cells and field."""
    columns = plan.columns
    return [
        {
            "number": place + 1,
            "heading": columns.headings[place] if columns.head_line else "",
            "cells": [row.cells[place] for row in columns.rows[:SAMPLE_CELLS] if place < len(row.cells)],
            "name": name or "",
        }
        for place, name in enumerate(columns.names)
    ]
