"""PAT: energy in tonnes of oil equivalent, gate to gate, and what follows from it. Pure."""

from calculations.pat.toe import (
    KCAL_PER_KWH,
    KCAL_PER_TOE,
    TOE_CITATION,
    VOLUNTARY_TITLE,
    electricity_toe,
    lakh_kwh,
    million_kcal,
)

__all__ = [
    "KCAL_PER_KWH",
    "KCAL_PER_TOE",
    "TOE_CITATION",
    "VOLUNTARY_TITLE",
    "electricity_toe",
    "lakh_kwh",
    "million_kcal",
]
