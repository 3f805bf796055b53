"""The workbook writer and reader: what is written is what openpyxl reads, and nothing in it is evaluated."""

import io
import xml.etree.ElementTree as tree
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from openpyxl import Workbook as OtherWorkbook
from openpyxl import load_workbook

from core.formula_injection import escape_formula, unescape_formula
from core.xlsx import reader, sheet_cells
from core.xlsx.cells import EMPTY, date_cell, exact_cell, number_cell, text_cell
from core.xlsx.pages import stream_pages
from core.xlsx.styles import Style
from core.xlsx.writer import Workbook, unique_sheet_name

DAY = Style(number_format="dd-mm-yyyy")
HEADING = Style(is_bold=True, is_heading=True)


def written(*rows, **options):
    """A workbook of these rows, read back."""
    with Workbook() as book, book.sheet("Sheet", **options) as sheet:
        for row in rows:
            sheet.append(row)
    return load_workbook(io.BytesIO(book.take())).worksheets[0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (text_cell("Patil & Söhne <b>, ₹ पुणे"), "Patil & Söhne <b>, ₹ पुणे"),
        (text_cell("two\nlines "), "two\nlines "),
        (text_cell("a\x01\ufffeb"), "ab"),
        (text_cell("_x0041_"), "_x005F_x0041_"),  # Excel reads its own escape, openpyxl does not
        (text_cell("x" * 40_000), "x" * 32_767),
        (text_cell("=1+1"), "'=1+1"),
        (number_cell(0.1), 0.1),
        (number_cell(Decimal("-12.50")), -12.5),
        (number_cell(5e-324), 5e-324),
        (number_cell(7), 7),
        (exact_cell(Decimal("123456789012345")), 123456789012345),
        (exact_cell(Decimal("1234567890.1234567")), "1234567890.1234567"),
        (EMPTY, None),
    ],
)
def test_a_cell_is_read_as_it_was_written(cell, value):
    assert written([cell, text_cell("end")])["A1"].value == value


@pytest.mark.parametrize("value", [float("inf"), float("nan"), Decimal("NaN")])
def test_a_value_that_is_no_number_is_an_error(value):
    with pytest.raises(ValueError, match="no number"):
        number_cell(value)


@pytest.mark.parametrize("day", [date(1900, 3, 1), date(2024, 2, 29), date(2199, 12, 31)])
def test_a_date_is_a_date_in_its_format(day):
    with Workbook() as book, book.sheet("Sheet") as sheet:
        sheet.append([date_cell(day, book.style(DAY))])
    cell = load_workbook(io.BytesIO(book.take()))["Sheet"]["A1"]
    assert (cell.value.date(), cell.number_format, cell.is_date) == (day, "dd-mm-yyyy", True)


def test_styles_widths_panes_and_properties_are_in_the_file():
    with Workbook("A <title>", datetime(2025, 1, 6, 8, 35, tzinfo=UTC)) as book:
        heading, places = book.style(HEADING), book.style(Style(number_format="0.000"))
        with book.sheet("First", [24, 90], freeze=(3, 1)) as sheet:
            sheet.append([text_cell("Head", heading), number_cell(1.5, places)])
        with book.sheet("Second") as sheet:
            sheet.append()
            sheet.append([text_cell("below", book.style(Style(is_italic=True, font_size=13)))])
    read = load_workbook(io.BytesIO(book.take()))
    first, second = read
    assert (first.freeze_panes, second.freeze_panes) == ("B4", None)
    assert [round(first.column_dimensions[name].width, 2) for name in "AB"] == [24.71, 90.71]
    head = first["A1"]
    assert head.font.b and head.alignment.wrap_text and head.alignment.vertical == "top"
    assert (head.border.bottom.style, first["B1"].number_format) == ("thin", "0.000")
    assert (second["A2"].value, second["A2"].font.i, second["A2"].font.sz) == ("below", True, 13)
    assert (read.properties.title, f"{read.properties.created:%Y-%m-%d %H:%M}") == ("A <title>", "2025-01-06 08:35")


@pytest.mark.parametrize("freeze", [(1, 0), (0, 1), (1, 1), (3, 2)])
def test_frozen_panes_are_those_asked_for(freeze):
    rows, columns = freeze
    assert written([EMPTY], freeze=freeze).freeze_panes == f"{'ABC'[columns]}{rows + 1}"


def test_every_part_is_well_formed_and_has_a_content_type():
    with Workbook("Title") as book, book.sheet('A "quoted" & <sheet>', [10], freeze=(1, 1)) as sheet:
        sheet.append([text_cell("x", book.style(HEADING))])
    with zipfile.ZipFile(io.BytesIO(book.take())) as archive:
        assert archive.testzip() is None
        types = archive.read("[Content_Types].xml").decode()
        for name in archive.namelist():
            tree.fromstring(archive.read(name))
            assert name == "[Content_Types].xml" or f"/{name}" in types or name.endswith(".rels")


def test_the_same_rows_give_the_same_bytes():
    def content():
        with Workbook("Title") as book, book.sheet("Sheet") as sheet:
            sheet.append([text_cell("x")])
        return book.take()

    assert content() == content()


@pytest.mark.parametrize(
    ("name", "taken", "unique"),
    [
        ("6 Bills: paid/due [x]", [], "6 Bills paid due x"),
        ("", [], "Table"),
        ("Fuels", ["FUELS"], "Fuels 2"),
        ("x" * 40, ["x" * 31, "x" * 29 + " 2"], "x" * 29 + " 3"),
    ],
)
def test_sheet_names_are_valid_and_unique(name, taken, unique):
    assert unique_sheet_name(name, taken) == unique


def pages_of(count, asked):
    """Pages of one row, which note how many rows they were asked for."""
    limit = yield
    for number in range(count):
        asked.append(limit)
        limit = yield f"<row>{number_cell(number)}</row>".encode(), 1


def test_the_first_bytes_come_before_the_first_page_and_memory_holds_one_page():
    asked = []
    stream = stream_pages("Rows", ["n"], [10], pages_of(50_000, asked))
    assert next(stream) and not asked
    largest = max(len(chunk) for chunk in stream)
    assert len(asked) == 50_000 and largest < 100_000


def test_a_stream_that_breaks_off_is_no_workbook():
    def pages():
        yield
        yield b"<row/>", 1
        raise OSError("away")

    parts = []
    with pytest.raises(OSError, match="away"):
        parts.extend(stream_pages("Rows", ["n"], [10], pages()))
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(parts)))


# Reading


def test_our_own_workbooks_and_those_of_others_are_read():
    table = sheet_of(["Month", date(2024, 4, 1), 12.25, None, True])
    assert table.rows == [["Month", "2024-04-01", "12.25", "", "yes"]]
    with Workbook() as book, book.sheet("Sheet") as sheet:
        sheet.append([text_cell("Gear blanks"), EMPTY, number_cell(3)])
    content = book.take()
    assert reader.first_sheet(content, 10, 3).rows == [["Gear blanks", "", "3"]] and reader.is_workbook(content)


def sheet_of(*rows, change=lambda sheet: None):
    book = OtherWorkbook()
    for row in rows:
        book.active.append(row)
    change(book.active)
    content = io.BytesIO()
    book.save(content)
    return reader.first_sheet(content.getvalue(), 20, 20)


def test_a_formula_without_a_result_and_an_error_have_no_value_but_a_reason():
    [[formula, broken]] = sheet_of(["=4117.3*30", "#REF!"]).rows
    assert (formula, formula.problem) == ("", sheet_cells.UNCALCULATED)
    assert (broken, broken.problem) == ("", "#REF!: the result of this formula is an error")


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.125, "0.0%", "12.5 %"),
        (12.5, '0.00" kWh"', "12.5 kWh"),
        (12.5, "#,##0.00", "12.5"),
        (0.1 + 0.2, "General", "0.3"),
        (12_34_56_789, "0", "123456789"),
        (46346.416667, "General", "46346.416667"),
        (datetime(2026, 11, 20, 10, 0), "dd-mm-yyyy hh:mm", "2026-11-20 10:00:00"),  # noqa: DTZ001 a cell has no zone
        (time(10, 15), "hh:mm", "10:15:00"),
        (timedelta(hours=24), "[h]:mm:ss", "24:00:00"),
        ("1,234", "@", "1,234"),
    ],
)
def test_a_cell_is_what_a_person_would_have_typed(value, number_format, text):
    def change(sheet):
        sheet["A1"].number_format = number_format

    [[cell]] = sheet_of([value], change=change).rows
    assert (cell, cell.is_exact) == (text, isinstance(value, float | int))


def test_hidden_rows_merged_cells_and_other_sheets_are_said():
    def change(sheet):
        sheet.title = "Bills"
        sheet.row_dimensions[2].hidden = True
        sheet.merge_cells("A2:A3")
        sheet.parent.create_sheet("Notes")

    table = sheet_of(["Connection", "kWh"], ["HT", 1], [None, 2], change=change)
    assert [row[0] for row in table.rows] == ["Connection", "HT", "HT"]
    assert table.notes == [
        "The sheet “Bills” is read; not read: Notes.",
        "Rows that are hidden in the workbook are read like all others: 2.",
        "Cells merged downwards are read as if each held the value.",
    ]


def test_the_first_sheet_that_is_not_hidden_is_read():
    def change(sheet):
        sheet.parent.create_sheet("Shown").append(["x"])
        sheet.sheet_state = "hidden"

    assert sheet_of(["secret"], change=change).rows == [["x"]]


def test_no_more_is_read_than_the_limits():
    with Workbook() as book, book.sheet("Sheet") as sheet:
        for _ in range(50):
            sheet.append([number_cell(place) for place in range(50)])
    rows = reader.first_sheet(book.take(), 5, 3).rows
    assert rows == [["0", "1", "2"]] * 5


def bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (reader.MAX_UNPACKED_BYTES + 1))
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "not a workbook"), (b"PK\x03\x04nonsense", "not a workbook"), (bomb(), "too large when unpacked")],
    ids=["empty", "broken", "bomb"],
)
def test_what_is_no_workbook_is_an_error(content, message):
    with pytest.raises(reader.WorkbookError, match=message):
        reader.first_sheet(content, 10, 10)


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@SUM", "\tx", "\rx"])
def test_a_text_is_never_a_formula(text):
    assert escape_formula(text) == f"'{text}" and unescape_formula(f"'{text}") == text


@pytest.mark.parametrize("text", ["", "'", "'tis", "a=1", "1-2"])
def test_other_texts_stay(text):
    assert escape_formula(text) == unescape_formula(text) == text
