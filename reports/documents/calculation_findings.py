"""Faults and findings of calculations, each with the page on which it is mended. Pure."""

from calculations.validation import BLOCKS


def finding(rule, sentence, url="", place="", severity=BLOCKS):
    return {"rule": rule, "severity": severity, "place": place, "sentence": sentence, "url": url}


def left_out_findings(rows):
    """What could not be counted: a figure without it would be too low, so the report stays a draft."""
    return [finding("ENTERED", f"{row['what']} is left out: {row['why']}.", row["url"]) for row in rows]


def fault_findings(error, places):
    """Of a StructureError."""
    findings = [finding("INPUT", f"{fault.place} {fault.sentence}", place=fault.place) for fault in error.faults]
    return [with_url(finding_row, places) for finding_row in findings]


def frozen_findings(findings, places):
    """Findings of the rules, frozen."""
    return [with_url(finding_row.frozen(), places) for finding_row in findings]


def with_url(finding_row, places):
    """With the page of the nearest row that `places` knows on the way up from the finding's path."""
    path = finding_row["place"]
    while path and path not in places:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return {**finding_row, "url": places.get(path, "")}
