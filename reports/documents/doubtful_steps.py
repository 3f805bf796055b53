"""Doubtful steps of counters in a report: what is left out of its electricity until a person decides. Pure."""

from calculations.validation import WARNS
from core.number_format import indian
from reports.documents.calculation_findings import finding

RULE = "DOUBT"


def doubtful_findings(machines) -> list:
    """A warning per machine with open steps in the period, with the page on which they are decided."""
    return [
        finding(RULE, sentence_of(machine), f"/dashboard/machines/{machine['id']}/doubts/", severity=WARNS)
        for machine in machines
        if machine.get("doubtful")
    ]


def doubtful_sentences(machines) -> list:
    return [sentence_of(machine) for machine in machines if machine.get("doubtful")]


def sentence_of(machine) -> str:
    """Inputs that were frozen by an earlier release have no doubts."""
    doubtful = machine["doubtful"]
    return (
        f"{machine['label']}: doubtful steps of its counters are left out: {doubtful['steps']}, "
        f"of {indian(doubtful['kwh'], 1)} kWh in {indian(doubtful['hours'], 1)} h, more than could have flowed."
    )
