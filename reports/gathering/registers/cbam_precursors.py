"""Purchased precursors of a process: mass and embedded emissions, actual or default with mark-up."""

from decimal import Decimal

from calculations.cbam.defaults import printed_default
from registers.factors import lookup
from registers.models import Process
from reports.gathering.registers import calculation_input
from reports.gathering.registers.rows import group_by, row_url, sum_known

ZERO = Decimal(0)
CATEGORY_ABBREVIATIONS = {"ferro_manganese": "FeMn", "ferro_chromium": "FeCr", "ferro_nickel": "FeNi", "dri": "DRI"}


def purchased_precursors(year, place, process):
    uses = [use for use in year.uses if year.process_name_of(use.process) == process.name]
    precursors = []
    for supply, rows in group_by(uses, lambda use: use.supply).items():
        mass = sum_known(rows, "mass_t")
        if mass is None:
            year.leave_out(supply.label, "no mass entering a process is entered", row_url(rows[-1]))
            continue
        if row := precursor(year, supply, mass):
            precursors.append(row)
            year.places[f"processes[{place}].purchased_precursors[{len(precursors) - 1}]"] = row_url(supply)
    return precursors


def precursor(year, supply, mass_t):
    validation_facts = {
        "cn_code": supply.cn_code,
        "basis": supply.basis,
        "is_exempt_origin": supply.basis == "exempt" or None,
        "supplier": supply.supplier,
        "installation": supply.installation,
        "registry_id": supply.registry_id,
        "country": supply.origin,
        "route": supply.route,
        "period_from": supply.period_from and supply.period_from.isoformat(),
        "period_until": supply.period_until and supply.period_until.isoformat(),
        "is_time_of_production": supply.is_time_of_production,
        "several_installations": supply.get_several_installations_display(),
        "reported_by": supply.get_source_display(),
    }
    row = {"name": supply.label, "mass_t": mass_t, "category": category_of(supply.category)}
    if supply.basis == "exempt":
        return {**row, "see_direct": ZERO, "source": "measured", calculation_input.VALIDATION_ONLY: validation_facts}
    if supply.basis == "default":
        return with_default_value(year, supply, row, validation_facts)
    validation_facts["verification"] = {
        "report": supply.verification_report,
        "verifier": supply.verifier,
        "accreditation_number": supply.accreditation_number,
    }
    return {
        **row,
        "see_direct": supply.see_direct_t_per_t,
        "electricity_mwh_per_t": supply.electricity_mwh_per_t,
        "electricity_emission_factor": supply.electricity_factor_t_per_mwh,
        "source": "measured",
        calculation_input.VALIDATION_ONLY: validation_facts,
    }


def with_default_value(year, supply, row, validation_facts):
    """The default value of the year with its mark-up; None, and left out, for codes not in the act."""
    try:
        values = lookup.default_values_on(year.on)
        base = year.factors.record(values.value(supply.cn_code, country=(supply.origin or "other").lower()))
        mark_up = year.factors.record(values.mark_up(supply.cn_code))
    except lookup.FactorNotFound:
        why = f"it stands on default values, and the act has none for {supply.cn_code}"
        return year.leave_out(supply.label, why, row_url(supply))
    validation_facts["default"] = {"country": supply.origin, "base": base.value, "mark_up": mark_up.value}
    return {
        **row,
        "see_direct": printed_default(base.value * (1 + mark_up.value)),
        "source": "default",
        calculation_input.VALIDATION_ONLY: validation_facts,
    }


def category_of(key):
    """The Regulation's name of a category of the register."""
    return CATEGORY_ABBREVIATIONS.get(key) or dict(Process._meta.get_field("category").flatchoices).get(key, "")
