"""Document builders, one per report type: frozen inputs → frozen figures, section by section. Pure."""

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


def figures_of(report_type, inputs) -> dict:
    """The frozen figures of a report: title, result, sections with items, tables, and the number of open items."""
    tables = tables_of(inputs)
    document = {"findings": [], **DOCUMENT_BUILDERS[report_type](inputs, tables)}
    document["findings"] = [*document["findings"], *doubtful_findings(inputs["machines"])]
    return {**document, "tables": tables, "open": count_items(document["sections"] if document["counts_items"] else [])}
