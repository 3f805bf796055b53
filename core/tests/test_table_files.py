"""How cells of people's tables are read: numbers, days, times, months, delimiters, encodings."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.table_files import encodings, moments, months
from core.table_files.choices import ALL, ChoiceError, Choices, choices_from_json
from core.table_files.days import DayColumn, DayError, DayOrder, parse_day
from core.table_files.delimiters import detect_delimiter
from core.table_files.head_rows import find_head, is_total
from core.table_files.numbers import Notation, NumberColumn, NumberError, parse_cell

POINT, COMMA = Notation
DAY_FIRST, MONTH_FIRST = DayOrder


@pytest.mark.parametrize(
    ("text", "notation", "value", "unit"),
    [
        ("1,23,456.78", POINT, "123456.78", ""),
        ("1,234,567", POINT, "1234567", ""),
        ("12,345", POINT, "12345", ""),
        ("12,345", COMMA, "12.345", ""),
        ("12.345", COMMA, "12345", ""),
        ("1.234,5", COMMA, "1234.5", ""),
        ("0,5", COMMA, "0.5", ""),
        ("1\u202f234\u202f567,5", COMMA, "1234567.5", ""),
        ("1\u2009234.5", POINT, "1234.5", ""),
        ("₹ 1,23,456.50", POINT, "123456.50", ""),
        ("Rs. 1,200/-", POINT, "1200", ""),
        ("INR 12", POINT, "12", ""),
        ("32.5 kW", POINT, "32.5", "kW"),
        ("32,5kW", COMMA, "32.5", "kW"),
        ("45 %", POINT, "45", "%"),
        ("9.5 m/s²", POINT, "9.5", "m/s²"),
        ("3.2 lakh", POINT, "320000", ""),
        ("1.5 Cr", POINT, "15000000", ""),
        ("3.2 lakh kWh", POINT, "320000", "kWh"),
        ("(12.5)", POINT, "-12.5", ""),
        ("12.5-", POINT, "-12.5", ""),
        ("\u221212.5", POINT, "-12.5", ""),
        ("1.5e3", POINT, "1500", ""),
    ],
)
def test_a_figure_is_read_in_the_notation_of_its_column(text, notation, value, unit):
    assert parse_cell(text, notation) == (Decimal(value), unit)


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        *(("1,5", POINT), ("0,345", POINT), ("1234,567", POINT), ("1,23,45", POINT), ("1.234,5", POINT)),
        *(("1,234.5", COMMA), ("1.2.3", COMMA), ("12 34", POINT), ("2025-04", POINT), ("10:15", POINT)),
        *(("MH-12", POINT), ("hot", POINT), ("12,34 5", POINT), ("9" * 70, POINT), ("1 2 3", POINT)),
    ],
)
def test_what_is_no_figure_there_is_refused(text, notation):
    with pytest.raises(NumberError, match="Write the figure as"):
        parse_cell(text, notation)


def column_of(*texts):
    column = NumberColumn()
    for line, text in enumerate(texts, start=2):
        column.add(line, text)
    return column


@pytest.mark.parametrize(
    ("texts", "delimiter", "notation"),
    [
        (["12,345", "12,348"], ";", None),
        (["12,345", "12,348"], "\t", None),
        (["12,345", "12,348"], ",", POINT),
        (["12,345", "12,3"], ";", COMMA),
        (["12,345", "1,12,345"], ";", POINT),
        (["12,345", "12.5"], ";", POINT),
        (["12,345", "0,345"], ";", COMMA),
        (["12,345", "1234,567"], ";", COMMA),
        (["12,345", "12"], ";", None),
        (["12.345", "12"], ";", None),
        (["12.345", "12"], "\t", None),
        (["12.345", "12"], ",", POINT),
        (["12.345", "0.345"], "\t", POINT),
        (["12.345", "1,5"], ";", COMMA),
        (["1,5", "1,234.5"], ";", None),
        (["12", "13", "n/a", ""], ";", POINT),
    ],
)
def test_one_cell_may_decide_for_the_column_and_none_may_not(texts, delimiter, notation):
    assert column_of(*texts).decided(delimiter, False) == notation


def test_another_columns_decimal_point_settles_a_dot_but_not_a_comma():
    assert column_of("12.345").decided(";", True) == POINT
    assert column_of("12,345").decided(";", True) is None


def test_a_question_shows_both_readings():
    column = column_of("7", "12,345")
    assert column.example.line == 3
    assert column.readings() == [
        (POINT, "12345: the comma groups digits"),
        (COMMA, "12.345: the comma is the decimal sign"),
    ]


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("30-04-2025", DAY_FIRST, (2025, 4, 30)),
        ("5/4/25", DAY_FIRST, (2025, 4, 5)),
        ("5/4/25", MONTH_FIRST, (2025, 5, 4)),
        ("2025-04-30", MONTH_FIRST, (2025, 4, 30)),
        ("2025/4/30", DAY_FIRST, (2025, 4, 30)),
        ("30 Apr 2025", MONTH_FIRST, (2025, 4, 30)),
        ("30-Apr-25", DAY_FIRST, (2025, 4, 30)),
        ("1st April, 2025", DAY_FIRST, (2025, 4, 1)),
        ("Apr 30, 2025", DAY_FIRST, (2025, 4, 30)),
        ("20250430", DAY_FIRST, (2025, 4, 30)),
        ("45777", DAY_FIRST, (2025, 4, 30)),
        ("45777.75", DAY_FIRST, (2025, 4, 30)),
    ],
)
def test_days_are_read_as_they_are_written_in_india(text, order, day):
    assert parse_day(text, order) == date(*day)


@pytest.mark.parametrize("text", ["31-02-2025", "13/13/2025", "45", "1970-01-01", "Apr 2025", "30 Foo 2025", "-1"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(DayError):
        parse_day(text, DAY_FIRST)


@pytest.mark.parametrize(
    ("texts", "order", "among_registers"),
    [
        (["05/04/2025", "20/04/2025"], DAY_FIRST, DAY_FIRST),
        (["05/04/2025", "04/20/2025"], MONTH_FIRST, MONTH_FIRST),
        (["05/04/2025", "06/04/2025"], None, None),
        (["05-04-2025"], None, DAY_FIRST),
        (["05/05/2025"], DAY_FIRST, DAY_FIRST),
        (["20/04/2025", "04/20/2025"], None, None),
        (["2025-04-05", "5 Apr 2025"], DAY_FIRST, DAY_FIRST),
    ],
)
def test_the_order_of_day_and_month_is_the_columns(texts, order, among_registers):
    column = DayColumn()
    for line, text in enumerate(texts):
        column.add(line, text)
    assert (column.decided(), column.decided(dashes_are_indian=True)) == (order, among_registers)


@pytest.mark.parametrize(
    ("text", "elapsed"),
    [
        ("10:00", timedelta(hours=10)),
        ("24:00:00", timedelta(days=1)),
        ("12:15 AM", timedelta(minutes=15)),
        ("12:15 p.m.", timedelta(hours=12, minutes=15)),
        ("11:59:59 PM", timedelta(hours=23, minutes=59, seconds=59)),
        ("0015", timedelta(minutes=15)),
        ("10.30", timedelta(hours=10, minutes=30)),
        ("0.416667", timedelta(hours=10)),
        ("10:00:00.500", timedelta(hours=10, seconds=0.5)),
        ("10:30 hrs", timedelta(hours=10, minutes=30)),
    ],
)
def test_times_of_day(text, elapsed):
    assert moments.parse_clock(text) == elapsed


@pytest.mark.parametrize("text", ["25:00", "24:01", "10:60", "13:00 PM", "0.25", "noon", "7", "1:2"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(moments.ClockError):
        moments.parse_clock(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20/11/2026 10:00", "2026-11-20T10:00:00"),
        ("20-Nov-2026, 10:00:15 PM", "2026-11-20T22:00:15"),
        ("2026-11-20 24:00:00", "2026-11-21T00:00:00"),
        ("46346.416667", "2026-11-20T10:00:00"),
        ("46346", "2026-11-20T00:00:00"),
        ("1763600000", None),
        ("yesterday", None),
    ],
)
def test_moments_in_one_cell(text, moment):
    found = moments.parse_local(text, DAY_FIRST)
    assert (found and found.isoformat()) == moment


def test_date_and_time_apart_are_one_moment_even_as_excels_stamps():
    assert moments.join_day_and_clock("20/11/2026", "24:00", DAY_FIRST).isoformat() == "2026-11-21T00:00:00"
    assert moments.join_day_and_clock("2026-11-20 00:00:00", "1899-12-30 10:15:00", DAY_FIRST).hour == 10


@pytest.mark.parametrize("text", ["Apr-25", "Apr 2025", "2025-04", "04/2025", "1 Apr 2025", "2025-04-01"])
def test_a_month_is_a_month(text):
    cell = months.parse_month(text)
    assert (cell.meant(None), cell.is_doubtful) == (date(2025, 4, 1), False)


def test_a_date_in_a_month_column_may_be_what_excel_made_of_apr_25():
    cell = months.parse_month("2026-04-25")
    assert cell.is_doubtful
    assert cell.meant(months.MonthMeaning.DATE) == date(2026, 4, 1)
    assert cell.meant(months.MonthMeaning.MONTH_YEAR) == date(2025, 4, 1)
    assert not months.parse_month("2025-04-25").is_doubtful  # either way it is April 2025
    shown = months.parse_month("25-Apr")
    assert shown.meant(months.MonthMeaning.MONTH_YEAR) == date(2025, 4, 1)
    with pytest.raises(months.MonthError, match="a day without a year"):
        shown.meant(None)


@pytest.mark.parametrize("text", ["lots", "13/2025", "2025-13", "Foo 2025", "45"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(months.MonthError):
        months.parse_month(text)


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["timestamp;energy_kwh", "2026-11-21T10:00:00;12,345"], ";"),
        (["a,b", '1,"2;3"'], ","),
        (["Meter EM6436H", "Date,Time,kWh", '20/11/2026,10:00,"1,23,456.78"'], ","),
        (["a\tb", "1,5\t2,5"], "\t"),
        (["a|b", "1|2"], "|"),
        (["nothing", "here"], ""),
    ],
)
def test_the_delimiter_cuts_the_lines_alike(lines, delimiter):
    assert detect_delimiter(lines) == delimiter


def test_the_head_stands_below_particulars_and_a_total_below_the_table():
    rows = [["Meter", "EM6436H"], ["Report", "Load survey"], ["Date", "Time", "kWh"], ["20/11/2026", "10:00", "1"]]
    assert find_head(rows, {"Date", "Time", "kWh"}.intersection([""]).__contains__) is None
    assert find_head(rows, lambda cell: cell if cell in ("Date", "Time", "kWh") else None) == 2
    assert is_total(["", "Grand Total", "5"]) and is_total(["Total:", "5"]) and not is_total(["Totaliser 3", "5"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_text_is_decoded_whatever_wrote_it(encoding):
    text = "Month,Température (°C)\r\nApr 2025,1\r\n"
    assert encodings.decode_text(text.encode(encoding)) == text


def test_utf_16_is_streamed_in_blocks(monkeypatch):
    monkeypatch.setattr(encodings, "BLOCK_BYTES", 7)
    text = "a;ü\n" * 500
    stream = encodings.as_utf_8(io.BufferedReader(io.BytesIO(text.encode("utf-16"))), "utf-16-le")
    assert stream.readline() == "a;ü\n".encode() and stream.read().decode() == text[4:]


def test_choices_are_a_value_that_can_be_stored():
    said = {"head_line": "5", "columns": {"1": "date"}, "decimals": "comma", "dates": "day_first", "months": "date"}
    choices = choices_from_json(said)
    assert choices_from_json(choices.as_json()) == choices
    assert (choices.head_line, choices.decimals, choices.decimal_of(7)) == (5, {ALL: "comma"}, COMMA)
    assert choices.merged(Choices(dates="month_first")).dates == "month_first"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ([], "choices"),
        ({"colour": 1}, "colour"),
        ({"head_line": "x"}, "head_line"),
        ({"head_line": -1}, "head_line"),
        ({"head_line": True}, "head_line"),
        ({"columns": {"x": "date"}}, "columns"),
        ({"columns": {"1": 5}}, "columns"),
        ({"columns": []}, "columns"),
        ({"decimals": "semicolon"}, "decimals"),
        ({"dates": "year"}, "dates"),
        ({"months": {}}, "months"),
        ({"accepted": "all"}, "accepted"),
    ],
)
def test_an_answer_that_is_none_names_its_field(said, field):
    with pytest.raises(ChoiceError) as caught:
        choices_from_json(said)
    assert caught.value.field == field
