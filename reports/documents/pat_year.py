"""A unit's financial year worked out from what was entered, beside the year before. Pure."""

from dataclasses import dataclass, field

from calculations import strict_json
from calculations.pat import json_input as pat_file
from calculations.validation import Case, findings_of
from reports.documents import calculation_findings as told

NOTHING_ENTERED = "Electricity bills, fuels and production of this year are not entered."


@dataclass(frozen=True)
class PatReportYear:
    """`found` is None where it cannot be worked out; then `findings` say why."""

    entered: dict
    case: dict = field(default_factory=dict)
    found: pat_file.Performance | None = None
    findings: tuple = ()

    @property
    def is_calculated(self):
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


def years_of(inputs) -> tuple[PatReportYear, PatReportYear]:
    """(the year of the report, the one before)"""
    registers = inputs.get("entered") or {}
    return year_of(registers.get("current"), is_report=True), year_of(registers.get("previous"))


def year_of(registers, is_report=False) -> PatReportYear:
    if not registers or not registers["has_rows"]:
        nothing_entered = told.finding("ENTERED", NOTHING_ENTERED)
        return PatReportYear(registers or {}, findings=(nothing_entered,) if is_report else ())
    case = strict_json.parse(registers["case"])
    result, faults = calculate_performance(registers)
    rules = findings_of("pat", Case(case, result, is_report=is_report))
    ccts_left_out = (registers.get("ccts") or {}).get("left_out", [])
    findings = (
        *told.left_out_findings([*registers["left_out"], *ccts_left_out]),
        *faults,
        *told.frozen_findings(rules, registers["places"]),
    )
    return PatReportYear(registers, case, result, findings)


def calculate_performance(registers):
    """(figures or None, faults as findings). What the trace rests on is named by its source."""
    try:
        return pat_file.work_out(strict_json.parse(registers["file"])), []
    except strict_json.StructureError as error:
        return None, told.fault_findings(error, registers["places"])
