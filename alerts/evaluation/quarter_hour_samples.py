"""Samples from quarter-hour rollups: deviation from the baseline, and cumulative energy of a day or shift.

A quarter hour is evaluated at its end, once the device has sent a reading after it: the digest has summed it by then.
"""

from datetime import datetime, time, timedelta
from itertools import accumulate

from django.db import connection

from alerts.rules.conditions import RuleSample
from factories.models.working_time import shift_spans
from telemetry.analytics.baseline import compare
from telemetry.rollups.quarter_hours import QUARTER, floor

DAY = timedelta(days=1)
ENERGY_SQL = """
SELECT s.place, q.starts_at, COALESCE(q.energy_kwh, 0) + COALESCE(q.bridged_kwh, 0)
FROM unnest(%s::int[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS s(place, device_id, begins, ends)
CROSS JOIN LATERAL (SELECT starts_at, energy_kwh, bridged_kwh FROM telemetry_quarterhour
                    WHERE device_id = s.device_id AND starts_at >= s.begins AND starts_at < s.ends OFFSET 0) q
ORDER BY 1, 2
"""


def quarter_samples(requests):
    """[(rule, device, after, until), …] → of each, samples of the quarter hours that end in (after, until], in order.

    Requests for the same span share a query: when a quarter hour ends, it ends for every machine.
    """
    result = [[] for _ in requests]
    for kind, build_samples in (("baseline", baseline_samples), ("budget", budget_samples)):
        places = [place for place, (rule, *_) in enumerate(requests) if rule.kind == kind]
        for place, samples in zip(places, build_samples([requests[place] for place in places]), strict=True):
            result[place] = samples
    return result


def baseline_samples(requests) -> list:
    """Robust |z| of each quarter hour; none with fewer than three comparable weeks or too few readings."""
    devices_by_query = {}
    for rule, device, after, until in requests:
        devices_by_query.setdefault((rule.metric, *quarters_ending_in(after, until)), {})[device.pk] = device
    samples_by_query = {}
    for (metric, *moments), devices in devices_by_query.items():
        for comparison in compare(devices.values(), moments, [metric]):
            if comparison.z is not None:
                sample = RuleSample(
                    comparison.at + QUARTER, abs(comparison.z), (comparison.value, comparison.usual.median)
                )
                samples_by_query.setdefault((comparison.device_pk, metric, *moments), []).append(sample)
    return [
        samples_by_query.get((device.pk, rule.metric, *quarters_ending_in(after, until)), [])
        for rule, device, after, until in requests
    ]


def quarters_ending_in(after, until):
    """The quarter hours that end in (after, until]."""
    moments, moment = [], floor(after)
    while moment + QUARTER <= until:
        if moment + QUARTER > after:
            moments.append(moment)
        moment += QUARTER
    return moments


def budget_samples(requests):
    """Cumulative kWh since the day or shift began; a gap adds nothing."""
    spans, periods_by_key = [], {}
    for place, (rule, device, after, until) in enumerate(requests):
        period = rule.params.get("period", "day")
        key = device.factory_id, period, after, until
        if key not in periods_by_key:
            periods_by_key[key] = budget_periods(period, device.factory, after, until)
        spans += [(place, device.pk, begins, min(ends, until), ends) for begins, ends in periods_by_key[key]]
    rows = energy_by_quarter([span[1:4] for span in spans])
    result = [[] for _ in requests]
    for (place, _, begins, _, ends), quarter_energy in zip(spans, rows, strict=True):
        _rule, _device, after, until = requests[place]
        totals = accumulate(kwh for _, kwh in quarter_energy)
        samples = [
            RuleSample(at + QUARTER, total, (begins, ends))
            for (at, _), total in zip(quarter_energy, totals, strict=True)
        ]
        result[place] += [sample for sample in samples if after < sample.at <= until]
    return result


def energy_by_quarter(spans):
    """[(device pk, from, until), …] → of each [(quarter hour, its known kWh), …], oldest first, in one query."""
    result = [[] for _ in spans]
    if spans:
        pks, begins, ends = (list(column) for column in zip(*spans, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(ENERGY_SQL, [list(range(len(spans))), pks, begins, ends])
            for place, at, kwh in cursor:
                result[place].append((at, kwh))
    return result


def budget_periods(period, factory, after, until) -> list:
    """Whole days, or shifts, of the factory that overlap the span, in time order."""
    zone, start, end = factory.zone, after - QUARTER - DAY, until + DAY
    if period == "shift":
        shifts = list(factory.shifts.all())
        holidays = set(factory.holidays.filter(on__gte=(start - DAY).date()).values_list("on", flat=True))
        result = [span for shift in shifts for span in shift_spans([shift], holidays, zone, start - DAY, end + DAY)]
    else:
        on, result = start.astimezone(zone).date(), []
        while on <= end.astimezone(zone).date():
            result.append(tuple(datetime.combine(day, time(), zone) for day in (on, on + DAY)))
            on += DAY
    return sorted(span for span in result if span[0] < until and span[1] > after - QUARTER)
