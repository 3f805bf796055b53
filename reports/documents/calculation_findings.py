"""Input faults and rule findings of calculations, each with the URL of the page to correct it on. Pure."""

from calculations.validation import BLOCKS
from reports.documents.items import days_in_words


def finding(rule, sentence, url="", place="", severity=BLOCKS) -> dict:
    return {"rule": rule, "severity": severity, "place": place, "sentence": days_in_words(sentence), "url": url}


def left_out_findings(rows) -> list:
    """Rows left out of the calculation: blocking, as the total is too low without them."""
    return [finding("ENTERED", f"{row['what']} is left out: {row['why']}.", row["url"]) for row in rows]


def fault_findings(error, places) -> list:
    """The faults of a StructureError as findings."""
    findings = [finding("INPUT", f"{fault.place} {fault.sentence}", place=fault.place) for fault in error.faults]
    return [with_url(finding_row, places) for finding_row in findings]


def frozen_findings(findings, places) -> list:
    """Findings of the validation rules, in frozen form."""
    return [with_url(finding_row.frozen(), places) for finding_row in findings]


def with_url(finding_row, places) -> dict:
    """Add the URL that `places` has for the finding's path or its nearest ancestor."""
    path = finding_row["place"]
    while path and path not in places:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return {**finding_row, "sentence": days_in_words(finding_row["sentence"]), "url": places.get(path, "")}
