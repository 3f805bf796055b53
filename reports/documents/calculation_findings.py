"""Faults and findings of calculations, each with the page on which it is mended. Pure."""

from calculations.validation import BLOCKS


def finding(rule, sentence, url="", place="", severity=BLOCKS):
    return {"rule": rule, "severity": severity, "place": place, "sentence": sentence, "url": url}


def left_out(rows):
    """What could not be counted: a figure without it would be too low, so the report stays a draft."""
    return [finding("ENTERED", f"{row['what']} is left out: {row['why']}.", row["url"]) for row in rows]


def faults(error, places):
    """Of a StructureError."""
    found = [finding("INPUT", f"{fault.place} {fault.sentence}", place=fault.place) for fault in error.faults]
    return [with_address(one, places) for one in found]


def judged(found, places):
    """Findings of the rules, frozen."""
    return [with_address(one.frozen(), places) for one in found]


def with_address(found, places):
    """With the page of the nearest row that `places` knows on the way up from the finding's path."""
    path = found["place"]
    while path and path not in places:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return {**found, "url": places.get(path, "")}
