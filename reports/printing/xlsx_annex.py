"""The annexure of a report: its tables as a workbook, the same figures as the PDF's, unrounded and as numbers."""

from decimal import Decimal
from tempfile import SpooledTemporaryFile
from zoneinfo import ZoneInfo

import xlsxwriter

from reports.documents.items import days_in_words
from reports.documents.measured_tables import tables_of_block
from telemetry.export.columns import escape_formula

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 2 * 1024 * 1024
NAME_LENGTH = 31  # Excel allows no more
SHEET_NAME_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
MAX_WIDTH, MIN_WIDTH = 44, 10


def file_name(report) -> str:
    return f"{report.number}-{report.report_type}-annexure.xlsx"


def write(report) -> bytes:
    """XLSX from the frozen row: a sheet about the report, one for each table, one for items and one for factors."""
    with SpooledTemporaryFile(IN_MEMORY) as file:
        book = xlsxwriter.Workbook(file, {"in_memory": True, "constant_memory": False})
        AnnexureWorkbook(book, report).write()
        book.close()
        file.seek(0)
        return file.read()


class AnnexureWorkbook:
    def __init__(self, book, report):
        self.book, self.report, self.figures = book, report, report.figures
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.title, self.note = book.add_format({"bold": True, "font_size": 13}), book.add_format({"italic": True})
        self.formats, self.names = {}, set()

    def write(self):
        # No wall time in the file: the same row gives the same workbook.
        made_at = self.report.generated_at.replace(tzinfo=None)
        self.book.set_properties({"title": self.figures["title"], "created": made_at})
        self.register()
        self.result()
        for no, table in self.tables():
            self.table(no, table)
        self.items()

    def tables(self):
        """Every table of the document in order, with the number of its section."""
        zone = ZoneInfo(self.report.inputs["unit"]["time_zone"])
        for part in self.figures["sections"]:
            for block in part["blocks"]:
                if isinstance(block, str):
                    found = tables_of_block(block, self.figures["tables"], zone)
                else:
                    found = [block] if block["kind"] == "table" else []
                yield from ((part["no"], table) for table in found)

    def sheet(self, name):
        plain = " ".join(name.translate(SHEET_NAME_FORBIDDEN).split())[:NAME_LENGTH] or "Table"
        wanted, number = plain, 2
        while wanted.lower() in self.names:
            ending = f" {number}"
            wanted, number = plain[: NAME_LENGTH - len(ending)] + ending, number + 1
        self.names.add(wanted.lower())
        return self.book.add_worksheet(wanted)

    def register(self):
        report, sheet = self.report, self.sheet("About")
        rows = [
            ("Report", report.number),
            ("Title", self.figures["title"]),
            ("Scheme", self.figures["scheme"]),
            ("Unit", report.inputs["unit"]["legal_name"] or report.inputs["unit"]["name"]),
            ("Period", report.inputs["period"]["label"]),
            ("Status", report.state.upper()),
            ("Figures SHA-256", report.figures_sha256),
            ("Items not provided", f"{self.figures['open']['not_provided']} of {self.figures['open']['items']}"),
        ]
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90)
        for place, (label, value) in enumerate(rows):
            sheet.write_string(place, 0, label, self.head)
            sheet.write_string(place, 1, escape_formula(str(value)))

    def result(self):
        rows = [
            [row["label"], *(row["figure"][name] for name in ("value", "unit", "coverage_pct", "source"))]
            for row in self.figures["result"]
        ]
        sheet = self.sheet("Result")
        self.heading(sheet, 0, ["Figure", "Value", "Unit", "Coverage, %", "Rests on"])
        for place, (label, value, unit, coverage, source) in enumerate(rows, 1):
            sheet.write_string(place, 0, escape_formula(label))
            self.number(sheet, place, 1, value, 3)
            sheet.write_string(place, 2, unit)
            self.number(sheet, place, 3, coverage, 1)
            sheet.write_string(place, 4, escape_formula(source))
        sheet.set_column(0, 4, 28)

    def table(self, no, table):
        sheet = self.sheet(f"{no} {table['caption']}" if no else table["caption"])
        sheet.write_string(0, 0, escape_formula(table["caption"]), self.title)
        self.heading(sheet, 2, [heading(column) for column in table["columns"]])
        rows = [*table["rows"], *([table["foot"]] if table["foot"] else [])]
        for place, row in enumerate(rows, 3):
            for column, cell in enumerate(row):
                self.cell(sheet, place, column, cell)
        if not rows:
            sheet.write_string(3, 0, table["empty"])
        if table["note"]:
            sheet.write_string(4 + max(1, len(rows)), 0, escape_formula(table["note"]), self.note)
        for column, told in enumerate(table["columns"]):
            longest = max([len(heading(told)) // 2, *(len(row[column].get("text", "")) for row in rows)], default=0)
            sheet.set_column(column, column, min(MAX_WIDTH, max(MIN_WIDTH, longest + 2)))

    def items(self):
        sheet = self.sheet("Items")
        self.heading(sheet, 0, ["No", "Item", "Asked for", "Entry", "Source"])
        place = 0
        for part in self.figures["sections"]:
            for item in part["items"]:
                for entry in item["entries"]:
                    place += 1
                    told = [item["no"], item["title"], entry["label"], days_in_words(entry["text"]), entry["source"]]
                    for column, words in enumerate(told):
                        sheet.write_string(place, column, escape_formula(words))
        for column, width in enumerate((8, 36, 44, 60, 24)):
            sheet.set_column(column, column, width)

    def heading(self, sheet, row, names):
        for column, name in enumerate(names):
            sheet.write_string(row, column, escape_formula(name), self.head)
        sheet.freeze_panes(row + 1, 1)

    def cell(self, sheet, row, column, cell):
        if "value" in cell:
            self.number(sheet, row, column, cell["value"], cell["decimals"])
        else:
            sheet.write_string(row, column, escape_formula(cell["text"]))

    def number(self, sheet, row, column, value, decimals):
        if value is None:
            sheet.write_string(row, column, "not provided" if column == 1 else "")
            return
        sheet.write_number(row, column, Decimal(value), self.decimal_format(decimals))

    def decimal_format(self, decimals):
        if decimals not in self.formats:
            shape = "0" if not decimals else "0." + "0" * decimals
            self.formats[decimals] = self.book.add_format({"num_format": shape})
        return self.formats[decimals]


def heading(column):
    return f"{column['label']}, {column['unit']}" if column["unit"] else column["label"]
