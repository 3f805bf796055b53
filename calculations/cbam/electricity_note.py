"""What the electricity that devices measured means for a unit, by its industry, before goods are entered."""

from decimal import Decimal

KWH_PER_MWH = Decimal(1000)
# Annex II of Regulation (EU) 2023/956: only direct emissions count (iron and steel, aluminium, hydrogen).
RECORDED_NOT_COUNTED = {"forging", "foundry", "aluminium"}
# Cement goods and fertilisers are not in that annex: their indirect emissions count.
COUNTED = {"cement"}
RULES = (
    "Regulation (EU) 2023/956 as amended by (EU) 2025/2083; Implementing Regulations (EU) 2025/2547 (methods), "
    "(EU) 2025/2621 as corrected by (EU) 2026/1740 (default values) and (EU) 2025/2620 (free allocation)"
)


def electricity_mwh(energy_kwh: Decimal) -> Decimal:
    return energy_kwh / KWH_PER_MWH


def electricity_note(industry: str) -> str:
    """How the electricity that devices measured enters a CBAM report of this industry."""
    if industry in RECORDED_NOT_COUNTED:
        return "Electricity recorded, not part of embedded emissions (goods of Annex II of Regulation (EU) 2023/956)."
    if industry in COUNTED:
        return (
            "Electricity recorded. Indirect emissions of these goods count, but they cannot be determined before the "
            "electricity of each production process and its source are entered."
        )
    return (
        "Electricity recorded. Whether indirect emissions count depends on the goods' CN codes, which are not entered."
    )
