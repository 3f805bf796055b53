"""A calendar year of an installation, calculated from the registers; the input of both CBAM reports. Pure."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from calculations import strict_json
from calculations.cbam import definitive
from calculations.cbam import json_input as cbam_file
from calculations.cbam.installation import Emissions, calculate
from calculations.cbam.processes import ProcessCycle
from calculations.trace import ENTERED, given, worked_out
from calculations.validation import WARNS, Case, findings_of
from reports.documents.blocks import months_said
from reports.documents.calculation_findings import fault_findings, finding, frozen_findings, left_out_findings

MONTHS_OF_YEAR = 12
GRID = "cbam.grid.in"
REHEARSAL = (
    "The Regulation applies from 1 January 2026: for this year the report is a rehearsal, with the factors and default "
    "values of 2026."
)
NOTHING_ENTERED = "Processes, products, production and fuels of this year are not entered."


@dataclass(frozen=True)
class CbamReportYear:
    """`result` is None where the calculation failed; `findings` then have the reasons."""

    registers: dict
    case: dict = field(default_factory=dict)
    result: Emissions | None = None
    goods: tuple = ()
    findings: tuple = ()

    @property
    def is_calculated(self) -> bool:
        return self.result is not None

    @property
    def months(self) -> str:
        """ "3 of 12 months" with production; empty for a whole year."""
        return months_said(self.registers.get("months"), MONTHS_OF_YEAR)

    def precursors(self, source=None) -> list:
        """(process, row of the case) of every purchased precursor."""
        return [
            (process["name"], row)
            for process in self.case.get("processes", [])
            for row in process.get("purchased_precursors", [])
            if source in (None, row.get("source"))
        ]

    @property
    def counts_indirect(self) -> bool | None:
        """Whether indirect emissions count for any good; None without goods."""
        return any(good.see_indirect is not None for good in self.goods) if self.goods else None


def year_of(inputs) -> CbamReportYear:
    registers = inputs.get("entered")
    if not registers:
        return CbamReportYear({}, findings=(finding("ENTERED", NOTHING_ENTERED),))
    case = strict_json.parse(registers["case"])
    result, faults = calculate_emissions(registers)
    references = {row["key"]: Decimal(row["value"]) for row in registers["factors"] if row["key"] == GRID}
    rules = findings_of("cbam", Case(case, result, is_report=True, references=references))
    goods = tuple(definitive.counted_goods(result, contents_of(case))) if result else ()
    rehearsal_warning = [finding("PERIOD", REHEARSAL, severity=WARNS)] if registers["is_rehearsal"] else []
    findings = (
        *left_out_findings(registers["left_out"]),
        *faults,
        *frozen_findings(rules, registers["places"]),
        *rehearsal_warning,
    )
    return CbamReportYear(registers, case, result, goods, findings)


def with_sources(stream, sources):
    """The stream with what each of its values is; the mass of a liquid with the step from its volume."""
    derived = stream.derived
    if "volume_kl" in sources:
        volume, density = Decimal(sources["volume_kl"]), Decimal(sources["density_kg_per_l"])
        steps = (
            given("V", "volume", volume, "kL", sources.get("activity_data") or ENTERED),
            given("ρ", "density", density, "kg/L", sources.get("density") or ENTERED),
        )
        clause = "2025/2547 Annex II B.3: activity data as mass"
        mass = worked_out("AD", "activity data", volume * density, stream.unit, "V × ρ", clause, *steps)
        derived = (*derived, ("activity_data", mass))
    return replace(stream, sources=tuple(sources.items()), derived=derived)


def calculate_emissions(registers) -> tuple:
    """(Emissions or None, input faults as findings)"""
    try:
        installation = cbam_file.installation_of(strict_json.parse(registers["file"]))
        streams = tuple(
            with_sources(stream, registers["sources"].get(stream.name, {})) for stream in installation.streams
        )
        return calculate(replace(installation, streams=streams)), []
    except strict_json.StructureError as error:
        return None, fault_findings(error, registers["places"])
    except ProcessCycle as error:
        return None, [finding("INPUT", str(error))]


def contents_of(case) -> dict[str, Decimal]:
    """t clinker or kg N per tonne by process, from the goods' production."""
    made_t, contained = {}, {}
    for good in case.get("goods", []):
        content = good.get("clinker_t") or good.get("nitrogen_kg")
        if content is None or not good.get("made_t"):
            continue
        made_t[good["process"]] = made_t.get(good["process"], Decimal(0)) + good["made_t"]
        contained[good["process"]] = contained.get(good["process"], Decimal(0)) + content
    return {process: contained[process] / made_t[process] for process in made_t}
