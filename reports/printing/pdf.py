"""Renders a report as PDF. The only module that imports WeasyPrint (which takes half a second: tasks only).

Reproducible: dates and identifier in the file come from the row. Nothing is fetched from the network.
"""

import base64
import logging
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from reports.documents import digits_of
from reports.printing import pdf_context

PRINT_FOLDER = Path(settings.BASE_DIR) / "static" / "print"
BASE_URL = "https://print.invalid/"  # never requested: fonts/… and report.css are in static/print, logo is the unit's
log = logging.getLogger(__name__)


class PdfError(ValueError):
    """The document could not be printed."""


@dataclass(frozen=True)
class PrintedPdf:
    content: bytes
    pages: int


def print_report(report) -> PrintedPdf:
    with digits_of(report.report_type):
        html = render_to_string("reports/pdf/document.html", pdf_context.context_of(report))
    return print_html(html, logo_of(report), identifier=identifier_of(report))


def identifier_of(report):
    """The PDF identifier, derived from the report, its state and its figures digest."""
    return f"{report.number}-{report.state}-{report.figures_sha256}".encode()


def logo_of(report) -> tuple | None:
    """(content type, bytes) of the logo frozen in the report, or None."""
    logo = (report.inputs or {}).get("logo")
    return (logo["type"], base64.b64decode(logo["base64"])) if logo else None


def print_html(html, logo, identifier) -> PrintedPdf:
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError

    fonts = FontConfiguration()
    fetcher = fetcher_of(logo)
    try:
        document = HTML(string=html, base_url=BASE_URL, url_fetcher=fetcher).render(
            font_config=fonts, pdf_variant="pdf/ua-1"
        )
        content = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier)
    except FatalURLFetchingError as error:  # a BaseException: it would stop the worker
        raise PdfError(f"A part of the document was not found: {error}") from error
    return PrintedPdf(content, len(document.pages))


def fetcher_of(logo):
    """A URL fetcher limited to static/print/* and the unit's logo: no network, no other files."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class PrintFetcher(URLFetcher):
        def fetch(self, url, headers=None):
            if url == f"{BASE_URL}logo" and logo is not None:
                return URLFetcherResponse(url, logo[1], {"Content-Type": logo[0]})
            return URLFetcherResponse(url, content_of(file_of(url)), {"Content-Type": content_type(url)})

    return PrintFetcher(fail_on_errors=True)


def file_of(url) -> Path:
    """The file in static/print of a URL. Raises PdfError for any other URL."""
    path = (PRINT_FOLDER / url.removeprefix(BASE_URL)).resolve()
    if not url.startswith(BASE_URL) or not path.is_relative_to(PRINT_FOLDER.resolve()) or not path.is_file():
        raise PdfError(f"{url[:100]!r} is no file of static/print")
    return path


def content_of(path: Path) -> bytes:
    return unpacked_font(path) if path.suffix == ".woff2" else path.read_bytes()


@cache
def unpacked_font(path: Path) -> bytes:
    """The decompressed font, cached: WeasyPrint would decompress it per document, longer than the layout takes."""
    from fontTools.ttLib import woff2

    font = BytesIO()
    woff2.decompress(BytesIO(path.read_bytes()), font)
    return font.getvalue()


def content_type(url):
    return {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}.get(
        Path(url).suffix, "application/octet-stream"
    )
