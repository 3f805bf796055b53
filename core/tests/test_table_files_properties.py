"""A column written in a known notation is read back as it was, or asked about; never differently."""

import csv
import io
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.table_files.numbers import Notation, NumberColumn, parse_cell

POINT, COMMA = Notation


def column_of(*texts):
    column = NumberColumn()
    for line, text in enumerate(texts, start=2):
        column.add(line, text)
    return column


def written(value: Decimal, notation: Notation, grouping: str) -> str:
    """As a spreadsheet of that locale shows the value."""
    sign = "-" if value < 0 else ""
    whole, _, fraction = f"{abs(value):f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    step = 2 if grouping == "lakh" else 3
    parts = [] if grouping == "none" else [head[max(0, end - step) : end] for end in range(len(head), 0, -step)][::-1]
    group, point = (",", ".") if notation == POINT else (".", ",")
    whole = group.join([*parts, tail]) if parts else whole
    return sign + whole + (point + fraction if fraction else "")


FIGURES = st.lists(st.decimals(-10_000_000, 10_000_000, allow_nan=False, places=3), min_size=1, max_size=6)


@given(FIGURES, st.integers(0, 3), st.sampled_from(["none", "thousand", "lakh"]), st.sampled_from(";\t"))
def test_a_column_with_a_decimal_point_is_read_back_or_asked_about(values, places, grouping, delimiter):
    check_column([round(value, places) for value in values], POINT, grouping, delimiter)


@given(FIGURES, st.integers(0, 3), st.sampled_from(["none", "thousand"]))
def test_a_column_with_a_decimal_comma_is_read_back_or_asked_about(values, places, grouping):
    check_column([round(value, places) for value in values], COMMA, grouping, ";")


def check_column(values, notation, grouping, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([written(value, notation, grouping)] for value in values)
    texts = [row[0] for row in csv.reader(io.StringIO(out.getvalue()), delimiter=delimiter)]
    found = column_of(*texts).decided(delimiter, False)
    assert found is None or [parse_cell(text, found)[0] for text in texts] == values
    assert [parse_cell(text, notation)[0] for text in texts] == values
