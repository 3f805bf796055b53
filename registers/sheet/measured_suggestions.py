"""Figures that devices measured, offered beside the cells they could stand in, and taken over by a person."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from calculations.periods import MONTH, around, months_later
from calculations.quantities import decimal_of
from devices.models import Device
from registers.forms.rows import grouped
from registers.models import Source
from telemetry.queries import operating_hours, summary
from telemetry.signal.profile_timeline import Meaning

PLACES = {"energy_kwh": Decimal("0.001"), "operating_h": Decimal("0.01")}


@dataclass(frozen=True)
class Proposal:
    """What a device measured in a month, and how much of the month that covers."""

    value: Decimal
    coverage_percent: Decimal | None
    device: Device
    start: datetime
    end: datetime

    @property
    def shown(self):
        return grouped(self.value)

    def said(self, by, at):
        """As it is kept with the row."""
        return {
            "value": f"{self.value.normalize():f}",
            "coverage_percent": None if self.coverage_percent is None else f"{self.coverage_percent:.1f}",
            "device_id": self.device.pk,
            "device": self.device.label,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "by": str(by),
            "at": at.isoformat(),
        }


def measured_in(devices, month: date, now) -> dict:
    """{(device id, energy_kwh or operating_h): Proposal} of one month; what nobody measured is not there."""
    devices = list(devices)
    if not devices:
        return {}
    zone = devices[0].factory.zone
    start, end = around(MONTH, month).moments(zone)
    if start >= now:
        return {}
    found = {}
    for pk, facts in summary.summarise_many(devices, start, end, now).items():
        device = next(device for device in devices if device.pk == pk)
        energy = facts.energy
        if energy.total_kwh is not None:
            value, covered = decimal_of(energy.total_kwh), decimal_of(energy.coverage_percent)
            found[pk, "energy_kwh"] = Proposal(rounded(value, "energy_kwh"), covered, device, start, end)
        hours = operating_hours.operating(Meaning(device), start, end, operating_hours.energy_facts(facts))
        if hours["operating_h"] is not None:
            covered = None if hours["coverage_pct"] is None else Decimal(hours["coverage_pct"])
            value = rounded(Decimal(hours["operating_h"]), "operating_h")
            found[pk, "operating_h"] = Proposal(value, covered, device, start, end)
    return found


def rounded(value, what):
    return value.quantize(PLACES[what], rounding=ROUND_HALF_UP)


def for_sheet(sheet, now) -> dict:
    """{(key of the row, field): Proposal} for the sheet's cells that do not hold the measured figure yet."""
    if not sheet.register.measured:
        return {}
    devices = {device.pk: device for device in sheet.lines[Device].values()}
    wanted = {}
    for grid_row in sheet.rows:
        for name, measured in sheet.register.measured.items():
            pk = measured.device_of(grid_row.row)
            if pk in devices and is_over(grid_row.row.month, sheet.today) and not grid_row.is_blank:
                wanted.setdefault(grid_row.row.month, []).append((grid_row, name, measured.what, pk))
    found = {}
    for month, cells in wanted.items():
        there = measured_in([devices[pk] for pk in {cell[3] for cell in cells}], month, now)
        for grid_row, name, what, pk in cells:
            proposal = there.get((pk, what))
            if proposal and getattr(grid_row.row, name) != proposal.value:
                found[grid_row.key, name] = proposal
    return found


def take_over(grid_row, name, proposal, *, by, now):
    """Put the measured figure into the row, say whose it is, and save. Raises ValidationError."""
    row = grid_row.row
    setattr(row, name, proposal.value)
    row.taken_over = {**(row.taken_over or {}), name: proposal.said(by, now)}
    row.source = Source.DEVICE
    row.full_clean()
    row.save()


class Metered:
    """What the machines of a factory measured in a month: of one device, or of all together."""

    def __init__(self, factory, month, now):
        rows = Device.objects.for_factory(factory).select_related("factory").prefetch_related("profiles", "hardware")
        start, end = around(MONTH, month).moments(factory.zone)
        self.energy = {}
        if start < now:
            found = summary.summarise_many(list(rows), start, end, now)
            self.energy = {pk: facts.energy for pk, facts in found.items() if facts.energy.total_kwh is not None}

    def kwh(self, device_id=None):
        """(kWh, coverage in %); (None, None) where nothing was measured. Of several, coverage is that of all hours."""
        wanted = self.energy.values() if device_id is None else filter(None, [self.energy.get(device_id)])
        known = list(wanted)
        if not known:
            return None, None
        covered = sum(energy.covered_hours for energy in known)
        expected = sum(energy.covered_hours + energy.bridged_hours + energy.missing_hours for energy in known)
        share = decimal_of(100 * covered / expected) if expected else None
        return decimal_of(sum(energy.total_kwh for energy in known)), share


def is_over(month: date | None, today: date) -> bool:
    """Whether a month is complete: a month under way has no figure yet."""
    return month is not None and months_later(month, 1) <= today
