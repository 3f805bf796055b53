"""Energy of spans by the rule itself (`telemetry.signal.energy`), with the readings and the history that it needs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from telemetry.metrics import SUSPECT_BIT
from telemetry.rollups.adjacent_readings import readings_around
from telemetry.rollups.nearest_readings import Spans
from telemetry.signal import energy
from telemetry.signal.energy import Energy, EnergySample
from telemetry.signal.flow_limits import CLOCK_JITTER_S, HISTORY_RANK, HISTORY_S
from telemetry.sql import fetch_all, unnest_columns

REACH = timedelta(seconds=HISTORY_S)
Histories = dict[str, dict[float, float]]  # {column: {moment of a reading: third-highest kW around it}}
Candidate = tuple[int, str, float]  # (place, column, moment of a doubtful reading without a rating)


def energy_of(spans: Spans) -> list[Energy]:
    """The energy of each span [start, end); doubts are those of gains that end in it.

    What a device without a rating gained is held against its history, which is fetched only where something is above
    the bound without it. That may leave another step to be judged, so it is repeated while there is one.
    """
    series = [
        [timeline.sample(*row) for row in rows]
        for (timeline, *_), rows in zip(spans, readings_around(spans) if spans else [], strict=True)
    ]
    histories: list[Histories] = [{"power_consumption": {}, "energy_kwh": {}} for _ in spans]
    result = [evaluate(*each) for each in zip(series, histories, strict=True)]
    while candidates := unjudged(result, histories):
        for (place, column, at), kw in zip(candidates, history_kw(spans, candidates), strict=True):
            histories[place][column][at] = kw
        for place in {place for place, *_ in candidates}:
            result[place] = evaluate(series[place], histories[place])
    return [only_inside(found, *span) for found, (_, *span) in zip(result, spans, strict=True)]


def evaluate(samples: list[EnergySample], histories: Histories) -> Energy:
    return energy.energy_of(samples, histories["energy_kwh"], histories["power_consumption"])


def unjudged(found: Sequence[Energy], histories: Sequence[Histories]) -> list[Candidate]:
    """Doubts without a rating whose history was not looked at yet."""
    return [
        (place, column, doubt.after_at)
        for place, each in enumerate(found)
        for column, doubts in (("power_consumption", each.power_doubts), ("energy_kwh", each.register_doubts))
        for doubt in doubts
        if not doubt.is_rated and not doubt.is_repeated and doubt.after_at not in histories[place][column]
    ]


def only_inside(found: Energy, start: datetime, end: datetime) -> Energy:
    """Without the doubts about gains that end before or after the span."""
    since, until = start.timestamp(), end.timestamp()
    return found._replace(
        power_doubts=[doubt for doubt in found.power_doubts if since <= doubt.after_at < until],
        register_doubts=[doubt for doubt in found.register_doubts if since <= doubt.after_at < until],
    )


def history_kw(spans: Spans, candidates: Sequence[Candidate]) -> list[float]:
    """The third-highest rate of the counter in the week before and after each candidate."""
    result = [0.0] * len(candidates)
    for is_delta in (False, True):
        for column in ("power_consumption", "energy_kwh"):
            rows: list[tuple[Any, ...]] = []
            for number, (place, name, at) in enumerate(candidates):
                timeline = spans[place][0]
                moment = datetime.fromtimestamp(at, UTC)
                kind = timeline.at(moment).power_kind
                if name == column and is_delta == (column == "power_consumption" and kind == energy.KWH_PER_READING):
                    rows.append((number, timeline.device.pk, moment, timeline.units_per_kwh(moment)))
            if rows:
                gain = f"r.{column}" if is_delta else f"r.{column} - lag(r.{column}) OVER (ORDER BY r.at)"
                sql = HISTORY.format(column=column, gain=gain, suspect=SUSPECT_BIT[column])
                for number, kw in fetch_all(sql, [*unnest_columns(rows, 4), REACH, REACH]):
                    result[number] = kw
    return result


# A register that counts whole kWh gains one in a second: no rate is taken over less than the jitter of clocks.
HISTORY = f"""
SELECT c.number, rates.kw FROM unnest(%s::int[], %s::bigint[], %s::timestamptz[], %s::float8[])
     AS c(number, device_id, at, units_per_kwh)
CROSS JOIN LATERAL (
    SELECT gain / c.units_per_kwh * 3600 / GREATEST(seconds, {CLOCK_JITTER_S}) AS kw FROM (
        SELECT {{gain}} AS gain, date_part('epoch', r.at - lag(r.at) OVER (ORDER BY r.at)) AS seconds
        FROM telemetry_reading r WHERE r.device_id = c.device_id AND r.at >= c.at - %s AND r.at <= c.at + %s
        AND r.{{column}} IS NOT NULL AND r.suspect & {{suspect}} = 0 OFFSET 0
    ) steps WHERE gain > 0 AND seconds > 0 ORDER BY 1 DESC OFFSET {HISTORY_RANK - 1} LIMIT 1
) rates
"""
