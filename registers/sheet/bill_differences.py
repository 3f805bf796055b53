"""Difference between billed and metered energy."""

from dataclasses import dataclass
from decimal import Decimal

from registers.sheet.measured_suggestions import MeteredEnergy


@dataclass(frozen=True)
class Difference:
    """`percent` = (billed − metered) / billed × 100; None where one of the two is not known."""

    metered_kwh: Decimal | None
    coverage_percent: Decimal | None
    percent: Decimal | None


def difference(bill, metered) -> Difference:
    kwh, coverage = metered.kwh(bill.connection.device_id)
    percent = (bill.energy_kwh - kwh) * 100 / bill.energy_kwh if kwh is not None and bill.energy_kwh else None
    return Difference(kwh, coverage, percent)


def attach_differences(sheet, rows, now) -> None:
    """Set `difference` on each row of a sheet of electricity bills; queries grow with months, not with rows."""
    if not sheet.is_bills:
        return
    rows = [grid_row for grid_row in rows if grid_row.row.month and grid_row.row.connection_id]
    metered = {month: MeteredEnergy(sheet.factory, month, now) for month in {grid_row.row.month for grid_row in rows}}
    for grid_row in rows:
        grid_row.difference = difference(grid_row.row, metered[grid_row.row.month])
