"""A financial year of a unit, calculated from the registers, with the year before. Pure."""

from dataclasses import dataclass, field, replace

from calculations import strict_json
from calculations.pat import json_input as pat_file
from calculations.trace import ENTERED
from calculations.validation import Case, findings_of
from reports.documents import calculation_findings
from reports.documents.blocks import months_said

MONTHS_OF_YEAR = 12
NOTHING_ENTERED = "Electricity bills, fuels and production of this year are not entered."


@dataclass(frozen=True)
class PatReportYear:
    """`result` is None where the calculation failed; `findings` then have the reasons."""

    registers: dict
    case: dict = field(default_factory=dict)
    result: pat_file.Performance | None = None
    findings: tuple = ()

    @property
    def is_calculated(self) -> bool:
        return self.result is not None

    @property
    def sec(self):
        return self.result.specific.total_toe_per_t if self.result else None

    @property
    def months_entered(self) -> int:
        """Months with production and, where there are bills, with a bill: the fewer of the two."""
        counts = [self.registers.get("months", 0)]
        if self.registers.get("bills"):
            counts.append(self.registers.get("bill_months", 0))
        return min(counts)

    @property
    def months(self) -> str:
        """ "3 of 12 months"; empty for a whole year."""
        return months_said(self.months_entered, MONTHS_OF_YEAR)

    @property
    def operating_months(self) -> str:
        return months_said(self.registers.get("operating_months"), MONTHS_OF_YEAR)

    @property
    def is_whole(self) -> bool:
        return not self.months

    @property
    def statement(self):
        return self.registers.get("statement", {})

    @property
    def particulars(self):
        return self.registers.get("particulars", {})

    @property
    def is_registered(self) -> bool:
        return bool(self.particulars.get("consumer_registration") or self.particulars.get("obligated_registration"))


def years_of(inputs) -> tuple[PatReportYear, PatReportYear]:
    """(the year of the report, the one before)"""
    registers = inputs.get("entered") or {}
    return year_of(registers.get("current"), is_report=True), year_of(registers.get("previous"))


def year_of(registers, is_report=False) -> PatReportYear:
    if not registers or not registers["has_rows"]:
        nothing_entered = calculation_findings.finding("ENTERED", NOTHING_ENTERED)
        return PatReportYear(registers or {}, findings=(nothing_entered,) if is_report else ())
    case = strict_json.parse(registers["case"])
    result, faults = calculate_performance(registers)
    rules = findings_of("pat", Case(case, result, is_report=is_report))
    ccts_left_out = (registers.get("ccts") or {}).get("left_out", [])
    findings = (
        *calculation_findings.left_out_findings([*registers["left_out"], *ccts_left_out]),
        *faults,
        *calculation_findings.frozen_findings(rules, registers["places"]),
    )
    return PatReportYear(registers, case, result, findings)


def with_sources(unit, sources):
    """The unit with what each of its values is: an invoice, a meter's, of a table, a sum of months."""
    fuels = tuple(
        replace(
            fuel,
            quantity_source=its.get("quantity") or ENTERED,
            source=its.get("gcv") or ENTERED,
            density_source=its.get("density") or ENTERED,
        )
        for fuel in unit.fuels
        for its in [sources.get(fuel.name, {})]
    )
    electricity = replace(unit.electricity, sources=tuple(sources.get("electricity", {}).items()))
    made = {sources.get(product.name, {}).get("quantity") for product in unit.products}
    return replace(
        unit, fuels=fuels, electricity=electricity, production_source=", ".join(sorted(filter(None, made))) or ENTERED
    )


def calculate_performance(registers) -> tuple:
    """(Performance or None, input faults as findings)"""
    try:
        unit = pat_file.unit_of(strict_json.parse(registers["file"]))
        return pat_file.calculate(with_sources(unit, registers["sources"])), []
    except strict_json.StructureError as error:
        return None, calculation_findings.fault_findings(error, registers["places"])
