"""Functional units other than the tonne: clinker and nitrogen contained. 2025/2547 Art. 4(4), (5), Annex III B.

Processes are worked out in tonnes. A functional unit only divides: emissions of the process by the clinker (t) or
nitrogen (kg) in its goods; a precursor's mass and its specific emissions change unit together and give the same
product.
"""

from dataclasses import dataclass
from decimal import Decimal

from reports.calculations.cbam.goods import functional_unit
from reports.calculations.quantities import weighted_mean

# "The ranges of composition … shall not be larger than 10 %": read as ten hundredths of the good's mass.
WIDEST_RANGE = {"clinker": Decimal("0.10"), "nitrogen": Decimal(100)}
CONTENT_UNITS = {"clinker": "t clinker/t", "nitrogen": "kg N/t"}
PER_TONNE = "t CO2e/t"


@dataclass(frozen=True)
class Lot:
    """Tonnes of goods of one composition: t clinker or kg N per tonne, as `content` says."""

    quantity_t: Decimal
    content_per_t: Decimal
    content: str


def per_functional_unit(see_per_t: Decimal, content_per_t: Decimal) -> Decimal:
    """SEE per t clinker or per kg N, from that per tonne of a good with this content."""
    return see_per_t / content_per_t


def per_tonne(see_per_unit: Decimal, content_per_t: Decimal) -> Decimal:
    """SEE(CK) = SEE × CK (Eq 64), SEE(N) = SEE × N (Eq 65, 66): of the good with this content, per tonne of it."""
    return see_per_unit * content_per_t


def average_content(lots: tuple[Lot, ...]) -> Decimal | None:
    """Content per tonne of a range of composition, weighted by mass; None where there is no mass."""
    return weighted_mean((lot.quantity_t, lot.content_per_t) for lot in lots)


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
