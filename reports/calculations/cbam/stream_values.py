"""Values of a source stream that follow from other measurements: stocks, carbon content, ash, a clinker balance.

Implementing Regulation (EU) 2025/2547, Annex II B.3 (factors), B.4.1(b) (stocks) and B.9.2 (clinker and its dust).
Each gives the step of the value it stands for: AD, EF, CC or OF.
"""

from dataclasses import dataclass
from decimal import Decimal

from reports.calculations.cbam.streams import GJ_PER_TJ, T_CO2_PER_T_C
from reports.calculations.trace import Step, given, worked_out

STOCKS = "2025/2547 Annex II B.4.1(b)"
EQ_7 = "2025/2547 Annex II B.3.1.1, Eq 7"
EQ_8 = "2025/2547 Annex II B.3.1.1, Eq 8"
EQ_9 = "2025/2547 Annex II B.3.1.1, Eq 9"
EQ_13 = "2025/2547 Annex II B.3.2, Eq 13"
EQ_14 = "2025/2547 Annex II B.3.2, Eq 14"
EQ_27 = "2025/2547 Annex II B.9.2.2, Eq 27"
EQ_28 = "2025/2547 Annex II B.9.2.3, Eq 28"


@dataclass(frozen=True)
class Deliveries:
    """What came and went in the period, and the stocks at its ends, in the unit of the stream."""

    imported: Decimal
    exported: Decimal
    opening_stock: Decimal
    closing_stock: Decimal


@dataclass(frozen=True)
class ClinkerBalance:
    """Tonnes of cement and clinker; stock changes are closing less opening, the ratio is t clinker per t cement."""

    cement_delivered_t: Decimal
    cement_stock_change_t: Decimal
    clinker_to_cement_ratio: Decimal
    clinker_supplied_t: Decimal
    clinker_dispatched_t: Decimal
    clinker_stock_change_t: Decimal


def consumed(deliveries: Deliveries, unit: str = "t") -> Step:
    """AD = imported − exported + opening − closing stock (B.4.1(b), first indent)."""
    inputs = (
        given("I", "brought in", deliveries.imported, unit),
        given("X", "taken out", deliveries.exported, unit),
        given("S_open", "opening stock", deliveries.opening_stock, unit),
        given("S_close", "closing stock", deliveries.closing_stock, unit),
    )
    value = deliveries.imported - deliveries.exported + deliveries.opening_stock - deliveries.closing_stock
    return worked_out("AD", "activity data by stocks", value, unit, "I − X + S_open − S_close", STOCKS, *inputs)


def produced_t(exported_t: Decimal, imported_t: Decimal, opening_stock_t: Decimal, closing_stock_t: Decimal) -> Decimal:
    """Goods produced in the period, from deliveries and stocks (B.4.1(b), second indent)."""
    return exported_t - imported_t - opening_stock_t + closing_stock_t


def clinker_produced(balance: ClinkerBalance) -> Step:
    """Cli_prod = (Cem_deliv − Cem_SV) × CCR − Cli_s + Cli_d − Cli_SV (Eq 27), as the act has the signs."""
    inputs = (
        given("Cem_deliv", "cement delivered", balance.cement_delivered_t, "t"),
        given("Cem_SV", "cement stock change", balance.cement_stock_change_t, "t"),
        given("CCR", "clinker to cement ratio", balance.clinker_to_cement_ratio, "t clinker/t"),
        given("Cli_s", "clinker supplied", balance.clinker_supplied_t, "t"),
        given("Cli_d", "clinker dispatched", balance.clinker_dispatched_t, "t"),
        given("Cli_SV", "clinker stock change", balance.clinker_stock_change_t, "t"),
    )
    in_cement = (balance.cement_delivered_t - balance.cement_stock_change_t) * balance.clinker_to_cement_ratio
    value = in_cement - balance.clinker_supplied_t + balance.clinker_dispatched_t - balance.clinker_stock_change_t
    formula = "(Cem_deliv − Cem_SV) × CCR − Cli_s + Cli_d − Cli_SV"
    return worked_out("AD", "clinker produced", value, "t", formula, EQ_27, *inputs)


def oxidation_factor(carbon_in_ash_t: Decimal, carbon_in_fuel_t: Decimal) -> Step:
    """OF = 1 − C_ash / C_total (Eq 7)."""
    inputs = (
        given("C_ash", "carbon in ash and dust", carbon_in_ash_t, "t C"),
        given("C_total", "carbon in the fuel", carbon_in_fuel_t, "t C"),
    )
    value = 1 - carbon_in_ash_t / carbon_in_fuel_t
    return worked_out("OF", "oxidation factor", value, "-", "1 − C_ash / C_total", EQ_7, *inputs)


def emission_factor_by_energy(carbon_content: Decimal, net_calorific_value: Decimal, unit: str = "t") -> Step:
    """EF = CC × f / NCV, t CO2/TJ (Eq 8); both per t or both per 1000 Nm³."""
    inputs = (
        given("CC", "carbon content", carbon_content, f"t C/{unit}"),
        given("NCV", "net calorific value", net_calorific_value, f"GJ/{unit}"),
    )
    value = carbon_content * T_CO2_PER_T_C / (net_calorific_value / GJ_PER_TJ)
    return worked_out("EF", "emission factor", value, "t CO2/TJ", "CC × 3.664 / (NCV / 1000)", EQ_8, *inputs)


def emission_factor_by_mass(carbon_content: Decimal) -> Step:
    """EF = CC × f, t CO2/t (Eq 9)."""
    content = given("CC", "carbon content", carbon_content, "t C/t")
    return worked_out("EF", "emission factor", carbon_content * T_CO2_PER_T_C, "t CO2/t", "CC × 3.664", EQ_9, content)


def carbon_content_by_energy(emission_factor: Decimal, net_calorific_value: Decimal) -> Step:
    """CC = EF × NCV / f, t C/t, from t CO2/TJ (Eq 13)."""
    inputs = (
        given("EF", "emission factor", emission_factor, "t CO2/TJ"),
        given("NCV", "net calorific value", net_calorific_value, "GJ/t"),
    )
    value = emission_factor * (net_calorific_value / GJ_PER_TJ) / T_CO2_PER_T_C
    return worked_out("CC", "carbon content", value, "t C/t", "EF × (NCV / 1000) / 3.664", EQ_13, *inputs)


def carbon_content_by_mass(emission_factor: Decimal) -> Step:
    """CC = EF / f, t C/t, from t CO2/t (Eq 14)."""
    factor = given("EF", "emission factor", emission_factor, "t CO2/t")
    return worked_out("CC", "carbon content", emission_factor / T_CO2_PER_T_C, "t C/t", "EF / 3.664", EQ_14, factor)


def dust_factor(clinker_factor: Decimal, calcination: Decimal) -> Step:
    """EF_CKD of partly calcined kiln dust (Eq 28); calcination is a fraction."""
    inputs = (
        given("EF_Cli", "emission factor of clinker", clinker_factor, "t CO2/t"),
        given("d", "degree of calcination", calcination, "-"),
    )
    part = clinker_factor / (1 + clinker_factor) * calcination
    formula = "(EF_Cli / (1 + EF_Cli) × d) / (1 − EF_Cli / (1 + EF_Cli) × d)"
    return worked_out("EF", "emission factor of kiln dust", part / (1 - part), "t CO2/t", formula, EQ_28, *inputs)
