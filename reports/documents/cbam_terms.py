"""Parts shared by both CBAM reports: summary, operator, installation and the year's answers. Pure."""

from decimal import Decimal

from calculations import cbam
from calculations.cbam import definitive
from calculations.quantities import Figure
from reports.documents import identification
from reports.documents.common_tables import METERED, common_summary, energy_of_all
from reports.documents.items import given, not_applicable

NOT_VERIFIED = "Prepared by the operator; not verified."
NO_SEE = "No specific embedded emissions are stated: what was entered does not suffice to work them out."
DIRECT_ONLY = (
    "goods of Annex II of Regulation (EU) 2023/956 by the industry entered; electricity is recorded, not counted"
)
REGISTERS = "registers of the unit"


def summary_of(inputs, year) -> dict:
    energy = energy_of_all(inputs)
    mwh = None if energy.total_kwh is None else cbam.electricity_mwh(energy.total_kwh)
    recorded = Figure(mwh, "MWh", METERED, inputs["period"]["label"], energy.coverage_pct, decimals=3).frozen()
    return {
        "electricity_recorded_mwh": recorded,
        "see_direct_t_co2e_per_t": see_direct_figure(inputs, year),
        "direct_emissions_t_co2e": direct_emissions_figure(inputs, year),
        "default_share_pct": default_share_figure(inputs, year),
        **common_summary(inputs),
    }


def see_direct_figure(inputs, year):
    """SEE of the good with the highest production; the table lists all goods."""
    label, good = inputs["period"]["label"], main_good(year)
    if good is None or good.see_direct.value is None:
        return Figure(None, "t CO2e/t", "not worked out", label, decimals=5).frozen()
    value = definitive.printed_see(good.see_direct.value)
    source = f"{good.good.name}, CN {good.good.cn_code}; 2025/2547 Annex III A.5"
    found = Figure(value, good.see_direct.unit, source, label, months_covered(year), decimals=5).frozen()
    return {**found, "months": year.months}


def direct_emissions_figure(inputs, year):
    value = definitive.printed_emissions_t(year.result.direct.value) if year.result else None
    source = REGISTERS if year.result else "not worked out"
    found = Figure(value, "t CO2e", source, inputs["period"]["label"], months_covered(year), decimals=0).frozen()
    return {**found, "months": year.months if year.result else ""}


def default_share_figure(inputs, year):
    good = main_good(year)
    share = None if good is None else (good.default_share or Decimal(0)) * 100
    source = good.good.name if good else "not worked out"
    return Figure(share, "% of SEE", source, inputs["period"]["label"], decimals=2).frozen()


def main_good(year):
    made_t_by_code = {row["cn_code"]: row.get("made_t") or Decimal(0) for row in year.case.get("goods", [])}
    return max(year.goods, key=lambda good: made_t_by_code.get(good.good.cn_code, Decimal(0)), default=None)


def months_covered(year):
    """Percentage of the year's months with production entered."""
    return Decimal(year.registers["months"]) * 100 / 12 if year.registers.get("months") else None


def counts_direct_only(inputs) -> bool:
    return inputs["unit"]["industry"] in cbam.RECORDED_NOT_COUNTED


def for_indirect(inputs, *labels) -> list:
    """Entries that apply only where indirect emissions count."""
    if counts_direct_only(inputs):
        return [not_applicable(label, DIRECT_ONLY) for label in labels]
    return list(labels)


def operator(unit) -> list:
    return [
        given("Name", unit["legal_name"] or unit["name"]),
        given("Registration number", unit["registration_number"]),
        given("Full address in English", identification.place_of(unit)),
    ]


def installation(unit, year) -> list:
    particulars = year.registers.get("particulars", {})
    return [
        given("Name", particulars.get("installation") or unit["name"]),
        given("CBAM registry identifier", particulars.get("registry_id")),
        given("UN/LOCODE", particulars.get("locode")),
        given("Full address in English", identification.place_of(unit)),
        given("Coordinates of the main emission source (latitude, longitude)", coordinates(particulars)),
    ]


def coordinates(particulars) -> str | None:
    known = [particulars.get("emission_latitude"), particulars.get("emission_longitude")]
    return ", ".join(known) if all(known) else None


def answer_entry(year, name, label, *more):
    """An answer of the CBAM year (yes/no or text), with its detail fields `more`."""
    value = year.registers.get("answers", {}).get(name)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    extra = [str(detail) for key in more if (detail := year.registers.get("answers", {}).get(key))]
    return given(label, value and "; ".join([str(value), *extra]))


def in_table(label, is_there, where="table of this section"):
    """An entry answered by a table: given only where the table has rows."""
    return given(label, where if is_there else None, REGISTERS)


def status_line(year):
    status = NOT_VERIFIED if year.is_calculated else f"{NOT_VERIFIED} {NO_SEE}"
    return f"{status} A rehearsal: the Regulation applies from 2026." if year.registers.get("is_rehearsal") else status
