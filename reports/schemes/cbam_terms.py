"""What both CBAM reports share: operator, installation, and what electricity means for the goods. Pure."""

from reports.calculations import cbam
from reports.calculations.quantities import Figure
from reports.schemes import unit
from reports.schemes.items import given, not_applicable
from reports.schemes.tables import METERED, common_summary, energy_of_all

NOT_VERIFIED = "Prepared by the operator; not verified."
NO_SEE = (
    "No specific embedded emissions are stated: source streams, fuels, precursors, goods and activity levels have not "
    "been entered. Electricity measured by devices alone gives none."
)
DIRECT_ONLY = (
    "goods of Annex II of Regulation (EU) 2023/956 by the industry entered; electricity is recorded, not counted"
)


def summary_of(inputs):
    energy = energy_of_all(inputs)
    mwh = None if energy.total_kwh is None else cbam.electricity_mwh(energy.total_kwh)
    recorded = Figure(mwh, "MWh", METERED, inputs["period"]["label"], energy.coverage_pct, decimals=3).frozen()
    return {"electricity_recorded_mwh": recorded, "see_direct_t_co2e_per_t": nothing(inputs), **common_summary(inputs)}


def nothing(inputs):
    return Figure(None, "t CO2e/t", "source streams not entered", inputs["period"]["label"], decimals=5).frozen()


def counts_direct_only(inputs):
    return inputs["unit"]["industry"] in cbam.RECORDED_NOT_COUNTED


def for_indirect(inputs, *labels):
    """Entries that are asked only where indirect emissions count."""
    if counts_direct_only(inputs):
        return [not_applicable(label, DIRECT_ONLY) for label in labels]
    return list(labels)


def operator(about):
    return [
        given("Name", about["legal_name"] or about["name"]),
        given("Registration number", about["registration_number"]),
        given("Full address in English", unit.place_of(about)),
    ]


def installation(about):
    return [
        given("Name", about["name"]),
        "CBAM registry identifier",
        "UN/LOCODE",
        given("Full address in English", unit.place_of(about)),
        unit.coordinates(about),
    ]
