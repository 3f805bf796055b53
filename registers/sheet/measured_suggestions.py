"""Measured values suggested for register cells, and accepting them into rows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from calculations.periods import MONTH, around, months_later
from calculations.quantities import decimal_of
from devices.models import Device
from registers.forms.rows import format_decimal
from registers.models import Source
from telemetry.queries import operating_hours, summary
from telemetry.signal.profile_timeline import ProfileTimeline

PLACES = {"energy_kwh": Decimal("0.001"), "operating_h": Decimal("0.01")}


@dataclass(frozen=True)
class MeasuredSuggestion:
    """A device's measured value of a month, with the coverage of that month."""

    value: Decimal
    coverage_percent: Decimal | None
    device: Device
    start: datetime
    end: datetime

    @property
    def display_text(self):
        return format_decimal(self.value)

    def as_record(self, by, at) -> dict:
        """As stored in the row's `taken_over`."""
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


def suggestions_for_month(devices, month: date, now) -> dict:
    """{(device id, energy_kwh or operating_h): MeasuredSuggestion} of one month; unmeasured ones are absent."""
    devices = list(devices)
    if not devices:
        return {}
    zone = devices[0].factory.zone
    start, end = around(MONTH, month).moments(zone)
    if start >= now:
        return {}
    suggestions = {}
    for pk, facts in summary.summarise_many(devices, start, end, now).items():
        device = next(device for device in devices if device.pk == pk)
        energy = facts.energy
        if energy.total_kwh is not None:
            value, coverage_percent = decimal_of(energy.total_kwh), decimal_of(energy.coverage_percent)
            suggestions[pk, "energy_kwh"] = MeasuredSuggestion(
                round_metric(value, "energy_kwh"), coverage_percent, device, start, end
            )
        hours = operating_hours.operating_facts(
            ProfileTimeline(device), start, end, operating_hours.energy_facts(facts)
        )
        if hours["operating_h"] is not None:
            coverage_percent = None if hours["coverage_pct"] is None else Decimal(hours["coverage_pct"])
            value = round_metric(Decimal(hours["operating_h"]), "operating_h")
            suggestions[pk, "operating_h"] = MeasuredSuggestion(value, coverage_percent, device, start, end)
    return suggestions


def round_metric(value, metric):
    return value.quantize(PLACES[metric], rounding=ROUND_HALF_UP)


def suggestions_for_sheet(sheet, now) -> dict:
    """{(key of the row, field): MeasuredSuggestion} for cells whose value differs from the measured one."""
    if not sheet.register.measured_fields:
        return {}
    devices = {device.pk: device for device in sheet.lines[Device].values()}
    cells_by_month = {}
    for grid_row in sheet.rows:
        for name, measured_field in sheet.register.measured_fields.items():
            pk = measured_field.device_of(grid_row.row)
            if pk in devices and is_month_complete(grid_row.row.month, sheet.today) and not grid_row.is_blank:
                cells_by_month.setdefault(grid_row.row.month, []).append((grid_row, name, measured_field.metric, pk))
    suggestions = {}
    for month, cells in cells_by_month.items():
        month_suggestions = suggestions_for_month([devices[pk] for pk in {cell[3] for cell in cells}], month, now)
        for grid_row, name, metric, pk in cells:
            suggestion = month_suggestions.get((pk, metric))
            if suggestion and getattr(grid_row.row, name) != suggestion.value:
                suggestions[grid_row.key, name] = suggestion
    return suggestions


def accept_suggestion(grid_row, name, suggestion, *, by, now) -> None:
    """Write the measured value and its provenance into the row, and save. Raises ValidationError."""
    row = grid_row.row
    setattr(row, name, suggestion.value)
    row.taken_over = {**(row.taken_over or {}), name: suggestion.as_record(by, now)}
    row.source = Source.DEVICE
    row.full_clean()
    row.save()


class MeteredEnergy:
    """Metered energy of a factory in a month, per device or in total."""

    def __init__(self, factory, month, now) -> None:
        rows = Device.objects.for_factory(factory).select_related("factory").prefetch_related("profiles", "hardware")
        start, end = around(MONTH, month).moments(factory.zone)
        self.energy = {}
        if start < now:
            summaries = summary.summarise_many(list(rows), start, end, now)
            self.energy = {pk: facts.energy for pk, facts in summaries.items() if facts.energy.total_kwh is not None}

    def kwh(self, device_id=None) -> tuple:
        """(kWh, coverage in %); (None, None) where nothing was measured. Coverage of several: over all their hours."""
        energies = self.energy.values() if device_id is None else filter(None, [self.energy.get(device_id)])
        known = list(energies)
        if not known:
            return None, None
        covered_hours = sum(energy.covered_hours for energy in known)
        expected_hours = sum(energy.covered_hours + energy.bridged_hours + energy.missing_hours for energy in known)
        coverage_percent = decimal_of(100 * covered_hours / expected_hours) if expected_hours else None
        return decimal_of(sum(energy.total_kwh for energy in known)), coverage_percent


def is_month_complete(month: date | None, today: date) -> bool:
    """Whether the month is over: a month in progress gets no suggestion."""
    return month is not None and months_later(month, 1) <= today
