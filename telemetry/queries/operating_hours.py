"""Operating hours and energy of a machine over a span as exact decimals in text, for reports and registers."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from calculations import operations
from calculations.operations import Quarter
from calculations.quantities import decimal_of, text_of
from calculations.trace import require
from telemetry.models import QuarterHour
from telemetry.queries.summary import DeviceSummary
from telemetry.signal.profile_timeline import ProfileTimeline


def operating_facts(
    timeline: ProfileTimeline, start: datetime, end: datetime, energy: dict[str, Any]
) -> dict[str, str | None]:
    """Operating hours from the quarter hours, by the rule that is printed with them; `energy`: its `energy_facts`."""
    rows = QuarterHour.objects.filter(device=timeline.device, starts_at__gte=start, starts_at__lt=end)
    rows = rows.filter(energy_kwh__isnull=False).values_list("starts_at", "energy_kwh", "covered_s")
    quarters = (
        Quarter(require(decimal_of(kwh)), require(decimal_of(covered_s)), decimal_of(timeline.at(starts_at).rated_kw))
        for starts_at, kwh, covered_s in rows.iterator()
    )
    expected_h = sum((Decimal(energy[name]) for name in ("covered_h", "bridged_h", "missing_h")), Decimal(0))
    result = operations.operating_hours(quarters, expected_h)
    return {
        "operating_h": text_of(result.operating_h),
        "idle_h": text_of(result.idle_h),
        "unknown_h": text_of(result.unknown_h),
        "period_h": text_of(result.period_h),
        "coverage_pct": text_of(result.coverage_pct),
        "basis": result.basis,
    }


def energy_facts(summary: DeviceSummary) -> dict[str, Any]:
    """`exported_kwh` only of a machine that fed power back."""
    energy = summary.energy
    exported = {"exported_kwh": text_of(decimal_of(energy.exported_kwh))} if energy.exported_kwh else {}
    return {
        "has_power": summary.measures_energy,
        "measured_kwh": text_of(decimal_of(energy.measured_kwh)),
        "bridged_kwh": text_of(decimal_of(energy.bridged_kwh)),
        "covered_h": text_of(decimal_of(energy.covered_hours)),
        "bridged_h": text_of(decimal_of(energy.bridged_hours)),
        "missing_h": text_of(decimal_of(energy.missing_hours)),
        **exported,
    }
