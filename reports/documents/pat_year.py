"""A unit's financial year worked out from what was entered, beside the year before. Pure."""

from dataclasses import dataclass, field

from calculations import strict_json
from calculations.pat import json_input as pat_file
from calculations.validation import Case, findings_of
from reports.documents import calculation_findings as told

NOTHING_ENTERED = "Electricity bills, fuels and production of this year are not entered."


@dataclass(frozen=True)
class Year:
    """`found` is None where it cannot be worked out; then `findings` say why."""

    entered: dict
    case: dict = field(default_factory=dict)
    found: pat_file.Performance | None = None
    findings: tuple = ()

    @property
    def is_worked_out(self):
        return self.found is not None

    @property
    def sec(self):
        return self.found.specific.total_toe_per_t if self.found else None

    @property
    def statement(self):
        return self.entered.get("statement", {})

    @property
    def particulars(self):
        return self.entered.get("particulars", {})

    @property
    def is_registered(self):
        return bool(self.particulars.get("consumer_registration") or self.particulars.get("obligated_registration"))


def years_of(inputs) -> tuple[Year, Year]:
    """(the year of the report, the one before)"""
    entered = inputs.get("entered") or {}
    return year_of(entered.get("current"), is_report=True), year_of(entered.get("previous"))


def year_of(entered, is_report=False) -> Year:
    if not entered or not entered["has_rows"]:
        nothing = told.finding("ENTERED", NOTHING_ENTERED)
        return Year(entered or {}, findings=(nothing,) if is_report else ())
    case = strict_json.parse(entered["case"])
    found, faults = work_out(entered)
    rules = findings_of("pat", Case(case, found, is_report=is_report))
    uncounted = (entered.get("ccts") or {}).get("left_out", [])
    findings = (*told.left_out([*entered["left_out"], *uncounted]), *faults, *told.judged(rules, entered["places"]))
    return Year(entered, case, found, findings)


def work_out(entered):
    """(figures or None, faults as findings). What the trace rests on is named by its source."""
    try:
        return pat_file.work_out(strict_json.parse(entered["file"])), []
    except strict_json.StructureError as error:
        return None, told.faults(error, entered["places"])
