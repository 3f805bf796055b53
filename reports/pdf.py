"""Prints a report's row as PDF. The only module that knows WeasyPrint (importing it costs half a second: tasks only).

The same row gives the same bytes: dates and identifier in the file come from the row. Nothing is fetched from outside.
"""

import base64
import logging
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from reports import pages

PRINT_FOLDER = Path(settings.BASE_DIR) / "static" / "print"
PLACE = "https://print.invalid/"  # never asked: fonts/… and report.css are files of static/print, logo is the unit's
log = logging.getLogger(__name__)


class PdfError(ValueError):
    """The document could not be printed."""


@dataclass(frozen=True)
class Printed:
    content: bytes
    pages: int


def print_report(report) -> Printed:
    html = render_to_string("reports/pdf/document.html", pages.context_of(report))
    return print_html(html, logo_of(report), identifier=identifier_of(report))


def identifier_of(report):
    """The PDF's own id: from the report, its state and its figures, never from the clock."""
    return f"{report.number}-{report.state}-{report.figures_sha256}".encode()


def logo_of(report):
    """(content type, bytes) of the logo frozen in the report, or None."""
    logo = (report.inputs or {}).get("logo")
    return (logo["type"], base64.b64decode(logo["base64"])) if logo else None


def print_html(html, logo, identifier) -> Printed:
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError

    fonts = FontConfiguration()
    fetcher = fetcher_of(logo)
    try:
        document = HTML(string=html, base_url=PLACE, url_fetcher=fetcher).render(
            font_config=fonts, pdf_variant="pdf/ua-1"
        )
        content = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier)
    except FatalURLFetchingError as error:  # a BaseException: it would stop the worker
        raise PdfError(f"A part of the document was not found: {error}") from error
    return Printed(content, len(document.pages))


def fetcher_of(logo):
    """Serves static/print/* and the unit's logo, and nothing else: no network, no other file."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class PrintFetcher(URLFetcher):
        def fetch(self, url, headers=None):
            if url == f"{PLACE}logo" and logo is not None:
                return URLFetcherResponse(url, logo[1], {"Content-Type": logo[0]})
            return URLFetcherResponse(url, content_of(file_of(url)), {"Content-Type": content_type(url)})

    return PrintFetcher(fail_on_errors=True)


def file_of(url) -> Path:
    """The file of static/print an address means; PdfError for any other address."""
    path = (PRINT_FOLDER / url.removeprefix(PLACE)).resolve()
    if not url.startswith(PLACE) or not path.is_relative_to(PRINT_FOLDER.resolve()) or not path.is_file():
        raise PdfError(f"{url[:100]!r} is no file of static/print")
    return path


def content_of(path: Path) -> bytes:
    return unpacked_font(path) if path.suffix == ".woff2" else path.read_bytes()


@cache
def unpacked_font(path: Path) -> bytes:
    """As WeasyPrint would unpack it for every document anew: that takes longer than setting the pages."""
    from fontTools.ttLib import woff2

    font = BytesIO()
    woff2.decompress(BytesIO(path.read_bytes()), font)
    return font.getvalue()


def content_type(url):
    return {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}.get(
        Path(url).suffix, "application/octet-stream"
    )
