"""Electricity per tonne: what devices measured in a month over what the registers say was made in it."""

from decimal import Decimal
from typing import NamedTuple

from calculations import periods
from registers.models import Production
from telemetry.queries import totals

SCALES = {"t": Decimal(1), "kg": Decimal("0.001")}
MONTHS = 6


class SpecificEnergy(NamedTuple):
    month: object  # its first day
    kwh: float
    made_t: Decimal | None  # None: nothing is entered, or not in tonnes
    covered_percent: float | None

    @property
    def kwh_per_t(self):
        return self.kwh / float(self.made_t) if self.made_t else None


def specific_energy_by_month(devices, factory, now) -> list[SpecificEnergy]:
    """The last complete months in which something was measured, newest first."""
    today = now.astimezone(factory.zone).date()
    first = periods.months_later(today.replace(day=1), -MONTHS)
    period = periods.around(periods.MONTH, first)
    start = period.moments(factory.zone)[0]
    end = periods.around(periods.MONTH, today).moments(factory.zone)[0]
    pks = [device.pk for device in devices]
    energy = totals.energy_by_month(pks, factory.zone.key, start, end)
    fitted = totals.first_quarters(list(totals.devices_with_energy(pks, start, end)))
    tonnes = tonnes_by_month(factory, first)
    return [
        SpecificEnergy(
            month, (kwh or 0) + (bridged or 0), tonnes.get(month), coverage(month, covered_s, fitted, factory)
        )
        for month, (kwh, bridged, covered_s) in sorted(energy.items(), reverse=True)
        if kwh or bridged
    ]


def coverage(month, covered_s, fitted, factory):
    """Of the month, from the first reading of each measuring device."""
    start, end = periods.around(periods.MONTH, month).moments(factory.zone)
    expected = sum(max(0.0, (end - max(start, first)).total_seconds()) for first in fitted.values())
    return 100 * float(covered_s or 0) / expected if expected else None


def tonnes_by_month(factory, first) -> dict:
    """{month: tonnes made}; a month with a product that is not counted in tonnes has none."""
    rows = Production.objects.for_factory(factory).filter(month__gte=first, made__isnull=False)
    tonnes, without_mass = {}, set()
    for row in rows.select_related("product"):
        scale = SCALES.get(row.product.unit, row.product.equivalence)
        if scale is None:
            without_mass.add(row.month)
        else:
            tonnes[row.month] = tonnes.get(row.month, Decimal(0)) + row.made * scale
    return {month: made_t for month, made_t in tonnes.items() if month not in without_mass}
