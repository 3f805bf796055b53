"""Verification: finds the report of a printed or computed digest."""

import re

from reports.models import Document, Report


def find_report(sha256) -> dict | None:
    """The public facts of the report with this digest (of a document or of frozen figures), or None."""
    if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        return None
    sha256 = sha256.lower()
    document = Document.objects.defer("pdf").select_related("report__factory").filter(sha256=sha256).first()
    if document is not None:
        return report_facts(document.report, sha256, "document", "final" if document.is_final else "draft")
    report = Report.objects.select_related("factory").filter(figures_sha256=sha256).first()
    if report is not None:
        return report_facts(report, sha256, "figures", "final" if report.is_final else "draft")
    return None


def report_facts(report, sha256, digest_of, document_state) -> dict:
    unit = report.inputs["unit"]
    successor = Report.objects.filter(replaces=report).first()
    return {
        "sha256": sha256,
        "digest_of": digest_of,
        "number": report.number,
        "report_type": report.report_type,
        "title": report.figures["title"],
        "unit": unit["legal_name"] or unit["name"],
        "report_period_start": report.period_start,
        "report_period_end": report.period_end,
        "document_state": document_state,
        "report_state": report.state,
        "generated_at": report.generated_at,
        "finalised_at": report.finalised_at,
        "replaced_by": successor.number if successor else None,
    }
