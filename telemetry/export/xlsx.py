"""An XLSX workbook written as it is sent: rows go straight into the zip, which nobody has to hold or seek in. Pure.

Libraries write the sheets to a temporary file first, and the client waits for minutes with nothing to see; the parts
that must know how many sheets there are can come last.
"""

import zipfile
from xml.sax.saxutils import escape

SHEET_ROWS = 1_048_576  # Excel's own limit, head included
SHEET_BYTES = 1 << 30  # beyond twice that a zip needs an extension that not every reader knows
COMPRESSION = 1  # the network is seldom faster, and five times as thorough costs three times the processor
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'{XML}<styleSheet xmlns="{NAMESPACE}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1">'
    "<border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class ZipBuffer:
    """What the zip writes to; `taken()` is what has come since."""

    def __init__(self):
        self.parts = []

    def write(self, data):
        self.parts.append(bytes(data))
        return len(data)

    def flush(self):
        pass

    def taken(self) -> bytes:
        parts, self.parts = self.parts, []
        return b"".join(parts)


def stream_workbook(header, pages, widths, title):
    """Bytes of a workbook. `head`: texts of each sheet's first row; style 1 of a cell is a moment.

    `pages` is a generator of (rows as XML, their number) that is sent how many rows the next page may have at most.
    """
    buffer, number, page = ZipBuffer(), 0, (b"", 0)
    next(pages)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        while page is not None:
            number += 1
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as sheet:
                page = yield from stream_sheet(sheet, buffer, header, page, pages, widths)
        for name, content in workbook_parts(title, number).items():
            archive.writestr(name, content)
    yield buffer.taken()


def stream_sheet(sheet, buffer, header, page, pages, widths):
    """Write one sheet that begins with `page`, giving its bytes away → the page that did not fit, or None."""
    sheet.write(sheet_start(header, widths))
    yield buffer.taken()
    rows_left, size = SHEET_ROWS - 1, 0
    while page is not None and rows_left and size < SHEET_BYTES:
        rows, count = page
        sheet.write(rows)
        rows_left, size = rows_left - count, size + len(rows)
        yield buffer.taken()
        page = next_page(pages, rows_left or SHEET_ROWS - 1)
    sheet.write(b"</sheetData></worksheet>")
    return page


def next_page(pages, max_rows):
    try:
        return pages.send(max_rows)
    except StopIteration:
        return None


def sheet_start(header, widths) -> bytes:
    cells = "".join(f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>' for text in header)
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>' for place, width in enumerate(widths, 1)
    )
    return (f'{XML}<worksheet xmlns="{NAMESPACE}"><cols>{columns}</cols><sheetData><row>{cells}</row>').encode()


def workbook_parts(title, count) -> dict[str, str]:
    """The parts around the sheets, by name."""
    numbers = range(1, count + 1)
    sheets = "".join(f'<sheet name="{escape(title)} {n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    relations = "".join(relationship_xml(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers)
    overrides = "".join(content_type_xml(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in numbers)
    types = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f"{content_type_xml('/xl/workbook.xml', 'sheet.main')}{content_type_xml('/xl/styles.xml', 'styles')}{overrides}"
    )
    return {
        "xl/workbook.xml": (
            f'{XML}<workbook xmlns="{NAMESPACE}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": relationships_xml(
            relations + relationship_xml("rIdStyles", "styles", "styles.xml")
        ),
        "xl/styles.xml": STYLES,
        "_rels/.rels": relationships_xml(relationship_xml("rId1", "officeDocument", "xl/workbook.xml")),
        "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
    }


def relationships_xml(relations):
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'


def relationship_xml(name, kind, target):
    return f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def content_type_xml(name, kind):
    return f'<Override PartName="{name}" ContentType="{TYPES}.{kind}+xml"/>'
