"""The figures of an installation in the keys of the worked examples, as Decimals. What was not asked has no key."""

from calculations.cbam import composition, definitive, obligation
from calculations.cbam.heat import EnergyUnit
from calculations.cbam.installation import Emissions, GoodEmissions
from calculations.cbam.obligation import Obligation, value_of


def figures(found: Emissions) -> dict:
    return {
        "direct_emissions_t": found.direct.value,
        "biomass_co2_t": found.biomass.value,
        "fuel_input_tj": found.fuel_input.value,
        "indirect_emissions_t": found.indirect.value,
        "streams": [{"name": entry.stream.name, "t_co2e": entry.fossil.value} for entry in found.streams],
        "goods": [good_figures(entry) for entry in found.goods],
        **more_figures(found),
    }


def good_figures(entry: GoodEmissions) -> dict:
    return {
        "process": entry.good.process,
        "cn_code": entry.good.cn_code,
        "see_direct": entry.process.see_direct.value,
        "see_indirect": entry.process.see_indirect.value,
        "see_total": entry.process.see_total,
        "electricity_mwh_per_t": entry.process.electricity_mwh_per_t.value,
        "default_share": entry.process.default_share,
    }


def more_figures(found: Emissions) -> dict:
    """Energy units, functional units, obligations and CN codes of several processes, where they were entered."""
    installation = found.installation
    parts = {
        "energy_units": [unit_figures(unit) for unit in installation.energy_units],
        "functional_units": functional_units(found),
        "obligations": [obligation_figures(entry) for entry in obligation.obligations(found)],
        "cn_codes": [
            {"cn_code": entry.cn_code, "quantity_t": entry.quantity_t, "see_counted": entry.see_t_per_t}
            for entry in obligation.by_cn_code(found)
        ],
    }
    return {key: value for key, value in parts.items() if value}


def unit_figures(unit: EnergyUnit) -> dict:
    heat, power = getattr(unit, "heat_factor", None), getattr(unit, "electricity_factor", None)
    return {
        "name": unit.name,
        "heat_t_co2_per_tj": value_of(heat),
        "electricity_t_co2_per_mwh": value_of(power),
    }


def functional_units(found: Emissions) -> list[dict]:
    """Goods of processes whose composition is entered: what counts per functional unit, and per tonne of the good."""
    contents = found.installation.contents
    rows = []
    for entry in definitive.counted_goods(found, contents):
        if entry.good.process not in contents:
            continue
        row = {
            "process": entry.good.process,
            "cn_code": entry.good.cn_code,
            "unit": entry.see_direct.unit,
            "see_direct": entry.see_direct.value,
            "see_counted": entry.see,
        }
        if entry.good.content_per_t is not None and entry.see is not None:
            row["see_counted_per_t_of_composition"] = composition.per_tonne(entry.see, entry.good.content_per_t)
        rows.append(row)
    return rows


def obligation_figures(entry: Obligation) -> dict:
    against = entry.against
    return {
        "process": entry.good.process,
        "cn_code": entry.good.cn_code,
        "see_counted": entry.see.value,
        "free_allocation": value_of(entry.free_allocation),
        "left": value_of(entry.left),
        "default_see": value_of(entry.default_see),
        "default_free_allocation": value_of(entry.default_allocation),
        "default_left": value_of(entry.default_left),
        "saving_t_per_t": against and against.saving_t_per_t,
        "saving_t": against and against.saving_t,
        "saving_rs": against and against.saving_rs,
    }
