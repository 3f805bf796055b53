"""Figures and tables of the calculator page."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class FigureCell:
    """A value with unit and decimals; None is shown as `missing`, the reason."""

    label: str
    value: Decimal | None
    unit: str = ""
    decimals: int = 3
    missing: str = "–"


@dataclass(frozen=True)
class FigureTable:
    """Each row is a list of texts and FigureCells; the first cell names the row."""

    title: str
    columns: list[str]
    rows: list[list]
    note: str = ""
