"""Document builders, one per report type: frozen inputs → frozen figures, section by section. Pure."""

from contextlib import nullcontext

from core.number_format import grouped_by_thousands
from reports.documents import cbam_full, cbam_summary, form_v, operations, pat, spcb
from reports.documents.common_tables import tables_of
from reports.documents.doubtful_steps import doubtful_findings
from reports.documents.items import count_items

DOCUMENT_BUILDERS = {
    "weekly": operations.weekly,
    "monthly": operations.monthly,
    "spcb": spcb.document,
    "form_v": form_v.document,
    "pat": pat.document,
    "cbam_summary": cbam_summary.document,
    "cbam_full": cbam_full.document,
}


UNION_DOCUMENTS = ("cbam_summary", "cbam_full")  # their readers are in the Union: 335,570.8, not 3,35,570.8


def digits_of(report_type):
    """The context manager in which a document of this type is made and printed."""
    return grouped_by_thousands() if report_type in UNION_DOCUMENTS else nullcontext()


def figures_of(report_type, inputs) -> dict:
    """The frozen figures of a report: title, result, sections with items, tables, and the number of open items."""
    with digits_of(report_type):
        return made(report_type, inputs)


def made(report_type, inputs) -> dict:
    tables = tables_of(inputs)
    document = {"findings": [], **DOCUMENT_BUILDERS[report_type](inputs, tables)}
    document["findings"] = [*document["findings"], *doubtful_findings(inputs["machines"])]
    return {**document, "tables": tables, "open": count_items(document["sections"] if document["counts_items"] else [])}
