"""Cells of a what-if page: a figure with its unit and decimals, a table of them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class FigureCell:
    """`value` None prints as `missing`, the reason why there is no figure."""

    label: str
    value: Decimal | None
    unit: str = ""
    decimals: int = 3
    missing: str = "–"


@dataclass(frozen=True)
class FigureTable:
    """Each row is a list of texts and Figures; the first cell names the row."""

    title: str
    columns: list[str]
    rows: list[list]
    note: str = ""
