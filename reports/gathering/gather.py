"""Gathers the inputs of a report (measurements, registers, alerts) as JSON; the only access of documents to rows.

Decimals are texts, times ISO 8601 in UTC. The inputs are frozen in the report and never read again.
"""

import base64
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from calculations.periods import around, iso, midnight, today
from calculations.quantities import decimal_of, text_of
from devices.models import Device
from reports.gathering import alert_facts
from reports.gathering.registers import cbam, pat, spcb, used_rows
from telemetry.metrics import BY_NAME
from telemetry.models import QuarterHour
from telemetry.queries import doubtful_energy, operating_hours, summary, timeseries, totals
from telemetry.signal.profile_timeline import ProfileTimeline

REPORTED_METRICS = ["temperature", "vibration", "humidity", "pressure", "gas_index"]
CHARTED_METRICS = ["temperature", "gas_index"]
SECONDS_PER_HOUR = Decimal(3600)
REGISTER_GATHERERS = {
    "cbam_summary": cbam.register_data,
    "cbam_full": cbam.register_data,
    "pat": pat.register_data,
    "spcb": spcb.register_data,
    "form_v": spcb.register_data_two_years,
}


def gather(report_type, factory, period, now, progress=lambda share: None) -> dict:
    """All inputs of a report of this type and period. `progress` is called with the share done, 0 to 1."""
    start, end = period.moments(factory.zone)
    devices = devices_of(factory, start, end)
    summaries = summary.summarise_many(devices, start, end, now)
    doubtful = doubtful_energy.left_out([device.pk for device in devices], start, end)
    machines = []
    for place, device in enumerate(devices):
        facts = machine(device, summaries[device.pk], period, now)
        machines.append({**facts, "doubtful": doubtful_facts(doubtful.get(device.pk))})
        progress((place + 1) / len(devices))
    return {
        "unit": unit(factory),
        "logo": logo(factory),
        "period": period_facts(period, start, end),
        "machines": machines,
        "energy_days": energy_days(factory, period, start, end),
        "alerts": alert_facts.alerts_in_period(factory, start, end),
        "fingerprint": fingerprint(factory, start, end),
        "entered": register_data_for(report_type, factory, period, now),
        **rows_and_gaps(report_type, factory, period, now),
        "gathered_at": iso(now),
    }


def register_data_for(report_type, factory, period, now):
    """Register data for this report type; None for types based on measurements only."""
    gather_registers = REGISTER_GATHERERS.get(report_type)
    return gather_registers(factory, period, now) if gather_registers else None


def rows_and_gaps(report_type, factory, period, now) -> dict:
    """Of types that rest on registers: their rows as they stood, the checklist's gaps, and which release read them."""
    if report_type not in REGISTER_GATHERERS:
        return {}
    return {
        "release": settings.VERSION,
        "register_rows": used_rows.used_rows(report_type, factory, period),
        "gaps": used_rows.gaps(report_type, factory, period, today(now, factory.zone)),
    }


def period_of(gathered):
    """The period of frozen inputs."""
    return around(gathered["period"]["kind"], date.fromisoformat(gathered["period"]["start_on"]))


def period_bounds(gathered) -> tuple:
    """Start and end of the period of frozen inputs."""
    period = gathered["period"]
    return datetime.fromisoformat(period["starts_at"]), datetime.fromisoformat(period["ends_at"])


def fingerprint(factory, start, end) -> dict:
    """Sums over the period's quarter hours: a difference later means that readings arrived or changed."""
    pks = list(Device.objects.for_factory(factory).values_list("pk", flat=True))
    sums = totals.grand_total(pks, start, end, ["received", "suspect", "energy_kwh", "bridged_kwh"])
    return {
        "received": sums["received"] or 0,
        "suspect": sums["suspect"] or 0,
        # Float sums depend on row order; rounding to a watt-hour still detects changed readings.
        "energy_kwh": text_of(rounded(sums["energy_kwh"])),
        "bridged_kwh": text_of(rounded(sums["bridged_kwh"])),
    }


def rounded(value):
    number = decimal_of(value)
    return None if number is None else number.quantize(Decimal("0.001"))


def devices_of(factory, start, end) -> list:
    """Devices registered before the period's end and not archived before its start, and any with data in it."""
    was_there = Q(created_at__lt=end) & (Q(archived_at=None) | Q(archived_at__gte=start))
    has_readings = Exists(QuarterHour.objects.filter(device=OuterRef("pk"), starts_at__gte=start, starts_at__lt=end))
    rows = Device.objects.for_factory(factory).filter(was_there | Q(has_readings))
    return list(rows.select_related("factory").prefetch_related("profiles", "hardware").order_by("device_name", "pk"))


def unit(factory) -> dict:
    names = [
        "name", "location", "legal_name", "occupier", "address", "state", "pin_code", "industry",
        "registration_number", "year_established", "contact_email", "contact_phone", "time_zone",
    ]  # fmt: skip
    facts = {name: getattr(factory, name) for name in names}
    return {
        **facts,
        "industry_label": factory.get_industry_display(),
        "latitude": text_of(factory.latitude),
        "longitude": text_of(factory.longitude),
    }


def logo(factory) -> dict | None:
    if not factory.logo:
        return None
    return {"type": factory.logo_type, "base64": base64.b64encode(bytes(factory.logo)).decode()}


def period_facts(period, start, end) -> dict:
    return {
        "kind": period.kind,
        "label": period.label,
        "start_on": period.start.isoformat(),
        "end_on": period.end.isoformat(),
        "starts_at": iso(start),
        "ends_at": iso(end),
        "days": period.days,
    }


def machine(device, facts, period, now) -> dict:
    """Measurements of one machine; `facts` is its telemetry.queries.summary.Summary of the period."""
    start, end = period.moments(device.factory.zone)
    timeline = ProfileTimeline(device)
    energy = operating_hours.energy_facts(facts)
    return {
        "id": device.pk,
        "label": device.label,
        "device_id": device.device_id,
        "location": device.location,
        "firmware_version": device.firmware_version,
        "hardware": hardware(device, start, end),
        "profiles": profiles(timeline, start, end),
        "received": facts.received,
        "suspect": facts.suspect,
        "valid": facts.valid,
        "expected": as_text(facts.expected),
        "expected_from": iso(facts.expected_from),
        "capture_pct": as_text(facts.capture_percent),
        "uptime_pct": as_text(facts.uptime_percent),
        "planned_stop_h": as_text(facts.planned_hours),
        "gaps": [gap_facts(gap) for gap in facts.gaps],
        "metrics": metric_facts(facts),
        "energy": energy,
        "operating": operating_hours.operating_facts(timeline, start, end, energy),
        "days": capture_days(timeline, facts, period),
        "series": chart_series(device, period, start, end, now),
    }


def doubtful_facts(left_out) -> dict | None:
    """Open doubtful steps of the machine's counters in the period; None where there is none."""
    if left_out is None:
        return None
    return {"steps": left_out.steps, "kwh": as_text(left_out.kwh), "hours": as_text(left_out.hours)}


def as_text(value):
    return text_of(decimal_of(value))


def gap_facts(gap) -> dict:
    return {
        "start": iso(gap.start),
        "end": iso(gap.end),
        "minutes": as_text(gap.seconds / 60),
        "is_planned": gap.is_planned,
    }


def metric_facts(facts) -> list:
    """Metrics with any value, valid or suspect."""
    return [
        {
            "name": name,
            "title": BY_NAME[name].label,
            "unit": BY_NAME[name].unit,
            "decimals": BY_NAME[name].decimals,
            "count": metric.count,
            "suspect": metric.suspect,
            "min": as_text(metric.min),
            "mean": as_text(metric.mean),
            "max": as_text(metric.max),
        }
        for name in REPORTED_METRICS
        if (metric := facts.metrics[name]).count or metric.suspect
    ]


def hardware(device, start, end) -> list:
    fitted = [unit for unit in device.hardware.all() if unit.removed_at is None or unit.removed_at > start]
    fitted = sorted(fitted, key=lambda unit: unit.fitted_at)
    return [
        {"unit": unit.unit, "fitted_at": iso(unit.fitted_at), "changed": start < unit.fitted_at < end and place > 0}
        for place, unit in enumerate(fitted)
    ]


def profiles(timeline, start, end) -> list:
    return [
        {
            "valid_from": iso(profile.valid_from) if profile.pk else None,
            "power_kind": profile.get_power_kind_display(),
            "interval_s": profile.interval_s,
            "rated_kw": text_of(decimal_of(profile.rated_kw)),
        }
        for _begins, _ends, profile in timeline.spans(start, end)
    ]


def capture_days(timeline, facts, period) -> list:
    """Valid and expected readings per local day, without planned stops, as in the total."""
    zone = timeline.device.factory.zone
    start, end = period.moments(zone)
    counts_by_day = totals.readings_by_day([timeline.device.pk], zone.key, start, end)
    valid = {on: received - suspect for on, (received, suspect) in counts_by_day.items()}
    return [
        {
            "on": on.isoformat(),
            "valid": valid.get(on, 0),
            "expected": as_text(
                expected_within(timeline, facts, midnight(on, zone), midnight(on + timedelta(days=1), zone))
            ),
        }
        for on in (period.start + timedelta(days=place) for place in range(period.days))
    ]


def expected_within(timeline, facts, start, end):
    """Expected readings in an interval: none before the device was fitted, none in planned stops."""
    if facts.expected_from is None:
        return 0.0
    start, end = max(start, facts.expected_from), min(end, timeline.device.archived_at or end)
    if start >= end:
        return 0.0
    idle = [(max(a, start), min(b, end)) for a, b in facts.planned_stops if a < end and b > start]
    return max(0.0, timeline.expected(start, end) - sum(timeline.expected(a, b) for a, b in idle))


def energy_days(factory, period, start, end) -> list:
    """kWh of all machines per day, measured and bridged; None where nothing was measured."""
    pks = list(Device.objects.for_factory(factory).values_list("pk", flat=True))
    energy_by_day = totals.energy_by_day(pks, factory.zone.key, start, end)
    days = [period.start + timedelta(days=place) for place in range(period.days)]
    return [{"on": on.isoformat(), "kwh": text_of(day_energy(energy_by_day.get(on)))} for on in days]


def day_energy(sums):
    measured, bridged, _covered_s = sums or (None, None, None)
    return None if measured is None and bridged is None else rounded((measured or 0) + (bridged or 0))


def chart_series(device, period, start, end, now) -> dict:
    """Time series of the charted metrics, at a resolution suitable for print."""
    resolution = {7: "1h"}.get(period.days) or ("6h" if period.days <= 31 else "12h" if period.days <= 92 else "1d")
    buckets = timeseries.buckets(device, start, end, metrics=CHARTED_METRICS, now=now, resolution=resolution)
    return {
        name: {
            "t": [int(t) for t in buckets["t"]],
            **{part: [rounded_for_chart(v, name) for v in column[part]] for part in ("min", "mean", "max")},
        }
        for name, column in buckets["series"].items()
        if any(column["count"])
    }


def rounded_for_chart(value, metric):
    return None if value is None else round(value, BY_NAME[metric].decimals + 1)
