"""What rules judge of summed quarter hours: how far from usual one was, and the energy of a day or shift so far.

A quarter hour is judged at its end, once the device has spoken after it: the digest has summed it by then.
"""

from datetime import datetime, time, timedelta
from itertools import accumulate

from alerts.rules import Sample
from factories.working_time import spans_of
from telemetry.baseline import compare
from telemetry.models import QuarterHour
from telemetry.quarters import QUARTER, floor

DAY = timedelta(days=1)


def quarter_samples(rule, device, after, until):
    """Samples of the quarter hours that end after `after` and not after `until`, oldest first."""
    return (baseline_samples if rule.kind == "baseline" else budget_samples)(rule, device, after, until)


def baseline_samples(rule, device, after, until):
    """Robust |z| of each; none where there are fewer than three comparable weeks, or too few readings in it."""
    moments, moment = [], floor(after)
    while moment + QUARTER <= until:
        if moment + QUARTER > after:
            moments.append(moment)
        moment += QUARTER
    return [
        Sample(its.at + QUARTER, abs(its.z), (its.value, its.usual.median))
        for its in compare([device], moments, [rule.metric])
        if its.z is not None
    ]


def budget_samples(rule, device, after, until):
    """kWh known since the day or shift began; a gap adds nothing."""
    found = []
    for begins, ends in periods(rule, device.factory, after, until):
        rows = QuarterHour.objects.filter(device=device, starts_at__gte=begins, starts_at__lt=min(ends, until))
        rows = list(rows.order_by("starts_at").values_list("starts_at", "energy_kwh", "bridged_kwh"))
        totals = accumulate((measured or 0.0) + (bridged or 0.0) for _, measured, bridged in rows)
        found += [Sample(at + QUARTER, total, (begins, ends)) for (at, *_), total in zip(rows, totals, strict=True)]
    return [sample for sample in found if after < sample.at <= until]


def periods(rule, factory, after, until):
    """Days, or shifts, of the factory that touch the span, in time order, whole ones."""
    zone, start, end = factory.zone, after - QUARTER - DAY, until + DAY
    if rule.params.get("period", "day") == "shift":
        shifts = list(factory.shifts.all())
        holidays = set(factory.holidays.filter(on__gte=(start - DAY).date()).values_list("on", flat=True))
        found = [span for shift in shifts for span in spans_of([shift], holidays, zone, start - DAY, end + DAY)]
    else:
        on, found = start.astimezone(zone).date(), []
        while on <= end.astimezone(zone).date():
            found.append(tuple(datetime.combine(day, time(), zone) for day in (on, on + DAY)))
            on += DAY
    return sorted(span for span in found if span[0] < until and span[1] > after - QUARTER)
