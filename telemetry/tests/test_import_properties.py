"""A day file written in a known dialect is read back as it was, or asked about; never differently. Pure."""

import csv
import io
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.tests.test_import_formats import read, surveyed

START = datetime(2024, 3, 1)  # noqa: DTZ001 the file says no offset
STAMPS = {
    "iso": "%Y-%m-%d %H:%M:%S",
    "day first": "%d/%m/%Y %H:%M",
    "dashes": "%d-%m-%Y %I:%M %p",
    "month first": "%m/%d/%Y %H:%M",
    "named": "%d %b %Y %H:%M",
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]


@st.composite
def tables(draw):
    """(rows of moment and figure, how they are written)."""
    steps = draw(st.lists(st.integers(1, 60 * 24 * 40), min_size=1, max_size=6))
    figures = draw(st.lists(st.integers(-9_999_999, 9_999_999), min_size=len(steps), max_size=len(steps)))
    places = draw(st.integers(0, 3))
    rows = [
        (START + timedelta(minutes=sum(steps[: place + 1])), figure / 10**places)
        for place, figure in enumerate(figures)
    ]
    decimal = draw(st.sampled_from(".,"))
    delimiter = draw(st.sampled_from(";\t" if decimal == "," else ";\t,"))
    has_groups = draw(st.booleans())
    return (
        rows,
        places,
        decimal,
        delimiter,
        has_groups,
        draw(st.sampled_from(sorted(STAMPS))),
        draw(st.sampled_from(ENCODINGS)),
    )


def figure_text(value, places, decimal, has_groups):
    text = f"{value:,.{places}f}" if has_groups else f"{value:.{places}f}"
    return text if decimal == "." else text.translate(str.maketrans(",.", ".,"))


@given(tables())
@settings(max_examples=150, deadline=None)
def test_a_file_in_any_dialect_is_read_back_or_asked_about(table):
    rows, places, decimal, delimiter, has_groups, stamp, encoding = table
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["timestamp", "temperature"])
    writer.writerows(
        [at.strftime(STAMPS[stamp]), figure_text(value, places, decimal, has_groups)] for at, value in rows
    )
    content = out.getvalue().encode(encoding)
    answers = {"dates": "month_first" if stamp == "month first" else "day_first"}
    answers["decimals"] = {"2": "point" if decimal == "." else "comma"}
    if not surveyed(content).questions:
        assert read_back(content) == rows
    assert surveyed(content, **answers).questions == []
    assert read_back(content, **answers) == rows


def read_back(content, **answers):
    _, lines = read(content, **answers)
    return [(datetime.fromisoformat(line.raw["timestamp"]), float(line.raw["temperature"])) for line in lines]
