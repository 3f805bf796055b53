"""Which of several values of one factor is used: own certificates before standard values. Pure.

CBAM: 2025/2547 Annex II A.3 (best available source) and B.5.2 (type I standard values only where no type II value
exists). PAT: own laboratory certificate, then the supplier's, then the table of S.O. 394(E). CCTS: laboratory (type
II) before statutory defaults (type I).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LABORATORY, SUPPLIER_GUARANTEED, NATIONAL, STOICHIOMETRIC = (
    "laboratory",
    "supplier_guaranteed",
    "national",
    "stoichiometric",
)
SUPPLIER, STANDARD = "supplier", "standard"

# Highest first. A supplier's value counts for CBAM only where its 95 % interval is at most 1 % (supplier_guaranteed).
ORDER = {
    "cbam": [LABORATORY, NATIONAL, SUPPLIER_GUARANTEED, STOICHIOMETRIC, STANDARD],
    "pat": [LABORATORY, SUPPLIER_GUARANTEED, SUPPLIER, STANDARD],
    "ccts": [LABORATORY, STANDARD],
}
TYPE_II_YEARS, TYPE_I_YEARS = 2, 5  # age of laboratory values as standard values, B.5.2


@dataclass(frozen=True)
class Candidate:
    """A value with where it comes from; `dated_on` is the day of the certificate or analysis."""

    value: Decimal
    unit: str
    source: str
    citation: str
    dated_on: date | None = None
    is_verified: bool = True


@dataclass(frozen=True)
class Choice:
    """The value to use, and in words why; `passed_over` are those that came after it."""

    chosen: Candidate
    reason: str
    passed_over: tuple[Candidate, ...]


def choose(candidates: list[Candidate], scheme: str, on: date) -> Choice | None:
    """The candidate that the scheme's rules put first for a period ending `on`; None where none may be used."""
    usable = sorted((entry for entry in candidates if rank(entry, scheme, on) is not None), key=sort_key(scheme, on))
    if not usable:
        return None
    first, *rest = usable
    return Choice(first, reason(first, scheme, on), tuple(rest))


def sort_key(scheme, on):
    def key(entry):
        return rank(entry, scheme, on), -(entry.dated_on or date.min).toordinal()

    return key


def rank(entry, scheme, on) -> int | None:
    """The place in the order; None for a source the scheme does not know or a laboratory value past its age."""
    order = ORDER[scheme]
    if entry.source not in order:
        return None
    if entry.source == LABORATORY and scheme == "cbam":
        return laboratory_rank(entry, on)
    return order.index(entry.source)


def laboratory_rank(entry, on) -> int | None:
    """Up to two years old it is a type II value, up to five a type I value like the tables (B.5.2)."""
    age = years_between(entry.dated_on, on) if entry.dated_on else 0
    if age > TYPE_I_YEARS:
        return None
    order = ORDER["cbam"]
    return order.index(LABORATORY if age <= TYPE_II_YEARS else STANDARD)


def years_between(start: date, end: date) -> Decimal:
    return Decimal((end - start).days) / Decimal("365.25")


REASONS = {
    LABORATORY: "own laboratory analysis",
    NATIONAL: "national inventory or public authority (type II)",
    SUPPLIER_GUARANTEED: "guaranteed by the supplier within 1 % (type II)",
    STOICHIOMETRIC: "stoichiometric value of a pure substance (type II)",
    SUPPLIER: "supplier's certificate",
    STANDARD: "standard value: no certificate of higher rank",
}


def reason(entry, scheme, on) -> str:
    if scheme == "cbam" and entry.source == LABORATORY and laboratory_rank(entry, on) != 0:
        return "laboratory analysis of two to five years' age (type I)"
    return REASONS[entry.source]
