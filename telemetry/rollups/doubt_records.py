"""Doubtful steps found while summing, kept as rows: written, widened and removed by what is stored now.

Gains that cannot have flowed, one right after the other, are one row: a register that counts Wh for kWh is one
question, not one each quarter hour. A rebuilt span replaces what it covers of such a run; the rest stays, and is joined
again where it follows on. So the rows are the same however the readings were cut. Decided rows are never touched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models.functions import Now

from telemetry.metrics import SUSPECT_BIT
from telemetry.models import DoubtfulStep
from telemetry.rollups.nearest_readings import Spans
from telemetry.signal.energy import KWH_PER_READING
from telemetry.signal.flow_limits import HISTORY_S, limit_kw, possible_kwh
from telemetry.signal.meter_registers import DoubtfulGain
from telemetry.signal.profile_timeline import ProfileTimeline, TimelineSpan
from telemetry.sql import fetch_all

DoubtsByMetric = Mapping[str, Sequence[DoubtfulGain]]
METRICS = ("power_consumption", "energy_kwh")
INSTANT = timedelta(microseconds=1)
HISTORY_REACH = timedelta(seconds=HISTORY_S)
THOUSAND = 1000.0
MIN_UNIT_STEPS = 3  # one impossible step says nothing of the unit
MIN_UNIT_EXCESS = 10  # times what can have flowed, over the whole run: a rating too low by half is another mistake
MAX_OPEN = 200  # questions about one counter; what it gains is left out beyond them too
SMALLER_UNIT = {"MWh": "kWh", "kWh": "Wh"}


@dataclass
class DoubtfulRun:
    """Doubtful gains one after the other, from the reading before the first to the last."""

    before_at: datetime | None
    after_at: datetime
    possible_kwh: float  # of its gain with the widest bound
    is_repeated: bool = False

    def is_followed_by(self, other: "DoubtfulRun") -> bool:
        """Repeated kWh, and the first of all, are rows of their own."""
        are_gains = self.before_at is not None and not self.is_repeated and not other.is_repeated
        return are_gains and other.before_at == self.after_at


def spans_to_review(spans: Spans) -> list[TimelineSpan]:
    """Where open doubts rest on the history of a device that has new readings (`spans`): it may explain them."""
    open_steps = open_steps_of(spans)
    result = {}
    for timeline, first, last in spans if open_steps else ():
        for step in open_steps:
            since, until = step.before_at or step.after_at, step.after_at
            is_near = first - HISTORY_REACH <= until and since <= last + HISTORY_REACH
            if step.device_id == timeline.device.pk and is_near and not timeline.at(until).rated_kw:
                result[step.pk] = (timeline, since, until)
    return list(result.values())


def replace(spans: Spans, doubts: Mapping[int, DoubtsByMetric]) -> None:
    """Make the open rows of each span [start, end) those of `doubts` {place: gains that end in it}."""
    open_steps = open_steps_of(spans)
    for place, (timeline, start, end) in enumerate(spans):
        for metric in METRICS:
            stored = [
                step
                for step in open_steps
                if (step.device_id, step.metric) == (timeline.device.pk, metric)
                and step.after_at >= start
                and (step.before_at or step.after_at) <= end
            ]
            found = doubts.get(place, {}).get(metric, ())
            if stored or found:
                runs = merge_runs([*parts_outside(stored, metric, start, end), *map(run_of, found)])
                changed = store_runs(timeline, metric, stored, runs)
                open_steps = [step for step in open_steps if step not in stored] + changed


def open_steps_of(spans: Spans) -> list[DoubtfulStep]:
    pks = {timeline.device.pk for timeline, *_ in spans}
    return list(DoubtfulStep.objects.open().filter(device__in=pks))


def run_of(doubt: DoubtfulGain) -> DoubtfulRun:
    before_at = None if doubt.before_at is None else datetime.fromtimestamp(doubt.before_at, UTC)
    after_at = datetime.fromtimestamp(doubt.after_at, UTC)
    return DoubtfulRun(before_at, after_at, doubt.possible_kwh, doubt.is_repeated)


def parts_outside(stored: Iterable[DoubtfulStep], metric: str, start: datetime, end: datetime) -> list[DoubtfulRun]:
    """The parts of stored runs whose gains end before or after the span [start, end)."""
    parts = []
    for step in stored:
        is_repeated = step.reason == DoubtfulStep.Reason.REPEATED
        if step.before_at is None or is_repeated:  # one gain
            spans = [(step.before_at, step.after_at)] if step.after_at >= end else []
        else:
            spans = []
            if step.before_at < start and (last := last_reading_before(step.device_id, metric, start)):
                spans.append((step.before_at, last))
            if step.after_at >= end and (last := last_reading_before(step.device_id, metric, end)):
                spans.append((max(last, step.before_at), step.after_at))
        parts += [
            DoubtfulRun(since, until, 0.0, is_repeated) for since, until in spans if since is None or since < until
        ]
    return parts


def last_reading_before(pk: int, metric: str, moment: datetime) -> datetime | None:
    rows = fetch_all(
        f"SELECT at FROM telemetry_reading WHERE device_id = %s AND at < %s AND {metric} IS NOT NULL "
        f"AND suspect & {SUSPECT_BIT[metric]} = 0 ORDER BY at DESC LIMIT 1",
        [pk, moment],
    )
    return rows[0][0] if rows else None


def merge_runs(runs: Iterable[DoubtfulRun]) -> list[DoubtfulRun]:
    result: list[DoubtfulRun] = []
    for run in sorted(runs, key=lambda run: run.after_at):
        if result and result[-1].is_followed_by(run):
            before = result[-1]
            result[-1] = DoubtfulRun(before.before_at, run.after_at, max(before.possible_kwh, run.possible_kwh))
        else:
            result.append(run)
    return result


def store_runs(
    timeline: ProfileTimeline, metric: str, stored: list[DoubtfulStep], runs: list[DoubtfulRun]
) -> list[DoubtfulStep]:
    """Make the open rows `stored` those of `runs` → the rows. A row goes on as the run that begins or ends with it."""
    by_before = {step.before_at: step for step in stored if step.before_at is not None}
    by_after = {step.after_at: step for step in stored}
    pairs: list[tuple[DoubtfulStep | None, DoubtfulRun]] = []
    for run in runs:
        step = by_before.get(run.before_at) if run.before_at else None
        step = step or by_after.get(run.after_at)
        pairs.append((None if any(step is one for one, _ in pairs) else step, run))
    kept = [step.pk for step, _ in pairs if step is not None]
    DoubtfulStep.objects.filter(pk__in=[step.pk for step in stored if step.pk not in kept]).delete()
    return [row for step, run in pairs if (row := store_run(timeline, metric, step, run)) is not None]


def store_run(
    timeline: ProfileTimeline, metric: str, step: DoubtfulStep | None, run: DoubtfulRun
) -> DoubtfulStep | None:
    """Write one run; a reading that was decided on already is not asked about again."""
    fields = fields_of(timeline, metric, run)
    key = {"device": timeline.device, "metric": metric, "after_at": run.after_at}
    if step is None:
        if DoubtfulStep.objects.open().filter(device=timeline.device, metric=metric).count() >= MAX_OPEN:
            return None
        new, is_new = DoubtfulStep.objects.get_or_create(**key, defaults={**fields, "found_at": Now()})
        return new if is_new else None
    changes = {name: value for name, value in {**key, **fields}.items() if getattr(step, name) != value}
    if changes:
        DoubtfulStep.objects.filter(pk=step.pk).update(**changes)
        for name, value in changes.items():
            setattr(step, name, value)
    return step


def fields_of(timeline: ProfileTimeline, metric: str, run: DoubtfulRun) -> dict[str, Any]:
    """What a row says of a run: both readings as they were sent, and the gain in kWh against what can have flowed."""
    profile, units_per_kwh = timeline.at(run.after_at), timeline.units_per_kwh(run.after_at)
    is_delta = metric == "power_consumption" and profile.power_kind == KWH_PER_READING
    before_value, after_value, total, count = values_of(timeline.device.pk, metric, run)
    gained = (total if is_delta else after_value - (before_value or 0.0)) / units_per_kwh
    possible = run.possible_kwh
    if run.before_at is not None:
        seconds = (run.after_at - run.before_at).total_seconds()
        whole = possible_kwh(seconds, limit_kw(profile.rated_kw, None))
        possible = whole if profile.rated_kw else max(possible, whole)
    unit = ""
    if run.is_repeated:
        reason = DoubtfulStep.Reason.REPEATED
    else:
        is_unit = count >= MIN_UNIT_STEPS and MIN_UNIT_EXCESS * possible <= gained <= THOUSAND * possible
        unit = SMALLER_UNIT.get(profile.energy_unit, "") if is_unit else ""
        reason = DoubtfulStep.Reason.UNIT if unit else DoubtfulStep.Reason.RISE
    return {
        "before_at": run.before_at,
        "before_value": before_value,
        "after_value": after_value,
        "gained_kwh": gained,
        "possible_kwh": possible,
        "reason": reason,
        "suggested_unit": unit,
    }


def values_of(pk: int, metric: str, run: DoubtfulRun) -> tuple[float | None, float, float, int]:
    """(value before the run, its last value, the sum of its values, their number)"""
    since = run.before_at or run.after_at
    [row] = fetch_all(
        f"SELECT min(v) FILTER (WHERE at < %(first)s), min(v) FILTER (WHERE at = %(last)s), "
        "COALESCE(sum(v) FILTER (WHERE at >= %(first)s), 0), count(v) FILTER (WHERE at >= %(first)s) "
        f"FROM (SELECT at, {metric} AS v FROM telemetry_reading WHERE device_id = %(pk)s AND at >= %(since)s "
        f"AND at <= %(last)s AND {metric} IS NOT NULL AND suspect & {SUSPECT_BIT[metric]} = 0) r",
        {
            "pk": pk,
            "since": since,
            "first": run.after_at if run.before_at is None else run.before_at + INSTANT,
            "last": run.after_at,
        },
    )
    return row
