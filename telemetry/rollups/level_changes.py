"""Where a register was before it fell or jumped: the readings that tell a misread register from a reset one.

A register may read zero for a day and come back (`telemetry.signal.meter_registers`): then its former level lies far
from the span that is summed. It is looked up only where a step is irregular, that is, falls, cannot have flowed, or
stands at zero.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from telemetry.metrics import SUSPECT_BIT
from telemetry.models import DoubtfulStep
from telemetry.rollups.nearest_readings import (
    COLUMN_INDEXES,
    READING_COLUMNS,
    SPANS,
    Row,
    Spans,
    has_valid_value,
    span_parameters,
)
from telemetry.signal.energy import MAX_MAGNITUDE
from telemetry.signal.flow_limits import CLOCK_JITTER_S, limit_kw, possible_kwh
from telemetry.signal.meter_registers import GLITCH_MEMORY_S, ZERO_MEMORY_S
from telemetry.signal.profile_timeline import UNITS_PER_KWH, ProfileTimeline
from telemetry.sql import fetch_all, unnest_columns

MEMORY = timedelta(seconds=GLITCH_MEMORY_S)
ZERO_MEMORY = timedelta(seconds=ZERO_MEMORY_S)
MARGIN = 0.01  # of a level: what differs by less is the same level


class LevelSearch(NamedTuple):
    """A search for the nearest reading before or after `at` whose value is above, or below, a level."""

    place: int
    device_pk: int
    at: datetime
    is_before: bool
    above: float | None  # exactly one of the two
    below: float | None
    reach: timedelta  # how far it goes


def min_limit_kw(timeline: ProfileTimeline) -> float:
    """The lowest bound of any of its profiles, history apart: what is within it is within all."""
    return min(limit_kw(profile.rated_kw, None) for profile in timeline.profiles)


def counts_kwh(timeline: ProfileTimeline) -> bool:
    return all(UNITS_PER_KWH[profile.energy_unit] == 1 for profile in timeline.profiles)


def is_valid_sql(column: str) -> str:
    return f"r.{column} IS NOT NULL AND r.suspect & {SUSPECT_BIT[column]} = 0 AND abs(r.{column}) < {MAX_MAGNITUDE:.0f}"


# A register that counts whole kWh may gain one at once; elsewhere the bound is exact, or stricter than the rule's.
EXCESS = f"gain_kwh > max_kw * (seconds + {CLOCK_JITTER_S}) / 3600 + CASE WHEN is_whole THEN 1 ELSE 0 END"
IRREGULAR_SPANS = """
WITH s AS MATERIALIZED (
    SELECT s.*, i.max_kw FROM {spans} JOIN unnest(%s::int[], %s::float8[]) AS i(place, max_kw) USING (place)
),
steps AS (
    SELECT s.place, s.max_kw, r.value, r.value - lag(r.value) OVER w AS gain_kwh,
           date_part('epoch', r.at - lag(r.at) OVER w) AS seconds,
           r.value = trunc(r.value) AND lag(r.value) OVER w = trunc(lag(r.value) OVER w) AS is_whole
    FROM s CROSS JOIN LATERAL (
        SELECT r.at, r.{column} AS value FROM telemetry_reading r
        WHERE r.device_id = s.device_id AND r.at >= s.first AND r.at <= s.last AND {is_valid} OFFSET 0
    ) r WINDOW w AS (PARTITION BY s.place ORDER BY r.at)
)
SELECT place FROM steps GROUP BY place HAVING bool_or(gain_kwh < 0 OR {excess}) OR min(value) <= 0
"""


def irregular_spans(spans: Spans, places: Sequence[int], column: str) -> set[int]:
    """Those of `places` whose register falls, gains what cannot have flowed, or stands at zero."""
    other_units = {place for place in places if not counts_kwh(spans[place][0])}
    limits = [min_limit_kw(spans[place][0]) for place in places]
    sql = IRREGULAR_SPANS.format(spans=SPANS, column=column, is_valid=is_valid_sql(column), excess=EXCESS)
    rows = fetch_all(sql, [*span_parameters(spans, places), list(places), limits])
    return other_units | {place for (place,) in rows}


def rows_at_former_levels(
    spans: Spans, rows: Sequence[list[Row]], column: str, bridged: Collection[int], is_new: bool = False
) -> list[list[Row]]:
    """Rows for each span from where its register was before, and is after, an irregular part of `rows`.

    In a bridge (`bridged` spans) the register may have been misread all the time, whatever its readings. `is_new`: for
    readings that change what lies around them, not for what is needed to sum them.
    """
    may_fall_back = {step.device_id for step in open_doubts(spans, column)}
    found: list[list[Row]] = []
    searches: list[LevelSearch] = []
    for place, (timeline, *_) in enumerate(spans):
        series = Series(place, timeline, column, [row for row in rows[place] if has_valid_value(row, column)])
        around = list(series.searches(timeline.device.pk in may_fall_back or place in bridged))
        found.append([local for search in around if (local := series.found(search)) is not None])
        searches += [search for search in around if series.found(search) is None]
        searches += series.edge_searches(place in bridged, is_new)
    for is_before in (True, False):
        for place, *row in search_levels([one for one in searches if one.is_before is is_before], column, is_before):
            found[place].append(tuple(row))
    return found


def open_doubts(spans: Spans, column: str) -> list[DoubtfulStep]:
    pks = {timeline.device.pk for timeline, *_ in spans}
    return list(DoubtfulStep.objects.open().filter(device__in=pks, metric=column).only("device_id"))


class Series(NamedTuple):
    """The valid readings of one register in and around a span."""

    place: int
    timeline: ProfileTimeline
    column: str
    rows: list[Row]

    def search(
        self, at: datetime, is_before: bool, *, above: float | None, below: float | None, reach: timedelta = MEMORY
    ) -> LevelSearch:
        return LevelSearch(self.place, self.timeline.device.pk, at, is_before, above, below, reach)

    def searches(self, may_fall_back: bool) -> Iterator[LevelSearch]:
        """For the level before each irregular step, and for one after it at which it ends.

        What falls may come back, and what jumps may fall back: only then (`may_fall_back`: something jumped) is the
        level before a fall of interest, since a register that was reset was never so low before.
        """
        index = COLUMN_INDEXES[self.column]
        has_jump, max_kw = may_fall_back, min_limit_kw(self.timeline)
        for before, after in pairwise(self.rows):
            level, value = before[index], after[index]
            middle = (level + value) / 2
            if value < level:
                yield self.search(after[0], False, above=middle, below=None)
                if has_jump:
                    yield self.search(before[0], True, above=None, below=middle)
            elif value > level and (level <= 0 or is_excess(self.timeline, before, after, self.column, max_kw)):
                has_jump = True
                yield self.search(before[0], True, above=middle if level > 0 else 0.0, below=None)
                yield self.search(after[0], False, above=None, below=middle)

    def found(self, search: LevelSearch) -> Row | None:
        """The nearest of these rows that a search is for; jitter is of no interest to it."""
        index = COLUMN_INDEXES[self.column]
        rows = reversed(self.rows) if search.is_before else self.rows
        for row in rows:
            is_on_side = row[0] < search.at if search.is_before else row[0] > search.at
            if is_on_side and (
                (search.above is not None and row[index] > search.above)
                or (search.below is not None and row[index] <= search.below)
            ):
                return row
        return None

    def edge_searches(self, is_bridged: bool, is_new: bool) -> Iterator[LevelSearch]:
        """For other levels beyond both edges: in a bridge, and where the register stands at zero."""
        if not self.rows:
            return
        index = COLUMN_INDEXES[self.column]
        for row, is_before in ((self.rows[0], True), (self.rows[-1], False)):
            if is_bridged or (row[index] <= 0 and not is_new):
                reach = ZERO_MEMORY if is_before and not is_bridged else MEMORY
                yield self.search(row[0], is_before, above=row[index] * (1 + MARGIN), below=None, reach=reach)
            if is_bridged:
                yield self.search(row[0], is_before, above=None, below=row[index] * (1 - MARGIN))


def is_excess(timeline: ProfileTimeline, before: Row, after: Row, column: str, max_kw: float) -> bool:
    """Whether a step is above the bound without history; the tick of a coarse register is not allowed for."""
    index = COLUMN_INDEXES[column]
    gain_kwh = (after[index] - before[index]) / timeline.units_per_kwh(after[0])
    return gain_kwh > possible_kwh((after[0] - before[0]).total_seconds(), max_kw)


# The nearest reading at such a level, and the one beside it: how the register left that level tells what happened.
LEVEL_SEARCH = """
SELECT s.place, r.* FROM unnest(%s::int[], %s::bigint[], %s::timestamptz[], %s::float8[], %s::float8[],
            %s::interval[]) AS s(place, device_id, at, above, below, reach)
CROSS JOIN LATERAL (
    SELECT r.at FROM telemetry_reading r WHERE r.device_id = s.device_id AND {far_side} AND {is_valid}
    AND (r.{column} > s.above OR r.{column} <= s.below) ORDER BY r.at {order} LIMIT 1
) level
CROSS JOIN LATERAL (
    SELECT {reading} FROM telemetry_reading r WHERE r.device_id = s.device_id AND {near_side} AND {is_valid}
    ORDER BY r.at {back_order} LIMIT 2
) r
"""


def search_levels(searches: Sequence[LevelSearch], column: str, is_before: bool) -> list[Row]:
    """Rows (place, …) that the searches, all before or all after their moment, find within the memory of a glitch."""
    if not searches:
        return []
    sides = (
        ("r.at < s.at AND r.at >= s.at - s.reach", "r.at >= level.at AND r.at <= s.at", "DESC", "ASC")
        if is_before
        else ("r.at > s.at AND r.at <= s.at + s.reach", "r.at <= level.at AND r.at >= s.at", "ASC", "DESC")
    )
    far_side, near_side, order, back_order = sides
    sql = LEVEL_SEARCH.format(
        far_side=far_side, near_side=near_side, order=order, back_order=back_order,
        column=column, is_valid=is_valid_sql(column), reading=READING_COLUMNS,
    )  # fmt: skip
    columns = [(one.place, one.device_pk, one.at, one.above, one.below, one.reach) for one in searches]
    return fetch_all(sql, unnest_columns(columns, 6))
