"""Functional units other than the tonne: clinker and nitrogen contained. 2025/2547 Art. 4(4), (5), Annex III B.

Processes are worked out in tonnes. A functional unit only divides: emissions of the process by the clinker (t) or
nitrogen (kg) in its goods; a precursor's mass and its specific emissions change unit together and give the same
product.
"""

from dataclasses import dataclass
from decimal import Decimal

from calculations.cbam.goods import functional_unit

# "The ranges of composition … shall not be larger than 10 %": read as ten hundredths of the good's mass.
WIDEST_RANGE = {"clinker": Decimal("0.10"), "nitrogen": Decimal(100)}
CONTENT_UNITS = {"clinker": "t clinker/t", "nitrogen": "kg N/t"}


def per_functional_unit(see_per_t: Decimal, content_per_t: Decimal) -> Decimal:
    """SEE per t clinker or per kg N, from that per tonne of a good with this content."""
    return see_per_t / content_per_t


def per_tonne(see_per_unit: Decimal, content_per_t: Decimal) -> Decimal:
    """SEE(CK) = SEE × CK (Eq 64), SEE(N) = SEE × N (Eq 65, 66): of the good with this content, per tonne of it."""
    return see_per_unit * content_per_t


def average_content(lots: list[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Content per tonne of a range of composition, [(t, content per t)], weighted by mass."""
    mass_t = sum((mass for mass, _ in lots), Decimal(0))
    return sum((mass * content for mass, content in lots), Decimal(0)) / mass_t if mass_t else None


def is_one_range(content: str, lowest: Decimal, highest: Decimal) -> bool:
    """Whether goods of these contents may share one averaged composition."""
    return highest - lowest <= WIDEST_RANGE[content]


@dataclass(frozen=True)
class PerUnit:
    """A specific emission in the functional unit of a CN code; None where the content is needed and not known."""

    value: Decimal | None
    unit: str


def in_functional_unit(see_per_t: Decimal | None, cn_code: str, content_per_t: Decimal | None) -> PerUnit:
    unit = functional_unit(cn_code)
    name = f"t CO2e/{unit.name}"
    if see_per_t is None or not unit.content:
        return PerUnit(see_per_t, name)
    return PerUnit(per_functional_unit(see_per_t, content_per_t) if content_per_t else None, name)


def clinker_produced_t(deliveries_t, stock_variation_t, clinker_ratio, supplied_t, dispatched_t, clinker_stock_t):
    """Cli_prod = (Cem_deliv − Cem_SV) × CCR − Cli_s + Cli_d − Cli_SV (Annex II B.9.2.2, Eq 27)."""
    return (deliveries_t - stock_variation_t) * clinker_ratio - supplied_t + dispatched_t - clinker_stock_t


def dust_factor(clinker_factor: Decimal, calcination: Decimal) -> Decimal:
    """EF_CKD of partly calcined kiln dust (Annex II B.9.2.3, Eq 28); calcination is a fraction."""
    part = clinker_factor / (1 + clinker_factor) * calcination
    return part / (1 - part)


def by_moles(total_t: Decimal, products: dict[str, tuple[Decimal, Decimal]]) -> dict[str, Decimal]:
    """Emissions of a process with chemical co-products {name: (t, g/mol)}, by amount of substance (A.2.1, Eq 43)."""
    moles = {name: mass / molar_mass for name, (mass, molar_mass) in products.items()}
    whole = sum(moles.values(), Decimal(0))
    return {name: total_t * share / whole for name, share in moles.items()}


def reconciliation_factor(installation_value: Decimal, process_values: list[Decimal]) -> Decimal:
    """RecF = D_Inst / Σ D_PP (Annex III A.1, Eq 41); each process's value is multiplied by it (Eq 42)."""
    return installation_value / sum(process_values, Decimal(0))
