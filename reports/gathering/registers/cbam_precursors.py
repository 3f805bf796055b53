"""Bought precursors of a process: their mass, and their embedded emissions, actual or by default with its mark-up."""

from decimal import Decimal

from calculations.cbam.defaults import printed_default
from registers.factors import lookup
from registers.models import Process
from reports.gathering.registers import calculation_input
from reports.gathering.registers.rows import address, grouped, summed

ZERO = Decimal(0)
SHORT = {"ferro_manganese": "FeMn", "ferro_chromium": "FeCr", "ferro_nickel": "FeNi", "dri": "DRI"}


def purchased(year, place, process):
    uses = [use for use in year.uses if year.belongs_to(use.process) == process.name]
    found = []
    for supply, rows in grouped(uses, lambda use: use.supply).items():
        mass = summed(rows, "mass_t")
        if mass is None:
            year.leave_out(supply.label, "no mass entering a process is entered", address(rows[-1]))
            continue
        if row := precursor(year, supply, mass):
            found.append(row)
            year.places[f"processes[{place}].purchased_precursors[{len(found) - 1}]"] = address(supply)
    return found


def precursor(year, supply, mass_t):
    besides = {
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
        return {**row, "see_direct": ZERO, "source": "measured", calculation_input.BESIDES: besides}
    if supply.basis == "default":
        return on_default(year, supply, row, besides)
    besides["verification"] = {
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
        calculation_input.BESIDES: besides,
    }


def on_default(year, supply, row, besides):
    """The default value of the year with its mark-up; codes that the act leaves out have none."""
    try:
        values = lookup.defaults_on(year.on)
        base = year.factors.take(values.value(supply.cn_code, country=(supply.origin or "other").lower()))
        added = year.factors.take(values.mark_up(supply.cn_code))
    except lookup.NoFactor:
        why = f"it stands on default values, and the act has none for {supply.cn_code}"
        return year.leave_out(supply.label, why, address(supply))
    besides["default"] = {"country": supply.origin, "base": base.value, "mark_up": added.value}
    return {
        **row,
        "see_direct": printed_default(base.value * (1 + added.value)),
        "source": "default",
        calculation_input.BESIDES: besides,
    }


def category_of(key):
    """The Regulation's name of a category of the register."""
    return SHORT.get(key) or dict(Process._meta.get_field("category").flatchoices).get(key, "")
