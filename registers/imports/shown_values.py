"""The values of an imported line as its dry run shows them: with units, and beside what they replace."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from core.dates import format_day
from core.number_format import indian
from registers.imports.spreadsheets import value_of

MAX_TEXT = 80


class ShownValue(NamedTuple):
    """`text` with its unit; `before`: what is stored now, where it differs; `figure`: the number, for sums."""

    text: str
    before: str = ""
    figure: Decimal | None = None
    unit: str = ""


def shown_values(register, cells, row=None, before=None) -> dict:
    """{field: ShownValue} of the fields of `cells`: as `row` stores them, or as written where there is none."""
    if row is None:
        return {name: ShownValue(str(cell)[:MAX_TEXT]) for name, cell in cells.items()}
    found = {}
    for name in cells:
        field = register.model._meta.get_field(name)
        value, unit = value_of(row, field), register.unit_of(field, row)
        text = text_of(value, unit)
        earlier = before[name].text if before and name in before else ""
        figure = value if isinstance(value, Decimal) else None
        found[name] = ShownValue(text, earlier if before and earlier != text else "", figure, unit)
    return found


def text_of(value, unit) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, Decimal):
        plain = value.normalize()
        exponent = plain.as_tuple().exponent
        figure = indian(value, max(0, -exponent))
        return f"{figure} {unit}" if unit else figure
    return format_day(value) if isinstance(value, date) else str(value)[:MAX_TEXT]


def column_sums(names, lines) -> list[dict]:
    """Sum, least and greatest of each figure column, with the lines they are in."""
    found = []
    for name, heading in names:
        figures = [
            (line.values[name].figure, line.number, line.values[name].unit)
            for line in lines
            if name in line.values and line.values[name].figure is not None
        ]
        if not figures:
            continue
        units = {unit for _, _, unit in figures}
        unit = units.pop() if len(units) == 1 else ""
        least, greatest = min(figures), max(figures)
        total = sum((figure for figure, _, _ in figures), Decimal(0))
        found.append(
            {
                "heading": heading,
                "count": len(figures),
                "sum": text_of(total, unit) if not units else "",
                "least": text_of(least[0], least[2]),
                "least_line": least[1],
                "greatest": text_of(greatest[0], greatest[2]),
                "greatest_line": greatest[1],
            }
        )
    return found


def months_covered(lines) -> list[date]:
    return sorted({line.row.month for line in lines if line.row is not None and line.row.month})
