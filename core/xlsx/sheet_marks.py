"""What a worksheet's XML says that its values do not: hidden rows, merged cells, formulas without a result."""

import re
import zipfile
from typing import NamedTuple
from xml.etree.ElementTree import iterparse  # expat bounds entity expansion; the archive's size is bounded before

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")


class SheetMarks(NamedTuple):
    """Rows and columns count from 1. `uncalculated`: cells with a formula and no result."""

    hidden_rows: list[int]
    merged: list[tuple[int, int, int, int]]  # first row, first column, last row, last column
    uncalculated: set[tuple[int, int]]


class SheetPlace(NamedTuple):
    title: str
    path: str
    is_hidden: bool


def sheet_places(archive: zipfile.ZipFile) -> list[SheetPlace]:
    """The worksheets in the workbook's order."""
    with archive.open("xl/_rels/workbook.xml.rels") as part:
        targets = {node.get("Id"): node.get("Target", "") for _, node in iterparse(part) if node.get("Id")}
    with archive.open("xl/workbook.xml") as part:
        sheets = [node for _, node in iterparse(part) if node.tag == f"{MAIN}sheet"]
    places = []
    for node in sheets:
        target = targets.get(node.get(RELATION_ID), "").lstrip("/")
        path = target if target.startswith("xl/") else f"xl/{target}"
        if "worksheets/" in path:
            places.append(SheetPlace(node.get("name", ""), path, node.get("state", "visible") != "visible"))
    return places


def read_marks(archive: zipfile.ZipFile, path: str, max_row: int) -> SheetMarks:
    """Of the rows up to `max_row`."""
    marks = SheetMarks([], [], set())
    with archive.open(path) as part:
        row_number = 0
        for _, node in iterparse(part):
            if node.tag == f"{MAIN}row":
                row_number = int(node.get("r") or row_number + 1)
                if row_number <= max_row:
                    read_row(node, row_number, marks)
                node.clear()
            elif node.tag == f"{MAIN}mergeCell":
                first, _, last = node.get("ref", "").partition(":")
                corners = (*place_of(first), *place_of(last or first))
                if 0 < corners[0] <= max_row and corners[2] > 0:
                    marks.merged.append(corners)
    return marks


def read_row(node, row_number: int, marks: SheetMarks) -> None:  # type: ignore[no-untyped-def]  # an Element
    if node.get("hidden") in ("1", "true"):
        marks.hidden_rows.append(row_number)
    for cell in node:
        formula, value = cell.find(f"{MAIN}f"), cell.find(f"{MAIN}v")
        has_value = (value is not None and value.text not in (None, "")) or cell.find(f"{MAIN}is") is not None
        if formula is not None and not has_value:
            marks.uncalculated.add(place_of(cell.get("r", "")))


def place_of(reference: str) -> tuple[int, int]:
    """(row, column) of B12; (0, 0) for no reference."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        return 0, 0
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column
