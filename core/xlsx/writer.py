"""Writes XLSX workbooks as a stream: sheets go straight into the zip, one row after the other. Pure.

Nothing is buffered beyond what `Workbook.take()` has not returned yet, and nothing seeks: the parts that depend on the
number of sheets come last. No wall time goes into the file: the same rows give the same bytes.
"""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, cast
from xml.sax.saxutils import escape, quoteattr

from core.xlsx.cells import row
from core.xlsx.styles import NAMESPACE, XML, Style, StyleTable

COMPRESSION = 1  # the network is seldom faster, and five times as thorough costs three times the processor
MAX_SHEET_NAME = 31  # characters
SHEET_NAME_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PROPERTIES_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
PROPERTIES_NAMESPACES = (
    f'xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


class ZipBuffer:
    """The file object behind the zip; `take()` returns the bytes written since the last call."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        parts, self.parts = self.parts, []
        return b"".join(parts)


class Sheet:
    """An open sheet, to which rows are appended."""

    def __init__(self, part: IO[bytes]) -> None:
        self.part = part

    def append(self, cells: Iterable[str] = ()) -> None:
        """The next row, of cells from `core.xlsx.cells`; an empty one without cells."""
        self.append_xml(row(cells))

    def append_xml(self, rows: bytes) -> None:
        """Rows already written as XML."""
        self.part.write(rows)


class Workbook:
    """A context manager: sheets one at a time, `take()` at any time, and after the block for the closing parts.

    Where the block ends with an error the rest is not written, and no program opens what was sent so far.
    """

    def __init__(self, title: str = "", created_at: datetime | None = None) -> None:
        self.title, self.created_at = title, created_at
        self.styles = StyleTable()
        self.sheet_names: list[str] = []
        self.buffer = ZipBuffer()
        self.archive = zipfile.ZipFile(
            cast(IO[bytes], self.buffer), "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION
        )

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, traceback: Any) -> None:
        if kind is None:
            for name, content in self.closing_parts().items():
                with self.archive.open(name, "w") as part:
                    part.write(content.encode())
        self.archive.close()

    def take(self) -> bytes:
        return self.buffer.take()

    def style(self, style: Style) -> int:
        """The index that cells refer to the style by."""
        return self.styles.index(style)

    @contextmanager
    def sheet(self, name: str, widths: Sequence[float] = (), freeze: tuple[int, int] = (0, 0)) -> Iterator[Sheet]:
        """A new sheet. `widths` of its first columns in characters; `freeze`: rows and columns that stay in view."""
        self.sheet_names.append(unique_sheet_name(name, self.sheet_names))
        with self.archive.open(f"xl/worksheets/sheet{len(self.sheet_names)}.xml", "w") as part:
            part.write(sheet_start(widths, freeze).encode())
            yield Sheet(part)
            part.write(b"</sheetData></worksheet>")

    def closing_parts(self) -> dict[str, str]:
        numbers = range(1, len(self.sheet_names) + 1)
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
            for number, name in zip(numbers, self.sheet_names, strict=True)
        )
        relations = "".join(
            relationship_xml(f"rId{n}", f"{OFFICE}/worksheet", f"worksheets/sheet{n}.xml") for n in numbers
        )
        overrides = "".join(content_type_xml(f"/xl/worksheets/sheet{n}.xml", f"{TYPES}.worksheet+xml") for n in numbers)
        types = (
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f"{content_type_xml('/xl/workbook.xml', f'{TYPES}.sheet.main+xml')}"
            f"{content_type_xml('/xl/styles.xml', f'{TYPES}.styles+xml')}"
            f"{content_type_xml('/docProps/core.xml', PROPERTIES_TYPE)}{overrides}"
        )
        return {
            "xl/workbook.xml": (
                f'{XML}<workbook xmlns="{NAMESPACE}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
            ),
            "xl/_rels/workbook.xml.rels": relationships_xml(
                relations + relationship_xml("rIdStyles", f"{OFFICE}/styles", "styles.xml")
            ),
            "xl/styles.xml": self.styles.xml(),
            "docProps/core.xml": properties_xml(self.title, self.created_at),
            "_rels/.rels": relationships_xml(
                relationship_xml("rId1", f"{OFFICE}/officeDocument", "xl/workbook.xml")
                + relationship_xml("rId2", f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")
            ),
            "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        }


def unique_sheet_name(name: str, taken: Sequence[str]) -> str:
    """Without forbidden characters, at most 31 characters, numbered where it is taken."""
    plain = " ".join(name.translate(SHEET_NAME_FORBIDDEN).split())[:MAX_SHEET_NAME] or "Table"
    lower = {other.lower() for other in taken}
    unique, number = plain, 2
    while unique.lower() in lower:
        suffix = f" {number}"
        unique, number = plain[: MAX_SHEET_NAME - len(suffix)] + suffix, number + 1
    return unique


def sheet_start(widths: Sequence[float], freeze: tuple[int, int]) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{column_width(width)}" customWidth="1"/>'
        for place, width in enumerate(widths, 1)
    )
    columns = columns and f"<cols>{columns}</cols>"
    return f'{XML}<worksheet xmlns="{NAMESPACE}">{pane_xml(*freeze)}{columns}<sheetData>'


def column_width(characters: float) -> float:
    """The stored width of a column that shows so many digits of 7 pixels, with Excel's padding of 5 pixels."""
    return int((characters * 7 + 5) / 7 * 256) / 256


def pane_xml(rows: int, columns: int) -> str:
    if not rows and not columns:
        return ""
    split = (f' xSplit="{columns}"' if columns else "") + (f' ySplit="{rows}"' if rows else "")
    pane = "bottomRight" if rows and columns else "bottomLeft" if rows else "topRight"
    corner = f"{chr(ord('A') + columns)}{rows + 1}"
    return (
        f'<sheetViews><sheetView workbookViewId="0"><pane{split} topLeftCell="{corner}" activePane="{pane}" '
        'state="frozen"/></sheetView></sheetViews>'
    )


def properties_xml(title: str, created_at: datetime | None) -> str:
    created = ""
    if created_at:
        created = f'<dcterms:created xsi:type="dcterms:W3CDTF">{created_at:%Y-%m-%dT%H:%M:%SZ}</dcterms:created>'
    properties = f"<dc:title>{escape(title)}</dc:title>{created}"
    return f"{XML}<cp:coreProperties {PROPERTIES_NAMESPACES}>{properties}</cp:coreProperties>"


def relationships_xml(relations: str) -> str:
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'


def relationship_xml(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>'


def content_type_xml(name: str, content_type: str) -> str:
    return f'<Override PartName="{name}" ContentType="{content_type}"/>'
