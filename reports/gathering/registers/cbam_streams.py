"""Source streams of a year (fuels, carbonates, mass-balance carbon), each with its process."""

from decimal import Decimal

from calculations.cbam.streams import COMBUSTION, MASS_BALANCE, PROCESS, SourceStream, emissions_of
from core.dates import format_short_month
from registers import models
from reports.gathering.registers import calculation_input, fuels
from reports.gathering.registers.rows import group_by, row_url, sources_text, sum_known, sum_source

ZERO, ONE, THOUSAND = Decimal(0), Decimal(1), Decimal(1000)


def streams(year):
    """[(row of the case, name of its process or None)]"""
    process_streams = []
    for consumption in fuels.fuel_consumption(year.factory, year.period):
        if row := fuel_stream(year, consumption):
            process_streams.append((row, year.process_name_of(consumption.process)))
            record_url(year, len(process_streams) - 1, row, consumption.url())
    for (material, process), rows in group_by(
        year.rows(models.MaterialUse), lambda row: (row.material, row.process)
    ).items():
        if row := material_stream(year, material, rows):
            process_streams.append((row, year.process_name_of(process)))
            record_url(year, len(process_streams) - 1, row, row_url(rows[-1]))
    return process_streams


def record_url(year, place, row, url) -> None:
    year.places[f"source_streams[{place}]"] = url


def fuel_stream(year, consumption):
    quantity_and_unit, why = fuels.in_tonnes_or_normal_m3(consumption, year.factors)
    label = (
        consumption.fuel.name if consumption.process is None else f"{consumption.fuel.name}, {consumption.process.name}"
    )
    if quantity_and_unit is None:
        return year.leave_out(label, why, consumption.url())
    quantity, unit = quantity_and_unit
    ncv, ncv_from = fuels.calorific_value(consumption, unit, year.factors)
    factor, factor_from = fuels.emission_factor(consumption, year.factors)
    for value, what in ((ncv, "net calorific value"), (factor, "emission factor")):
        if value is None:
            return year.leave_out(label, f"no {what} is entered and the tables have none for it", consumption.url())
    year.sources[label] = {
        "activity_data": sum_source(consumption.rows, "used_process", "used_power"),
        **fuels.volume_facts(consumption, year.factors),
        "net_calorific_value": ncv_from,
        "emission_factor": factor_from,
    }
    return {
        "name": label,
        "method": COMBUSTION,
        "activity_data": quantity,
        "unit": unit,
        "net_calorific_value": ncv,
        "net_calorific_value_unit": f"GJ/{unit}",
        "emission_factor": factor,
        "emission_factor_unit": "tCO2/TJ",
        "oxidation_factor": fuels.share(consumption, "oxidation_percent", ONE),
        "biomass_fraction": fuels.share(consumption, "biomass_percent", ZERO),
        calculation_input.VALIDATION_ONLY: {
            "calorific_basis": "net",
            "biomass_evidence": consumption.fuel.biomass_proof,
        },
    }


def material_stream(year, material, rows):
    """Carbonates by emission factor, carbon in a mass balance by content; other materials emit nothing."""
    if material.carbon_role not in ("carbonate", "balance"):
        return None
    quantity, scale = sum_known(rows, "used"), {"t": ONE, "kg": ONE / THOUSAND}.get(material.unit)
    if quantity is None or scale is None:
        why = "nothing used is entered" if quantity is None else "it is not counted in tonnes"
        return year.leave_out(material.name, why, row_url(rows[-1]))
    name, values = ("factor_t_per_t", PROCESS) if material.carbon_role == "carbonate" else ("carbon_t_per_t", "")
    used = [row for row in rows if row.used]
    known = [row for row in used if getattr(row, name) is not None]
    if not known:
        return year.leave_out(material.name, "its carbon content or emission factor is not entered", row_url(rows[-1]))
    # A blank month counts with the mean of the others: leaving the material out would report nothing for it.
    mean = sum(row.used * getattr(row, name) for row in known) / sum(row.used for row in known)
    year.sources[material.name] = {"activity_data": sources_text(rows)}
    if blank := [format_short_month(row.month) for row in used if getattr(row, name) is None]:
        value = "emission_factor" if values == PROCESS else "carbon_content"
        year.sources[material.name][value] = f"entered; blank in {', '.join(blank)}: the mean of the other months"
    row = {"name": material.name, "activity_data": quantity * scale, "unit": "t"}
    if values == PROCESS:
        return {**row, "method": PROCESS, "emission_factor": mean, "emission_factor_unit": "tCO2/t"}
    return {**row, "method": MASS_BALANCE, "carbon_content": mean, "carbon_content_unit": "tC/t"}


def fossil_t(row) -> Decimal:
    """Fossil t CO2e of a stream."""
    known = {name: value for name, value in calculation_input.as_file(row).items() if not name.endswith("_unit")}
    return emissions_of(SourceStream(**known)).fossil.value
