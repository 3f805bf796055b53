"""CN codes: aggregated goods category, functional unit, greenhouse gases, and what counts for which goods.

Table 1 of Annex I.2 and Art. 4 of Implementing Regulation (EU) 2025/2547; Annexes I and II of Regulation (EU)
2023/956 as amended by (EU) 2025/2083.
"""

import re
from dataclasses import dataclass

CLAY, CLINKER, CEMENT, ALUMINOUS = "Calcined clay", "Cement clinker", "Cement", "Aluminous cement"
ELECTRICITY, HYDROGEN = "Electricity", "Hydrogen"
NITRIC_ACID, UREA, AMMONIA, MIXED = "Nitric acid", "Urea", "Ammonia", "Mixed fertilisers"
SINTER, PIG_IRON, DRI, CRUDE_STEEL = "Sintered ore", "Pig iron", "DRI", "Crude steel"
FEMN, FECR, FENI, STEEL_PRODUCTS = "FeMn", "FeCr", "FeNi", "Iron or steel products"
ALUMINIUM, ALUMINIUM_PRODUCTS = "Unwrought aluminium", "Aluminium products"

# The longest beginning of a code that stands here decides; None: a part of a heading that is not in scope.
BY_PREFIX = {
    "25070080": CLAY,
    "25231000": CLINKER,
    "25232100": CEMENT,
    "25232900": CEMENT,
    "25239000": CEMENT,
    "25233000": ALUMINOUS,
    "26011200": SINTER,
    "27160000": ELECTRICITY,
    "28041000": HYDROGEN,
    "28080000": NITRIC_ACID,
    "2814": AMMONIA,
    "28342100": MIXED,
    "310210": UREA,
    "3102": MIXED,
    "3105": MIXED,
    "31056000": None,
    "7201": PIG_IRON,
    "72021": FEMN,
    "72024": FECR,
    "72026": FENI,
    "7203": DRI,
    "7205": STEEL_PRODUCTS,
    **dict.fromkeys(["7206", "7207", "7218", "7224"], CRUDE_STEEL),
    **dict.fromkeys([str(code) for code in range(7208, 7218)], STEEL_PRODUCTS),
    **dict.fromkeys([str(code) for code in [*range(7219, 7224), *range(7225, 7230)]], STEEL_PRODUCTS),
    **dict.fromkeys([str(code) for code in [*range(7301, 7312), 7318, 7326]], STEEL_PRODUCTS),
    "7601": ALUMINIUM,
    **dict.fromkeys([str(code) for code in [*range(7603, 7615), 7616]], ALUMINIUM_PRODUCTS),
}
# Not in Annex II: indirect emissions count (2023/956 Annex II as amended).
COUNT_INDIRECT = {CLAY, CLINKER, CEMENT, ALUMINOUS, NITRIC_ACID, UREA, AMMONIA, MIXED, SINTER}
FERTILISERS = {NITRIC_ACID, UREA, AMMONIA, MIXED}
CATEGORIES = sorted({category for category in BY_PREFIX.values() if category})
BY_NAME = {category.lower(): category for category in CATEGORIES}
# Names the Commission's template and the trade use for the same categories.
ALIASES = {
    "alloys (femn, fecr, feni)": FEMN,
    "sintered ore/pellets": SINTER,
    "clinker": CLINKER,
    "direct reduced iron": DRI,
    "aluminium": ALUMINIUM,
}
TARIC_DIGITS = 10  # the longest code there is
DIGITS = re.compile(r"\d{8}(\d{2})?")


@dataclass(frozen=True)
class FunctionalUnit:
    """`content` names what of a tonne is counted: clinker (t/t), nitrogen (kg/t), or nothing."""

    name: str
    content: str = ""


TONNE = FunctionalUnit("t")
CLINKER_T = FunctionalUnit("t clinker", "clinker")
NITROGEN_KG = FunctionalUnit("kg N", "nitrogen")
KWH = FunctionalUnit("kWh")


def digits_of(cn_code: str) -> str:
    """The code without blanks and dots."""
    return re.sub(r"[\s.]", "", cn_code)


def is_code(cn_code: str) -> bool:
    """Eight digits, or the ten of a TARIC code."""
    return bool(DIGITS.fullmatch(digits_of(cn_code)))


def category_of(cn_code: str) -> str | None:
    """The aggregated goods category, or None for goods that are not in scope."""
    code = digits_of(cn_code)[:TARIC_DIGITS]
    for length in range(len(code), 3, -1):
        if code[:length] in BY_PREFIX:
            return BY_PREFIX[code[:length]]
    return None


def category_named(name: str) -> str | None:
    """The category of the regulation that a written one means; None if none is recognised."""
    plain = name.strip().lower()
    return BY_NAME.get(plain) or ALIASES.get(plain)


def counts_indirect(category: str | None) -> bool | None:
    """Whether indirect emissions are part of the obligation; None for a category nobody knows."""
    return category in COUNT_INDIRECT if category in CATEGORIES else None


def functional_unit(cn_code: str) -> FunctionalUnit:
    """Art. 4(2) to (5). For fertilisers of Art. 4(4)(b) it is the supplementary unit, kg N for heading 3102."""
    code, category = digits_of(cn_code), category_of(cn_code)
    if category in (CLINKER, CEMENT):
        return CLINKER_T
    if category in FERTILISERS and not code.startswith("2834"):
        return NITROGEN_KG
    return KWH if category == ELECTRICITY else TONNE


def gases(category: str) -> list[str]:
    """Greenhouse gases of Table 1 of Annex I.2."""
    if category in (NITRIC_ACID, MIXED):
        return ["CO2", "N2O"]
    return ["CO2", "PFC"] if category in (ALUMINIUM, ALUMINIUM_PRODUCTS) else ["CO2"]
