"""The annexure of a report: its tables as a workbook, with the figures of the PDF unrounded and as numbers."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from core.xlsx import MEDIA_TYPE
from core.xlsx.cells import number_cell, text_cell
from core.xlsx.styles import Style
from core.xlsx.writer import Workbook
from reports.documents.items import days_in_words
from reports.documents.measured_tables import tables_of_block

__all__ = ["MEDIA_TYPE", "file_name", "write"]
MAX_WIDTH, MIN_WIDTH = 44, 10  # characters
ABOUT_WIDTHS, RESULT_WIDTHS, ITEM_WIDTHS = (24, 90), (28,) * 5, (8, 36, 44, 60, 24)
HEADING, TITLE, NOTE = Style(is_bold=True, is_heading=True), Style(is_bold=True, font_size=13), Style(is_italic=True)


def file_name(report) -> str:
    return f"{report.number}-{report.report_type}-annexure.xlsx"


def write(report) -> bytes:
    """XLSX from the frozen row: sheets about the report, its result, each of its tables, and its items."""
    # No wall time in the file: the same row gives the same workbook.
    with Workbook(report.figures["title"], report.generated_at) as book:
        annexure = AnnexureWorkbook(book, report)
        annexure.write_about()
        annexure.write_result()
        for number, table in annexure.tables():
            annexure.write_table(number, table)
        annexure.write_items()
    return book.take()


class AnnexureWorkbook:
    def __init__(self, book: Workbook, report) -> None:
        self.book, self.report, self.figures = book, report, report.figures
        self.heading, self.title, self.note = (book.style(style) for style in (HEADING, TITLE, NOTE))

    def tables(self) -> Iterator:
        """(number of the section, table) of every table in the document, in order."""
        zone = ZoneInfo(self.report.inputs["unit"]["time_zone"])
        for section in self.figures["sections"]:
            for block in section["blocks"]:
                if isinstance(block, str):
                    tables = tables_of_block(block, self.figures["tables"], zone)
                else:
                    tables = [block] if block["kind"] == "table" else []
                yield from ((section["no"], table) for table in tables)

    def write_about(self):
        report, open_items = self.report, self.figures["open"]
        rows = [
            ("Report", report.number),
            ("Title", self.figures["title"]),
            ("Scheme", self.figures["scheme"]),
            ("Unit", report.inputs["unit"]["legal_name"] or report.inputs["unit"]["name"]),
            ("Period", report.inputs["period"]["label"]),
            ("Status", report.state.upper()),
            ("Figures SHA-256", report.figures_sha256),
            ("Items not provided", f"{open_items['not_provided']} of {open_items['items']}"),
        ]
        with self.book.sheet("About", ABOUT_WIDTHS) as sheet:
            for label, value in rows:
                sheet.append([text_cell(label, self.heading), text_cell(str(value))])

    def write_result(self):
        with self.book.sheet("Result", RESULT_WIDTHS, freeze=(1, 1)) as sheet:
            sheet.append(self.headings(["Figure", "Value", "Unit", "Coverage, %", "Rests on"]))
            for row in self.figures["result"]:
                figure = row["figure"]
                value = self.number(figure["value"], 3, figure.get("months"))
                coverage = self.number(figure["coverage_pct"], 1)
                sheet.append([
                    text_cell(row["label"]), value or text_cell("not provided"), text_cell(figure["unit"]),
                    coverage or text_cell(""), text_cell(figure["source"]),
                ])  # fmt: skip

    def write_table(self, number, table):
        rows = [*table["rows"], *([table["foot"]] if table["foot"] else [])]
        widths = [column_width(label, place, rows) for place, label in enumerate(map(heading, table["columns"]))]
        name = f"{number} {table['caption']}" if number else table["caption"]
        with self.book.sheet(name, widths, freeze=(3, 1)) as sheet:
            sheet.append([text_cell(table["caption"], self.title)])
            sheet.append()
            sheet.append(self.headings(map(heading, table["columns"])))
            for row in rows:
                sheet.append(map(self.cell, row))
            if not rows:
                sheet.append([text_cell(table["empty"])])
            if table["note"]:
                sheet.append()
                sheet.append([text_cell(table["note"], self.note)])

    def write_items(self):
        with self.book.sheet("Items", ITEM_WIDTHS, freeze=(1, 1)) as sheet:
            sheet.append(self.headings(["No", "Item", "Asked for", "Entry", "Source"]))
            for item in (item for section in self.figures["sections"] for item in section["items"]):
                for entry in item["entries"]:
                    texts = [item["no"], item["title"], entry["label"], days_in_words(entry["text"]), entry["source"]]
                    sheet.append(map(text_cell, texts))

    def headings(self, names):
        return (text_cell(name, self.heading) for name in names)

    def cell(self, cell):
        if "value" not in cell:
            return text_cell(cell["text"])
        return self.number(cell["value"], cell["decimals"], cell.get("months"))

    def number(self, value, decimals, months=None):
        """A number shown with so many decimals, "3 of 12 months" behind it by its format; None for no value."""
        if value is None:
            return None
        shown = f"{0:.{decimals}f}" + (f'", {months}"' if months else "")
        return number_cell(value, self.book.style(Style(number_format=shown)))


def heading(column) -> str:
    return f"{column['label']}, {column['unit']}" if column["unit"] else column["label"]


def column_width(label, place, rows) -> int:
    longest = max([len(label) // 2, *(len(row[place].get("text", "")) for row in rows)])
    return min(MAX_WIDTH, max(MIN_WIDTH, longest + 2))
