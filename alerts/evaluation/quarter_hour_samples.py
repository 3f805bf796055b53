"""What rules judge of summed quarter hours: how far from usual one was, and the energy of a day or shift so far.

A quarter hour is judged at its end, once the device has spoken after it: the digest has summed it by then.
"""

from datetime import datetime, time, timedelta
from itertools import accumulate

from django.db import connection

from alerts.evaluation.conditions import Sample
from factories.models.working_time import spans_of
from telemetry.analytics.baseline import compare
from telemetry.rollups.quarter_hours import QUARTER, floor

DAY = timedelta(days=1)
ENERGY = """
SELECT s.place, q.starts_at, COALESCE(q.energy_kwh, 0) + COALESCE(q.bridged_kwh, 0)
FROM unnest(%s::int[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS s(place, device_id, begins, ends)
CROSS JOIN LATERAL (SELECT starts_at, energy_kwh, bridged_kwh FROM telemetry_quarterhour
                    WHERE device_id = s.device_id AND starts_at >= s.begins AND starts_at < s.ends OFFSET 0) q
ORDER BY 1, 2
"""


def quarter_samples(asked):
    """[(rule, device, after, until), …] → of each, samples of the quarter hours that end in (after, until], in order.

    Those who ask alike share a query: when a quarter hour ends, it ends for every machine.
    """
    found = [[] for _ in asked]
    for kind, samples_of in (("baseline", baseline_samples), ("budget", budget_samples)):
        places = [place for place, (rule, *_) in enumerate(asked) if rule.kind == kind]
        for place, samples in zip(places, samples_of([asked[place] for place in places]), strict=True):
            found[place] = samples
    return found


def baseline_samples(asked):
    """Robust |z| of each; none where there are fewer than three comparable weeks, or too few readings in it."""
    alike = {}
    for rule, device, after, until in asked:
        alike.setdefault((rule.metric, *ended_in(after, until)), {})[device.pk] = device
    found = {}
    for (metric, *moments), devices in alike.items():
        for its in compare(devices.values(), moments, [metric]):
            if its.z is not None:
                sample = Sample(its.at + QUARTER, abs(its.z), (its.value, its.usual.median))
                found.setdefault((its.device_pk, metric, *moments), []).append(sample)
    return [found.get((device.pk, rule.metric, *ended_in(after, until)), []) for rule, device, after, until in asked]


def ended_in(after, until):
    """The quarter hours that end in (after, until]."""
    moments, moment = [], floor(after)
    while moment + QUARTER <= until:
        if moment + QUARTER > after:
            moments.append(moment)
        moment += QUARTER
    return moments


def budget_samples(asked):
    """kWh known since the day or shift began; a gap adds nothing."""
    spans, known = [], {}
    for place, (rule, device, after, until) in enumerate(asked):
        period = rule.params.get("period", "day")
        alike = device.factory_id, period, after, until
        if alike not in known:
            known[alike] = periods(period, device.factory, after, until)
        spans += [(place, device.pk, begins, min(ends, until), ends) for begins, ends in known[alike]]
    rows = energy_within([span[1:4] for span in spans])
    found = [[] for _ in asked]
    for (place, _, begins, _, ends), its in zip(spans, rows, strict=True):
        _rule, _device, after, until = asked[place]
        totals = accumulate(kwh for _, kwh in its)
        samples = [Sample(at + QUARTER, total, (begins, ends)) for (at, _), total in zip(its, totals, strict=True)]
        found[place] += [sample for sample in samples if after < sample.at <= until]
    return found


def energy_within(spans):
    """[(device pk, from, until), …] → of each [(quarter hour, kWh known of it), …], oldest first, in one query."""
    found = [[] for _ in spans]
    if spans:
        pks, begins, ends = (list(column) for column in zip(*spans, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(ENERGY, [list(range(len(spans))), pks, begins, ends])
            for place, at, kwh in cursor:
                found[place].append((at, kwh))
    return found


def periods(period, factory, after, until):
    """Days, or shifts, of the factory that touch the span, in time order, whole ones."""
    zone, start, end = factory.zone, after - QUARTER - DAY, until + DAY
    if period == "shift":
        shifts = list(factory.shifts.all())
        holidays = set(factory.holidays.filter(on__gte=(start - DAY).date()).values_list("on", flat=True))
        found = [span for shift in shifts for span in spans_of([shift], holidays, zone, start - DAY, end + DAY)]
    else:
        on, found = start.astimezone(zone).date(), []
        while on <= end.astimezone(zone).date():
            found.append(tuple(datetime.combine(day, time(), zone) for day in (on, on + DAY)))
            on += DAY
    return sorted(span for span in found if span[0] < until and span[1] > after - QUARTER)
