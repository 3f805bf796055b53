"""The printed documents: every one readable, tagged, honest, and the same bytes from the same row."""

import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import pypdf
import pytest
from django.template.loader import render_to_string
from django.utils import translation
from openpyxl import load_workbook
from PIL import Image

from alerts.models import Alert
from calculations import periods, spcb
from reports.issuing import lifecycle
from reports.models import Report
from reports.printing import pdf, pdf_context, xlsx_annex
from reports.tests.cast import MONDAY, create_week_of_power

PERIODS = {
    "weekly": (date(2025, 1, 6), date(2025, 1, 12)),
    "monthly": (date(2025, 1, 1), date(2025, 1, 31)),
    "spcb": (date(2025, 1, 1), date(2025, 1, 31)),
    "form_v": (date(2024, 4, 1), date(2025, 3, 31)),
    "pat": (date(2024, 4, 1), date(2025, 3, 31)),
    "cbam_summary": (date(2025, 1, 1), date(2025, 12, 31)),
    "cbam_full": (date(2025, 1, 1), date(2025, 12, 31)),
}


@dataclass
class Copy:
    """A printed document as its reader has it."""

    number: str
    figures: dict
    figures_sha256: str
    content: bytes

    @cached_property
    def reader(self):
        return pypdf.PdfReader(io.BytesIO(self.content))

    @cached_property
    def pages(self):
        return [" ".join(page.extract_text().split()) for page in self.reader.pages]

    @property
    def text(self):
        return " ".join(self.pages)


COPIES = {}  # printing takes seconds: one of each kind serves all who only read


@pytest.fixture
def made(steel_forge, device, vik, now):
    """`made("pat")`: that report of a factory with a week of readings and an alert."""
    create_week_of_power(device, now)
    at = MONDAY + timedelta(hours=9)
    Alert.objects.create(
        factory=steel_forge, device=device, alert_type="gas_index", severity="warning", title="Gas index above 400",
        message="", metric_value=410, peak_value=455, threshold_value=400, triggered_at=at,
        resolved_at=at + timedelta(hours=1), acknowledged_at=at, acknowledged_by=vik,
    )  # fmt: skip
    later = now + timedelta(days=400)

    def make(report_type):
        report, _ = lifecycle.request_report(steel_forge, report_type, *PERIODS[report_type], by=None, now=later)
        lifecycle.run(report, later)
        assert report.status == "ready", report.error
        return report

    return make


def copy_of(report):
    content = bytes(lifecycle.newest_document(report).pdf)
    return Copy(report.number, report.figures, report.figures_sha256, content)


@pytest.fixture
def printed(request):
    """`printed("pat")`: a copy of that document, printed once for all tests."""

    def read(report_type):
        if report_type not in COPIES:
            COPIES[report_type] = copy_of(request.getfixturevalue("made")(report_type))
        return COPIES[report_type]

    return read


# Where these words may stand: in statements that nothing has been verified, and in the act's own item names.
ALLOWED = ["not verified", "uncertified"]
FORBIDDEN = re.compile(r"\b(compliant|exceedances?|verified|certified)\b", re.IGNORECASE)


@pytest.mark.parametrize("report_type", sorted(periods.KINDS))
def test_every_document_is_tagged_bookmarked_and_honest(printed, report_type):
    document = printed(report_type)
    root = document.reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-IN"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert len(document.reader.outline) >= 1
    assert all(len(page) > 150 for page in document.pages), "an almost empty page"
    for number, page in enumerate(document.pages, 1):
        assert f"Page {number} of {len(document.pages)}" in page
        assert "DRAFT" in page
    assert "not provided" in document.text
    assert document.number in document.text and document.figures_sha256 in document.text.replace(" ", "")
    without = document.text
    for statement in ALLOWED:
        without = re.sub(re.escape(statement), "", without, flags=re.IGNORECASE)
    assert FORBIDDEN.findall(without) == []


@pytest.mark.parametrize(
    ("report_type", "last"), [("weekly", spcb.NO_STATEMENT), ("spcb", spcb.RESTS_ON.format(section="7"))]
)
def test_the_gas_index_carries_its_disclosure_and_no_limit(printed, report_type, last):
    text = printed(report_type).text
    assert spcb.GAS_DISCLOSURE in text and last in text
    assert "mg/Nm" not in text.replace(spcb.GAS_DISCLOSURE, "")


def test_open_items_are_counted(printed):
    document = printed("cbam_full")
    counted = document.figures["open"]
    assert counted["items"] == 35
    assert f"{counted['not_provided']} of 35 items not provided" in document.pages[0]


def test_the_cbam_summary_holds_its_16_items_and_no_quantity(printed):
    document = printed("cbam_summary")
    assert document.figures["open"]["items"] == 16
    assert all(re.search(rf"\bS{number} ", document.text) for number in range(1, 17))
    assert not re.search(r"5,208|5\.208|kWh", document.text)
    assert "electricity is recorded, not counted" in document.text


def test_the_pat_format_statement_says_it_is_voluntary(printed):
    document = printed("pat")
    assert "voluntary; not a statutory filing" in document.pages[0]
    assert "0.448" in document.text  # 5,208 kWh × 860 ÷ 10⁷ toe


def test_form_v_has_its_nine_parts(printed):
    text = printed("form_v").text
    assert "financial year ending the 31st March 2025" in text
    for part in ["A (i)", "B (i)", "C (a)", "D (a)", "E (a)", "F Comp", "G Cons", "H Invest", "I Improv"]:
        assert part in text, part


def test_the_week_shows_energy_hours_alerts_and_data_quality(printed):
    text = printed("weekly").text
    for words in ["5,208.0", "84 h 00 min", "Gas index above 400", "Vik Patil", "2,016", "ESP32-SF-001", "6 kW (10 %"]:
        assert words in text, words


def test_the_same_row_gives_the_same_bytes_and_final_takes_draft_away(made, asha):
    report = made("weekly")
    content = bytes(report.documents.get().pdf)
    assert pdf.print_report(Report.objects.get(pk=report.pk)).content == content
    report = lifecycle.finalise(report, by=asha, now=report.generated_at)
    lifecycle.run(report, report.generated_at)
    final = copy_of(report)
    assert "DRAFT" not in final.text
    assert "FINAL" in final.text and "Asha Kulkarni, " in final.text


def test_a_correction_names_what_it_replaces_and_prints_the_factorys_words_and_logo(made, asha, steel_forge):
    report = made("weekly")
    picture = io.BytesIO()
    Image.new("RGB", (60, 30), "#0b5cad").save(picture, "PNG")
    steel_forge.logo, steel_forge.logo_type = picture.getvalue(), "image/png"
    steel_forge.legal_name = "Patil & Söhne <b>Steel</b> {{ x }} ₹ पुणे"
    steel_forge.address = "<img src='https://example.com/x.png'>"
    steel_forge.save()
    correction = lifecycle.replace(report, by=asha, reason="A buffer arrived late", now=report.generated_at)
    lifecycle.run(correction, report.generated_at)
    document = copy_of(correction)
    assert f"{report.number}: A buffer arrived late" in document.pages[0]
    assert "Patil & Söhne <b>Steel</b> {{ x }} ₹" in document.pages[0]
    assert len(document.reader.pages[0].images) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/x.png",
        "http://127.0.0.1:1/x.png",
        "file:///etc/passwd",
        "https://print.invalid/../settings.py",
        "https://print.invalid//etc/passwd",
        "https://print.invalid/logo",
        "data:image/png;base64,AAAA",
    ],
)
def test_nothing_is_fetched_from_outside(address):
    with pytest.raises(pdf.PdfError):
        pdf.print_html(f"<html lang=en><title>x</title><img src='{address}' alt=x>", None, identifier=b"x")


@pytest.mark.parametrize("report_type", sorted(periods.KINDS))
def test_every_annexure_holds_what_the_devices_measured_as_numbers(made, monkeypatch, report_type):
    monkeypatch.setattr(pdf, "print_report", lambda report: pdf.PrintedPdf(b"%PDF-", 1))
    report = made(report_type)
    book = load_workbook(io.BytesIO(xlsx_annex.write(report)))
    energy = report.figures["tables"]["energy"]["total"]
    printed = [sheet for sheet in book if "Electricity by m" in sheet.title]
    assert all(sheet["D5"].value == pytest.approx(float(energy["total_kwh"])) for sheet in printed)
    named = [block for part in report.figures["sections"] for block in part["blocks"] if isinstance(block, str)]
    assert bool(printed) == ("energy" in named)


def test_the_annexure_of_a_week_says_when_an_alert_was_answered(made, monkeypatch):
    monkeypatch.setattr(pdf, "print_report", lambda report: pdf.PrintedPdf(b"%PDF-", 1))
    book = load_workbook(io.BytesIO(xlsx_annex.write(made("weekly"))))
    alerts = next(sheet for sheet in book if "Process alerts" in sheet.title)
    told = [cell.value for cell in alerts[4]]
    assert told[0] == "2025-01-06 09:00:00" and told[2] == 60 and told[6:8] == [455, 400] and "Vik Patil" in told
    quality = next(sheet for sheet in book if "Data quality" in sheet.title)
    assert quality["C4"].value == 2016


WORDS_OF_ITS_OWN = re.compile(r"<(h1|h2|h3|caption|th scope=\"col\"[^>]*)>(.*?)</", re.DOTALL)


@pytest.mark.parametrize("report_type", sorted(periods.KINDS))
def test_every_heading_can_be_printed_in_another_language(made, monkeypatch, report_type):
    monkeypatch.setattr(pdf, "print_report", lambda report: pdf.PrintedPdf(b"%PDF-", 1))
    report = made(report_type)
    monkeypatch.setattr(translation._trans, "gettext", lambda words: f"‹{words}›" if words else "")
    html = render_to_string("reports/pdf/document.html", pdf_context.context_of(report))
    headings = [re.sub(r"<span.*", "", words) for _tag, words in WORDS_OF_ITS_OWN.findall(html)]
    assert len(headings) > 20
    assert [words for words in headings if re.search("[a-z]{3}", words) and "‹" not in words] == []
