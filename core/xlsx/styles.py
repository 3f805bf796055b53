"""Cell styles, and the styles part of a workbook. Pure."""

from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FIRST_NUMBER_FORMAT = 164  # below are the built-in ones
FILLS = (
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
)
NO_BORDER = "<border><left/><right/><top/><bottom/><diagonal/></border>"
BOTTOM_BORDER = '<border><left/><right/><top/><bottom style="thin"><color auto="1"/></bottom><diagonal/></border>'
BASE_FORMATS = '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
NAMED_STYLES = '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'


@dataclass(frozen=True)
class Style:
    """How a cell is shown. `is_heading`: text wrapped and aligned to the top, a thin line below."""

    number_format: str = ""
    is_bold: bool = False
    is_italic: bool = False
    font_size: int = 11
    is_heading: bool = False


DEFAULT, MOMENT = Style(), Style(number_format=r"yyyy\-mm\-dd\ hh:mm:ss")
MOMENT_INDEX = 1  # in every workbook, for rows that PostgreSQL writes


@dataclass
class StyleTable:
    """The distinct styles of a workbook; a cell refers to one by its index."""

    styles: list[Style] = field(default_factory=lambda: [DEFAULT, MOMENT])

    def index(self, style: Style) -> int:
        if style not in self.styles:
            self.styles.append(style)
        return self.styles.index(style)

    def xml(self) -> str:
        formats = list(dict.fromkeys(style.number_format for style in self.styles if style.number_format))
        fonts = list(dict.fromkeys(map(font_xml, self.styles)))
        cell_formats = [
            cell_format_xml(style, number_format_id(style, formats), fonts.index(font_xml(style)))
            for style in self.styles
        ]
        number_formats = [
            f"<numFmt numFmtId={quoteattr(str(FIRST_NUMBER_FORMAT + place))} formatCode={quoteattr(code)}/>"
            for place, code in enumerate(formats)
        ]
        return (
            f'{XML}<styleSheet xmlns="{NAMESPACE}">{counted("numFmts", number_formats)}{counted("fonts", fonts)}{FILLS}'
            f"{counted('borders', [NO_BORDER, BOTTOM_BORDER])}{BASE_FORMATS}{counted('cellXfs', cell_formats)}"
            f"{NAMED_STYLES}</styleSheet>"
        )


def counted(tag: str, elements: list[str]) -> str:
    return f'<{tag} count="{len(elements)}">{"".join(elements)}</{tag}>'


def number_format_id(style: Style, formats: list[str]) -> int:
    return FIRST_NUMBER_FORMAT + formats.index(style.number_format) if style.number_format else 0


def font_xml(style: Style) -> str:
    marks = ("<b/>" if style.is_bold else "") + ("<i/>" if style.is_italic else "")
    return f'<font>{marks}<sz val="{style.font_size}"/><name val="Calibri"/></font>'


def cell_format_xml(style: Style, format_id: int, font_id: int) -> str:
    attributes = f'numFmtId="{format_id}" fontId="{font_id}" fillId="0" borderId="{int(style.is_heading)}" xfId="0"'
    if format_id:
        attributes += ' applyNumberFormat="1"'
    if font_id:
        attributes += ' applyFont="1"'
    if not style.is_heading:
        return f"<xf {attributes}/>"
    return f'<xf {attributes} applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
